//! Faults of the views' database that pass: no view stops, each says why it waits, and goes on by itself.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use ownerline_projections::fold::ViewDef;
use ownerline_projections::timeline;

use super::world::{Counting, Log, PATIENCE, Running};
use crate::derived::DerivedFaults;
use crate::projector::{ProjectorOptions, RebuildPhase, Required, ViewState, WaitError};
use crate::store::Position;

const EMFILE: i32 = 24;
const ENOSPC: i32 = 28;

fn views() -> Vec<ViewDef> {
    vec![
        Counting::view(&Arc::new(AtomicUsize::new(0))),
        timeline::VIEW,
    ]
}

/// Views over a directory, and the switch of their faults.
async fn started(
    log: &Arc<Log>,
    data: &Path,
    begin: impl FnOnce(&DerivedFaults),
) -> (Running, DerivedFaults) {
    let options: ProjectorOptions = Running::options(data);
    let faults = options.faults.clone();
    begin(&faults);
    let running = Running::start_with(log, views(), options).await;
    (running.expect("it starts whatever passes"), faults)
}

/// A file that only building all views anew removes.
fn sentinel(data: &Path) -> std::path::PathBuf {
    data.join("views").join("sentinel")
}

async fn retries_and_recovers(fault: impl Fn(&DerivedFaults, i32), number: i32) {
    let (log, data) = (Log::new(), tempfile::tempdir().unwrap());
    let (running, faults) = started(&log, data.path(), |_| {}).await;
    std::fs::write(sentinel(data.path()), "").unwrap();
    log.append("a").await;
    running.reaches("timeline", Position(1)).await;
    fault(&faults, number);
    for id in ["b", "c", "d"] {
        log.append(id).await;
    }
    for view in ["counting", "timeline"] {
        let waiting = running
            .until(view, |s| s.state == ViewState::Retrying)
            .await;
        assert_eq!((waiting.position, waiting.lag_events), (Position(1), 3));
        let told = waiting.last_error.unwrap();
        assert_eq!((told.position, told.at), (Position(1), 7_000));
        assert!(
            told.message.contains(&format!("code: {number}"))
                || told.message.contains(&format!("os error {number}")),
            "{told:?}"
        );
    }
    let soon = std::time::Duration::from_millis(20);
    let waited = running
        .handle
        .wait_for("timeline", Required::KnownAt(Position(4)), soon)
        .await;
    assert!(
        matches!(waited, Err(WaitError::TimedOut { .. })),
        "{waited:?}"
    );
    fault(&faults, 0);
    running.reaches("timeline", Position(4)).await;
    running.reaches("counting", Position(4)).await;
    let live = running
        .until("timeline", |s| s.state == ViewState::Live)
        .await;
    assert_eq!((live.last_error, live.applied_count), (None, 4));
    assert_eq!(running.page().rows.len(), 4);
    assert!(sentinel(data.path()).exists(), "nothing was built anew");
    running.stop().await;
}

#[tokio::test]
async fn views_without_room_say_so_and_go_on_by_themselves() {
    retries_and_recovers(|faults, number| faults.writes.set(number), ENOSPC).await;
}

#[tokio::test]
async fn folds_that_find_no_descriptors_stop_no_view() {
    retries_and_recovers(|faults, number| faults.reads.set(number), EMFILE).await;
}

#[tokio::test]
async fn views_that_cannot_be_opened_for_the_moment_are_not_rebuilt() {
    let (log, data) = (Log::new(), tempfile::tempdir().unwrap());
    log.append("a").await;
    let (first, _) = started(&log, data.path(), |_| {}).await;
    first.reaches("timeline", Position(1)).await;
    first.stop().await;
    std::fs::write(sentinel(data.path()), "").unwrap();
    let (running, faults) = started(&log, data.path(), |faults| faults.writes.set(EMFILE)).await;
    running
        .until("timeline", |s| s.state == ViewState::Retrying)
        .await;
    assert!(
        running.handle.snapshot("timeline").is_err(),
        "there is nothing to read"
    );
    faults.writes.set(0);
    running.reaches("timeline", Position(1)).await;
    assert_eq!(running.page().rows.len(), 1);
    assert!(sentinel(data.path()).exists(), "nothing was built anew");
    running.stop().await;
}

#[tokio::test]
async fn a_snapshot_that_is_held_only_delays_the_recovery() {
    let (log, data) = (Log::new(), tempfile::tempdir().unwrap());
    let (running, faults) = started(&log, data.path(), |_| {}).await;
    log.append("a").await;
    running.reaches("timeline", Position(1)).await;
    let held = running.handle.snapshot("timeline").unwrap();
    faults.writes.set(ENOSPC);
    log.append("b").await;
    running
        .until("timeline", |s| s.state == ViewState::Retrying)
        .await;
    faults.writes.set(0);
    running
        .until("timeline", |s| {
            s.last_error
                .as_ref()
                .is_some_and(|error| error.message.contains("in use"))
        })
        .await;
    assert_eq!(held.position(), Position(1), "whoever reads, reads on");
    drop(held);
    running.reaches("timeline", Position(2)).await;
    running.stop().await;
}

#[tokio::test]
async fn a_rebuild_waits_out_a_fault_with_the_views_and_takes_over_after_it() {
    let (log, data) = (Log::new(), tempfile::tempdir().unwrap());
    let (running, faults) = started(&log, data.path(), |_| {}).await;
    for id in ["a", "b", "c"] {
        log.append(id).await;
    }
    running.reaches("timeline", Position(3)).await;
    faults.writes.set(ENOSPC);
    let mut rebuilt = running.handle.rebuild(&["timeline".to_owned()]).unwrap();
    log.append("d").await;
    running
        .until("timeline", |s| s.state == ViewState::Retrying)
        .await;
    faults.writes.set(0);
    let over = running.over(rebuilt.remove(0)).await;
    assert_eq!(over.phase, RebuildPhase::Done, "{over:?}");
    assert_eq!(
        running
            .handle
            .wait_for("timeline", Required::KnownAt(Position(4)), PATIENCE)
            .await,
        Ok(())
    );
    assert_eq!(running.page().rows.len(), 4);
    running.stop().await;
}

#[tokio::test]
async fn views_that_never_recover_end_on_cancellation() {
    let (log, data) = (Log::new(), tempfile::tempdir().unwrap());
    let (running, _faults) = started(&log, data.path(), |faults| faults.writes.set(ENOSPC)).await;
    running
        .until("timeline", |s| s.state == ViewState::Retrying)
        .await;
    running.stop().await;
}
