//! Checks of imports: their direction, and crates that belong to one place.

use super::source::{paths, production};

/// The layers from the outside in. A layer may use the layers of later rows only.
pub(super) const LAYERS: &[&[&str]] = &[
    &["main"],
    &["cli"],
    &["app"],
    &["grpc", "keeper"],
    &["command", "query"],
    &["projector"],
    &["store", "projections"],
    &["proto"],
];

/// The leaves, which every layer may use and which use no layer, each with the other leaves that it may use.
pub(super) const LEAVES: &[(&str, &[&str])] = &[
    ("config", &[]),
    ("derived", &[]),
    ("runtime", &[]),
    ("telemetry", &["config"]),
];

/// What `cli` alone may use, each with the others it may use: a server has no part in it.
pub(super) const TOOLS: &[(&str, &[&str])] =
    &[("generate", &["proto"]), ("load", &["generate", "proto"])];

/// The layers and tools that are crates of their own: the folder, the name in a path, and the layer.
const CRATES: &[(&str, &str, &str)] = &[
    ("proto/src/", "ownerline_proto", "proto"),
    ("projections/src/", "ownerline_projections", "projections"),
    ("benches/generate/src/", "ownerline_generate", "generate"),
    ("benches/load/src/", "ownerline_load", "load"),
];

/// Whether the direction of imports is held in this file.
pub(super) fn has_layer(path: &str) -> bool {
    path.starts_with("src/") || crate_at(path).is_some()
}

/// Imports point one way.
pub(super) fn layers(path: &str, text: &str) -> Vec<String> {
    let modules = modules(path);
    let Some(from) = crate_at(path).or(modules.first().map(String::as_str)) else {
        return Vec::new();
    };
    if row(from).is_none() && leaf(from).is_none() && tool(from).is_none() {
        return vec![format!(
            "{from} is no layer: give it a place in LAYERS or LEAVES"
        )];
    }
    let own_crate = crate_at(path).is_some();
    paths(&production(path, text))
        .iter()
        .filter_map(|path| crate_named(path).or_else(|| module_named(&modules, path, own_crate)))
        .filter(|to| !may_use(from, to))
        .map(|to| format!("{from} uses {to}"))
        .collect()
}

fn row(layer: &str) -> Option<usize> {
    LAYERS.iter().position(|row| row.contains(&layer))
}

fn leaf(name: &str) -> Option<&'static [&'static str]> {
    let found = LEAVES.iter().find(|(leaf, _)| *leaf == name);
    found.map(|(_, uses)| *uses)
}

fn tool(name: &str) -> Option<&'static [&'static str]> {
    let found = TOOLS.iter().find(|(tool, _)| *tool == name);
    found.map(|(_, uses)| *uses)
}

fn may_use(from: &str, to: &str) -> bool {
    if from == to {
        return true;
    }
    if let Some(uses) = leaf(from).or_else(|| tool(from)) {
        return uses.contains(&to);
    }
    if tool(to).is_some() {
        return from == "cli";
    }
    leaf(to).is_some() || row(to).is_some_and(|to| row(from).is_some_and(|from| from < to))
}

/// The layer of a file that belongs to a crate of its own.
fn crate_at(path: &str) -> Option<&'static str> {
    let found = CRATES.iter().find(|(folder, ..)| path.starts_with(folder));
    found.map(|(.., layer)| *layer)
}

/// The layer of the crate that a path begins with.
fn crate_named(path: &[String]) -> Option<&'static str> {
    let first = path.first()?;
    let found = CRATES.iter().find(|(_, name, _)| first == name);
    found.map(|(.., layer)| *layer)
}

/// The path of the module that a file of `src/` holds: `store` for `src/store/mod.rs`, empty for `src/lib.rs`.
fn modules(path: &str) -> Vec<String> {
    let path = path.strip_prefix("src/").unwrap_or(path);
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    let modules = path.split('/').map(str::to_owned);
    modules.filter(|module| module != "lib").collect()
}

/// The layer of the main package that a path leads to, if it leads to one.
fn module_named(modules: &[String], path: &[String], own_crate: bool) -> Option<&'static str> {
    let supers = path
        .iter()
        .take_while(|segment| *segment == "super")
        .count();
    let named = match path.first()?.as_str() {
        "ownerline" => path.get(1)?,
        "crate" if !own_crate => path.get(1)?,
        "super" if !own_crate && supers >= modules.len() => path.get(supers)?,
        _ => return None,
    };
    // Besides layers, the root of the crate has only macros and constants.
    let layers = LAYERS.iter().copied().flatten().copied();
    let mut known = layers.chain(LEAVES.iter().map(|(leaf, _)| *leaf));
    known.find(|layer| layer == named)
}

