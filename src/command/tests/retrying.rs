//! A client that retries with the same ids, whatever it was told, ends with everything stored exactly once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::command::{CommandError, Door, Recorder};
use crate::runtime::ManualClock;
use crate::store::conformance::read_to_head;
use crate::store::fault::{AppendFault, Faulty, Plan, ReadFault};
use crate::store::memory::{MemoryOptions, MemoryStore};
use crate::store::{
    AppendError, AppendOutcome, EventFilter, EventStore as _, Expected, Revision, SharedStore,
    StoreState,
};

use super::{LIMITS, NOW, touchpoint};

const TOUCHPOINTS: u64 = 12;
/// A client that needs more attempts than this for one touchpoint gets nowhere.
const ATTEMPTS: usize = 200;

const EVERY_FAULT: [AppendFault; 7] = [
    AppendFault::Refused,
    AppendFault::QueueFull,
    AppendFault::NoSpace,
    AppendFault::FailsBefore,
    AppendFault::FailsAfter,
    AppendFault::ReplyLost,
    AppendFault::Late,
];

struct World {
    engine: SharedStore,
    faulty: Arc<Faulty>,
    recorder: Recorder,
}

impl World {
    fn under(appends: Plan<AppendFault>, reads: Plan<ReadFault>) -> Self {
        let clock = Arc::new(ManualClock::at(NOW));
        let engine: SharedStore =
            Arc::new(MemoryStore::new(MemoryOptions::default(), clock.clone()));
        let faulty = Faulty::over(engine.clone(), appends, reads);
        let recorder = Recorder::new(faulty.clone(), clock, LIMITS);
        Self {
            engine,
            faulty,
            recorder,
        }
    }

    /// Tries until it is told that the touchpoint is recorded; what it was told before.
    async fn record(&self, n: u64, expected: Expected) -> (u64, Vec<CommandError>) {
        let mut refusals = Vec::new();
        for _ in 0..ATTEMPTS {
            let mut touchpoint = touchpoint();
            touchpoint.id = format!("{n}");
            let prepared = self.recorder.prepare(touchpoint, Door::Live);
            let appending = self
                .recorder
                .append(prepared.expect("well-formed"), expected);
            // Whoever waits for a reply that was lost stops at a deadline.
            let answer = tokio::time::timeout(Duration::from_secs(30), appending).await;
            match answer {
                Ok(Ok(outcome)) => {
                    let appended = outcome.appended.expect("it was to be stored");
                    return (appended.first.0, refusals);
                }
                Ok(Err(error)) => {
                    self.bears_out(n, &error).await;
                    refusals.push(error);
                }
                Err(_) => {}
            }
            if matches!(*self.faulty.state().borrow(), StoreState::Poisoned { .. }) {
                self.faulty.open_again();
            }
        }
        panic!("{n} was never recorded: {refusals:?}");
    }

    /// Of what was certainly not appended, nothing is there.
    async fn bears_out(&self, n: u64, error: &CommandError) {
        let stored = read_to_head(&self.engine, EventFilter::default(), 100).await;
        let is_there = stored.iter().any(|stored| *stored.key.id == *n.to_string());
        match error.outcome() {
            // Refused because poisoned: an earlier attempt may have stored it, this one did not.
            AppendOutcome::NotAppended => {
                let refused_now =
                    !matches!(error, CommandError::Append(AppendError::Poisoned { .. }));
                assert!(!(is_there && refused_now), "{n}: {error}");
            }
            AppendOutcome::Unknown => assert!(
                matches!(error, CommandError::Append(AppendError::WriteFailed { .. })),
                "{n}: {error}"
            ),
        }
    }

