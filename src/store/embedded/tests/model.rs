//! The embedded engine against the reference model: the same history gives the same answers, both to reads at the
//! end and to subscriptions throughout.
//!
//! A failed history becomes a regression test: the steps that the failure prints go into a named test at the end of
//! this file, which passes them to [`hold`].

use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use tokio::task::JoinHandle;

use super::{cases, options};
use crate::store::conformance::{append, named_event, read_to_head, test_clock, within};
use crate::store::embedded::EmbeddedStore;
use crate::store::memory::{MemoryOptions, MemoryStore};
use crate::store::{
    Direction, EventFilter, Expected, NewEvent, Position, ReadStream, Revision, SharedStore,
    StoredEvent, StreamName, SubscriptionItem, subscribe,
};

/// Streams of several categories.
pub(super) const STREAMS: [&str; 4] = ["owner-0", "owner-1", "case-0", "vehicle-0"];
const KINDS: [&str; 3] = ["feedback_received", "case_opened", "odometer_read"];

/// An append from few streams, identities and contents, so that they collide.
#[derive(Debug, Clone)]
pub(super) struct Try {
    /// The index of one of [`STREAMS`].
    pub(super) stream: usize,
    pub(super) expected: Expected,
    /// The number and version of each event.
    pub(super) events: Vec<(u8, u8)>,
}

impl Try {
    pub(super) fn new_events(&self) -> Vec<NewEvent> {
        self.events.iter().map(|&(n, v)| new_event(n, v)).collect()
    }

    pub(super) fn stream(&self) -> &'static str {
        STREAMS[self.stream]
    }
}

/// The event with this number, and the content of this version.
pub(super) fn new_event(number: u8, version: u8) -> NewEvent {
    NewEvent {
        kind: KINDS[usize::from(number) % KINDS.len()].into(),
        ..named_event(&format!("e{number}"), &format!("{number}/{version}"))
    }
}

/// A subscription to open.
#[derive(Debug, Clone)]
struct Follow {
    /// The start, as a percentage of the log at that time.
    after: u64,
    /// Indices of [`KINDS`]; an empty list matches all.
    kinds: Vec<usize>,
    categories: Vec<&'static str>,
    batch: usize,
}

/// One step of a history.
#[derive(Debug, Clone)]
enum Step {
    Append(Try),
    Clock(i64),
    Follow(Follow),
    Reopen,
}

pub(super) fn attempt() -> impl Strategy<Value = Try> {
    let expected = prop_oneof![
        4 => Just(Expected::Any),
        1 => Just(Expected::NoStream),
        1 => Just(Expected::StreamExists),
        2 => (0u64..6).prop_map(|r| Expected::Exact(Revision(r))),
    ];
    let events = prop::collection::vec((0u8..24, 0u8..12), 0..4);
    // Almost always the first version of an event.
    let events = events.prop_map(|events| {
        let version = |v: u8| u8::from(v == 0);
        events.into_iter().map(|(n, v)| (n, version(v))).collect()
    });
    (0..STREAMS.len(), expected, events).prop_map(|(stream, expected, events)| Try {
        stream,
        expected,
        events,
    })
}