/// An engine is named by the composition root, tests and its own folder.
pub(super) fn engines(path: &str, text: &str) -> Vec<String> {
    if path.starts_with("src/app") {
        return Vec::new();
    }
    let found = paths(&production(path, text));
    ["embedded", "memory", "kurrent"]
        .iter()
        .filter(|engine| !path.starts_with(&format!("src/store/{engine}")))
        .filter(|engine| found.iter().any(|path| leads_to_engine(path, engine)))
        .map(|engine| format!("names the engine store::{engine}"))
        .collect()
}

fn leads_to_engine(path: &[String], engine: &str) -> bool {
    let through_store = path
        .windows(2)
        .any(|pair| pair[0] == "store" && pair[1] == engine);
    // `embedded::…` inside the port, or after `super`.
    let relative = path
        .iter()
        .find(|segment| *segment != "super" && *segment != "self");
    through_store || (path.len() > 1 && relative.is_some_and(|segment| segment == engine))
}

/// fjall belongs to the embedded engine, the projector and what both share, rusqlite to the embedded engine.
pub(super) fn storage(path: &str, text: &str) -> Vec<String> {
    let found = paths(&production(path, text));
    [
        (
            "fjall",
            &["src/store/embedded", "src/projector", "src/derived"][..],
        ),
        ("rusqlite", &["src/store/embedded"][..]),
    ]
    .iter()
    .filter(|(_, places)| !places.iter().any(|place| path.starts_with(place)))
    .filter(|(name, _)| found.iter().any(|path| path.iter().any(|it| it == name)))
    .map(|(name, _)| format!("names {name}"))
    .collect()
}

/// Folds know no clock, randomness, I/O or unordered map.
pub(super) fn pure(path: &str, text: &str) -> Vec<String> {
    let crates = ["tokio", "tonic", "tracing", "rand", "getrandom", "uuid"];
    let std = ["fs", "env", "net", "io", "thread", "process"];
    let types = ["HashMap", "HashSet", "SystemTime", "RandomState"];
    paths(&production(path, text))
        .iter()
        .filter(|path| {
            let first = path.first().map_or("", String::as_str);
            let second = path.get(1).map_or("", String::as_str);
            (path.len() > 1 && crates.contains(&first))
                || (first == "std" && std.contains(&second))
                || path.iter().any(|segment| types.contains(&segment.as_str()))
                // The instant of the clock; that of the contract is a value from touchpoints.
                || (first == "std" && path.iter().any(|segment| segment == "Instant"))
                || path.ends_with(&["Instant".to_owned(), "now".to_owned()])
                || path.ends_with(&["Zoned".to_owned(), "now".to_owned()])
                || path.ends_with(&["Timestamp".to_owned(), "now".to_owned()])
        })
        .map(|path| format!("names {}", path.join("::")))
        .collect()
}

/// A `tonic::Status` is made by the one table of the service, by the contract for malformed fields, and by the command
/// line for what no service sent: the answer of a proxy.
pub(super) fn statuses(path: &str, text: &str) -> Vec<String> {
    let elsewhere = ["proto/src/malformed.rs", "src/cli/proxies.rs"];
    if path.starts_with("src/grpc/status") || elsewhere.contains(&path) {
        return Vec::new();
    }
    let reads = ["code", "message", "details", "metadata"];
    paths(&production(path, text))
        .iter()
        .filter(|path| {
            path.windows(2).any(|pair| {
                let constructor = pair[1].starts_with(|c: char| c.is_lowercase());
                pair[0] == "Status" && constructor && !reads.contains(&pair[1].as_str())
            })
        })
        .map(|path| format!("makes a status with {}", path.join("::")))
        .collect()
}

#[test]
fn an_import_against_the_direction_is_found() {
    for (path, text) in [
        ("src/store/mod.rs", "use crate::grpc::status;"),
        (
            "src/store/types.rs",
            "use crate::{config::Config, query::Page};",
        ),
        ("src/store/types.rs", "use super::super::command::Handler;"),
        ("src/store/mod.rs", "fn f() { super::app::run() }"),
        ("src/store/mod.rs", "use ownerline_projections::Viewer;"),
        ("src/query/read.rs", "use crate::command::Handler;"),
        ("src/projector/run.rs", "use crate::query::Page;"),
        ("src/app.rs", "pub use crate::cli::Command;"),
        ("src/config/mod.rs", "use crate::store::Position;"),
        ("src/runtime/tasks.rs", "use crate::telemetry::init;"),
        ("src/telemetry/mod.rs", "use crate::runtime::Tasks;"),
        ("src/runtime/ids.rs", "use ownerline_proto::v1::Touchpoint;"),
        ("src/helpers.rs", ""),
        ("src/app.rs", "use ownerline_generate::Network;"),
        ("src/grpc/server.rs", "use ownerline_load::Latencies;"),
        ("src/runtime/ids.rs", "use ownerline_load::Latencies;"),
        (
            "benches/generate/src/pen.rs",
            "use ownerline_load::Latencies;",
        ),
        (
            "benches/generate/src/words/mod.rs",
            "use ownerline_projections::Viewer;",
        ),
        ("benches/load/src/child.rs", "use ownerline::app::Running;"),
        ("projections/src/lib.rs", "use ownerline::store::Position;"),
        ("proto/src/lib.rs", "use ownerline_projections::Viewer;"),
    ] {
        assert_eq!(layers(path, text).len(), 1, "{path}: {text}");
    }
}

