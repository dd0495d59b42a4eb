//! `log backup` as people and schedules use it: beside a busy server, killed, damaged, refused.

use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ownerline::app::LogReader;
use ownerline_proto::cloudevents::to_line;
use ownerline_proto::v1::RecordRequest;
use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;

use crate::process::{Served, ownerline, run, stderr, stdout};
use crate::support::{Dice, NOW, feedback};

/// Longer than any of this takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(120);

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn back_up(data: &Path, to: &Path) -> Output {
    run(&[
        "log",
        "backup",
        "--json",
        "--data",
        text(data),
        "--to",
        text(to),
    ])
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_str(&stdout(output)).unwrap_or_else(|_| panic!("{}", stderr(output)))
}

/// The output of `log verify` for an intact directory.
fn verified(data: &Path) -> serde_json::Value {
    let found = run(&["log", "verify", "--json", "--data", text(data)]);
    assert_eq!(
        found.status.code(),
        Some(0),
        "{}{}",
        stdout(&found),
        stderr(&found)
    );
    json(&found)
}

fn cat(data: &Path) -> String {
    let cat = run(&["log", "cat", "--json", "--data", text(data)]);
    assert!(cat.status.success(), "{}", stderr(&cat));
    stdout(&cat)
}

fn import(directory: &Path, count: i64, url: &str) {
    let file = directory.join("history.ndjson");
    let line = |n: i64| to_line(&feedback("owner-1", &n.to_string(), NOW + n)).unwrap() + "\n";
    fs::write(&file, (0..count).map(line).collect::<String>()).unwrap();
    let imported = run(&["import", text(&file), "--server", url]);
    assert!(imported.status.success(), "{}", stderr(&imported));
}

async fn record_until(url: String, client: u64, enough: Arc<AtomicBool>) -> u64 {
    let mut service = TouchpointServiceClient::connect(url).await.unwrap();
    let mut recorded = 0;
    while !enough.load(Ordering::SeqCst) {
        let id = format!("{client}-{recorded}");
        let request = RecordRequest {
            touchpoint: Some(feedback("owner-1", &id, NOW)),
            ..RecordRequest::default()
        };
        service.record(request).await.unwrap();
        recorded += 1;
    }
    recorded
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn incremental_backups_of_a_busy_server_end_equal_to_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let (data, backup) = (
        directory.path().join("data"),
        directory.path().join("backup"),
    );
    let served = Served::start(&data);
    let enough = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..4)
        .map(|client| {
            tokio::spawn(record_until(
                served.url().to_owned(),
                client,
                enough.clone(),
            ))
        })
        .collect();
    let (mut copied, mut grew, began) = (0, 0, Instant::now());
    // Several runs that find something new, however fast they are.
    while grew < 4 {
        assert!(
            began.elapsed() < PATIENCE,
            "{grew} runs found something new"
        );
        let (from, to) = (data.clone(), backup.clone());
        let run = tokio::task::spawn_blocking(move || back_up(&from, &to))
            .await
            .unwrap();
        assert_eq!(run.status.code(), Some(0), "{}", stderr(&run));
        let told = json(&run);
        let now = told["copied"].as_u64().unwrap();
        assert_eq!(told["touchpoints"].as_u64(), Some(copied + now));
        copied += now;
        grew += u64::from(now > 0);
    }
    enough.store(true, Ordering::SeqCst);
    let mut recorded = 0;
    for client in clients {
        recorded += client.await.unwrap();
    }
    let last = json(&back_up(&data, &backup));
    assert_eq!(last["touchpoints"].as_u64(), Some(recorded));
    assert_eq!(served.terminate(), Some(0));
    assert_eq!(cat(&data), cat(&backup));
    let (of_log, of_backup) = (verified(&data), verified(&backup));
    assert_eq!(of_log["certificate"], of_backup["certificate"]);
    assert_eq!(of_backup["certificate"], last["certificate"]);
}

/// The last position of a backup; an error if it is not there yet, or cannot be read.
fn position(backup: &Path) -> Result<u64, String> {
    let log = LogReader::open(backup).map_err(|error| error.to_string())?;
    let head = log.head().map_err(|error| error.to_string())?;
    Ok(head.position.0)
}

