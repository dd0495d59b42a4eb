//! Feedback and inboxes on the command line.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::told::*;
use crate::process::{Served, ownerline, run, stderr, stdout};
use crate::remote::Remote;

#[tokio::test(flavor = "multi_thread")]
async fn a_feedback_and_an_inbox_are_printed_for_people_and_programs() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(&directory.path().join("data"));
    let remote = Remote::connect(served.url()).await.unwrap();
    let start = 1_700_000_000;
    let late = reply("1", "r", start + 3 * 3_600 + 720, "dealer-2");
    let mut nobody = said("4", start);
    nobody.subjects.as_mut().unwrap().dealer_id.clear();
    let journey = vec![
        nobody,
        said("1", start),
        late,
        said("2", start + 60),
        said("3", start + 120),
    ];
    remote.import(journey).await;
    let head = remote.head().await;
    let ask = |arguments: &[&str]| {
        let stand = ["--as-of", "2023-11-16T00:00:00Z", "--at-least", &head];
        let server = ["--server", served.url()];
        run(&[arguments, &stand, &server].concat())
    };
    let unpositioned = |text: String| text.replace(&head, "HEAD");
    insta::assert_snapshot!("feedback", unpositioned(stdout(&ask(&["feedback", "f-1"]))));
    insta::assert_snapshot!(
        "inbox",
        unpositioned(stdout(&ask(&["inbox", "dealer-1", "-o", "table"])))
    );
    let none = stdout(&ask(&[
        "inbox", "dealer-1", "--state", "excluded", "-o", "table",
    ]));
    assert!(
        none.starts_with("No matching obligations in the inbox of dealer-1."),
        "{none}"
    );

    let nobody = stdout(&ask(&["inbox", "--unassigned", "-o", "csv"]));
    assert_eq!(nobody.lines().count(), 2, "{nobody}");
    assert!(nobody.contains(",f-4,"), "{nobody}");

    let file = directory.path().join("sla.json");
    let policy = serde_json::json!({"name": "sla", "kind": "KIND_SLA",
        "sla": {"obligations": [{"kind": "KIND_FIRST_REPLY", "budgetSeconds": "3600"}]}});
    fs::write(&file, policy.to_string()).unwrap();
    let path = file.to_str().unwrap();
    let supposed = stdout(&ask(&["feedback", "f-1", "--policy", path]));
    let told = "first reply: answered late, after 3 h 12 min of 1 h, by agent-7 at dealer-2";
    assert!(supposed.contains(told), "{supposed}");

    let json = stdout(&ask(&["inbox", "dealer-1", "--json", "--order", "age"]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["total"], "2");
    assert_eq!(json["items"][0]["obligation"]["feedbackId"], "f-2");
    let unknown = ask(&["feedback", "f-9"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(
        stderr(&unknown).contains("NOT_FOUND"),
        "{}",
        stderr(&unknown)
    );
    drop(remote);
    assert_eq!(served.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inbox_is_watched_on_the_command_line() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(&directory.path().join("data"));
    let remote = Remote::connect(served.url()).await.unwrap();
    let arguments = ["inbox", "dealer-1", "--watch", "--changes", "2"];
    let mut watching = ownerline()
        .args(arguments)
        .args(["--server", served.url()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Whatever is said before it watches is listed, and is no change.
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut number = 0;
    while watching.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "nothing is shown");
        number += 1;
        let said = said(&number.to_string(), now_seconds() - 5);
        remote.record(said).await.unwrap();
    }
    let told = watching.wait_with_output().unwrap();
    assert!(told.status.success());
    let told = stdout(&told);
    let changes = told.lines().filter(|line| line.contains("  new      "));
    assert_eq!(changes.count(), 2, "{told}");
    assert!(told.contains("first reply to owner-1 for f-"), "{told}");
    assert!(told.contains("23 h 59 min left"), "{told}");
    drop(remote);
    assert_eq!(served.terminate(), Some(0));
}
