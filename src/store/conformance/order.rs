//! Order, time, the head, and limits.

use super::{BEGIN, Harness, Setup, event, within};
use crate::store::{AppendError, AppendOutcome, Expected, Position};

pub(crate) async fn positions_rise_in_the_order_of_acknowledgement(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    let mut last = Position::START;
    for appended in engine.fill("owner-1", 0, 20).await {
        assert!(appended.first > last, "positions are strictly increasing");
        assert!(!appended.replayed);
        last = appended.last;
    }
    let everything = engine.everything().await;
    assert_eq!(everything.len(), 20);
    for (n, stored) in everything.iter().enumerate() {
        let expected = event(n as u64);
        assert_eq!(stored.key, expected.key);
        assert_eq!(stored.kind, expected.kind);
        assert_eq!(stored.clear, expected.clear);
        assert_eq!(stored.personal, expected.personal);
        assert_eq!(stored.stream.as_str(), "owner-1");
    }
}

pub(crate) async fn concurrent_appends_leave_positions_and_revisions_without_gaps(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..200 {
        let store = engine.store.clone();
        let stream = format!("owner-{}", n % 7);
        tasks.spawn(
            async move { super::append(&store, &stream, Expected::Any, vec![event(n)]).await },
        );
    }
    while let Some(done) = within("appends", tasks.join_next()).await {
        done.expect("the task ends").expect("the append is taken");
    }
    let everything = engine.everything().await;
    assert_eq!(everything.len(), 200);
    assert!(everything.is_sorted_by(|a, b| a.position < b.position));
    if engine.store.capabilities().gapless {
        assert_eq!(everything[199].position, Position(200));
    }
    for n in 0..7 {
        let stream = engine.stream(&format!("owner-{n}")).await;
        let revisions: Vec<u64> = stream.iter().map(|e| e.revision.0).collect();
        let expected: Vec<u64> = (0..stream.len() as u64).collect();
        assert_eq!(revisions, expected);
    }
}

pub(crate) async fn an_append_of_several_events_is_stored_as_a_whole_in_order(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    engine.fill("owner-1", 0, 1).await;
    let events = (1..6).map(event).collect();
    let appended = engine
        .append("owner-1", Expected::Any, events)
        .await
        .expect("taken");
    let stored = engine.stream("owner-1").await;
    assert_eq!(stored.len(), 6);
    assert_eq!(stored[1].position, appended.first);
    assert_eq!(stored[5].position, appended.last);
    assert_eq!(stored[5].revision, appended.revision);
    assert_eq!(stored[5].recorded_at, appended.recorded_at);
    assert_eq!(&*stored[3].key.id, "e3");
}

pub(crate) async fn recorded_at_never_decreases_when_the_clock_jumps_back(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    engine.fill("owner-1", 0, 1).await;
    engine.clock.advance(1_000);
    engine.fill("owner-1", 1, 2).await;
    engine.clock.set(BEGIN - 5_000);
    engine.fill("owner-1", 2, 4).await;
    engine.clock.set(BEGIN + 1_001);
    engine.fill("owner-1", 4, 5).await;
    let recorded: Vec<i64> = engine
        .everything()
        .await
        .iter()
        .map(|event| event.recorded_at - BEGIN)
        .collect();
    assert_eq!(recorded, [0, 1_000, 1_000, 1_000, 1_001]);
}

pub(crate) async fn the_head_shows_an_append_once_it_is_acknowledged(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    let head = engine.store.head();
    assert_eq!(head.borrow().position, Position::START);
    for appended in engine.fill("owner-1", 0, 10).await {
        assert!(head.borrow().position >= appended.last);
        assert!(head.borrow().recorded_at >= appended.recorded_at);
    }
}

pub(crate) async fn an_empty_append_is_refused(open: &impl Fn(&Setup) -> Harness) {
    let engine = open(&Setup::default());
    let refused = engine.append("owner-1", Expected::Any, Vec::new()).await;
    assert!(matches!(refused, Err(AppendError::Malformed { .. })));
    assert!(engine.everything().await.is_empty());
}

pub(crate) async fn an_append_over_the_queue_limit_is_refused_and_the_next_is_taken(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup { queue_events: 4 });
    let five = (0..5).map(event).collect();
    let refused = engine
        .append("owner-1", Expected::Any, five)
        .await
        .expect_err("five do not fit");
    assert!(matches!(refused, AppendError::QueueFull { limit: 4 }));
    assert_eq!(refused.outcome(), AppendOutcome::NotAppended);
    for start in [0, 4, 8] {
        let four = (start..start + 4).map(event).collect();
        let taken = engine.append("owner-1", Expected::Any, four).await;
        taken.expect("four fit, again and again");
    }
}