#[test]
fn a_backup_killed_at_any_moment_is_sound_and_goes_on_to_an_equal_end() {
    const TOUCHPOINTS: i64 = 30_000;
    let directory = tempfile::tempdir().unwrap();
    let (data, backup) = (
        directory.path().join("data"),
        directory.path().join("backup"),
    );
    let served = Served::start(&data);
    import(directory.path(), TOUCHPOINTS, served.url());
    let mut dice = Dice(11);
    let (mut reached, mut is_there) = (0, false);
    for _ in 0..8 {
        let mut running = ownerline()
            .args([
                "log",
                "backup",
                "--data",
                text(&data),
                "--to",
                text(&backup),
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Another instant of its work each time, before, in and after a group.
        std::thread::sleep(Duration::from_millis(dice.below(90) as u64));
        let _ = running.kill();
        running.wait().unwrap();
        let now = match position(&backup) {
            Ok(now) => now,
            // It may not be there yet; once it is, it can be read after any kill.
            Err(error) => {
                assert!(!is_there, "after {reached}: {error}");
                continue;
            }
        };
        is_there = true;
        assert!(
            now >= reached,
            "{now} after {reached}: what was copied stays"
        );
        if now > 0 {
            assert_eq!(verified(&backup)["sound"].as_u64(), Some(now));
        }
        reached = now;
    }
    let last = json(&back_up(&data, &backup));
    assert_eq!(last["touchpoints"].as_u64(), Some(TOUCHPOINTS as u64));
    assert_eq!(last["copied"].as_u64(), Some(TOUCHPOINTS as u64 - reached));
    assert_eq!(served.terminate(), Some(0));
    assert_eq!(cat(&data), cat(&backup));
    assert_eq!(verified(&data)["certificate"], last["certificate"]);
}

#[test]
fn a_restore_killed_at_any_moment_is_no_store_until_it_reached_its_end() {
    let directory = tempfile::tempdir().unwrap();
    let [data, backup, restored] =
        ["data", "backup", "restored"].map(|it| directory.path().join(it));
    let served = Served::start(&data);
    import(directory.path(), 12_000, served.url());
    assert_eq!(served.terminate(), Some(0));
    assert_eq!(back_up(&data, &backup).status.code(), Some(0));
    let mut dice = Dice(12);
    let again = [
        "log",
        "restore",
        "--from",
        text(&backup),
        "--data",
        text(&restored),
    ];
    for _ in 0..6 {
        let mut running = ownerline()
            .args(again)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(dice.below(60) as u64));
        let _ = running.kill();
        let status = running.wait().unwrap();
        let stat = run(&["log", "stat", "--json", "--data", text(&restored)]);
        if status.success() || (stat.status.success() && json(&stat)["role"] == "STORE") {
            break;
        }
        if position(&restored).is_ok_and(|it| it > 0) {
            let refused = run(&[
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--data",
                text(&restored),
            ]);
            assert_eq!(refused.status.code(), Some(1));
            assert!(
                stderr(&refused).contains("unfinished restore"),
                "{}",
                stderr(&refused)
            );
        }
    }
    let last = run(&again);
    assert!(
        last.status.success() || stderr(&last).contains("holds a store"),
        "{}",
        stderr(&last)
    );
    assert_eq!(
        verified(&restored)["certificate"],
        verified(&backup)["certificate"]
    );
    assert_eq!(Served::start(&restored).terminate(), Some(0));
}

#[test]
fn a_damaged_log_is_backed_up_as_far_as_it_is_good_with_exit_code_2() {
    let directory = tempfile::tempdir().unwrap();
    let [data, backup, restored] =
        ["data", "backup", "restored"].map(|it| directory.path().join(it));
    let served = Served::start(&data);
    import(directory.path(), 3_000, served.url());
    assert_eq!(served.terminate(), Some(0));
    let log = data.join("log.db");
    let mut bytes = fs::read(&log).unwrap();
    let middle = bytes.len() / 2 / 4_096 * 4_096;
    bytes[middle..middle + 4_096].fill(0xa5);
    fs::write(&log, bytes).unwrap();
    let stopped = back_up(&data, &backup);
    assert_eq!(stopped.status.code(), Some(2), "{}", stderr(&stopped));
    let told = json(&stopped);
    let good = told["touchpoints"].as_u64().unwrap();
    let at = told["damage"]["position"].as_str().unwrap();
    assert_eq!(u64::from_str_radix(&at[9..], 16).unwrap(), good + 1);
    assert!(good > 0 && good < 3_000, "{told}");
    assert_eq!(verified(&backup)["sound"].as_u64(), Some(good));
    let restore = ["log", "restore", "--data", text(&restored), "--from"];
    let from_log = run(&[&restore[..], &[text(&data)]].concat());
    assert_eq!(from_log.status.code(), Some(2), "{}", stderr(&from_log));
    assert!(
        stdout(&from_log).contains("Nothing was restored"),
        "{}",
        stdout(&from_log)
    );
    // What was good before the damage can be served from its backup.
    let from_backup = run(&[&restore[..], &[text(&backup)]].concat());
    assert_eq!(
        from_backup.status.code(),
        Some(0),
        "{}",
        stderr(&from_backup)
    );
    assert_eq!(Served::start(&restored).terminate(), Some(0));
}

#[test]
fn a_backup_is_not_served_and_a_served_directory_is_no_target() {
    let directory = tempfile::tempdir().unwrap();
    let [data, backup] = ["data", "backup"].map(|it| directory.path().join(it));
    let served = Served::start(&data);
    import(directory.path(), 10, served.url());
    assert_eq!(back_up(&data, &backup).status.code(), Some(0));
    let refused = run(&["serve", "--listen", "127.0.0.1:0", "--data", text(&backup)]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        stderr(&refused).contains("ownerline log restore"),
        "{}",
        stderr(&refused)
    );
    let onto_itself = back_up(&data, &data);
    assert_eq!(onto_itself.status.code(), Some(1));
    assert!(
        stderr(&onto_itself).contains("which is copied, or inside it"),
        "{}",
        stderr(&onto_itself)
    );
    assert_eq!(served.terminate(), Some(0));
    let told = run(&[
        "log",
        "backup",
        "--data",
        text(&data),
        "--to",
        text(&backup),
    ]);
    assert!(
        stdout(&told).contains("0 touchpoints copied"),
        "{}",
        stdout(&told)
    );
    let nowhere = back_up(&directory.path().join("nowhere"), &backup);
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(!directory.path().join("nowhere").exists());
}
