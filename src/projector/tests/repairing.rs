//! A rebuild is how damage is repaired: of a certificate, of a state, of a view that has stopped. What
//! cannot be rebuilt leaves what serves alone.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use fjall::KeyspaceCreateOptions;
use ownerline_projections::fold::ViewDef;
use ownerline_projections::timeline;

use super::world::{Counting, Log, Running};
use crate::projector::{RebuildPhase, Verdict, ViewState};
use crate::store::Position;

async fn filled() -> Arc<Log> {
    let log = Log::new();
    for id in ["a", "b", "c", "d", "e"] {
        log.append(id).await;
    }
    log
}

fn counting(change: impl FnOnce(&mut Counting)) -> Vec<ViewDef> {
    let mut counting = Counting::new(&Arc::new(AtomicUsize::new(0)));
    change(&mut counting);
    vec![counting.leaked(), timeline::VIEW]
}

/// Writes into a keyspace of the views of a projector that has ended.
fn damage(data: &Path, keyspace: &str, key: &[u8], change: impl FnOnce(&mut Vec<u8>)) {
    let db = fjall::Database::builder(data.join("views")).open().unwrap();
    let keyspace = db
        .keyspace(keyspace, KeyspaceCreateOptions::default)
        .unwrap();
    let mut value = keyspace.get(key).unwrap().unwrap().to_vec();
    change(&mut value);
    keyspace.insert(key, value).unwrap();
    db.persist(fjall::PersistMode::SyncAll).unwrap();
}

#[tokio::test]
async fn a_damaged_certificate_is_reported_and_the_rebuilt_view_takes_over() {
    let (log, data) = (filled().await, tempfile::tempdir().unwrap());
    let first = Running::start(&log, data.path(), counting(|_| {})).await;
    first.reaches("counting", Position(5)).await;
    let hash = first.status("counting").applied_hash;
    first.stop().await;
    damage(data.path(), "counting.v1", b"\0checkpoint", |checkpoint| {
        *checkpoint.last_mut().unwrap() ^= 1;
    });
    let second = Running::start(&log, data.path(), counting(|_| {})).await;
    assert_ne!(second.status("counting").applied_hash, hash);
    let rebuilt = second.rebuilt(&["counting"]).await.remove(0);
    assert_eq!(rebuilt.phase, RebuildPhase::Done);
    assert_eq!(rebuilt.compared.unwrap().verdict, Verdict::Different);
    let status = second.status("counting");
    assert_eq!((status.applied_hash, status.generation), (hash, 2));
    second.stop().await;
    let third = Running::start(&log, data.path(), counting(|_| {})).await;
    let compared = third.status("counting").compared.unwrap();
    assert_eq!(compared.verdict, Verdict::Different, "it is told for good");
    let again = third.rebuilt(&["counting"]).await.remove(0);
    assert_eq!(again.compared.unwrap().verdict, Verdict::Equal);
    third.stop().await;
}

#[tokio::test]
async fn a_damaged_row_is_repaired() {
    let (log, data) = (filled().await, tempfile::tempdir().unwrap());
    let first = Running::start(&log, data.path(), counting(|_| {})).await;
    first.reaches("counting", Position(5)).await;
    let sound = first.state("counting");
    first.stop().await;
    damage(data.path(), "counting.v1", b"nb", |value| value.push(7));
    let second = Running::start(&log, data.path(), counting(|_| {})).await;
    assert_ne!(second.state("counting"), sound);
    second.rebuilt(&["counting"]).await;
    assert_eq!(second.state("counting"), sound);
    second.stop().await;
}

#[tokio::test]
async fn a_view_that_stopped_is_repaired_by_a_rebuild_that_does_not_stop() {
    let (log, data) = (filled().await, tempfile::tempdir().unwrap());
    // The second call at "b" goes through: what stopped it was not the touchpoint.
    let views = counting(|view| view.stops_once_at = "b");
    let running = Running::start(&log, data.path(), views).await;
    running.reaches("timeline", Position(5)).await;
    let failed = running
        .until("counting", |s| s.state == ViewState::Failed)
        .await;
    assert_eq!(failed.position, Position(1));
    let rebuilt = running.rebuilt(&["counting"]).await.remove(0);
    assert_eq!(rebuilt.phase, RebuildPhase::Done);
    assert_eq!(rebuilt.compared.unwrap().verdict, Verdict::FormerStopped);
    running.reaches("counting", Position(5)).await;
    let status = running.status("counting");
    assert_eq!((status.applied_count, status.last_error), (5, None));
    let next = log.append("f").await;
    running.reaches("counting", next).await;
    assert_eq!(running.status("counting").state, ViewState::Live);
    running.stop().await;
}

#[tokio::test]
async fn the_only_view_can_be_repaired_although_all_views_stopped() {
    let (log, data) = (filled().await, tempfile::tempdir().unwrap());
    let mut view = Counting::new(&Arc::new(AtomicUsize::new(0)));
    view.stops_once_at = "b";
    let running = Running::start(&log, data.path(), vec![view.leaked()]).await;
    running
        .until("counting", |s| s.state == ViewState::Failed)
        .await;
    let rebuilt = running.rebuilt(&[]).await.remove(0);
    assert_eq!(rebuilt.phase, RebuildPhase::Done);
    let next = log.append("f").await;
    running.reaches("counting", next).await;
    assert_eq!(running.status("counting").applied_count, 6);
    running.stop().await;
}

#[tokio::test]
async fn a_rebuild_that_stops_or_panics_says_where_and_leaves_the_view_alone() {
    for (stops, panics, says) in [("c", "", "as the test wants"), ("", "c", "panicked")] {
        let (log, data) = (filled().await, tempfile::tempdir().unwrap());
        let first = Running::start(&log, data.path(), counting(|_| {})).await;
        first.reaches("counting", Position(5)).await;
        first.stop().await;
        let views = counting(|view| (view.stops_at, view.panics_at) = (stops, panics));
        let second = Running::start(&log, data.path(), views).await;
        let over = second.rebuilt(&[]).await;
        assert_eq!(over[0].phase, RebuildPhase::Failed);
        let failure = over[0].failure.clone().unwrap();
        assert!(failure.message.contains(says), "{failure:?}");
        let other = if panics.is_empty() {
            RebuildPhase::Done
        } else {
            RebuildPhase::Failed
        };
        assert_eq!(over[1].phase, other);
        let status = second.status("counting");
        assert_eq!((status.state, status.generation), (ViewState::Live, 1));
        assert_eq!(status.applied_count, 5);
        let next = log.append("f").await;
        second.reaches("counting", next).await;
        second.reaches("timeline", next).await;
        second.stop().await;
    }
}