    /// Everything is stored once, at the place that was answered.
    async fn holds(&self, told: &BTreeMap<u64, u64>, context: &str) {
        let stored = read_to_head(&self.engine, EventFilter::default(), 100).await;
        assert_eq!(stored.len() as u64, TOUCHPOINTS, "{context}");
        for (n, position) in told {
            let at = stored.iter().find(|stored| stored.position.0 == *position);
            assert_eq!(
                *at.expect("it is there").key.id,
                *n.to_string(),
                "{context}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn after_any_fault_at_any_call_a_retry_stores_everything_exactly_once() {
    for fault in EVERY_FAULT {
        for nth in 1..=TOUCHPOINTS {
            let world = World::under(Plan::Nth(nth, fault), Plan::Never);
            let mut told = BTreeMap::new();
            let mut refused = 0;
            for n in 0..TOUCHPOINTS {
                let (position, refusals) = world.record(n, Expected::Any).await;
                refused += refusals.len();
                told.insert(n, position);
            }
            let context = format!("{fault:?} at {nth}");
            let answered = matches!(fault, AppendFault::ReplyLost | AppendFault::Late);
            assert_eq!(refused, usize::from(!answered), "{context}");
            world.holds(&told, &context).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_expected_revision_is_met_once_however_often_it_is_retried() {
    for fault in EVERY_FAULT {
        let world = World::under(Plan::Nth(3, fault), Plan::Never);
        let mut told = BTreeMap::new();
        for n in 0..TOUCHPOINTS {
            let expected = match n.checked_sub(1) {
                None => Expected::NoStream,
                Some(last) => Expected::Exact(Revision(last)),
            };
            // The retry of one that was stored is answered as the first time, not with a conflict.
            let (position, _) = world.record(n, expected).await;
            told.insert(n, position);
        }
        world.holds(&told, &format!("{fault:?}")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn clients_that_retry_side_by_side_under_faults_of_every_sort_store_everything_once() {
    for seed in 0..50 {
        let appends = Plan::Seeded {
            seed,
            one_in: 3,
            faults: EVERY_FAULT.to_vec(),
        };
        let world = World::under(appends, Plan::Never);
        // Two clients with the same ids: the second is a retry of the first at any time.
        let client = |from: u64| {
            let world = &world;
            async move {
                let mut told = BTreeMap::new();
                for n in (0..TOUCHPOINTS).map(|n| (n + from) % TOUCHPOINTS) {
                    told.insert(n, world.record_unchecked(n).await);
                }
                told
            }
        };
        let (one, other) = tokio::join!(client(0), client(5));
        assert_eq!(one, other, "seed {seed}: both are told the same places");
        world.holds(&one, &format!("seed {seed}")).await;
    }
}

impl World {
    /// Like [`record`](Self::record), where others may store the same in between.
    async fn record_unchecked(&self, n: u64) -> u64 {
        for _ in 0..ATTEMPTS {
            let mut touchpoint = touchpoint();
            touchpoint.id = format!("{n}");
            let prepared = self.recorder.prepare(touchpoint, Door::Live);
            let appending = self
                .recorder
                .append(prepared.expect("well-formed"), Expected::Any);
            let answer = tokio::time::timeout(Duration::from_secs(30), appending).await;
            if let Ok(Ok(outcome)) = answer {
                return outcome.appended.expect("it was to be stored").first.0;
            }
            self.faulty.open_again();
        }
        panic!("{n} was never recorded");
    }
}

#[tokio::test(start_paused = true)]
async fn a_validation_that_cannot_read_the_log_says_so_and_is_right_when_asked_again() {
    for nth in 1..=2 {
        for fault in [ReadFault::Fails, ReadFault::Busy] {
            let world = World::under(Plan::Never, Plan::Nth(nth, fault));
            let validating = || {
                world
                    .recorder
                    .validate(touchpoint(), Expected::NoStream, Door::Live)
            };
            let error = validating().await.expect_err("the log cannot be read");
            assert!(matches!(error, CommandError::Read(_)), "{error}");
            assert_eq!(error.outcome(), AppendOutcome::NotAppended);
            assert!(validating().await.expect("well-formed").appended.is_none());
            assert_eq!(world.engine.head().borrow().position.0, 0);
        }
    }
}
