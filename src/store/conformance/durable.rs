//! The guarantees across a restart.

use super::{BEGIN, Harness, Setup, event, named_event};
use crate::store::{AppendError, Appended, Expected, Revision, StreamName};

pub(crate) async fn everything_is_there_after_a_restart(open: &impl Fn(&Setup) -> Harness) {
    let mut engine = open(&Setup::default());
    assert!(engine.store.capabilities().durable);
    for n in 0..200 {
        engine.fill(&format!("owner-{}", n % 9), n, n + 1).await;
    }
    let before = engine.everything().await;
    let stream = engine.stream("owner-4").await;
    let head = *engine.store.head().borrow();
    engine.reopen();
    assert_eq!(*engine.store.head().borrow(), head);
    assert_eq!(engine.everything().await, before);
    assert_eq!(engine.stream("owner-4").await, stream);
    let found = engine.store.find(event(77).key).await.expect("reads");
    assert_eq!(found.as_ref(), before.get(77));
    let same = engine
        .store
        .same_content(before[5].position, event(5).content_hash)
        .await;
    assert!(same.expect("reads"));
}

pub(crate) async fn identities_hold_across_a_restart(open: &impl Fn(&Setup) -> Harness) {
    let mut engine = open(&Setup::default());
    let first = engine.fill("owner-1", 0, 10).await;
    for _ in 0..2 {
        engine.reopen();
        for (n, stored) in first.iter().enumerate() {
            let again = engine
                .append("owner-1", Expected::NoStream, vec![event(n as u64)])
                .await
                .expect("a replay");
            let replay = Appended {
                replayed: true,
                ..stored.clone()
            };
            assert_eq!(again, replay);
        }
        let other = vec![named_event("e3", "something else")];
        let refused = engine.append("owner-1", Expected::Any, other).await;
        assert!(matches!(refused, Err(AppendError::ContentConflict { .. })));
        let part = vec![event(3), event(99)];
        let refused = engine.append("owner-1", Expected::Any, part).await;
        assert!(matches!(refused, Err(AppendError::PartlyStored { .. })));
        assert_eq!(engine.everything().await.len(), 10);
    }
}

pub(crate) async fn revisions_go_on_after_a_restart(open: &impl Fn(&Setup) -> Harness) {
    let mut engine = open(&Setup::default());
    engine.fill("owner-1", 0, 3).await;
    engine.reopen();
    let last = engine.store.last_revision(StreamName::new("owner-1")).await;
    assert_eq!(last.expect("reads"), Some(Revision(2)));
    let refused = engine
        .append("owner-1", Expected::NoStream, vec![event(3)])
        .await;
    assert!(matches!(refused, Err(AppendError::WrongRevision { .. })));
    let taken = engine
        .append("owner-1", Expected::Exact(Revision(2)), vec![event(3)])
        .await
        .expect("the last one");
    assert_eq!(taken.revision, Revision(3));
}

pub(crate) async fn recorded_at_never_decreases_across_a_restart(
    open: &impl Fn(&Setup) -> Harness,
) {
    let mut engine = open(&Setup::default());
    engine.fill("owner-1", 0, 2).await;
    engine.reopen();
    engine.clock.set(BEGIN - 1_000_000);
    engine.fill("owner-1", 2, 3).await;
    let recorded: Vec<i64> = engine
        .everything()
        .await
        .iter()
        .map(|event| event.recorded_at - BEGIN)
        .collect();
    assert_eq!(recorded, [0, 0, 0]);
}

pub(crate) async fn the_epoch_stays_across_a_restart(open: &impl Fn(&Setup) -> Harness) {
    let mut engine = open(&Setup::default());
    let epoch = engine.store.epoch();
    engine.fill("owner-1", 0, 1).await;
    engine.reopen();
    assert_eq!(engine.store.epoch(), epoch);
}
