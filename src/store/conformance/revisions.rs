//! Revisions, and the states that an append may expect of its stream.

use super::{Harness, Setup, event, within};
use crate::store::{AppendError, Expected, Revision};

fn current_of(refused: AppendError) -> Option<Revision> {
    match refused {
        AppendError::WrongRevision { current, .. } => current,
        other => panic!("expected a wrong revision, got {other}"),
    }
}

pub(crate) async fn the_first_revision_is_zero_and_each_next_one_more(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    let first = engine.fill("owner-1", 0, 1).await;
    assert_eq!(first[0].revision, Revision(0));
    let three = (1..4).map(event).collect();
    let appended = engine.append("owner-1", Expected::Any, three).await;
    assert_eq!(appended.expect("taken").revision, Revision(3));
    let other = engine.fill("owner-2", 4, 5).await;
    assert_eq!(other[0].revision, Revision(0));
}

pub(crate) async fn expecting_no_stream_is_met_once(open: &impl Fn(&Setup) -> Harness) {
    let engine = open(&Setup::default());
    let first = engine
        .append("owner-1", Expected::NoStream, vec![event(0)])
        .await;
    first.expect("there is no stream yet");
    let refused = engine
        .append("owner-1", Expected::NoStream, vec![event(1)])
        .await
        .expect_err("there is one now");
    assert_eq!(current_of(refused), Some(Revision(0)));
}

pub(crate) async fn expecting_a_stream_needs_one(open: &impl Fn(&Setup) -> Harness) {
    let engine = open(&Setup::default());
    let refused = engine
        .append("owner-1", Expected::StreamExists, vec![event(0)])
        .await
        .expect_err("there is none yet");
    assert_eq!(current_of(refused), None);
    engine.fill("owner-1", 0, 1).await;
    let taken = engine
        .append("owner-1", Expected::StreamExists, vec![event(1)])
        .await;
    assert_eq!(taken.expect("it exists").revision, Revision(1));
}

pub(crate) async fn an_exact_revision_is_met_only_by_the_last_one(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    engine.fill("owner-1", 0, 3).await;
    for wrong in [0, 1, 3, 7] {
        let expected = Expected::Exact(Revision(wrong));
        let refused = engine
            .append("owner-1", expected, vec![event(3)])
            .await
            .expect_err("not the last one");
        assert_eq!(current_of(refused), Some(Revision(2)));
    }
    let taken = engine
        .append("owner-1", Expected::Exact(Revision(2)), vec![event(3)])
        .await;
    assert_eq!(taken.expect("the last one").revision, Revision(3));
    let refused = engine
        .append("owner-2", Expected::Exact(Revision(0)), vec![event(4)])
        .await
        .expect_err("no such stream");
    assert_eq!(current_of(refused), None);
}

pub(crate) async fn append_with_stale_revision_is_rejected_and_writes_nothing(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    engine.fill("owner-1", 0, 2).await;
    let stale = Expected::Exact(Revision(0));
    let refused = engine
        .append("owner-1", stale, vec![event(2), event(3)])
        .await;
    assert_eq!(current_of(refused.expect_err("stale")), Some(Revision(1)));
    assert_eq!(engine.everything().await.len(), 2);
    assert_eq!(engine.store.find(event(2).key).await.expect("reads"), None);
    // The refused identities are free.
    engine.fill("owner-1", 2, 4).await;
}

async fn race(engine: &Harness, expected: Expected, first: u64) {
    let mut tasks = tokio::task::JoinSet::new();
    for n in first..first + 96 {
        let store = engine.store.clone();
        tasks
            .spawn(async move { super::append(&store, "owner-1", expected, vec![event(n)]).await });
    }
    let mut winners = 0;
    while let Some(done) = within("the race", tasks.join_next()).await {
        match done.expect("the task ends") {
            Ok(_) => winners += 1,
            Err(AppendError::WrongRevision { .. }) => {}
            Err(other) => panic!("a loser gets the revision, not {other}"),
        }
    }
    assert_eq!(winners, 1);
}

pub(crate) async fn of_many_writers_expecting_no_stream_one_wins(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    race(&engine, Expected::NoStream, 0).await;
    assert_eq!(engine.stream("owner-1").await.len(), 1);
}

pub(crate) async fn of_many_writers_expecting_the_same_revision_one_wins(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    engine.fill("owner-1", 0, 1).await;
    for round in 0..4 {
        let expected = Expected::Exact(Revision(round));
        race(&engine, expected, 1_000 * (round + 1)).await;
    }
    assert_eq!(engine.stream("owner-1").await.len(), 5);
}
