//! Signals: they count from the first instant, and SIGHUP only asks for the configuration to be read again.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::{Served, begin_to_serve, text};
use crate::support::{NOW, feedback};

/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// Waits until the log says something, and returns all of it.
fn until_told(served: &Served, what: &str) -> String {
    let begun = Instant::now();
    loop {
        let told = served.told();
        if told.contains(what) {
            return told;
        }
        assert!(begun.elapsed() < PATIENCE, "{what:?} is not in {told}");
        std::thread::yield_now();
    }
}

#[test]
fn a_signal_during_the_start_ends_it_at_once() {
    for name in ["-TERM", "-INT"] {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        fs::create_dir(&data).unwrap();
        // Said behind the handlers of signals, and before the log is opened.
        fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).unwrap();
        // Opening it waits for somebody to write to it: a start that takes for ever.
        let made = Command::new("mkfifo").arg(data.join("log.db")).status();
        assert!(made.unwrap().success());
        let told = tempfile::tempfile().unwrap();
        let mut child = begin_to_serve(&data)
            .stdout(Stdio::null())
            .stderr(told.try_clone().unwrap())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while !text(&told).contains("data directory") {
            assert!(begun.elapsed() < PATIENCE, "it says nothing");
            std::thread::yield_now();
        }
        signal(&child, name);
        let begun = Instant::now();
        let code = loop {
            if let Some(ended) = child.try_wait().unwrap() {
                break ended.code();
            }
            if begun.elapsed() > PATIENCE {
                child.kill().unwrap();
            }
            std::thread::yield_now();
        };
        assert_eq!(code, Some(0), "{name}: {}", text(&told));
        assert!(
            text(&told).contains("stopped before it served"),
            "{}",
            text(&told)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hangup_changes_the_filter_of_the_log_and_ends_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ownerline.toml");
    let write = |text: &str| fs::write(&file, text).unwrap();
    write("[telemetry]\nfilter = \"info\"\n");
    let path = file.display().to_string();
    let served = Served::start_with(
        &directory.path().join("data"),
        &[("OWNERLINE_CONFIG", &path)],
    );
    let remote = served.remote().await;
    remote.record(feedback("owner-1", "1", NOW)).await.unwrap();
    assert!(!served.told().contains("answered"), "{}", served.told());

    write("[telemetry]\nfilter = \"ownerline=debug\"\n[limits]\npage_entries = 7\n");
    served.signal("-HUP");
    let told = until_told(&served, "configuration read again");
    assert!(told.contains("limits.page_entries"), "{told}");
    remote.record(feedback("owner-1", "2", NOW)).await.unwrap();
    until_told(&served, "answered");

    write("[telemetry]\nfilter = \"info\"\nshout = true\n");
    served.signal("-HUP");
    let told = until_told(&served, "configuration cannot be used");
    assert!(told.contains("telemetry.shout"), "{told}");
    // It serves on, as before.
    remote.record(feedback("owner-1", "3", NOW)).await.unwrap();
    drop(remote);
    served.ask_to_end();
    let (code, told) = served.ended();
    assert_eq!(code, Some(0), "{told}");
}
