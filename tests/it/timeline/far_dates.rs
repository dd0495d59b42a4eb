//! Dates of the years 1 to 9999 are answered as reported, and can be queried.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::process::{Served, run, stderr, stdout};

/// A case with a promise for the last day of all and one that was due on the first, an appointment, and a note that
/// owners see on the last day.
const HISTORY: &str = r#"
{"specversion":"1.0","id":"opened","source":"//far","type":"com.ownerline.case_opened.v1","time":"2025-01-01T00:00:00Z","caseid":"case-1","ownerid":"owner-1"}
{"specversion":"1.0","id":"last","source":"//far","type":"com.ownerline.commitment_made.v1","time":"2025-01-02T00:00:00Z","caseid":"case-1","data":{"commitmentId":"p-last","text":"one day","dueAt":"9999-12-31T23:59:59Z"}}
{"specversion":"1.0","id":"later","source":"//far","type":"com.ownerline.commitment_made.v1","time":"2025-01-02T00:00:00Z","caseid":"case-1","data":{"commitmentId":"p-later","text":"some day","dueAt":"2300-01-01T00:00:00Z"}}
{"specversion":"1.0","id":"first","source":"//far","type":"com.ownerline.commitment_made.v1","time":"2025-01-02T00:00:00Z","caseid":"case-1","data":{"commitmentId":"p-first","text":"long ago","dueAt":"0001-01-01T00:00:00Z"}}
{"specversion":"1.0","id":"booked","source":"//far","type":"com.ownerline.appointment_booked.v1","time":"2025-01-03T00:00:00Z","visitid":"visit-1","ownerid":"owner-1","data":{"startsAt":"9999-12-31T00:00:00Z"}}
{"specversion":"1.0","id":"revealed","source":"//far","type":"com.ownerline.news_sent.v1","time":"2025-01-04T00:00:00Z","ownerid":"owner-1","visibility":"owner","visiblefrom":"5000-01-01T00:00:00Z","data":{"title":"Soon"}}
{"specversion":"1.0","id":"never","source":"//far","type":"com.ownerline.news_sent.v1","time":"2025-01-04T00:00:00Z","ownerid":"owner-1","visibility":"owner","visiblefrom":"9999-12-31T00:00:00Z","data":{"title":"Last"}}
{"specversion":"1.0","id":"heard","source":"//far","type":"com.ownerline.feedback_received.v1","time":"2025-01-05T00:00:00Z","feedbackid":"feedback-1","ownerid":"owner-1","dealerid":"dealer-1","data":{"score":3}}
"#;

struct Asked {
    served: Served,
    head: String,
}

impl Asked {
    fn new(directory: &Path) -> Self {
        let file = directory.join("history.ndjson");
        fs::write(&file, HISTORY.trim_start()).unwrap();
        let served = Served::start(&directory.join("data"));
        let imported = run(&["import", file.to_str().unwrap(), "--server", served.url()]);
        assert!(imported.status.success(), "{}", stderr(&imported));
        let list = run(&["projections", "list", "--json", "--server", served.url()]);
        let list: Value = serde_json::from_str(&stdout(&list)).unwrap();
        let head = list["head"].as_str().unwrap().to_owned();
        Self { served, head }
    }

    fn text(&self, arguments: &[&str]) -> String {
        let server = ["--at-least", &self.head, "--server", self.served.url()];
        let output = run(&[arguments, &server].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.text(&[arguments, &["--json"]].concat())).unwrap()
    }
}

fn texts<'v>(list: &'v Value, field: &str) -> Vec<&'v str> {
    let list = list.as_array().unwrap().iter();
    list.map(|it| it[field].as_str().unwrap_or_default())
        .collect()
}

#[test]
fn due_dates_reveals_and_appointments_of_any_year_are_answered_as_reported() {
    let directory = tempfile::tempdir().unwrap();
    let asked = Asked::new(directory.path());
    let answer = asked.json(&["context-pack", "owner-1", "--actor", "agent-1"]);
    let promises = &answer["pack"]["openCommitments"];
    assert_eq!(
        texts(promises, "dueAt"),
        [
            "0001-01-01T00:00:00Z",
            "2300-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z"
        ]
    );
    let overdue: Vec<bool> = (0..3)
        .map(|it| promises[it]["overdue"] == Value::Bool(true))
        .collect();
    assert_eq!(overdue, [true, false, false]);

    let sheet = asked.text(&["context-pack", "owner-1", "--actor", "agent-1"]);
    assert!(sheet.contains("OVERDUE since 1 Jan 0001,"), "{sheet}");
    assert!(sheet.contains("due 31 Dec 9999"), "{sheet}");
    let story = asked.text(&["timeline", "owner-1"]);
    for told in [
        "(due 9999-12-31 23:59 UTC)",
        "(due 0001-01-01 00:00 UTC)",
        "Appointment booked for 9999-12-31 00:00 UTC",
        "visible from 9999-12-31T00:00:00Z",
    ] {
        assert!(story.contains(told), "{told}\n{story}");
    }
}

#[test]
fn questions_about_any_year_are_answered() {
    let directory = tempfile::tempdir().unwrap();
    let asked = Asked::new(directory.path());
    for as_of in [
        "9999-12-31T23:59:59.999999999Z",
        "2300-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
    ] {
        let inbox = asked.json(&["inbox", "dealer-1", "--as-of", as_of]);
        assert_eq!(inbox["asOf"], as_of);
        let loyalty = asked.json(&["loyalty", "--as-of", as_of]);
        assert_eq!(loyalty["asOf"], as_of);
        let pack = asked.json(&["context-pack", "owner-1", "--actor", "a", "--as-of", as_of]);
        assert_eq!(pack["asOf"], as_of);
    }
    let inbox = asked.json(&["inbox", "dealer-1", "--as-of", "9999-01-05T00:00:00Z"]);
    let spent = inbox["items"][0]["obligation"]["spent"].as_str().unwrap();
    let seconds: i64 = spent.trim_end_matches('s').parse().unwrap();
    // Some 7974 years, of which 64-bit nanoseconds hold 292.
    assert!(seconds > 7_900 * 365 * 86_400, "{spent}");

    // What is planned to be revealed later is hidden now, however late the instant that is asked about.
    let seen = |as_of: &str| {
        let told = [
            "timeline",
            "owner-1",
            "--visible-to",
            "owner",
            "--as-of",
            as_of,
        ];
        let told = asked.text(&told);
        ["Soon", "Last"].map(|title| told.contains(title))
    };
    assert_eq!(seen("4999-12-31T23:59:59Z"), [false, false]);
    assert_eq!(seen("5000-01-01T00:00:00Z"), [false, false]);
    assert_eq!(seen("9999-12-31T00:00:00Z"), [false, false]);
    let first = asked.text(&["timeline", "owner-1", "--as-of", "0001-01-01"]);
    assert!(first.contains("0001-01-01"), "{first}");
    // A period of far years holds nothing, and is no mistake.
    asked.text(&[
        "timeline",
        "owner-1",
        "--from",
        "3000-01-01",
        "--until",
        "4000-01-01",
    ]);
}
