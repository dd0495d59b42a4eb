//! The decorator keeps the contract: the conformance suite passes with late and overtaken answers, and each
//! fault has the effect that its error states.

use std::sync::Arc;
use std::time::Duration;

use super::{AppendFault, Faulty, Plan, ReadFault};
use crate::store::conformance::{self, Harness, Setup, append, event, read_to_head, test_clock};
use crate::store::memory::{MemoryOptions, MemoryStore};
use crate::store::{
    AppendError, AppendOutcome, EventFilter, EventStore as _, Expected, SharedStore, StoreState,
};

fn memory(queue_events: usize) -> SharedStore {
    let options = MemoryOptions { queue_events };
    Arc::new(MemoryStore::new(options, test_clock()))
}

mod with_late_and_overtaken_answers {
    use super::*;

    fn engine(setup: &Setup) -> Harness {
        let clock = test_clock();
        let options = MemoryOptions {
            queue_events: setup.queue_events,
        };
        let engine = Arc::new(MemoryStore::new(options, clock.clone()));
        let appends = Plan::Seeded {
            seed: 1,
            one_in: 7,
            faults: vec![AppendFault::Late],
        };
        let reads = Plan::Seeded {
            seed: 2,
            one_in: 3,
            faults: vec![ReadFault::Late, ReadFault::Overtaken],
        };
        Harness::volatile(Faulty::over(engine, appends, reads), clock)
    }

    conformance::suite!(engine);
}

/// The error of a fault, whether the event is stored afterwards, and the state of the store.
async fn under(fault: AppendFault) -> (Option<AppendError>, bool, StoreState) {
    let faulty = Faulty::over(memory(10), Plan::Nth(1, fault), Plan::Never);
    let store: SharedStore = faulty.clone();
    let appending = append(&store, "owner-1", Expected::Any, vec![event(1)]);
    // An append that does not answer within an hour of paused time never will.
    let answer = tokio::time::timeout(Duration::from_secs(3_600), appending).await;
    let error = answer.ok().and_then(Result::err);
    let stored = read_to_head(&store, EventFilter::default(), 10).await;
    let state = faulty.state().borrow().clone();
    (error, stored.len() == 1, state)
}

#[tokio::test(start_paused = true)]
async fn every_fault_of_an_append_has_the_effect_that_its_error_states() {
    for (fault, outcome, stored, writable) in [
        (
            AppendFault::Refused,
            Some(AppendOutcome::NotAppended),
            false,
            true,
        ),
        (
            AppendFault::QueueFull,
            Some(AppendOutcome::NotAppended),
            false,
            true,
        ),
        (
            AppendFault::NoSpace,
            Some(AppendOutcome::NotAppended),
            false,
            true,
        ),
        (
            AppendFault::FailsBefore,
            Some(AppendOutcome::Unknown),
            false,
            false,
        ),
        (
            AppendFault::FailsAfter,
            Some(AppendOutcome::Unknown),
            true,
            false,
        ),
        (AppendFault::ReplyLost, None, true, true),
        (AppendFault::Late, None, true, true),
    ] {
        let (error, found, state) = under(fault).await;
        assert_eq!(error.map(|error| error.outcome()), outcome, "{fault:?}");
        assert_eq!(found, stored, "{fault:?}");
        assert_eq!(state == StoreState::Writable, writable, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_later_read_overtakes_an_earlier_one_and_both_answer_what_they_saw() {
    let store: SharedStore =
        Faulty::over(memory(10), Plan::Never, Plan::Nth(1, ReadFault::Overtaken));
    append(&store, "owner-1", Expected::Any, vec![event(1)])
        .await
        .expect("it is taken");
    let order = std::sync::Mutex::new(Vec::new());
    let reading = |name: &'static str| {
        let (store, order) = (store.clone(), &order);
        async move {
            let found = store.find(event(1).key).await.expect("it is read");
            assert!(found.is_some());
            order.lock().expect("not poisoned").push(name);
        }
    };
    tokio::join!(reading("first"), reading("second"));
    assert_eq!(*order.lock().expect("not poisoned"), ["second", "first"]);
}

#[test]
fn a_seed_selects_the_same_calls_each_time_and_about_as_many_as_planned() {
    let plan = |seed| Plan::Seeded {
        seed,
        one_in: 10,
        faults: vec![ReadFault::Fails, ReadFault::Late],
    };
    let met = |seed| -> Vec<_> { (1..=10_000).map(|call| plan(seed).of(call)).collect() };
    assert_eq!(met(7), met(7));
    assert_ne!(met(7), met(8));
    let count = |fault| met(7).iter().filter(|met| **met == Some(fault)).count();
    assert!((300..700).contains(&count(ReadFault::Fails)));
    assert!((300..700).contains(&count(ReadFault::Late)));
}
