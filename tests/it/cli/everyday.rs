//! The command line as people and scripts use it, against a real server.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ownerline_proto::cloudevents::to_line;
use ownerline_proto::time;

use crate::process::{Served, ownerline, run, stderr, stdout};
use crate::support::{NOW, feedback};

/// A file of CloudEvents lines.
fn lines(path: &Path, count: i64) {
    let line = |number: i64| {
        let mut touchpoint = feedback("owner-1", &number.to_string(), NOW + number);
        touchpoint.received_at = Some(time::timestamp((NOW + number) * 1_000_000_000));
        to_line(&touchpoint).unwrap() + "\n"
    };
    let text: String = (0..count).map(line).collect();
    fs::write(path, text).unwrap();
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Imports a file, and waits until every view has all of it: a question asked at once may come too early.
fn import(path: &str, served: &Served) {
    let imported = run(&["import", path, "--server", served.url()]);
    assert!(imported.status.success(), "{}", stderr(&imported));
    let begun = Instant::now();
    loop {
        let list = ["projections", "list", "--json", "--server", served.url()];
        let answer = json(&stdout(&run(&list)));
        let views = answer["projections"].as_array().unwrap();
        if views.iter().all(|view| view["position"] == answer["head"]) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{answer}");
    }
}

#[test]
fn a_file_is_imported_once_and_its_refused_lines_are_reported() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("history.ndjson");
    lines(&file, 1_200);
    let mut text = fs::read_to_string(&file).unwrap();
    text.push_str("{\"specversion\":\"1.0\",\"id\":\"bad\",\"source\":\"//test\",\"type\":\"com.ownerline.nonsense.v1\"}\nnot json\n");
    fs::write(&file, text).unwrap();
    let served = Served::start(&directory.path().join("data"));
    let path = file.to_str().unwrap();

    let first = run(&["import", path, "--json", "--server", served.url()]);
    assert_eq!(first.status.code(), Some(2), "{}", stderr(&first));
    let summary = json(&stdout(&first));
    assert_eq!(
        (
            summary["stored"].as_u64(),
            summary["replayed"].as_u64(),
            summary["refused"].as_u64()
        ),
        (Some(1_200), Some(0), Some(2))
    );
    let refused =
        fs::read_to_string(directory.path().join("history.ndjson.refused.ndjson")).unwrap();
    let numbers: Vec<u64> = refused
        .lines()
        .map(|line| json(line)["number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, [1_201, 1_202]);

    let again = run(&["import", path, "--json", "--server", served.url()]);
    let summary = json(&stdout(&again));
    assert_eq!(
        (summary["stored"].as_u64(), summary["replayed"].as_u64()),
        (Some(0), Some(1_200))
    );
    assert_eq!(served.terminate(), Some(0), "a drain ends with 0");
}

#[test]
fn a_watched_timeline_goes_on_with_what_is_imported_meanwhile() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("history.ndjson");
    let path = file.to_str().unwrap();
    let served = Served::start(&directory.path().join("data"));
    lines(&file, 2);
    import(path, &served);
    let mut watching = ownerline()
        .args(["timeline", "owner-1", "--watch", "--changes", "3"])
        .args(["--server", served.url()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(watching.stdout.take().unwrap());
    let mut before = String::new();
    while !before.contains("Watching") {
        assert_ne!(told.read_line(&mut before).unwrap(), 0, "{before}");
    }
    assert_eq!(before.matches("Feedback received").count(), 2, "{before}");
    lines(&file, 5);
    import(path, &served);
    let mut after = String::new();
    told.read_to_string(&mut after).unwrap();
    assert_eq!(after.matches("Feedback received").count(), 3, "{after}");
    assert_eq!(watching.wait().unwrap().code(), Some(0));
}

#[test]
fn a_timeline_is_a_story_for_people_and_json_for_programs() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("history.ndjson");
    lines(&file, 250);
    let served = Served::start(&directory.path().join("data"));
    import(file.to_str().unwrap(), &served);
    let story = stdout(&run(&["timeline", "owner-1", "--server", served.url()]));
    assert!(story.contains("Feedback received: 9 of 10"), "{story}");
    let all = run(&[
        "timeline",
        "owner-1",
        "--all",
        "--json",
        "--page-size",
        "40",
        "--server",
        served.url(),
    ]);
    let answer = json(&stdout(&all));
    assert_eq!(answer["entries"].as_array().unwrap().len(), 250);
    let early = run(&[
        "timeline",
        "owner-1",
        "--all",
        "--json",
        "--as-of",
        "2023-11-14T22:13:29Z",
        "--server",
        served.url(),
    ]);
    assert_eq!(
        json(&stdout(&early))["entries"].as_array().unwrap().len(),
        10
    );
    let unknown = run(&["timeline", "owner-2", "--server", served.url()]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(stderr(&unknown).contains("owner-2"), "{}", stderr(&unknown));
    let projections = json(&stdout(&run(&[
        "projections",
        "list",
        "--json",
        "--server",
        served.url(),
    ])));
    let views = projections["projections"].as_array().unwrap();
    let timeline = views
        .iter()
        .find(|view| view["name"] == "timeline")
        .unwrap();
    assert_eq!(timeline["appliedCount"], "250");
}

#[test]
fn the_log_is_read_beside_a_running_server_and_imports_again_elsewhere() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let file = directory.path().join("history.ndjson");
    lines(&file, 30);
    let served = Served::start(&data);
    import(file.to_str().unwrap(), &served);
    let stat = json(&stdout(&run(&[
        "log",
        "stat",
        "--json",
        "--data",
        data.to_str().unwrap(),
    ])));
    assert_eq!(stat["touchpoints"], 30);
    let cat = run(&["log", "cat", "--data", data.to_str().unwrap()]);
    assert_eq!(stdout(&cat).lines().count(), 30);
    let exported = directory.path().join("exported.ndjson");
    fs::write(&exported, &cat.stdout).unwrap();
    let other = Served::start(&directory.path().join("other"));
    let imported = run(&[
        "import",
        exported.to_str().unwrap(),
        "--json",
        "--server",
        other.url(),
    ]);
    assert_eq!(
        json(&stdout(&imported))["stored"],
        30,
        "{}",
        stderr(&imported)
    );
}

#[test]
fn a_log_is_verified_and_damage_is_named_with_exit_code_2() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let path = data.to_str().unwrap();
    let file = directory.path().join("history.ndjson");
    lines(&file, 2_000);
    let served = Served::start(&data);
    import(file.to_str().unwrap(), &served);
    let beside = run(&["log", "verify", "--data", path]);
    assert_eq!(beside.status.code(), Some(0), "{}", stdout(&beside));
    assert!(
        stdout(&beside).contains("NOT checked"),
        "{}",
        stdout(&beside)
    );
    assert_eq!(served.terminate(), Some(0));
    let clean = run(&["log", "verify", "--data", path, "--json"]);
    let answer = json(&stdout(&clean));
    assert_eq!(
        (clean.status.code(), answer["clean"].as_bool()),
        (Some(0), Some(true))
    );
    assert_eq!(answer["index"]["state"], "CHECKED");
    // A page in the middle of the file, as a bad disk would leave it.
    let log = data.join("log.db");
    let mut bytes = fs::read(&log).unwrap();
    let middle = bytes.len() / 2 / 4_096 * 4_096;
    bytes[middle..middle + 4_096].fill(0xa5);
    fs::write(&log, bytes).unwrap();
    let damaged = run(&["log", "verify", "--data", path, "--json"]);
    let answer = json(&stdout(&damaged));
    assert_eq!(
        (damaged.status.code(), answer["clean"].as_bool()),
        (Some(2), Some(false))
    );
    assert!(!answer["findings"].as_array().unwrap().is_empty());
    let missing = run(&["log", "verify", "--data", "nowhere"]);
    assert_eq!(missing.status.code(), Some(1));
}

#[test]
fn a_context_pack_is_a_sheet_for_people_and_json_for_programs_and_can_be_repeated() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("history.ndjson");
    lines(&file, 3);
    let served = Served::start(&directory.path().join("data"));
    import(file.to_str().unwrap(), &served);
    let pack = |more: &[&str]| {
        let command = ["context-pack", "owner-1", "--server", served.url()];
        run(&[&command, more].concat())
    };
    let sheet = stdout(&pack(&["--actor", "agent-7"]));
    for part in [
        "They called before I had to ask.",
        "9 of 10",
        "waiting for an answer since 14 Nov 2023",
        "dealer-1, the dealer last responsible",
        "no visit is known",
    ] {
        assert!(sheet.contains(part), "{part} is missing: {sheet}");
    }
    let keyed = [
        "--actor", "agent-7", "--source", "//crm", "--id", "1", "--json",
    ];
    let (first, again) = (json(&stdout(&pack(&keyed))), json(&stdout(&pack(&keyed))));
    assert_eq!(first["pack"], again["pack"]);
    assert_eq!(first["served"]["position"], again["served"]["position"]);
    assert_eq!(again["served"]["replayed"], true);
    let other = pack(&["--actor", "agent-8", "--source", "//crm", "--id", "1"]);
    assert_eq!(other.status.code(), Some(1));
    assert!(stderr(&other).contains("ID_REUSED"), "{}", stderr(&other));
    let nobody = pack(&[]);
    assert!(stderr(&nobody).contains("--actor"), "{}", stderr(&nobody));
}

