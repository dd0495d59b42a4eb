//! Every command in README and docs runs as written, in order, against a server with generated journeys, whose ids
//! they name. `.ci/run` follows the pages of docs/clients, which install packages.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::{Served, run, stdout};

/// The files with commands, in the order in which a reader follows them.
const FILES: [&str; 9] = [
    "README.md",
    "docs/generator.md",
    "docs/cases.md",
    "docs/contacts.md",
    "docs/repairs.md",
    "docs/api.md",
    "docs/policies.md",
    "docs/operations.md",
    "docs/performance.md",
];

/// The seeds of the ids that commands name, each of 200 owners.
const SEEDS: [u64; 2] = [7, 3];

/// Commands that cannot run in a test: what marks them, and why.
const LEFT_OUT: [(&str, &str); 13] = [
    ("cargo ", "builds: .ci/run does that"),
    (
        "ownerline serve",
        "serves until it is stopped; the test serves",
    ),
    (
        "--watch",
        "goes on until it is stopped; the watches have tests of their own",
    ),
    (
        "ownerline bench",
        "takes minutes; .ci/run runs the quick one",
    ),
    ("grpcurl", "a program of others, which is not everywhere"),
    ("generate --owners 100000", "takes minutes"),
    ("--config ownerline.toml", "names a file of the reader's"),
    ("/etc/ownerline", "changes the machine"),
    ("systemctl", "changes the machine"),
    ("journalctl", "needs systemd"),
    ("curl ", "asks a port that the reader chose"),
    ("promtool", "a program of others, which is not everywhere"),
    ("kubectl", "a program of others, which is not everywhere"),
];

#[derive(Debug)]
struct Documented {
    place: String,
    command: String,
}

/// Returns the commands of the fenced `console` blocks of a text: each from a `$` up to its closing quote.
fn commands(name: &str, text: &str) -> Vec<Documented> {
    let mut commands: Vec<Documented> = Vec::new();
    let mut inside = false;
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            inside = line.trim_end() == "```console";
            open = false;
            continue;
        }
        if !inside {
            continue;
        }
        match (line.strip_prefix("$ "), open) {
            (Some(command), false) => commands.push(Documented {
                place: format!("{name}:{}", index + 1),
                command: command.to_owned(),
            }),
            (_, true) => {
                let last = commands.last_mut().unwrap();
                last.command.push('\n');
                last.command.push_str(line);
            }
            // What it prints.
            (None, false) => continue,
        }
        let last = &commands.last().unwrap().command;
        open = last.matches('\'').count() % 2 == 1;
    }
    commands
}

fn is_there(program: &str) -> bool {
    let asked = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    asked.is_ok_and(|status| status.success())
}

fn wait_for_the_views(served: &Served) {
    let begun = Instant::now();
    loop {
        let list = run(&["projections", "list", "--json", "--server", served.url()]);
        let answer: serde_json::Value = serde_json::from_str(&stdout(&list)).unwrap();
        let mut views = answer["projections"].as_array().unwrap().iter();
        if views.all(|view| view["position"] == answer["head"]) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(300), "{answer}");
    }
}

#[test]
fn every_command_of_readme_and_docs_runs_as_it_stands() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let directory = tempfile::tempdir().unwrap();
    let programs = directory.path().join("bin");
    fs::create_dir(&programs).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_ownerline"), programs.join("ownerline"))
        .unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let served = Served::start(&directory.path().join("ownerline-data"));
    let has_jq = is_there("jq");

    let mut ran = 0;
    let mut failed = Vec::new();
    for name in FILES {
        let text = fs::read_to_string(root.join(name)).unwrap();
        for Documented { place, command } in commands(name, &text) {
            let left_out = LEFT_OUT.iter().any(|(mark, _)| command.contains(mark));
            if left_out || (command.contains("jq ") && !has_jq) {
                continue;
            }
            let output = Command::new("sh")
                .args(["-ec", &command])
                .current_dir(directory.path())
                .env("PATH", &path)
                .env("OWNERLINE_SERVER", served.url())
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            // The last program of a pipe decides the code: an error of an earlier one is told all the same.
            if !output.status.success() || told.contains("error: ") {
                failed.push(format!("{place}: {command}\n{told}"));
            }
            if command.contains("ownerline import") {
                wait_for_the_views(&served);
            }
            ran += 1;
        }
    }
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
    assert!(ran > 25, "{ran} commands ran");
    assert_eq!(served.terminate(), Some(0));
}

/// The ids in a text that are made from a seed.
fn ids(text: &str, seed: u64) -> BTreeSet<&str> {
    let mark = format!("~{seed}.");
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !"~.-_".contains(c));
    words
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| word.contains(&mark))
        .collect()
}

#[test]
fn every_id_in_a_command_is_one_that_generate_makes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut named = 0;
    for seed in SEEDS {
        let text = seed.to_string();
        let generated = stdout(&run(&["generate", "--owners", "200", "--seed", &text]));
        let generated = ids(&generated, seed);
        let first = format!("crm~{seed}.200");
        assert!(!generated.contains(&*first), "owners begin with 0");
        for name in FILES {
            let text = fs::read_to_string(root.join(name)).unwrap();
            for Documented { place, command } in commands(name, &text) {
                let found = ids(&command, seed);
                let unknown: Vec<_> = found.difference(&generated).copied().collect();
                assert!(unknown.is_empty(), "{place}: {unknown:?}");
                named += found.len();
            }
        }
    }
    assert!(named > 15, "{named} ids are named");
}

#[test]
fn commands_follow_a_dollar_up_to_the_closing_quote() {
    let text = "$ not this\n```console\n$ one | two\nprinted\n$ jq '.a\n  | .b' > c\n```\n```sh\n$ nor this\n```\n";
    let found = commands("x.md", text);
    let told: Vec<&str> = found.iter().map(|it| it.command.as_str()).collect();
    assert_eq!(told, ["one | two", "jq '.a\n  | .b' > c"]);
    assert_eq!(found[1].place, "x.md:5");
}
