//! Every command that reads prints every format, and each format is valid.

use std::fs;
use std::path::Path;

use crate::process::{Served, run, stderr, stdout};

/// Commands that read, with ids that `generate --owners 60 --seed 7` makes.
const READING: [&str; 31] = [
    "timeline crm~7.11 --all",
    "bookings crm~7.11",
    "context-pack crm~7.11 --actor agent-7",
    "context-pack crm~7.11 --actor auditor-2 --audit",
    "case case~7.23.3",
    "case list",
    "case list --state closed --all",
    "assistance",
    "assistance --group-by dealer",
    "contacts --owner crm~7.11",
    "contacts --listed without-pack",
    "case trace case~7.23.3",
    "feedback feedback~7.11.3",
    "inbox dealer~7.005",
    "inbox dealer~7.005 --state answered-late --all",
    "repairs SZZ700006PA000464",
    "order order~7.14.6",
    "order order~7.14.6 --photos",
    "inbox --unassigned",
    "advocacy crm~7.11",
    "advocates",
    "advocates --group-by dealer",
    "loyalty",
    "policy list",
    "policy show sla@0",
    "response-times",
    "response-times --group-by dealer",
    "scores --group-by dealer",
    "projections list",
    "health --all",
    "version",
];

fn served(directory: &Path) -> Served {
    let file = directory.join("history.ndjson");
    let made = run(&["generate", "--owners", "60", "--seed", "7"]);
    fs::write(&file, &made.stdout).unwrap();
    let served = Served::start(&directory.join("data"));
    let path = file.to_str().unwrap();
    let imported = run(&["import", path, "--server", served.url()]);
    assert!(imported.status.success(), "{}", stderr(&imported));
    served
}

fn ask(served: &Served, command: &str, more: &[&str]) -> String {
    let mut arguments: Vec<&str> = command.split(' ').collect();
    arguments.extend(more);
    if command != "version" {
        arguments.extend(["--server", served.url()]);
    }
    let output = run(&arguments);
    let code = output.status.code();
    assert_eq!(code, Some(0), "{arguments:?}: {}", stderr(&output));
    stdout(&output)
}

#[test]
fn every_command_that_reads_prints_every_format() {
    let directory = tempfile::tempdir().unwrap();
    let served = served(directory.path());
    for command in READING {
        let json = ask(&served, command, &["-o", "json"]);
        let answer: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert!(answer.is_object(), "{command}: {json}");
        assert!(
            !json.contains("+00:00"),
            "{command}: instants end in Z: {json}"
        );

        let rows = ask(&served, command, &["-o", "ndjson"]);
        for row in rows.lines() {
            let row: serde_json::Value = serde_json::from_str(row).unwrap();
            let members = row.as_object().unwrap();
            let nested = members.values().find(|it| it.is_object() || it.is_array());
            assert_eq!(nested, None, "{command}: {row}");
        }
        let csv = ask(&served, command, &["-o", "csv"]);
        let mut lines = csv.lines();
        let header = lines.next().unwrap();
        assert!(!header.contains(' '), "{command}: {header}");
        let of_csv = lines.filter(|line| !line.is_empty()).count();
        assert!(of_csv >= rows.lines().count(), "{command}: {csv}");

        let piped = ask(&served, command, &[]);
        assert!(
            !piped.contains('─'),
            "{command}: a pipe gets no rules: {piped}"
        );
    }
    assert_eq!(served.terminate(), Some(0));
}

#[test]
fn a_list_in_a_pipe_is_nothing_but_its_rows() {
    let directory = tempfile::tempdir().unwrap();
    let served = served(directory.path());
    for command in [
        "inbox dealer~7.005 --state answered-late",
        "policy list",
        "projections list",
    ] {
        let piped = ask(&served, command, &[]);
        let mut lines = piped.lines();
        let columns = lines.next().unwrap().matches('\t').count();
        assert!(columns > 3, "{piped}");
        for line in lines {
            assert_eq!(line.matches('\t').count(), columns, "{piped}");
        }
    }
    assert_eq!(served.terminate(), Some(0));
}

#[test]
fn the_program_brings_its_contract_its_completions_and_its_manual() {
    let directory = tempfile::tempdir().unwrap();
    let (protos, pages) = (directory.path().join("proto"), directory.path().join("man"));
    let exported = run(&["proto", "export", protos.to_str().unwrap()]);
    assert!(exported.status.success(), "{}", stderr(&exported));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto/ownerline/v1");
    for entry in fs::read_dir(source).unwrap() {
        let path = entry.unwrap().path();
        let copy = protos.join("ownerline/v1").join(path.file_name().unwrap());
        assert_eq!(
            fs::read_to_string(&copy).unwrap(),
            fs::read_to_string(&path).unwrap()
        );
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = stdout(&run(&["completions", shell]));
        assert!(script.contains("response-times"), "{shell}");
    }
    let made = run(&["man", pages.to_str().unwrap()]);
    assert!(made.status.success(), "{}", stderr(&made));
    let page = fs::read_to_string(pages.join("ownerline-timeline.1")).unwrap();
    assert!(page.contains("as\\-of"), "{page}");
    let version = stdout(&run(&["version"]));
    assert!(version.starts_with("ownerline 0.1.0, commit "), "{version}");
}

#[test]
fn only_commands_that_ask_a_server_take_one() {
    let timeline = stdout(&run(&["timeline", "--help"]));
    assert!(
        timeline.contains("--server") && timeline.contains("--timeout"),
        "{timeline}"
    );
    for command in [
        &["generate", "--help"][..],
        &["log", "stat", "--help"],
        &["serve", "--help"],
    ] {
        let help = stdout(&run(command));
        assert!(!help.contains("--server <"), "{help}");
    }
    let refused = run(&["check-config", "--server", "http://127.0.0.1:1"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        stderr(&refused).contains("does not contact a server"),
        "{}",
        stderr(&refused)
    );
}
