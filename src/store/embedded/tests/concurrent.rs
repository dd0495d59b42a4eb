//! Several concurrent writers: the order of the log explains all their answers, and agrees with the order in which
//! the writers received them.
//!
//! A failed run becomes a regression test: the scripts that the failure prints go into a named test at the end of
//! this file, which passes them to [`hold`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;

use super::model::{Try, attempt};
use super::{cases, options};
use crate::store::conformance::{append, read_to_head, test_clock};
use crate::store::embedded::EmbeddedStore;
use crate::store::{
    AppendError, Appended, EventFilter, Expected, Position, Revision, SharedStore, StoredEvent,
};

/// An append with its answer, and the logical instants of the call and of the answer.
#[derive(Debug)]
struct Done {
    one: Try,
    asked: u64,
    answered: u64,
    answer: Result<Appended, AppendError>,
}

impl Done {
    /// The place of its events, if it stored them.
    fn stored(&self) -> Option<&Appended> {
        self.answer.as_ref().ok().filter(|answer| !answer.replayed)
    }
}

/// Runs each script in its own task. Returns what was done, and the resulting log.
async fn carry_out(scripts: Vec<Vec<Try>>) -> (Vec<Done>, Vec<StoredEvent>) {
    let data = tempfile::tempdir().expect("a directory");
    let mut options = options(data.path());
    options.seams.identity_hash_bits = Some(2);
    options.tail_events = 2;
    options.group_events = 3;
    options.index_batch_events = 2;
    let open = || Arc::new(EmbeddedStore::open(&options, test_clock()).expect("opens"));
    let engine = open();
    let instant = Arc::new(AtomicU64::new(0));
    let writers = scripts.into_iter().map(|script| {
        let (engine, instant): (SharedStore, _) = (engine.clone(), instant.clone());
        tokio::spawn(async move {
            let mut done = Vec::new();
            for one in script {
                let asked = instant.fetch_add(1, Ordering::SeqCst);
                let events = one.new_events();
                let answer = append(&engine, one.stream(), one.expected, events).await;
                let answered = instant.fetch_add(1, Ordering::SeqCst);
                done.push(Done {
                    one,
                    asked,
                    answered,
                    answer,
                });
            }
            done
        })
    });
    let writers: Vec<_> = writers.collect();
    let mut done = Vec::new();
    for writer in writers {
        done.extend(writer.await.expect("no writer fails"));
    }
    let shared: SharedStore = engine.clone();
    let log = read_to_head(&shared, EventFilter::default(), 100).await;
    drop(shared);
    assert!(engine.close());
    let reopened: SharedStore = open();
    let again = read_to_head(&reopened, EventFilter::default(), 100).await;
    assert_eq!(again, log, "reopened");
    (done, log)
}

/// Asserts that the log consists of the acknowledged appends, each complete and as it expected its stream.
fn log_is_what_was_acknowledged(done: &[Done], log: &[StoredEvent]) {
    let mut by_first: BTreeMap<Position, &Done> = BTreeMap::new();
    for one in done {
        if let Some(stored) = one.stored() {
            let before = by_first.insert(stored.first, one);
            assert!(before.is_none(), "{one:?} and {before:?}");
        }
    }
    let mut revisions: BTreeMap<&str, u64> = BTreeMap::new();
    let mut events = log.iter().peekable();
    let mut latest_asked = 0;
    while let Some(first) = events.peek() {
        let one = by_first.remove(&first.position);
        let one = one.unwrap_or_else(|| panic!("nobody was acknowledged for {first:?}"));
        // An append that was answered before another one was called precedes it in the log.
        assert!(one.answered > latest_asked, "overtaken: {one:?}");
        latest_asked = latest_asked.max(one.asked);
        let next = revisions.entry(one.one.stream()).or_default();
        let meets = match one.one.expected {
            Expected::Any => true,
            Expected::NoStream => *next == 0,
            Expected::StreamExists => *next > 0,
            Expected::Exact(revision) => *next == revision.0 + 1,
        };
        assert!(meets, "at revision {next}: {one:?}");
        for new in one.one.new_events() {
            let event = events.next().expect("the append is whole");
            assert_eq!((&event.key, &event.clear), (&new.key, &new.clear));
            assert_eq!(event.stream.as_str(), one.one.stream());
            assert_eq!(event.revision, Revision(*next));
            *next += 1;
        }
        let last = one.stored().expect("it stored").revision.0;
        assert_eq!(last + 1, *next, "{one:?}");
    }
    assert!(by_first.is_empty(), "not in the log: {by_first:?}");
}

