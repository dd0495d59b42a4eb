//! Files of the index and the views, damaged between runs: they are rebuilt or refused, and no answer ever
//! changes.

use std::fs;
use std::path::{Path, PathBuf};

use ownerline_proto::v1::{GetTimelineRequest, GetTimelineResponse, Touchpoint};

use crate::generated::{history, owners};
use crate::support::{Dice, Server, all_of};

/// Runs with damage in between, unless this variable says how many.
const ROUNDS: u64 = 12;
const ROUNDS_VARIABLE: &str = "OWNERLINE_DAMAGES";

/// Every file below a directory, in a fixed order.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Flips bytes of a file, cuts it short, or removes it; says what it did.
fn damage(path: &Path, dice: &mut Dice) -> String {
    let mut bytes = fs::read(path).unwrap();
    let what = match dice.below(4) {
        0 => {
            fs::remove_file(path).unwrap();
            return format!("{} removed", path.display());
        }
        1 => {
            bytes.truncate(dice.below(bytes.len().max(1)));
            "cut short"
        }
        _ if bytes.is_empty() => "left empty",
        _ => {
            for _ in 0..=dice.below(8) {
                let at = dice.below(bytes.len());
                bytes[at] ^= 1 << dice.below(8);
            }
            "changed"
        }
    };
    fs::write(path, bytes).unwrap();
    format!("{} {what}", path.display())
}

async fn timeline(
    server: &Server,
    owner: &str,
    at_least: &str,
) -> Result<GetTimelineResponse, String> {
    let request = GetTimelineRequest {
        at_least: at_least.to_owned(),
        as_of: Some(ownerline_proto::time::timestamp(i64::MAX / 2)),
        ..all_of(owner)
    };
    server
        .timeline(request)
        .await
        .map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_files_of_index_and_views_never_change_an_answer() {
    let data = tempfile::tempdir().unwrap();
    let history = history(11);
    let owners: Vec<String> = owners(&history).into_iter().take(12).collect();
    let server = Server::start_in(data.path()).await;
    server.import(history.clone()).await;
    let head = server.head().await;
    let mut expected = Vec::new();
    for owner in &owners {
        expected.push(timeline(&server, owner, &head).await.unwrap());
    }
    server.stop().await;
    let mut dice = Dice(11);
    let mut refused = 0;
    let rounds = std::env::var(ROUNDS_VARIABLE).ok();
    let rounds = rounds.and_then(|rounds| rounds.parse().ok());
    for round in 0..rounds.unwrap_or(ROUNDS) {
        let derived = if round % 2 == 0 { "index" } else { "views" };
        let files = files(&data.path().join(derived));
        let mut done = Vec::new();
        for _ in 0..=dice.below(3) {
            let path = &files[dice.below(files.len())];
            if path.exists() {
                done.push(damage(path, &mut dice));
            }
        }
        let server = Server::start_in(data.path()).await;
        for (owner, expected) in owners.iter().zip(&expected) {
            match timeline(&server, owner, &head).await {
                Ok(answer) => {
                    assert_eq!(answer.entries, expected.entries, "{owner} after {done:?}")
                }
                // Said, not guessed; the next start builds it anew.
                Err(error) => {
                    println!("{owner} after {done:?}: {error}");
                    refused += 1;
                }
            }
        }
        // A retry is known whatever became of the index.
        let again: Vec<Touchpoint> = history.iter().step_by(97).cloned().collect();
        for result in server.import(again).await {
            use ownerline_proto::v1::record_result::Result as Outcome;
            match result.result {
                Some(Outcome::Recorded(recorded)) => {
                    assert!(recorded.replayed, "stored twice after {done:?}");
                }
                other => println!("after {done:?}: {other:?}"),
            }
        }
        assert_eq!(server.head().await, head, "after {done:?}");
        server.stop().await;
    }
    println!("{refused} answers were refused");
    let server = Server::start_in(data.path()).await;
    for (owner, expected) in owners.iter().zip(&expected) {
        let answer = timeline(&server, owner, &head).await.unwrap();
        assert_eq!(answer.entries, expected.entries, "{owner}");
    }
    server.stop().await;
}