#[test]
fn a_second_server_on_the_same_directory_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(directory.path());
    let second = ownerline()
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(directory.path())
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(
        stderr(&second).contains("in use by another process"),
        "{}",
        stderr(&second)
    );
    served.kill();
    assert_eq!(
        Served::start(directory.path()).terminate(),
        Some(0),
        "the lock ends with its process"
    );
}

#[test]
fn an_unknown_key_is_refused_with_everything_else_that_is_wrong() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ownerline.toml");
    fs::write(
        &file,
        "[server]\nlissten = \"127.0.0.1:1\"\n[limits]\npage_entries = 0\n",
    )
    .unwrap();
    for command in ["check-config", "serve"] {
        let refused = ownerline()
            .args([command, "--config"])
            .arg(&file)
            .env("OWNERLINE_LIMITS_TEXT_CHARACTERS", "many")
            .output()
            .unwrap();
        assert_eq!(refused.status.code(), Some(1));
        let told = stderr(&refused);
        for part in [
            "lissten",
            "listen",
            "page_entries",
            "TEXT_CHARACTERS",
            "many",
        ] {
            assert!(told.contains(part), "{part} is missing: {told}");
        }
    }
    let printed = run(&["check-config"]);
    assert!(
        stdout(&printed).contains("[limits]"),
        "{}",
        stdout(&printed)
    );
}

