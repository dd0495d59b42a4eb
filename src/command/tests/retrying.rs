//! A client that retries with the same ids after any error ends with everything stored exactly once.

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
/// The maximum number of attempts for one touchpoint.
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

    /// Tries until the touchpoint is recorded. Returns its position and the earlier errors.
    async fn record(&self, n: u64, expected: Expected) -> (u64, Vec<CommandError>) {
        let mut refusals = Vec::new();
        for _ in 0..ATTEMPTS {
            let mut touchpoint = touchpoint();
            touchpoint.id = format!("{n}");
            let prepared = self.recorder.prepare(touchpoint, Door::Live);
            let appending = self
                .recorder
                .append(prepared.expect("well-formed"), expected);
            // A client stops waiting for a lost reply at its deadline.
            let answer = tokio::time::timeout(Duration::from_secs(30), appending).await;
            match answer {
                Ok(Ok(outcome)) => {
                    let appended = outcome.appended.expect("it was to be stored");
                    return (appended.first.0, refusals);
                }
                Ok(Err(error)) => {
                    self.assert_outcome(n, &error).await;
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

    /// Asserts that an event that was certainly not appended is not stored.
    async fn assert_outcome(&self, n: u64, error: &CommandError) {
        let stored = read_to_head(&self.engine, EventFilter::default(), 100).await;
        let is_there = stored.iter().any(|stored| *stored.key.id == *n.to_string());
        match error.outcome() {
            // If it was refused because of poison, an earlier attempt may have stored it.
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

    /// Asserts that everything is stored once, at the reported positions.
    async fn assert_stored(&self, reported: &BTreeMap<u64, u64>, context: &str) {
        let stored = read_to_head(&self.engine, EventFilter::default(), 100).await;
        assert_eq!(stored.len() as u64, TOUCHPOINTS, "{context}");
        for (n, position) in reported {
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
            let mut reported = BTreeMap::new();
            let mut refused = 0;
            for n in 0..TOUCHPOINTS {
                let (position, refusals) = world.record(n, Expected::Any).await;
                refused += refusals.len();
                reported.insert(n, position);
            }
            let context = format!("{fault:?} at {nth}");
            let answered = matches!(fault, AppendFault::ReplyLost | AppendFault::Late);
            assert_eq!(refused, usize::from(!answered), "{context}");
            world.assert_stored(&reported, &context).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_expected_revision_is_met_once_however_often_it_is_retried() {
    for fault in EVERY_FAULT {
        let world = World::under(Plan::Nth(3, fault), Plan::Never);
        let mut reported = BTreeMap::new();
        for n in 0..TOUCHPOINTS {
            let expected = match n.checked_sub(1) {
                None => Expected::NoStream,
                Some(last) => Expected::Exact(Revision(last)),
            };
            // The retry of a stored touchpoint returns the first result, not a conflict.
            let (position, _) = world.record(n, expected).await;
            reported.insert(n, position);
        }
        world.assert_stored(&reported, &format!("{fault:?}")).await;
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
                let mut reported = BTreeMap::new();
                for n in (0..TOUCHPOINTS).map(|n| (n + from) % TOUCHPOINTS) {
                    reported.insert(n, world.record_unchecked(n).await);
                }
                reported
            }
        };
        let (one, other) = tokio::join!(client(0), client(5));
        assert_eq!(one, other, "seed {seed}: both get the same positions");
        world.assert_stored(&one, &format!("seed {seed}")).await;
    }
}

impl World {
    /// Does the same as [`record`](Self::record) where others may store the same touchpoints in the meantime.
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
