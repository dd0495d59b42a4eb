//! A wrong import retracted on the command line: counted, once, and nothing else with it.

use std::path::Path;

use ownerline_proto::cloudevents::to_line;
use ownerline_proto::time;

use crate::process::{Served, run, stderr, stdout};
use crate::support::{NOW, all_of, feedback};

/// Imports feedback of a source, one every second.
fn import(served: &Served, folder: &Path, source: &str, ids: std::ops::Range<i64>) {
    let line = |number: i64| {
        let mut touchpoint = feedback("owner-1", &format!("{source}-{number}"), NOW + number);
        touchpoint.source = format!("//{source}");
        touchpoint.received_at = Some(time::timestamp((NOW + number) * 1_000_000_000));
        to_line(&touchpoint).unwrap() + "\n"
    };
    let file = folder.join(format!("{source}.ndjson"));
    std::fs::write(&file, ids.map(line).collect::<String>()).unwrap();
    let imported = run(&["import", file.to_str().unwrap(), "--server", served.url()]);
    assert!(imported.status.success(), "{}", stderr(&imported));
}

fn retract(served: &Served, more: &[&str]) -> (Option<i32>, serde_json::Value) {
    let mut arguments = vec!["retract", "--source", "//wrong", "--json"];
    arguments.extend(["--server", served.url()]);
    arguments.extend(more);
    let output = run(&arguments);
    let text = stdout(&output);
    let counts = serde_json::from_str(&text);
    let counts = counts.unwrap_or_else(|error| panic!("{error}: {text} {}", stderr(&output)));
    (output.status.code(), counts)
}

/// How many feedbacks of a source count.
async fn in_force(served: &Served, source: &str) -> usize {
    let page = served
        .remote()
        .await
        .timeline(all_of("owner-1"))
        .await
        .unwrap();
    let counts = page.entries.into_iter().filter(|entry| {
        let touchpoint = entry
            .recorded
            .as_ref()
            .unwrap()
            .touchpoint
            .as_ref()
            .unwrap();
        entry.standing == 1 && touchpoint.source == format!("//{source}")
    });
    counts.count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_import_is_taken_back_once_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(&directory.path().join("data"));
    import(&served, directory.path(), "wrong", 0..120);
    import(&served, directory.path(), "right", 0..30);
    // An import waits until every answer has it.
    assert_eq!(in_force(&served, "wrong").await, 120);

    let (code, counts) = retract(&served, &["--dry-run"]);
    assert_eq!(code, Some(0));
    assert_eq!(
        (&counts["found"], &counts["retracted"]),
        (&120.into(), &120.into())
    );
    assert_eq!(
        in_force(&served, "wrong").await,
        120,
        "a dry run records nothing"
    );

    let instant = |seconds: i64| {
        let text = serde_json::to_value(time::timestamp((NOW + seconds) * 1_000_000_000));
        text.unwrap().as_str().unwrap().to_owned()
    };
    let period = ["--from", &instant(10), "--to", &instant(20)];
    let (_, counts) = retract(&served, &period);
    assert_eq!(
        (&counts["found"], &counts["retracted"]),
        (&10.into(), &10.into())
    );
    assert_eq!(in_force(&served, "wrong").await, 110);

    let (code, counts) = retract(&served, &[]);
    assert_eq!(code, Some(0));
    assert_eq!(
        (
            &counts["found"],
            &counts["retracted"],
            &counts["retractedBefore"]
        ),
        (&120.into(), &110.into(), &10.into())
    );
    let (code, counts) = retract(&served, &["--reason", "another"]);
    assert_eq!(code, Some(0));
    assert_eq!(
        (
            &counts["retracted"],
            &counts["retractedBefore"],
            &counts["refused"]
        ),
        (&0.into(), &120.into(), &0.into())
    );
    assert_eq!(in_force(&served, "wrong").await, 0);
    assert_eq!(in_force(&served, "right").await, 30);
}
