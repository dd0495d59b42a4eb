//! The embedded engine against the reference model: the same history gives the same answers.

use std::sync::Arc;

use proptest::prelude::*;

use super::options;
use crate::store::conformance::{append, named_event, read_to_head, test_clock};
use crate::store::embedded::EmbeddedStore;
use crate::store::memory::{MemoryOptions, MemoryStore};
use crate::store::{
    Direction, EventFilter, Expected, ReadStream, Revision, SharedStore, StreamName,
};

/// One step of a history.
#[derive(Debug, Clone)]
enum Step {
    Append {
        stream: u8,
        expected: Expected,
        /// Number and version of each event: few of both, so that they meet again.
        events: Vec<(u8, u8)>,
    },
    Clock(i64),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
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
    prop_oneof![
        12 => (0u8..4, expected, events).prop_map(|(stream, expected, events)| Step::Append {
            stream, expected, events,
        }),
        2 => (-50i64..100).prop_map(Step::Clock),
        1 => Just(Step::Reopen),
    ]
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
    for step in steps {
        match step {
            Step::Append {
                stream,
                expected,
                events,
            } => {
                let name = format!("owner-{stream}");
                let new = || {
                    let event =
                        |&(n, v): &(u8, u8)| named_event(&format!("e{n}"), &format!("{n}/{v}"));
                    events.iter().map(event).collect::<Vec<_>>()
                };
                let wanted = append(&model, &name, expected, new()).await;
                let shared: SharedStore = engine.clone();
                let answer = append(&shared, &name, expected, new()).await;
                assert_eq!(format!("{answer:?}"), format!("{wanted:?}"));
            }
            Step::Clock(by) => clock.advance(by),
            Step::Reopen => {
                assert!(engine.close());
                engine = open();
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
    for stream in 0..4 {
        let read = ReadStream {
            stream: StreamName::new(format!("owner-{stream}")),
            from: None,
            direction: Direction::Backward,
            max: 5,
        };
        let answer = engine.read_stream(read.clone()).await.expect("reads");
        assert_eq!(answer, model.read_stream(read).await.expect("reads"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_history_gives_the_answers_of_the_model(steps in prop::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(same_answers(steps));
    }
}
