//! Views that stop, events that cannot be read, and a log that does not answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ownerline_projections::fold::ViewDef;
use ownerline_projections::timeline;

use uuid::Uuid;

use super::world::{Counting, Log, PATIENCE, Running};
use crate::projector::{Required, ViewState, WaitError};
use crate::store::Position;
use crate::store::fault::{Faulty, Plan, ReadFault};

fn failing(change: impl FnOnce(&mut Counting)) -> Vec<ViewDef> {
    let mut counting = Counting::new(&Arc::new(AtomicUsize::new(0)));
    change(&mut counting);
    vec![counting.leaked(), timeline::VIEW]
}

#[tokio::test]
async fn a_failing_view_stops_alone_and_says_where() {
    let (log, data) = (Log::new(), tempfile::tempdir().unwrap());
    for id in ["a", "b", "c"] {
        log.append(id).await;
    }
    let running = Running::start(&log, data.path(), failing(|v| v.stops_at = "b")).await;
    running.reaches("timeline", Position(3)).await;
    let failed = running.status("counting");
    assert_eq!(failed.state, ViewState::Failed);
    assert_eq!((failed.position, failed.lag_events), (Position(1), 2));
    assert_eq!(failed.lag_nanos, 8_000);
    let error = failed.last_error.unwrap();
    assert_eq!((error.position, error.at), (Position(2), 7_000));
    assert!(error.message.contains("as the test wants"));

    let reached = |position| {
        running
            .handle
            .wait_for("counting", Required::KnownAt(position), PATIENCE)
    };
    assert_eq!(reached(Position(1)).await, Ok(()));
    match reached(Position(3)).await {
        Err(WaitError::Failed { position, .. }) => assert_eq!(position, Position(2)),
        other => panic!("{other:?}"),
    }
    let next = log.append("d").await;
    running.reaches("timeline", next).await;
    assert_eq!(running.status("counting").position, Position(1));
    assert_eq!(running.status("timeline").state, ViewState::Live);
}

#[tokio::test]
async fn a_failed_view_tries_again_after_a_restart() {
    let (log, data) = (Log::new(), tempfile::tempdir().unwrap());
    for id in ["a", "b", "c"] {
        log.append(id).await;
    }
    let first = Running::start(&log, data.path(), failing(|v| v.stops_at = "b")).await;
    first
        .until("counting", |s| s.state == ViewState::Failed)
        .await;
    first.stop().await;
    let second = Running::start(&log, data.path(), failing(|_| {})).await;
    second.reaches("counting", Position(3)).await;
    assert_eq!(second.status("counting").applied_count, 3);
}

#[tokio::test]
async fn an_event_that_cannot_be_decoded_stops_every_view_and_is_not_skipped() {
    let (log, data) = (Log::new(), tempfile::tempdir().unwrap());
    log.append("a").await;
    log.append_kind("b", "kind_of_tomorrow").await;
    log.append("c").await;
    let running = Running::start(&log, data.path(), failing(|_| {})).await;
    for view in ["counting", "timeline"] {
        let failed = running.until(view, |s| s.state == ViewState::Failed).await;
        assert_eq!(failed.position, Position(1));
        let error = failed.last_error.unwrap();
        assert_eq!(error.position, Position(2));
        assert!(error.message.contains("kind_of_tomorrow"), "{error:?}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_fold_that_panics_fails_the_views_and_the_task_still_ends_on_cancellation() {
    let (log, data) = (Log::new(), tempfile::tempdir().unwrap());
    log.append("a").await;
    let running = Running::start(&log, data.path(), failing(|v| v.panics_at = "a")).await;
    let failed = running
        .until("timeline", |s| s.state == ViewState::Failed)
        .await;
    assert!(failed.last_error.unwrap().message.contains("panicked"));
    running.stop().await;
}

#[tokio::test]
async fn a_log_that_cannot_be_read_is_tried_again_and_shows_in_the_status() {
    let (log, data) = (Log::new(), tempfile::tempdir().unwrap());
    log.unreadable.store(true, Ordering::SeqCst);
    log.append("a").await;
    let running = Running::timeline(&log, data.path()).await;
    let behind = running.until("timeline", |s| s.last_error.is_some()).await;
    assert_eq!(behind.state, ViewState::CatchingUp);
    assert_eq!((behind.lag_events, behind.lag_nanos), (1, 8_000));
    assert!(
        behind
            .last_error
            .unwrap()
            .message
            .contains("as the test wants")
    );
    log.unreadable.store(false, Ordering::SeqCst);
    running.reaches("timeline", Position(1)).await;
    let live = running
        .until("timeline", |s| s.state == ViewState::Live)
        .await;
    assert_eq!(live.last_error, None);
}

#[tokio::test]
async fn reads_that_fail_come_late_or_are_overtaken_cost_the_views_nothing() {
    for seed in 0..20 {
        let reads = Plan::Seeded {
            seed,
            one_in: 2,
            faults: vec![
                ReadFault::Fails,
                ReadFault::Busy,
                ReadFault::Late,
                ReadFault::Overtaken,
            ],
        };
        let faulty = Faulty::over(Log::memory(), Plan::Never, reads);
        let log = Log::over(faulty, Uuid::nil(), 1);
        let data = tempfile::tempdir().unwrap();
        let calls = Arc::new(AtomicUsize::new(0));
        let views = vec![Counting::view(&calls), timeline::VIEW];
        let running = Running::start(&log, data.path(), views).await;
        let mut last = Position::START;
        for id in 0..30 {
            last = log.append(&format!("{id:02}")).await;
        }
        running.reaches("timeline", last).await;
        running.reaches("counting", last).await;
        assert_eq!(running.status("counting").applied_count, 30, "seed {seed}");
        assert_eq!(calls.load(Ordering::SeqCst), 30, "seed {seed}: each once");
        assert_eq!(running.page().rows.len(), 30, "seed {seed}");
        running.stop().await;
    }
}
