//! An import continues where a killed server left it. `kills.rs` tests what must survive any kill.

use ownerline_proto::cloudevents::to_line;

use crate::process::{Served, ownerline, run, stderr, stdout};
use crate::real_data::{TOUCHPOINTS, helpdesk_file};
use crate::support::{NOW, feedback};

fn imported(file: &std::path::Path, url: &str) -> (u64, u64) {
    let output = run(&["import", file.to_str().unwrap(), "--json", "--server", url]);
    let summary: serde_json::Value =
        serde_json::from_str(&stdout(&output)).unwrap_or_else(|_| panic!("{}", stderr(&output)));
    (
        summary["stored"].as_u64().unwrap(),
        summary["replayed"].as_u64().unwrap(),
    )
}

/// Kills the server in the middle of an import, starts it again, and imports the file again.
fn import_across_a_kill(file: &std::path::Path, touchpoints: u64) {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(directory.path());
    let mut import = ownerline()
        .args(["import", file.to_str().unwrap(), "--server", served.url()])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let data = directory.path().to_str().unwrap().to_owned();
    let count = || {
        let stat = run(&["log", "stat", "--json", "--data", &data]);
        serde_json::from_str::<serde_json::Value>(&stdout(&stat))
            .map_or(0, |stat| stat["touchpoints"].as_u64().unwrap_or_default())
    };
    for _ in 0..10_000 {
        if count() > touchpoints / 10 {
            break;
        }
    }
    served.kill();
    import.kill().unwrap();
    import.wait().unwrap();
    let middle = count();
    assert!(middle > 0, "the import had begun");
    let served = Served::start(directory.path());
    let (stored, replayed) = imported(file, served.url());
    assert_eq!((stored, replayed), (touchpoints - middle, middle));
    assert_eq!(imported(file, served.url()), (0, touchpoints));
    assert_eq!(served.terminate(), Some(0));
    assert_eq!(count(), touchpoints);
}

#[test]
fn an_import_goes_on_after_the_server_was_killed() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("history.ndjson");
    let lines: String = (0..20_000)
        .map(|number| to_line(&feedback("owner-1", &number.to_string(), NOW)).unwrap() + "\n")
        .collect();
    std::fs::write(&file, lines).unwrap();
    import_across_a_kill(&file, 20_000);
}

#[test]
fn real_data_is_there_exactly_once_after_a_kill_in_the_middle() {
    let Some(file) = helpdesk_file() else { return };
    import_across_a_kill(&file, TOUCHPOINTS as u64);
}
