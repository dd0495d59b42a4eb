//! What one stream holds, seen from inside: bounded whatever the client does.

use std::sync::atomic::{AtomicUsize, Ordering};

use ownerline_proto::time;
use ownerline_proto::v1::record_result::Result as ItemResult;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{FeedbackReceived, Subjects};
use tokio_util::sync::CancellationToken;
use tonic::Code;

use super::*;
use crate::command::{Recorder, RecorderLimits};
use crate::config::{LimitsConfig, Schemes};
use crate::grpc::touchpoint::TouchpointApiParts;
use crate::query::PositionText;
use crate::runtime::ManualClock;
use crate::store::SharedStore;
use crate::store::memory::{MemoryOptions, MemoryStore};
use crate::telemetry::followers::Followers;
use crate::telemetry::metrics::CallMetrics;

const NOW: i64 = 1_743_249_600_000_000_000;
const IN_FLIGHT: usize = 20;
const EACH: usize = 10;

fn calls() -> Calls {
    calls_over(MemoryOptions::default())
}

fn calls_over(options: MemoryOptions) -> Calls {
    let clock = Arc::new(ManualClock::at(NOW));
    let store: SharedStore = Arc::new(MemoryStore::new(options, clock.clone()));
    let limits = RecorderLimits {
        touchpoint_bytes: 65_536,
        text_characters: 10_000,
        future_tolerance: Duration::from_secs(60),
        photograph_schemes: Schemes::none(),
    };
    Calls::new(TouchpointApiParts {
        recorder: Recorder::new(store.clone(), clock, limits),
        text: PositionText(store.epoch()),
        store,
        limits: LimitsConfig {
            stream_in_flight: IN_FLIGHT,
            ..LimitsConfig::default()
        },
        drain: CancellationToken::new(),
        subscriptions: Arc::new(Semaphore::new(1)),
        metrics: CallMetrics::default(),
        followers: Followers::default(),
    })
}

fn item(number: usize) -> Item {
    let touchpoint = Touchpoint {
        id: number.to_string(),
        source: "//test".to_owned(),
        occurred_at: Some(time::timestamp(NOW)),
        subjects: Some(Subjects {
            feedback_id: "f".to_owned(),
            ..Subjects::default()
        }),
        payload: Some(Payload::FeedbackReceived(FeedbackReceived::default())),
        ..Touchpoint::default()
    };
    (Some(touchpoint), None)
}

fn sent(items: Vec<Item>) -> Sent {
    Sent {
        items,
        validate_only: false,
    }
}

/// Messages of [`EACH`] touchpoints, counted as they are taken.
fn messages(count: usize) -> (Arc<AtomicUsize>, impl Stream<Item = Result<Sent, Status>>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = taken.clone();
    let messages = stream::iter(0..count).map(move |message| {
        counter.fetch_add(1, Ordering::SeqCst);
        Ok(sent((0..EACH).map(|n| item(message * EACH + n)).collect()))
    });
    (taken, messages)
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_its_results_is_not_read_from_and_told_so_later() {
    let calls = calls();
    let patience = calls.parts.limits.slow_reader;
    let (taken, messages) = messages(10_000);
    let settled = settled(calls, messages, "items", Door::Live);
    let answers = paced(gathered(settled), patience, Resume::WithoutResult);
    tokio::time::sleep(2 * patience).await;
    // One answer waits to be taken and one to be sent; behind them the stream is full.
    let bound = 2 * (RESULTS_TOGETHER + EACH) / EACH + IN_FLIGHT / EACH + 1;
    let held = taken.load(Ordering::SeqCst);
    assert!((1..=bound).contains(&held), "{held} messages were taken");
    let mut answers: Vec<_> = answers.collect().await;
    let last = answers.pop().unwrap().unwrap_err();
    assert_eq!(last.code(), Code::ResourceExhausted);
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(taken.load(Ordering::SeqCst), held);
}

#[tokio::test]
async fn results_of_several_messages_come_together_and_are_counted() {
    let (_, messages) = messages(500);
    let settled = settled(calls(), messages, "items", Door::Live);
    let answers: Vec<_> = gathered(settled).map(Result::unwrap).collect().await;
    let mut answered = 0;
    for answer in &answers {
        assert!(answer.results.len() < RESULTS_TOGETHER + EACH);
        answered += answer.results.len() as u64;
        assert_eq!(answer.answered, answered);
    }
    assert_eq!(answered, 5_000);
    assert!(answers.len() < 50, "{} answers", answers.len());
}

#[tokio::test]
async fn what_was_decided_before_a_failure_is_told_before_it() {
    let messages = [vec![item(1)], Vec::new(), vec![item(2)]];
    let messages = stream::iter(messages.map(|items| Ok(sent(items))));
    let settled = settled(calls(), messages, "items", Door::Live);
    let mut answers = Box::pin(gathered(settled));
    assert_eq!(answers.next().await.unwrap().unwrap().answered, 1);
    let failed = answers.next().await.unwrap().unwrap_err();
    assert_eq!(failed.code(), Code::InvalidArgument);
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_stays_full_is_waited_for_once_and_not_for_each_touchpoint() {
    let calls = calls_over(MemoryOptions { queue_events: 0 });
    let (_, messages) = messages(1);
    let begun = tokio::time::Instant::now();
    let settled: Vec<_> = settled(calls, messages, "items", Door::Live)
        .collect()
        .await;
    let waited = begun.elapsed();
    assert!(
        (ROOM_PATIENCE..2 * ROOM_PATIENCE).contains(&waited),
        "{waited:?}"
    );
    let results = settled[0].as_ref().unwrap();
    assert_eq!(results.len(), EACH);
    for result in results {
        match result.result.as_ref().unwrap() {
            ItemResult::Refused(refusal) => assert_eq!(refusal.reason, "BUSY"),
            ItemResult::Recorded(recorded) => panic!("{recorded:?}"),
        }
    }
}
