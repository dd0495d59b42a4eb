//! `bench`: a quick run measures every bar, loses nothing, and leaves nothing behind, however it ends.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::process::{ownerline, stderr, stdout};

fn is_empty(directory: &Path) -> bool {
    fs::read_dir(directory).unwrap().next().is_none()
}

#[test]
fn a_quick_run_measures_every_bar_judges_none_and_leaves_nothing() {
    let parent = tempfile::tempdir().unwrap();
    let run = ownerline()
        .args(["bench", "--quick", "--json", "--data"])
        .arg(parent.path())
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", stderr(&run));
    let lines: Vec<Value> = stdout(&run)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let bars: Vec<&str> = lines.iter().map(|it| it["bar"].as_str().unwrap()).collect();
    let expected = [
        "B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B9", "B10", "B10", "B11", "B16", "B16",
        "B19", "B20", "B20", "B21", "B22",
    ];
    assert_eq!(bars, expected);
    for line in &lines {
        for key in ["value", "unit", "yardstick", "ratio", "target", "holds"] {
            assert!(line.get(key).is_some(), "{line} lacks {key}");
        }
        assert!(line["holds"].is_null(), "{line}");
    }
    for bar in ["B1", "B2", "B3"] {
        let line = lines.iter().find(|it| it["bar"] == bar).unwrap();
        assert!(line["ratio"].as_f64().unwrap() > 0.0, "{line}");
    }
    assert!(is_empty(parent.path()));
}

#[test]
fn a_signal_ends_a_run_with_all_it_started() {
    let parent = tempfile::tempdir().unwrap();
    let mut run = ownerline()
        .args(["bench", "--data"])
        .arg(parent.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(run.stderr.take().unwrap()).lines();
    let first = said.next().unwrap().unwrap();
    assert!(first.starts_with("recording"), "{first}");
    let id = run.id().to_string();
    let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
    assert!(sent.success());
    // Its children have its standard error no more than its directory.
    assert_eq!(run.wait().unwrap().code(), Some(143));
    assert!(is_empty(parent.path()));
}