/// Asserts that each refusal and each replay was right at some instant between call and answer.
fn every_other_answer_is_right(done: &[Done], log: &[StoredEvent]) {
    let mut storing: BTreeMap<Position, &Done> = BTreeMap::new();
    for one in done {
        if let Some(stored) = one.stored() {
            let positions = (stored.first.0..=stored.last.0).map(Position);
            storing.extend(positions.map(|position| (position, one)));
        }
    }
    let of_key = |key| log.iter().find(|event| event.key == key);
    for one in done {
        let news = one.one.new_events();
        // The event at a position that the answer reports as stored, which must have been appended by then.
        let stored_before = |position: Position| {
            let by = storing[&position];
            assert!(by.asked < one.answered, "{one:?} knew of {by:?}");
            &log[usize::try_from(position.0 - 1).expect("a place")]
        };
        match &one.answer {
            Ok(answer) if answer.replayed => {
                let mut positions = Vec::new();
                for new in &news {
                    let event = of_key(new.key.clone()).expect("it is stored");
                    assert_eq!(event.clear, new.clear, "{one:?}");
                    stored_before(event.position);
                    positions.push(event.position);
                }
                // They may come from several appends, in any order.
                let (first, last) = (positions.iter().min(), positions.iter().max());
                assert_eq!((first, last), (Some(&answer.first), Some(&answer.last)));
            }
            Ok(_) => {}
            Err(AppendError::ContentConflict { key, position }) => {
                let event = stored_before(*position);
                assert_eq!(&event.key, key);
                let other = |new: &&crate::store::NewEvent| &new.key == key;
                let new = news.iter().find(other).expect("one of its own");
                assert_ne!(event.clear, new.clear, "{one:?}");
            }
            Err(AppendError::PartlyStored { key, position }) => {
                assert_eq!(&stored_before(*position).key, key, "{one:?}");
                assert!(news.len() > 1, "{one:?}");
            }
            Err(AppendError::WrongRevision { current, .. }) => {
                revision_was_current(one, *current, done);
            }
            Err(AppendError::Malformed { .. }) => {
                let mut keys: Vec<_> = news.iter().map(|new| &new.key).collect();
                keys.sort();
                keys.dedup();
                assert!(news.is_empty() || keys.len() < news.len(), "{one:?}");
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// Asserts that the revision in a refusal was current at some instant of the call, and not the expected one.
fn revision_was_current(refused: &Done, current: Option<Revision>, done: &[Done]) {
    let meets = match refused.one.expected {
        Expected::Any => true,
        Expected::NoStream => current.is_none(),
        Expected::StreamExists => current.is_some(),
        Expected::Exact(revision) => current == Some(revision),
    };
    assert!(!meets, "{refused:?}");
    let same_stream = done
        .iter()
        .filter(|one| one.one.stream == refused.one.stream);
    let mut ever = current.is_none();
    for one in same_stream {
        let Some(stored) = one.stored() else { continue };
        ever |= Some(stored.revision) == current;
        if one.answered < refused.asked {
            assert!(
                Some(stored.revision) <= current,
                "{refused:?} missed {one:?}"
            );
        }
        if one.asked > refused.answered {
            assert!(
                Some(stored.revision) > current,
                "{refused:?} foresaw {one:?}"
            );
        }
    }
    assert!(ever, "the stream never was like this: {refused:?}");
}

fn hold(scripts: Vec<Vec<Try>>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("a runtime");
    let (done, log) = runtime.block_on(carry_out(scripts));
    log_is_what_was_acknowledged(&done, &log);
    every_other_answer_is_right(&done, &log);
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn every_answer_to_concurrent_writers_is_right_in_the_order_of_the_log(
        scripts in prop::collection::vec(prop::collection::vec(attempt(), 1..16), 2..6),
    ) {
        hold(scripts);
    }
}

#[test]
fn four_writers_with_the_same_script_are_answered_as_if_one_had_come_first() {
    let one = |expected, events| Try {
        stream: 0,
        expected,
        events,
    };
    let script = vec![
        one(Expected::NoStream, vec![(0, 0), (1, 0)]),
        one(Expected::Exact(Revision(1)), vec![(2, 0)]),
        one(Expected::Any, vec![(2, 1)]),
        one(Expected::StreamExists, vec![(1, 0), (3, 0)]),
        one(Expected::Exact(Revision(2)), vec![(4, 0), (5, 0)]),
    ];
    hold(vec![script; 4]);
}
