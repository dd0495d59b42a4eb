//! Checks of whole files: purpose line, size, lints, paths.

/// The maximum number of lines of a Rust file.
const LINES: usize = 500;

/// Checks that a Rust file opens with a `//!` line that states its purpose.
pub(super) fn purpose(_path: &str, text: &str) -> Vec<String> {
    let first = text.lines().next().unwrap_or_default();
    match first.strip_prefix("//! ") {
        Some(purpose) if purpose.len() > 10 => Vec::new(),
        _ => vec!["the first line does not say what the file is for (`//! …`)".to_owned()],
    }
}

/// A Rust file has at most 500 lines.
pub(super) fn size(_path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().count();
    if lines > LINES {
        vec![format!("{lines} lines, at most {LINES}")]
    } else {
        Vec::new()
    }
}

/// The manifest of the crate that C code calls, so that it needs unsafe code. Only tests link it.
const WITH_LINTS_OF_ITS_OWN: &str = "tests/faults/Cargo.toml";

/// The root declares the lints, and every crate takes them.
pub(super) fn lints(path: &str, text: &str) -> Vec<String> {
    if path == WITH_LINTS_OF_ITS_OWN {
        return only_for_tests(text);
    }
    let manifest: toml::Table = text.parse().unwrap_or_default();
    let mut found = Vec::new();
    let takes = manifest
        .get("lints")
        .and_then(|lints| lints.get("workspace"));
    if takes.and_then(toml::Value::as_bool) != Some(true) {
        found.push("lacks `[lints] workspace = true`".to_owned());
    }
    if path == "Cargo.toml" {
        let declared = manifest.get("workspace").and_then(|it| it.get("lints"));
        let level = |tool: &str, lint: &str| declared?.get(tool)?.get(lint)?.as_str();
        for (tool, lint, expected) in [
            ("rust", "unsafe_code", "forbid"),
            ("rust", "missing_docs", "warn"),
            ("clippy", "unwrap_used", "deny"),
            ("clippy", "expect_used", "deny"),
            ("clippy", "panic", "deny"),
            ("clippy", "indexing_slicing", "deny"),
            ("clippy", "allow_attributes_without_reason", "deny"),
        ] {
            if level(tool, lint) != Some(expected) {
                found.push(format!("lacks the lint {tool}::{lint} = {expected}"));
            }
        }
    }
    found
}

/// No file names a path that exists on one machine only.
pub(super) fn machine_paths(_path: &str, text: &str) -> Vec<String> {
    // Spelt in parts, so that this file passes its own check.
    ["home", "root", "Users", "work", "tmp"]
        .iter()
        .map(|folder| format!("/{folder}/"))
        .flat_map(|folder| {
            text.lines()
                .enumerate()
                .filter(|(_, line)| names(line, &folder))
                .map(|(index, _)| format!("line {} names {folder}", index + 1))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Whether the line has an absolute path of this folder, unlike `a/folder/` and `//folder/`.
fn names(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "/._-}>*)".contains(c))
    })
}

#[test]
fn a_file_without_a_purpose_is_found() {
    for bad in [
        "",
        "use std::fs;\n",
        "\n//! Too late to say it.\n",
        "//!\n",
        "//! It.\n",
    ] {
        assert_eq!(purpose("src/x.rs", bad).len(), 1, "{bad:?}");
    }
    assert!(purpose("src/x.rs", "//! Reads the log backwards.\n").is_empty());
}

#[test]
fn a_file_of_501_lines_is_found() {
    assert_eq!(size("src/x.rs", &"\n".repeat(501)).len(), 1);
    assert!(size("src/x.rs", &"\n".repeat(500)).is_empty());
}

/// A crate with its own lints forbids unsafe blocks without a reason.
fn only_for_tests(text: &str) -> Vec<String> {
    let required = [
        "unsafe_op_in_unsafe_fn = \"deny\"",
        "undocumented_unsafe_blocks = \"deny\"",
    ];
    let lacking = required.into_iter().filter(|lint| !text.contains(lint));
    lacking.map(|lint| format!("lacks `{lint}`")).collect()
}

#[test]
fn a_crate_without_the_lints_is_found() {
    assert_eq!(
        lints("proto/Cargo.toml", "[package]\nname = \"x\"\n").len(),
        1
    );
    assert_eq!(
        lints("proto/Cargo.toml", "[lints]\nworkspace = false\n").len(),
        1
    );
    assert!(lints("proto/Cargo.toml", "[lints]\nworkspace = true\n").is_empty());
    assert_eq!(lints(WITH_LINTS_OF_ITS_OWN, "[lints.rust]\n").len(), 2);
    let root = "[lints]\nworkspace = true\n[workspace.lints.rust]\nunsafe_code = \"allow\"\n";
    assert_eq!(lints("Cargo.toml", root).len(), 7);
}

#[test]
fn a_machine_path_is_found() {
    for folder in ["home", "root", "Users", "work", "tmp"] {
        let bad = format!("fine\nlet path = \"/{folder}/somebody/data\";\n");
        assert_eq!(
            machine_paths("src/x.rs", &bad),
            [format!("line 2 names /{folder}/")]
        );
        let fine = format!("https://host/{folder}/ and a/{folder}/x and ./{folder}/");
        assert!(machine_paths("src/x.rs", &fine).is_empty());
    }
}
