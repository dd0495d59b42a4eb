//! The shape of the repository: sizes, purpose lines, direction and circles of imports, lints. Each check is a
//! pure function over paths and texts, with a test beside it that proves it can fail.

use std::fs;
use std::path::{Path, PathBuf};

mod circles;
mod direction;
mod docs;
mod files;
mod functions;
mod printing;
mod source;
mod viewers;

/// A file of the repository: its path from the root with `/` between the parts, and its text.
struct File {
    path: String,
    text: String,
}

/// Folders without our sources; `.git` may also be a file.
const FOREIGN: &[&str] = &[
    "target",
    ".git",
    "node_modules",
    "__pycache__",
    "ownerline-data",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every text file of the repository, in the order of paths.
fn repository() -> Vec<File> {
    let mut files = Vec::new();
    let mut folders = vec![root().to_owned()];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<PathBuf> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        entries.sort();
        for entry in entries {
            let name = entry.file_name().unwrap().to_string_lossy().into_owned();
            if FOREIGN.contains(&name.as_str()) {
                continue;
            }
            if entry.is_dir() {
                folders.push(entry);
            } else if let Ok(text) = fs::read_to_string(&entry) {
                let path = entry.strip_prefix(root()).unwrap();
                let path = path.to_string_lossy().replace('\\', "/");
                files.push(File { path, text });
            }
        }
    }
    files.sort_by(|left, right| left.path.cmp(&right.path));
    files
}

/// Runs a check over the files whose paths pass, and fails with everything that it finds.
fn hold(includes: impl Fn(&str) -> bool, check: impl Fn(&str, &str) -> Vec<String>) {
    let files = repository();
    let chosen: Vec<&File> = files.iter().filter(|file| includes(&file.path)).collect();
    assert!(!chosen.is_empty(), "the check looked at no file");
    let found: Vec<String> = chosen
        .iter()
        .flat_map(|file| {
            let path = &file.path;
            check(path, &file.text)
                .into_iter()
                .map(move |what| format!("{path}: {what}"))
        })
        .collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

fn is_rust(path: &str) -> bool {
    path.ends_with(".rs")
}

fn is_manifest(path: &str) -> bool {
    path == "Cargo.toml" || path.ends_with("/Cargo.toml")
}

#[test]
fn every_rust_file_opens_with_its_purpose() {
    hold(is_rust, files::purpose);
}

/// Nine of ten Rust files are at most this long.
const FILE_P90: usize = 300;

#[test]
fn no_rust_file_is_longer_than_500_lines_and_nine_of_ten_than_300() {
    let files = repository();
    let mut lines: Vec<(usize, &str)> = files
        .iter()
        .filter(|file| is_rust(&file.path))
        .map(|file| (file.text.lines().count(), file.path.as_str()))
        .collect();
    lines.sort_unstable();
    let p90 = lines[lines.len() * 9 / 10].0;
    println!(
        "{} files: median {} lines, p90 {p90}, longest {:?}",
        lines.len(),
        lines[lines.len() / 2].0,
        lines[lines.len() - 1]
    );
    assert!(p90 <= FILE_P90, "p90 is {p90} lines, at most {FILE_P90}");
    hold(is_rust, files::size);
}

/// Nine of ten functions are at most this long.
const FUNCTION_P90: usize = 35;
/// Lines that a function may have.
const FUNCTION: usize = 70;
#[test]
fn no_function_is_longer_than_70_lines_and_nine_of_ten_than_35() {
    let files = repository();
    let mut lengths: Vec<(usize, String, String)> = files
        .iter()
        .filter(|file| is_rust(&file.path) && !file.path.starts_with("tests/"))
        .flat_map(|file| {
            let found = functions::functions(&file.path, &file.text).into_iter();
            found.map(|function| (function.lines, file.path.clone(), function.name))
        })
        .collect();
    lengths.sort_unstable();
    let p90 = lengths[lengths.len() * 9 / 10].0;
    println!(
        "{} functions: median {} lines, p90 {p90}, longest {:?}",
        lengths.len(),
        lengths[lengths.len() / 2].0,
        lengths[lengths.len() - 1]
    );
    assert!(
        p90 <= FUNCTION_P90,
        "p90 is {p90} lines, at most {FUNCTION_P90}"
    );
    let long: Vec<_> = lengths
        .iter()
        .filter(|(lines, ..)| *lines > FUNCTION)
        .collect();
    assert!(
        long.is_empty(),
        "functions over {FUNCTION} lines: {long:#?}"
    );
}

#[test]
fn every_read_takes_a_viewer() {
    hold(
        |path| is_rust(path) && path.starts_with("src/query/"),
        viewers::forgotten,
    );
}

#[test]
fn imports_point_one_way() {
    hold(
        |path| is_rust(path) && direction::has_layer(path),
        direction::layers,
    );
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let files = repository();
    let checked: Vec<(&str, &str)> = files
        .iter()
        .filter(|file| circles::includes(&file.path))
        .map(|file| (file.path.as_str(), file.text.as_str()))
        .collect();
    assert!(!checked.is_empty(), "the check looked at no file");
    let found: Vec<String> = circles::circles(&checked)
        .iter()
        .map(|circle| format!("{} files:\n{}", circle.files.len(), circle.ties.join("\n")))
        .collect();
    assert!(found.is_empty(), "circles of files\n{}", found.join("\n"));
}

#[test]
fn engines_are_named_only_by_the_composition_root_tests_and_themselves() {
    hold(
        |path| is_rust(path) && path.starts_with("src/"),
        direction::engines,
    );
}

#[test]
fn storage_crates_are_named_only_where_they_belong() {
    hold(is_rust, direction::storage);
}

#[test]
fn projections_and_generated_journeys_are_pure() {
    let pure = ["projections/src/", "benches/generate/src/"];
    hold(
        |path| is_rust(path) && pure.iter().any(|folder| path.starts_with(folder)),
        direction::pure,
    );
}

#[test]
fn statuses_are_made_in_one_place() {
    hold(is_rust, direction::statuses);
}

#[test]
fn nothing_prints_by_itself() {
    let crates = ["src/", "projections/src/", "proto/src/"];
    hold(
        |path| is_rust(path) && crates.iter().any(|folder| path.starts_with(folder)),
        printing::prints,
    );
}

#[test]
fn every_crate_has_the_lints_of_the_workspace() {
    hold(is_manifest, files::lints);
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    hold(|_| true, files::machine_paths);
}

#[test]
fn every_test_file_that_the_reliability_table_names_is_there() {
    let text = fs::read_to_string(root().join("docs/reliability.md")).unwrap();
    let quoted = text.split('`').skip(1).step_by(2);
    let named: Vec<PathBuf> = quoted
        .filter(|quoted| quoted.ends_with(".rs") && quoted.contains('/'))
        .map(|path| match path.split_once('/') {
            Some(("embedded", file)) => root().join("src/store/embedded/tests").join(file),
            Some(("it", file)) => root().join("tests/it").join(file),
            _ => root().join(path),
        })
        .collect();
    assert!(named.len() > 20, "the table names {} files", named.len());
    for path in named {
        assert!(path.exists(), "{} is not there", path.display());
    }
}
