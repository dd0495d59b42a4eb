//! Readers that do not read: the server's memory does not grow with them, and each is ended with a status.

use std::sync::Arc;

use ownerline_proto::v1::timeline_service_client::TimelineServiceClient;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;
use ownerline_proto::v1::{
    GetTimelineRequest, ImportRequest, SubscribeRequest, Touchpoint, WatchTimelineRequest,
};
use tokio::task::JoinSet;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status, Streaming};

use super::child::ServerProcess;
use super::serves;
use crate::support::{NOW, feedback, reason};

/// Longer than anything here takes; a test that needs it has failed.
const BOUND: std::time::Duration = std::time::Duration::from_secs(60);
const SUBSCRIBERS: usize = 100;
const WATCHERS: usize = 20;
/// Far more than the windows of a connection hold: 9 MB.
const TOUCHPOINTS: usize = 3_000;
const WORDS: usize = 3_000;
/// The memory that the idle readers may cost; holding their answers would take gigabytes.
const GROWTH_MIB: u64 = 400;

fn history() -> Vec<Touchpoint> {
    let verbatim: Arc<str> = "w ".repeat(WORDS / 2).into();
    let of = |number: usize| {
        let id = format!("{number:05}");
        let mut touchpoint = feedback("owner-1", &id, NOW + i64::try_from(number).unwrap());
        if let Some(Payload::FeedbackReceived(received)) = &mut touchpoint.payload {
            received.verbatim = verbatim.to_string();
        }
        touchpoint
    };
    (0..TOUCHPOINTS).map(of).collect()
}

async fn channel(url: &str) -> Channel {
    let endpoint = Endpoint::from_shared(url.to_owned()).unwrap();
    endpoint.connect().await.unwrap()
}

async fn import(url: &str) {
    let batches: Vec<_> = history()
        .chunks(500)
        .map(|batch| ImportRequest {
            touchpoints: batch.to_vec(),
            validate_only: false,
        })
        .collect();
    let mut client = TouchpointServiceClient::new(channel(url).await);
    let mut answers = client
        .import(tokio_stream::iter(batches))
        .await
        .unwrap()
        .into_inner();
    let mut last = String::new();
    while let Some(answer) = answers.message().await.unwrap() {
        for result in answer.results {
            use ownerline_proto::v1::record_result::Result;
            match result.result.unwrap() {
                Result::Recorded(recorded) => last = recorded.position,
                Result::Refused(refusal) => panic!("{refusal:?}"),
            }
        }
    }
    let request = GetTimelineRequest {
        owner_id: "owner-1".to_owned(),
        at_least: last,
        page_size: 1,
        ..GetTimelineRequest::default()
    };
    let mut client = TimelineServiceClient::new(channel(url).await);
    client.get_timeline(request).await.unwrap();
}

/// Reads to the end of the stream, and returns why it ended.
async fn ending<T>(mut unread: Streaming<T>) -> Status {
    let reading = async {
        loop {
            match unread.message().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("it ended without a word"),
                Err(status) => return status,
            }
        }
    };
    let ended = tokio::time::timeout(BOUND, reading).await;
    ended.expect("a slow reader is ended")
}

fn is_too_slow(status: &Status) {
    let told = (status.code(), reason(status));
    assert_eq!(told, (Code::ResourceExhausted, "SLOW_READER".to_owned()));
}

/// Waits until there is room for one more subscription: the server has let go of all that were too slow.
async fn all_are_let_go(url: &str, limit: usize) {
    let mut open = Vec::new();
    let begun = std::time::Instant::now();
    while open.len() < limit {
        let mut client = TouchpointServiceClient::new(channel(url).await);
        let request = SubscribeRequest {
            start: Some(ownerline_proto::v1::subscribe_request::Start::Now(true)),
            ..SubscribeRequest::default()
        };
        match client.subscribe(request).await {
            Ok(subscription) => open.push(subscription),
            Err(status) => {
                assert_eq!(reason(&status), "BUSY");
                assert!(
                    begun.elapsed() < BOUND,
                    "{} of {limit} are free",
                    open.len()
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_that_do_not_read_cost_little_and_are_ended_with_a_status() {
    let limit = (SUBSCRIBERS + WATCHERS).to_string();
    let server = ServerProcess::start(&[
        ("OWNERLINE_LIMITS_SLOW_READER", "1s"),
        ("OWNERLINE_LIMITS_SUBSCRIPTIONS", &limit),
    ]);
    let url = server.url().to_owned();
    import(&url).await;
    let before = server.resident_mib();

    let mut subscribing = JoinSet::new();
    for _ in 0..SUBSCRIBERS {
        let url = url.clone();
        subscribing.spawn(async move {
            let mut client = TouchpointServiceClient::new(channel(&url).await);
            let request = SubscribeRequest::default();
            client.subscribe(request).await.unwrap().into_inner()
        });
    }
    let mut watching = JoinSet::new();
    for _ in 0..WATCHERS {
        let url = url.clone();
        watching.spawn(async move {
            let mut client = TimelineServiceClient::new(channel(&url).await);
            let request = WatchTimelineRequest {
                owner_id: "owner-1".to_owned(),
                ..WatchTimelineRequest::default()
            };
            client.watch_timeline(request).await.unwrap().into_inner()
        });
    }
    let subscriptions = subscribing.join_all().await;
    let watches = watching.join_all().await;
    serves(&url, "meanwhile").await;
    let during = server.resident_mib();
    all_are_let_go(&url, SUBSCRIBERS + WATCHERS).await;
    let after = server.resident_mib();
    println!("resident MiB before {before:?}, during {during:?}, after {after:?}");
    for subscription in subscriptions {
        is_too_slow(&ending(subscription).await);
    }
    for watch in watches {
        is_too_slow(&ending(watch).await);
    }
    for seen in [during, after] {
        let growth = seen
            .zip(before)
            .map(|(seen, before)| seen.saturating_sub(before));
        assert!(
            growth.is_none_or(|mib| mib < GROWTH_MIB),
            "grew by {growth:?} MiB"
        );
    }
    serves(&url, "after").await;
}
