//! Catching up, following the head, waiting, and the status meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ownerline_projections::timeline;

use super::world::{Counting, Log, PATIENCE, Running};
use crate::projector::{OpeningViews, ProjectorError, Required, ViewState, WaitError};
use crate::store::Position;

#[tokio::test]
async fn a_view_catches_up_goes_live_and_follows() {
    let (log, data) = (Log::new(), tempfile::tempdir().unwrap());
    for id in ["a", "b", "c", "d", "e"] {
        log.append(id).await;
    }
    let running = Running::timeline(&log, data.path()).await;
    running.reaches("timeline", Position(5)).await;
    let live = running
        .until("timeline", |s| s.state == ViewState::Live)
        .await;
    assert_eq!((live.position, live.head), (Position(5), Position(5)));
    assert_eq!((live.lag_events, live.lag_nanos), (0, 0));
    assert_eq!((live.applied_count, live.applied_hash.len()), (5, 64));
    assert_eq!(live.last_error, None);

    let position = log.append("f").await;
    running.reaches("timeline", position).await;
    let page = running.page();
    assert_eq!(page.rows[0].key.id, "f");
    assert_eq!(page.rows.len(), 6);
    running.stop().await;
}

#[tokio::test]
async fn views_that_are_being_opened_are_closed_when_dropped() {
    let (log, data) = (Log::new(), tempfile::tempdir().unwrap());
    let options = Running::options(data.path());
    assert!(OpeningViews::begin(&options).is_none(), "there are none");
    Running::timeline(&log, data.path()).await.stop().await;
    for _ in 0..3 {
        // Were one of them still open, the next would be refused.
        drop(OpeningViews::begin(&options).unwrap());
    }
    Running::timeline(&log, data.path()).await.stop().await;
}

#[tokio::test]
async fn a_snapshot_stays_on_its_position() {
    let (log, data) = (Log::new(), tempfile::tempdir().unwrap());
    log.append("a").await;
    let running = Running::timeline(&log, data.path()).await;
    running.reaches("timeline", Position(1)).await;
    let snapshot = running.handle.snapshot("timeline").unwrap();
    log.append("b").await;
    running.reaches("timeline", Position(2)).await;
    assert_eq!(snapshot.position(), Position(1));
    assert_eq!(
        running.handle.snapshot("timeline").unwrap().position(),
        Position(2)
    );
    assert!(running.handle.snapshot("nothing").is_err());
    let any = Required::KnownAt(Position::START);
    let both = running
        .handle
        .snapshots(["timeline", "timeline"], any)
        .unwrap();
    assert_eq!(both.map(|view| view.position()), [Position(2); 2]);
    assert!(
        running
            .handle
            .snapshots(["timeline", "nothing"], any)
            .is_err()
    );
}

#[tokio::test]
async fn a_restart_continues_from_the_checkpoint() {
    let (log, data) = (Log::new(), tempfile::tempdir().unwrap());
    let calls = Arc::new(AtomicUsize::new(0));
    for id in ["a", "b", "c"] {
        log.append(id).await;
    }
    let first = Running::start(&log, data.path(), vec![Counting::view(&calls)]).await;
    first.reaches("counting", Position(3)).await;
    first.stop().await;

    log.append("d").await;
    let second = Running::start(&log, data.path(), vec![Counting::view(&calls)]).await;
    assert!(second.status("counting").position >= Position(3));
    second.reaches("counting", Position(4)).await;
    assert_eq!(second.status("counting").applied_count, 4);
    assert_eq!(calls.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_view_added_later_is_built_from_the_start_while_others_keep_their_place() {
    let (log, data) = (Log::new(), tempfile::tempdir().unwrap());
    let calls = Arc::new(AtomicUsize::new(0));
    for id in ["a", "b", "c"] {
        log.append(id).await;
    }
    let first = Running::start(&log, data.path(), vec![Counting::view(&calls)]).await;
    first.reaches("counting", Position(3)).await;
    first.stop().await;
    let views = || vec![Counting::view(&calls), timeline::VIEW];
    let both = Running::start(&log, data.path(), views()).await;
    both.reaches("timeline", Position(3)).await;
    assert_eq!(calls.load(Ordering::SeqCst), 3);
    let hash = both.status("timeline").applied_hash;
    assert_eq!(both.status("counting").applied_hash, hash);
}

#[tokio::test]
async fn waiting_ends_with_the_last_position_when_time_is_up() {
    let (log, data) = (Log::new(), tempfile::tempdir().unwrap());
    log.append("a").await;
    let mut running = Running::timeline(&log, data.path()).await;
    running.reaches("timeline", Position(1)).await;
    let briefly = Duration::from_millis(5);
    let late = running
        .handle
        .wait_for("timeline", Required::KnownAt(Position(9)), briefly)
        .await;
    let (reached, wanted) = (Position(1), Position(9));
    assert_eq!(late, Err(WaitError::TimedOut { reached, wanted }));
    let unknown = running
        .handle
        .wait_for("nothing", Required::KnownAt(Position(1)), PATIENCE)
        .await;
    assert!(matches!(unknown, Err(WaitError::Failed { .. })));

    let handle = running.handle.clone();
    let waiting = tokio::spawn(async move {
        handle
            .wait_for("timeline", Required::KnownAt(Position(9)), PATIENCE)
            .await
    });
    running.close().await;
    assert_eq!(waiting.await.unwrap(), Err(WaitError::Closing));
    let reached = running
        .handle
        .wait_for("timeline", Required::KnownAt(Position(1)), PATIENCE)
        .await;
    assert_eq!(reached, Ok(()));
}

#[tokio::test]
async fn the_views_are_opened_only_once() {
    let (log, data) = (Log::new(), tempfile::tempdir().unwrap());
    let running = Running::timeline(&log, data.path()).await;
    let again = Running::try_start(&log, data.path(), vec![timeline::VIEW]).await;
    assert!(matches!(again.err(), Some(ProjectorError::InUse { .. })));
    running.stop().await;
    let twice = vec![timeline::VIEW, timeline::VIEW];
    let error = Running::try_start(&log, data.path(), twice).await.err();
    assert!(matches!(
        error,
        Some(ProjectorError::NameTaken { name: "timeline" })
    ));
}