#[test]
fn an_import_along_the_direction_is_fine() {
    for (path, text) in [
        ("src/main.rs", "use ownerline::{cli, telemetry};"),
        (
            "src/cli/serve.rs",
            "use crate::{app::Server, config::Config};",
        ),
        (
            "src/grpc/record.rs",
            "use crate::command::Handler; use super::status;",
        ),
        (
            "src/query/read.rs",
            "use crate::projector::Views; use ownerline_projections::Viewer;",
        ),
        (
            "src/store/memory/mod.rs",
            "use super::super::store::Position; use crate::runtime::Clock;",
        ),
        (
            "src/telemetry/mod.rs",
            "use crate::config::TelemetryConfig;",
        ),
        (
            "src/store/mod.rs",
            "//! See [`crate::grpc`].\n#[cfg(test)]\nmod tests {\n    use crate::app;\n}",
        ),
        ("src/lib.rs", "pub mod store;"),
        (
            "src/cli/bench/mod.rs",
            "use ownerline_load::Latencies; use ownerline_generate::Network;",
        ),
        (
            "benches/load/src/series.rs",
            "use ownerline_generate::Network; use crate::store; use super::app;",
        ),
        ("benches/generate/src/pen.rs", "use ownerline_proto::v1;"),
        ("projections/src/lib.rs", "pub use crate::store::Position;"),
    ] {
        assert_eq!(layers(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}

#[test]
fn an_engine_named_elsewhere_is_found() {
    for (path, text) in [
        (
            "src/grpc/record.rs",
            "use crate::store::embedded::EmbeddedStore;",
        ),
        (
            "src/command/mod.rs",
            "use crate::{store::{Append, memory::MemoryStore}};",
        ),
        ("src/store/mod.rs", "pub use embedded::EmbeddedStore;"),
        ("src/store/memory/mod.rs", "use super::embedded::digest;"),
    ] {
        assert_eq!(engines(path, text).len(), 1, "{path}: {text}");
    }
    for (path, text) in [
        ("src/app.rs", "use crate::store::embedded::EmbeddedStore;"),
        ("src/app/open.rs", "use crate::store::memory::MemoryStore;"),
        ("src/store/mod.rs", "pub mod embedded;\npub mod memory;"),
        (
            "src/store/embedded/writer.rs",
            "use crate::store::embedded::queue::Command;",
        ),
        (
            "src/store/conformance/mod.rs",
            "use crate::store::memory::MemoryStore;",
        ),
    ] {
        assert!(engines(path, text).is_empty(), "{path}: {text}");
    }
}

#[test]
fn a_storage_crate_named_elsewhere_is_found() {
    assert_eq!(
        storage("src/query/read.rs", "use fjall::Keyspace;").len(),
        1
    );
    assert_eq!(
        storage("src/projector/views.rs", "fn f(c: rusqlite::Connection) {}").len(),
        1
    );
    assert_eq!(
        storage("projections/src/view/mod.rs", "use fjall as store;").len(),
        1
    );
    assert!(storage("src/projector/views.rs", "use fjall::Keyspace;").is_empty());
    assert!(storage("src/store/embedded/log.rs", "use rusqlite::Connection;").is_empty());
}

#[test]
fn an_impure_fold_is_found() {
    for text in [
        "use tokio::sync::watch;",
        "fn f() -> tonic::Status {}",
        "tracing::info!(1);",
        "use std::{collections::{BTreeMap, HashMap}};",
        "use std::{fs, fmt};",
        "use std::time::SystemTime;",
        "use std::time::{Duration, Instant};",
        "let now = Instant::now();",
        "let now = jiff::Timestamp::now();",
    ] {
        assert_eq!(pure("projections/src/view/x.rs", text).len(), 1, "{text}");
    }
    let fine = "//! No tokio::x.\nuse std::collections::BTreeMap; use std::time::Duration;\n\
        use ownerline_proto::time::Instant;";
    assert!(pure("projections/src/view/x.rs", fine).is_empty());
}

#[test]
fn a_status_made_elsewhere_is_found() {
    for text in [
        "Status::internal(1)",
        "tonic::Status::new(a, b)",
        "x.map_err(Status::from_error)",
    ] {
        assert_eq!(statuses("src/grpc/record.rs", text).len(), 1, "{text}");
    }
    let fine = "fn f() -> Result<(), Status> { x.map(Status::code) }";
    assert!(statuses("src/grpc/record.rs", fine).is_empty());
    assert!(statuses("src/grpc/status.rs", "Status::internal(1)").is_empty());
}
