//! Identity: an event is stored at most once, for ever, and this is checked before the expected revision.

use super::{Harness, Setup, event, key, named_event, within};
use crate::store::{AppendError, Appended, Expected, NewEvent, Position, Revision};

fn replay_of(first: &Appended) -> Appended {
    Appended {
        replayed: true,
        ..first.clone()
    }
}

pub(crate) async fn the_same_content_again_returns_the_first_result(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    let first = engine.fill("owner-1", 0, 3).await;
    engine.clock.advance(77);
    for (n, stored) in first.iter().enumerate() {
        let again = engine
            .append("owner-1", Expected::Any, vec![event(n as u64)])
            .await;
        assert_eq!(again.expect("a replay"), replay_of(stored));
    }
    assert_eq!(engine.everything().await.len(), 3);
}

pub(crate) async fn a_replay_wins_over_a_stale_expected_revision(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    let first = engine
        .append("owner-1", Expected::NoStream, vec![event(0)])
        .await
        .expect("taken");
    engine.fill("owner-1", 1, 4).await;
    for stale in [Expected::NoStream, Expected::Exact(Revision(9))] {
        let again = engine.append("owner-1", stale, vec![event(0)]).await;
        assert_eq!(again.expect("a replay"), replay_of(&first));
    }
}

pub(crate) async fn a_replay_of_several_events_returns_the_first_result(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    engine.fill("owner-1", 0, 2).await;
    let several: Vec<NewEvent> = (2..9).map(event).collect();
    let first = engine
        .append("owner-1", Expected::Any, several.clone())
        .await
        .expect("taken");
    engine.fill("owner-1", 9, 11).await;
    let again = engine.append("owner-1", Expected::Any, several).await;
    assert_eq!(again.expect("a replay"), replay_of(&first));
    assert_eq!(engine.everything().await.len(), 11);
}

pub(crate) async fn a_replay_under_another_stream_returns_the_first_place(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    let first = engine.fill("owner-1", 0, 1).await;
    let again = engine
        .append("owner-2", Expected::NoStream, vec![event(0)])
        .await;
    assert_eq!(again.expect("a replay"), replay_of(&first[0]));
    assert!(engine.stream("owner-2").await.is_empty());
}

pub(crate) async fn other_content_under_the_same_identity_is_a_conflict(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    let first = engine.fill("owner-1", 0, 2).await;
    let other = named_event("e1", "something else");
    let refused = engine
        .append(
            "owner-1",
            Expected::Exact(Revision(1)),
            vec![event(2), other],
        )
        .await
        .expect_err("the identity is taken");
    match refused {
        AppendError::ContentConflict {
            key: taken,
            position,
        } => {
            assert_eq!(taken, key("dms/berlin", "e1"));
            assert_eq!(position, first[1].first);
        }
        other => panic!("expected a conflict, got {other}"),
    }
    assert_eq!(engine.everything().await.len(), 2);
}

pub(crate) async fn an_append_stored_in_part_is_refused_whole(open: &impl Fn(&Setup) -> Harness) {
    let engine = open(&Setup::default());
    let first = engine.fill("owner-1", 0, 2).await;
    let refused = engine
        .append("owner-1", Expected::Any, vec![event(7), event(1), event(0)])
        .await
        .expect_err("two of them are stored");
    match refused {
        AppendError::PartlyStored {
            key: stored,
            position,
        } => {
            assert_eq!(stored, event(1).key);
            assert_eq!(position, first[1].first);
        }
        other => panic!("expected partly stored, got {other}"),
    }
    assert_eq!(engine.everything().await.len(), 2);
    assert_eq!(engine.store.find(event(7).key).await.expect("reads"), None);
}

pub(crate) async fn one_identity_twice_in_one_append_is_malformed(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    let refused = engine
        .append("owner-1", Expected::Any, vec![event(0), event(1), event(0)])
        .await;
    assert!(matches!(refused, Err(AppendError::Malformed { .. })));
    assert!(engine.everything().await.is_empty());
}

pub(crate) async fn the_same_id_of_another_source_is_another_event(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    engine.fill("owner-1", 0, 1).await;
    let mut elsewhere = event(0);
    elsewhere.key = key("dms/munich", "e0");
    let taken = engine
        .append("owner-1", Expected::Any, vec![elsewhere])
        .await
        .expect("another event");
    assert!(!taken.replayed);
    assert_eq!(taken.revision, Revision(1));
}

pub(crate) async fn identities_are_compared_byte_for_byte(open: &impl Fn(&Setup) -> Harness) {
    let engine = open(&Setup::default());
    // One text in two encodings, another case, a trailing space, and the boundary between source and id.
    let keys = [
        key("dms", "caf\u{e9}"),
        key("dms", "cafe\u{301}"),
        key("dms", "CAF\u{c9}"),
        key("dms", "caf\u{e9} "),
        key("dms", "a\0b"),
        key("dms\0a", "b"),
        key("dmsa", "b"),
    ];
    for (n, one) in keys.iter().enumerate() {
        let mut new = event(n as u64);
        new.key = one.clone();
        let taken = engine.append("owner-1", Expected::Any, vec![new]).await;
        assert!(!taken.expect("taken").replayed);
    }
    for (n, one) in keys.iter().enumerate() {
        let found = engine.store.find(one.clone()).await.expect("reads");
        assert_eq!(found.expect("stored").revision, Revision(n as u64));
    }
}

pub(crate) async fn of_eight_clients_with_the_same_retry_one_stores_and_seven_replay(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    for round in 0..20 {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let store = engine.store.clone();
            let events = vec![event(2 * round), event(2 * round + 1)];
            tasks.spawn(
                async move { super::append(&store, "owner-1", Expected::Any, events).await },
            );
        }
        let mut results = Vec::new();
        while let Some(done) = within("eight retries", tasks.join_next()).await {
            results.push(done.expect("the task ends").expect("stored or replayed"));
        }
        let stored: Vec<&Appended> = results.iter().filter(|r| !r.replayed).collect();
        assert_eq!(stored.len(), 1);
        let first = stored[0].clone();
        let replays = results.iter().filter(|r| **r == replay_of(&first)).count();
        assert_eq!(replays, 7);
    }
    assert_eq!(engine.everything().await.len(), 40);
}

pub(crate) async fn of_eight_clients_with_one_identity_and_other_content_one_stores(
    open: &impl Fn(&Setup) -> Harness,
) {
    let engine = open(&Setup::default());
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..8 {
        let store = engine.store.clone();
        let new = named_event("the one", &format!("version {n}"));
        tasks
            .spawn(async move { super::append(&store, "owner-1", Expected::Any, vec![new]).await });
    }
    let mut stored = 0;
    while let Some(done) = within("eight versions", tasks.join_next()).await {
        match done.expect("the task ends") {
            Ok(appended) => {
                assert!(!appended.replayed);
                stored += 1;
            }
            Err(AppendError::ContentConflict { position, .. }) => {
                assert_ne!(position, Position::START);
            }
            Err(other) => panic!("expected a conflict, got {other}"),
        }
    }
    assert_eq!(stored, 1);
}
