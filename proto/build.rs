//! Compiles the schema in pure Rust: messages and services (prost, tonic), proto3 JSON (pbjson) and the
//! descriptor set that reflection, validation and the log itself carry.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use prost::Message;
use prost_types::FileDescriptorSet;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=ownerline");
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

    let mut compiler = protox::Compiler::new(["."])?;
    compiler
        .include_imports(true)
        .include_source_info(true)
        .open_files(files)?;
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

    pbjson_build::Builder::new()
        .register_descriptors(&typed.encode_to_vec())?
        .btree_map(["."])
        .extern_path(".google.protobuf", "::pbjson_types")
        .build(&[".ownerline.v1"])?;
    Ok(())
}
