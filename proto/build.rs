//! Compiles the schema in pure Rust: messages and services (prost, tonic), proto3 JSON (pbjson) and the descriptor set
//! that reflection, validation and the log itself carry. The answers that replay the log are compiled a second time, as
//! the server sends them: with touchpoints that are already encoded.

#[path = "build/field_classes.rs"]
mod field_classes;

#[path = "build/conversions.rs"]
mod conversions;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use prost::Message;
use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FileDescriptorSet};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=ownerline");
    println!("cargo::rerun-if-changed=build");
    let mut files = Vec::new();
    for entry in fs::read_dir("ownerline/v1")? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "proto")
        {
            files.push(path);
        }
    }
    files.sort();
    write_sources(&files)?;

    let mut compiler = protox::Compiler::new(["."])?;
    compiler
        .include_imports(true)
        .include_source_info(true)
        .open_files(files)?;
    let faults = field_classes::faults(&compiler.descriptor_pool());
    for fault in &faults {
        println!("cargo::error={fault}");
    }
    if !faults.is_empty() {
        return Err("the schema does not declare its fields as docs/field-classes.md asks".into());
    }
    let typed: FileDescriptorSet = compiler.file_descriptor_set();
    let out = PathBuf::from(env::var("OUT_DIR")?);

    // prost drops custom options, so the encoded set comes from the compiler itself.
    let mut bare = protox::Compiler::new(["."])?;
    bare.include_imports(true)
        .include_source_info(false)
        .open_files(typed.file.iter().filter_map(|file| {
            let name = file.name();
            name.starts_with("ownerline/").then(|| PathBuf::from(name))
        }))?;
    let encoded = bare.encode_file_descriptor_set();
    fs::write(out.join("ownerline.v1.bin"), &encoded)?;

    let mut config = tonic_prost_build::Config::new();
    config.btree_map(["."]);
    config.bytes(["."]);
    config.enable_type_names();
    config.compile_well_known_types();
    config.extern_path(".google.protobuf", "::pbjson_types");
    tonic_prost_build::configure()
        .codec_path("crate::codec::StrictCodec")
        .compile_fds_with_config(typed.clone(), config)?;

    compile_replay(&typed, &out)?;
    conversions::write(&typed, &out)?;

    pbjson_build::Builder::new()
        .register_descriptors(&typed.encode_to_vec())?
        .btree_map(["."])
        .extern_path(".google.protobuf", "::pbjson_types")
        .build(&[".ownerline.v1"])?;
    Ok(())
}

/// Writes the list of the files with their texts, comments included.
fn write_sources(files: &[PathBuf]) -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let entries = files.iter().map(|file| {
        let name = file.to_string_lossy().replace('\\', "/");
        let path = root.join(file);
        format!("    ({name:?}, include_str!({path:?})),\n")
    });
    let text = format!("&[\n{}]\n", entries.collect::<String>());
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("sources.rs"), text)?;
    Ok(())
}

/// The answers that carry recorded touchpoints in bulk.
const REPLAYED: [&str; 3] = [
    "RecordedTouchpoint",
    "SubscribeResponse",
    "ReadStreamResponse",
];
/// The service that sends them.
const REPLAYING: &str = "TouchpointService";

/// Generates the replaying service and its answers from the same schema with one change: the touchpoint in a recorded
/// touchpoint is `bytes`. On the wire both are the same.
fn compile_replay(typed: &FileDescriptorSet, out: &Path) -> Result<(), Box<dyn Error>> {
    let mut schema = typed.clone();
    let mut config = tonic_prost_build::Config::new();
    config.bytes(["."]);
    config.enable_type_names();
    config.compile_well_known_types();
    config.extern_path(".google.protobuf", "::pbjson_types");
    for file in &mut schema.file {
        if !file.name().starts_with("ownerline/") {
            continue;
        }
        for message in &mut file.message_type {
            if REPLAYED.contains(&message.name()) {
                keep_encoded(message);
            } else {
                let name = message.name();
                config.extern_path(
                    format!(".ownerline.v1.{name}"),
                    format!("crate::v1::{name}"),
                );
            }
        }
        for item in &file.enum_type {
            let name = item.name();
            config.extern_path(
                format!(".ownerline.v1.{name}"),
                format!("crate::v1::{name}"),
            );
        }
        file.service.retain(|service| service.name() == REPLAYING);
    }
    let folder = out.join("replay");
    fs::create_dir_all(&folder)?;
    config.out_dir(&folder);
    tonic_prost_build::configure()
        .codec_path("crate::codec::StrictCodec")
        .build_client(false)
        .out_dir(&folder)
        .compile_fds_with_config(schema, config)?;
    Ok(())
}

fn keep_encoded(message: &mut DescriptorProto) {
    for field in &mut message.field {
        if field.type_name() == ".ownerline.v1.Touchpoint" {
            field.set_type(Type::Bytes);
            field.type_name = None;
        }
    }
}
