//! When a view answers: not before it has reached the head that the log had when the view was opened, but exactly as of
//! any position that it has reached.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use ownerline_projections::timeline;

use super::world::{Log, PATIENCE, Running};
use crate::derived::{DerivedFaults, Latch};
use crate::projector::{ProjectorOptions, Required, SnapshotError, ViewState, WaitError};
use crate::store::Position;

const ENOSPC: i32 = 28;
const BRIEFLY: Duration = Duration::from_millis(5);
const NOW: Required = Required::Now(Position::START);

async fn filled() -> Arc<Log> {
    let log = Log::new();
    for id in ["a", "b", "c", "d", "e", "f"] {
        log.append(id).await;
    }
    log
}

/// A timeline whose folds are held beyond a position, and the latch that holds them.
async fn held_beyond(
    log: &Arc<Log>,
    data: &std::path::Path,
    position: u64,
) -> (Running, DerivedFaults, Latch) {
    let latch = Latch::default();
    latch.close_beyond(position);
    let options = Running::options(data);
    let faults = DerivedFaults {
        folds: Some(latch.gate()),
        ..options.faults.clone()
    };
    let options = ProjectorOptions {
        faults: faults.clone(),
        ..options
    };
    let running = Running::start_with(log, vec![timeline::VIEW], options).await;
    (running.unwrap(), faults, latch)
}

fn behind(running: &Running, required: Required) -> Option<(Position, Position)> {
    match running.handle.snapshots(["timeline"], required) {
        Ok(_) => None,
        Err(SnapshotError::Behind {
            reached, wanted, ..
        }) => Some((reached, wanted)),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_answers_from_the_head_that_the_log_had_when_it_was_opened() {
    let (log, data) = (filled().await, tempfile::tempdir().unwrap());
    let (running, _, latch) = held_beyond(&log, data.path(), 2).await;
    let standing = running
        .until("timeline", |s| s.position == Position(2))
        .await;
    assert_eq!(standing.answers_from, Some(Position(6)));
    assert_eq!(standing.catch_up_events(), 4);
    let half = (Position(2), Position(6));
    assert_eq!(behind(&running, NOW), Some(half));
    let (reached, wanted) = half;
    assert_eq!(
        running.handle.wait_for("timeline", NOW, BRIEFLY).await,
        Err(WaitError::TimedOut { reached, wanted })
    );

    assert_eq!(behind(&running, Required::KnownAt(Position(2))), None);
    let later = Required::KnownAt(Position(3));
    assert_eq!(behind(&running, later), Some((Position(2), Position(3))));

    log.append("g").await;
    log.append("h").await;
    let mut changes = running.handle.changes();
    changes.mark_unchanged();
    latch.close_beyond(6);
    running.reaches("timeline", Position(6)).await;
    let told = tokio::time::timeout(PATIENCE, changes.changed()).await;
    told.expect("that it answers is a change").unwrap();
    let answering = running.status("timeline");
    assert_eq!((answering.lag_events, answering.answers_from), (2, None));
    assert_eq!(behind(&running, NOW), None, "what came later is mere lag");
    latch.open();
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_is_up_to_date_answers_at_once() {
    let (log, data) = (filled().await, tempfile::tempdir().unwrap());
    let (first, _, latch) = held_beyond(&log, data.path(), 6).await;
    first.reaches("timeline", Position(6)).await;
    first.stop().await;
    latch.open();
    let (second, _, latch) = held_beyond(&log, data.path(), 0).await;
    assert_eq!(second.status("timeline").answers_from, None);
    assert_eq!(behind(&second, NOW), None);
    latch.open();
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_is_built_anew_in_its_place_answers_from_the_head_of_then() {
    let (log, data) = (filled().await, tempfile::tempdir().unwrap());
    let (running, faults, latch) = held_beyond(&log, data.path(), 6).await;
    running.reaches("timeline", Position(6)).await;
    faults.writes.set(ENOSPC);
    latch.close_beyond(8);
    log.append("g").await;
    running
        .until("timeline", |s| s.state == ViewState::Retrying)
        .await;
    assert_eq!(behind(&running, NOW), None, "it answers as of where it is");
    latch.close_beyond(2);
    fs::remove_dir_all(data.path().join("views")).unwrap();
    faults.writes.set(0);
    let anew = running
        .until("timeline", |s| s.position == Position(2))
        .await;
    assert_eq!(anew.answers_from, Some(Position(7)));
    assert_eq!(behind(&running, NOW), Some((Position(2), Position(7))));
    latch.open();
    let reached = running.handle.wait_for("timeline", NOW, PATIENCE).await;
    assert_eq!((reached, behind(&running, NOW)), (Ok(()), None));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_cannot_go_on_before_it_answers_says_why() {
    let (log, data) = (filled().await, tempfile::tempdir().unwrap());
    let (running, faults, latch) = held_beyond(&log, data.path(), 2).await;
    running
        .until("timeline", |s| s.position == Position(2))
        .await;
    faults.writes.set(ENOSPC);
    latch.open();
    running
        .until("timeline", |s| s.state == ViewState::Retrying)
        .await;
    let waited = running.handle.wait_for("timeline", NOW, BRIEFLY).await;
    assert!(
        matches!(waited, Err(WaitError::Retrying { .. })),
        "{waited:?}"
    );
    faults.writes.set(0);
    let reached = running.handle.wait_for("timeline", NOW, PATIENCE).await;
    assert_eq!(reached, Ok(()));
    running.stop().await;
}