fn follow() -> impl Strategy<Value = Follow> {
    let kinds = prop::collection::vec(0..KINDS.len(), 0..3);
    let categories = prop::sample::subsequence(vec!["owner", "case", "vehicle", "order"], 0..3);
    (0u64..=100, kinds, categories, 1usize..5).prop_map(|(after, kinds, categories, batch)| {
        Follow {
            after,
            kinds,
            categories,
            batch,
        }
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => attempt().prop_map(Step::Append),
        2 => (-50i64..100).prop_map(Step::Clock),
        2 => follow().prop_map(Step::Follow),
        1 => Just(Step::Reopen),
    ]
}

/// A follower of the engine, which continues with the reopened engine after its last event.
struct Follower {
    from: Position,
    filter: EventFilter,
    batch: usize,
    /// The received events, and the position reached.
    seen: Arc<Mutex<(Vec<StoredEvent>, Position)>>,
    running: JoinHandle<()>,
}

impl Follower {
    fn new(store: &SharedStore, follow: Follow) -> Self {
        let head = store.head().borrow().position;
        let from = Position(head.0 * follow.after / 100);
        let mut follower = Self {
            from,
            filter: EventFilter {
                kinds: follow
                    .kinds
                    .iter()
                    .map(|&kind| KINDS[kind].into())
                    .collect(),
                categories: follow.categories.into_iter().map(str::to_owned).collect(),
                ..EventFilter::default()
            },
            batch: follow.batch,
            seen: Arc::new(Mutex::new((Vec::new(), from))),
            running: tokio::spawn(async {}),
        };
        follower.go_on(store);
        follower
    }

    fn go_on(&mut self, store: &SharedStore) {
        let after = self.seen.lock().expect("not poisoned").1;
        let mut subscription = subscribe(store.clone(), after, self.filter.clone(), self.batch);
        let seen = self.seen.clone();
        self.running = tokio::spawn(async move {
            loop {
                let item = subscription.next().await.expect("it goes on");
                let mut seen = seen.lock().expect("not poisoned");
                match item {
                    SubscriptionItem::Batch(events) => seen.0.extend(events),
                    SubscriptionItem::Checkpoint(position)
                    | SubscriptionItem::CaughtUp(position) => {
                        assert_eq!(position, subscription.position());
                    }
                }
                seen.1 = subscription.position();
            }
        });
    }

    /// Aborts the follower.
    async fn stop(&mut self) {
        self.running.abort();
        let ended = (&mut self.running).await;
        assert!(
            ended.expect_err("it never ends").is_cancelled(),
            "it failed"
        );
    }

    /// Waits until it has reached the head, and asserts that it received every matching event once, in order.
    async fn hold(&mut self, whole: &[StoredEvent]) {
        let head = whole.last().map_or(Position::START, |last| last.position);
        let arrived = async {
            while self.seen.lock().expect("not poisoned").1 < head {
                assert!(!self.running.is_finished(), "it failed");
                tokio::task::yield_now().await;
            }
        };
        within("a subscription to reach the head", arrived).await;
        self.stop().await;
        let passes = |event: &&StoredEvent| {
            event.position > self.from
                && self.filter.admits(&event.kind, &event.stream, &event.clear) == Ok(true)
        };
        let wanted: Vec<StoredEvent> = whole.iter().filter(passes).cloned().collect();
        assert_eq!(self.seen.lock().expect("not poisoned").0, wanted);
    }
}

async fn same_answers(steps: Vec<Step>) {
    let data = tempfile::tempdir().expect("a directory");
    let mut options = options(data.path());
    options.seams.identity_hash_bits = Some(2);
    options.tail_events = 2;
    options.rows_per_read = 2;
    let clock = test_clock();
    let open = || Arc::new(EmbeddedStore::open(&options, clock.clone()).expect("opens"));
    let model: SharedStore = Arc::new(MemoryStore::new(MemoryOptions::default(), clock.clone()));
    let mut engine = open();
    let mut followers: Vec<Follower> = Vec::new();
    for step in steps {
        let shared: SharedStore = engine.clone();
        match step {
            Step::Append(one) => {
                let (name, events) = (one.stream(), || one.new_events());
                let wanted = append(&model, name, one.expected, events()).await;
                let answer = append(&shared, name, one.expected, events()).await;
                assert_eq!(format!("{answer:?}"), format!("{wanted:?}"));
            }
            Step::Clock(by) => clock.advance(by),
            Step::Follow(follow) => followers.push(Follower::new(&shared, follow)),
            Step::Reopen => {
                for follower in &mut followers {
                    follower.stop().await;
                }
                drop(shared);
                assert!(engine.close());
                engine = open();
                let shared: SharedStore = engine.clone();
                for follower in &mut followers {
                    follower.go_on(&shared);
                }
            }
        }
    }
    let engine: SharedStore = engine;
    let whole = read_to_head(&model, EventFilter::default(), 100).await;
    assert_eq!(
        read_to_head(&engine, EventFilter::default(), 100).await,
        whole
    );
    for event in &whole {
        let found = engine.find(event.key.clone()).await.expect("reads");
        assert_eq!(found.as_ref(), Some(event));
        let at = engine.position_at(event.recorded_at).await.expect("reads");
        let wanted = model.position_at(event.recorded_at).await.expect("reads");
        assert_eq!(at, wanted);
    }
    for follower in &mut followers {
        follower.hold(&whole).await;
    }
    for stream in STREAMS {
        let read = ReadStream {
            stream: StreamName::new(stream),
            from: None,
            direction: Direction::Backward,
            max: 5,
        };
        let answer = engine.read_stream(read.clone()).await.expect("reads");
        assert_eq!(answer, model.read_stream(read).await.expect("reads"));
    }
}

fn hold(steps: Vec<Step>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(same_answers(steps));
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn every_history_gives_the_answers_of_the_model(steps in prop::collection::vec(step(), 1..60)) {
        hold(steps);
    }
}

#[test]
fn a_filtered_subscription_goes_on_behind_a_reopen_that_comes_in_the_middle_of_its_catch_up() {
    let owner = |events| {
        Step::Append(Try {
            stream: 0,
            expected: Expected::Any,
            events,
        })
    };
    let follow = Step::Follow(Follow {
        after: 0,
        kinds: vec![0],
        categories: vec!["owner"],
        batch: 1,
    });
    hold(vec![
        owner(vec![(0, 0), (1, 0), (3, 0)]),
        follow.clone(),
        Step::Clock(-50),
        Step::Reopen,
        owner(vec![(2, 0), (4, 0)]),
        // A replay, which is not delivered again.
        owner(vec![(0, 0), (1, 0), (3, 0)]),
        follow,
        Step::Reopen,
        owner(vec![(6, 0)]),
    ]);
}
