//! Rebuilds beside the running views: equal, while the log grows and readers read, cancelled, cut off and
//! gone on with.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ownerline_projections::corrections;
use ownerline_projections::fold::ViewDef;
use ownerline_projections::timeline;

use super::world::{Counting, Log, PATIENCE, Running};
use crate::projector::{ProjectorOptions, RebuildError, RebuildPhase, Required, Verdict};
use crate::store::Position;

async fn filled(count: usize) -> Arc<Log> {
    let log = Log::new();
    append(&log, 0..count).await;
    log
}

async fn append(log: &Arc<Log>, ids: std::ops::Range<usize>) -> Position {
    let mut last = Position::START;
    for id in ids {
        last = log.append(&format!("{id:05}")).await;
    }
    last
}

fn both() -> Vec<ViewDef> {
    vec![corrections::VIEW, timeline::VIEW]
}

/// The number of keyspaces on the disk, including that of fjall and that of the records.
fn keyspaces(data: &Path) -> usize {
    fs::read_dir(data.join("views/keyspaces")).unwrap().count()
}

#[tokio::test]
async fn a_rebuilt_view_equals_the_one_that_served_byte_for_byte() {
    let (log, data) = (filled(100).await, tempfile::tempdir().unwrap());
    let running = Running::start(&log, data.path(), both()).await;
    running.reaches("timeline", Position(100)).await;
    running.reaches("corrections", Position(100)).await;
    let before = ["timeline", "corrections"].map(|view| running.state(view));
    let hash = running.status("timeline").applied_hash;
    for generation in 2..5 {
        for status in running.rebuilt(&[]).await {
            assert_eq!(status.phase, RebuildPhase::Done);
            assert_eq!(status.generation, generation);
            let compared = status.compared.unwrap();
            assert_eq!(compared.verdict, Verdict::Equal);
            assert_eq!((compared.former, compared.count), (generation - 1, 100));
            assert_eq!((&compared.hash, &compared.former_hash), (&hash, &hash));
        }
        let after = ["timeline", "corrections"].map(|view| running.state(view));
        assert_eq!(after, before);
        assert_eq!(running.status("timeline").generation, generation);
    }
    let next = log.append("next").await;
    running.reaches("timeline", next).await;
    assert_eq!(running.page().rows[0].key.id, "next");
    assert_eq!(keyspaces(data.path()), 4, "former generations are gone");
    running.stop().await;

    let again = Running::start(&log, data.path(), both()).await;
    let status = again.status("timeline");
    assert_eq!((status.generation, status.position), (4, next));
    assert_eq!(status.compared.unwrap().verdict, Verdict::Equal);
    again.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rebuilds_under_appends_and_reads_take_nothing_from_anybody() {
    let (log, data) = (filled(50).await, tempfile::tempdir().unwrap());
    let running = Running::timeline(&log, data.path()).await;
    running.reaches("timeline", Position(50)).await;
    let held = running.handle.snapshot("timeline").unwrap();
    let handle = running.handle.clone();
    let reading = tokio::spawn(async move {
        let mut last = Position::START;
        for id in 50..400 {
            let position = log.append(&format!("{id:05}")).await;
            handle
                .wait_for("timeline", Required::KnownAt(position), PATIENCE)
                .await
                .unwrap();
            let snapshot = handle.snapshot("timeline").unwrap();
            assert!(snapshot.position() >= position, "it is read as written");
            assert!(snapshot.position() >= last, "it never goes back");
            last = snapshot.position();
        }
    });
    let mut rebuilds = 0;
    while !reading.is_finished() || rebuilds < 3 {
        for status in running.rebuilt(&["timeline"]).await {
            assert_eq!(status.compared.unwrap().verdict, Verdict::Equal);
        }
        rebuilds += 1;
    }
    reading.await.unwrap();
    running.reaches("timeline", Position(400)).await;
    assert_eq!(running.status("timeline").applied_count, 400);
    assert_eq!(held.position(), Position(50));
    running.stop().await;
}

#[tokio::test]
async fn a_cancelled_rebuild_leaves_nothing_and_the_view_serves_on() {
    let (log, data) = (filled(20).await, tempfile::tempdir().unwrap());
    let running = Running::start(&log, data.path(), both()).await;
    running.reaches("timeline", Position(20)).await;
    // A log that does not answer holds it where it is.
    log.unreadable.store(true, Ordering::SeqCst);
    let names = ["timeline".to_owned()];
    let [status] = running.handle.rebuild(&names).unwrap().try_into().unwrap();
    let [same] = running.handle.rebuild(&names).unwrap().try_into().unwrap();
    assert!(
        same.same_channel(&status),
        "one rebuild of a view at a time"
    );
    let ending = running.handle.cancel_rebuild(&[]).unwrap();
    assert_eq!(ending.len(), 1, "only what runs is cancelled");
    assert_eq!(running.over(status).await.phase, RebuildPhase::Cancelled);
    log.unreadable.store(false, Ordering::SeqCst);
    assert_eq!(keyspaces(data.path()), 4);
    assert_eq!(running.status("timeline").generation, 1);
    assert!(running.handle.cancel_rebuild(&[]).unwrap().is_empty());
    let unknown = running
        .handle
        .rebuild(&["timeline".to_owned(), "nothing".to_owned()]);
    let unknown = unknown.err();
    assert!(matches!(
        unknown,
        Some(RebuildError::UnknownView { index: 1, .. })
    ));
    // A number is never used twice.
    assert_eq!(running.rebuilt(&["timeline"]).await[0].generation, 3);
    running.stop().await;
}

#[tokio::test]
async fn a_rebuild_cut_off_by_a_restart_goes_on_where_it_was() {
    let (log, data) = (filled(40).await, tempfile::tempdir().unwrap());
    let calls = Arc::new(AtomicUsize::new(0));
    let first = Running::start(&log, data.path(), vec![Counting::view(&calls)]).await;
    first.reaches("counting", Position(40)).await;
    log.readable_until(Position(30));
    let begun = first.handle.rebuild(&[]).unwrap();
    let mut status = begun.into_iter().next().unwrap();
    let folded = status.wait_for(|status| status.position == Position(30));
    folded.await.unwrap();
    first.stop().await;
    assert_eq!(calls.load(Ordering::SeqCst), 70);

    log.readable_until(Position(u64::MAX));
    let second = Running::start(&log, data.path(), vec![Counting::view(&calls)]).await;
    let resumed = second
        .until("counting", |status| status.generation == 2)
        .await;
    assert_eq!(resumed.compared.unwrap().verdict, Verdict::Equal);
    assert!(second.status("counting").rebuild.unwrap().resumed);
    assert_eq!(calls.load(Ordering::SeqCst), 80, "30 were not folded again");
    second.stop().await;
}

#[tokio::test]
async fn views_far_behind_catch_up_in_bulk_to_the_same_state() {
    let (log, plain, bulk) = (
        filled(200).await,
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    let slowly = Running::start(&log, plain.path(), both()).await;
    slowly.reaches("timeline", Position(200)).await;
    slowly.reaches("corrections", Position(200)).await;
    let options = ProjectorOptions {
        bulk_events: 10,
        ..Running::options(bulk.path())
    };
    let quickly = Running::start_with(&log, both(), options).await.unwrap();
    quickly.reaches("timeline", Position(200)).await;
    quickly.reaches("corrections", Position(200)).await;
    for view in ["timeline", "corrections"] {
        assert_eq!(quickly.state(view), slowly.state(view));
    }
    let last = append(&log, 200..230).await;
    quickly.reaches("timeline", last).await;
    assert_eq!(quickly.status("timeline").applied_count, 230);
    quickly.stop().await;
    slowly.stop().await;
}