#[test]
fn a_server_that_is_not_there_is_said_with_advice() {
    let refused = run(&["timeline", "owner-1", "--server", "http://127.0.0.1:1"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        stderr(&refused).contains("cannot reach the server"),
        "{}",
        stderr(&refused)
    );
}

#[test]
fn the_demo_shows_four_situations_leaves_nothing_behind_and_exits_with_0() {
    let temporary = tempfile::tempdir().unwrap();
    let demo = ownerline()
        .args(["demo", "--owners", "12"])
        .env("TMPDIR", temporary.path())
        .output()
        .unwrap();
    assert_eq!(demo.status.code(), Some(0), "{}", stderr(&demo));
    let told = stdout(&demo);
    let views = ownerline_projections::VIEWS.len();
    for title in [
        "1. The feedback loop",
        "2. The window into the factory",
        "3. The repeated fault",
        "4. The owner is the customer, not the car",
        "How long owners wait for a first reply",
        "Net promoter scores: which one can be believed",
        &format!("{views} of {views} views are at the"),
        "its data is removed",
    ] {
        assert!(told.contains(title), "{title}: {told}");
    }
    // Of so few owners, the day decides whether one waits.
    let inbox = [
        "Most owners are waiting for dealer~",
        "No owner is waiting for any dealer",
    ];
    assert!(inbox.iter().any(|text| told.contains(text)), "{told}");
    assert_eq!(
        stderr(&demo),
        "",
        "no progress bar where there is no terminal"
    );
    assert_eq!(temporary.path().read_dir().unwrap().count(), 0);
}

#[test]
fn the_commands_that_a_kept_demo_prints_work_as_printed() {
    let temporary = tempfile::tempdir().unwrap();
    let mut demo = ownerline()
        .args(["demo", "--keep", "--owners", "12"])
        .env("TMPDIR", temporary.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Those beside the answers ask the server that the demo says to export; those at the end name it.
    let (mut commands, mut beside, mut server) = (Vec::new(), 0, String::new());
    for line in BufReader::new(demo.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if line.starts_with("Ctrl-C stops it") {
            break;
        }
        if let Some((_, url)) = line.split_once("export OWNERLINE_SERVER=") {
            url.clone_into(&mut server);
        }
        let command = line.trim_start().strip_prefix("$ ");
        beside += usize::from(command.is_some());
        let at_the_end = line.strip_prefix("  ");
        let at_the_end = at_the_end.filter(|it| it.contains("ownerline "));
        commands.extend(command.or(at_the_end).map(str::to_owned));
    }
    let run = |command: &String| {
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).env("OWNERLINE_SERVER", &server);
        shell.output().unwrap()
    };
    let ended: Vec<_> = commands.iter().map(run).collect();
    let id = demo.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(demo.wait().unwrap().code(), Some(0));
    // Whether an inbox is shown depends on the day.
    assert!((12..=13).contains(&beside), "{commands:?}");
    assert_eq!(commands.len() - beside, 13, "{commands:?}");
    for (command, ended) in commands.iter().zip(&ended) {
        assert!(ended.status.success(), "{command}: {}", stderr(ended));
        assert!(!ended.stdout.is_empty(), "{command}");
    }
    assert_eq!(temporary.path().read_dir().unwrap().count(), 0);
}
