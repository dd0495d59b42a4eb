//! More writers than the queue before the log holds, and more streams than a connection may have.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ownerline_proto::v1::expected_revision::Expectation;
use ownerline_proto::v1::get_touchpoint_request::By;
use ownerline_proto::v1::record_result::Result as ItemResult;
use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;
use ownerline_proto::v1::{
    ExpectedRevision, GetTouchpointRequest, RecordBatchRequest, RecordRequest, Touchpoint,
    TouchpointKey,
};
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use super::serves;
use crate::support::{NOW, Server, feedback, reason};

const CONNECTIONS: usize = 4;
const WRITERS: usize = 64;
const EACH: usize = 12;
/// A queue that a single batch fills.
const SHORT_QUEUE: [(&str, &str); 3] = [
    ("store.queue_events", "8"),
    ("store.group_events", "4"),
    ("limits.batch_touchpoints", "8"),
];

fn is_busy_with(status: &Status, limit: &str) {
    let told = (status.code(), reason(status));
    assert_eq!(told, (Code::ResourceExhausted, "BUSY".to_owned()));
    let details = status.get_error_details();
    assert!(details.retry_info().is_some(), "a retry is advised");
    assert_eq!(details.error_info().unwrap().metadata["limit"], limit);
}

fn request(touchpoint: Touchpoint) -> RecordRequest {
    RecordRequest {
        touchpoint: Some(touchpoint),
        ..RecordRequest::default()
    }
}

/// Where it is recorded, if it is.
async fn position_of(client: &mut TouchpointServiceClient<Channel>, id: &str) -> Option<String> {
    let by = By::Key(TouchpointKey {
        source: "//test".to_owned(),
        id: id.to_owned(),
    });
    match client
        .get_touchpoint(GetTouchpointRequest { by: Some(by) })
        .await
    {
        Ok(found) => Some(found.into_inner().recorded.unwrap().position),
        Err(status) => {
            assert_eq!(status.code(), Code::NotFound, "{status:?}");
            None
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_queue_writers_are_refused_with_the_limit_and_what_was_acknowledged_is_kept() {
    let server = Server::start_with_settings(&SHORT_QUEUE).await;
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(server.another_client().await);
    }
    let over = Arc::new(AtomicBool::new(false));
    let checks = Arc::new(AtomicU64::new(0));
    let checking = {
        let mut health = HealthClient::new(server.channel());
        let (over, checks) = (over.clone(), checks.clone());
        tokio::spawn(async move {
            while !over.load(Ordering::SeqCst) {
                health.check(HealthCheckRequest::default()).await.unwrap();
                checks.fetch_add(1, Ordering::SeqCst);
            }
        })
    };
    let mut writing = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let mut client = clients[writer % CONNECTIONS].clone();
        writing.spawn(async move {
            let mut told = Vec::new();
            for number in 0..EACH {
                let id = format!("{writer}-{number}");
                let touchpoint = feedback(&format!("owner-{writer}"), &id, NOW);
                told.push((id, client.record(request(touchpoint)).await));
            }
            told
        });
    }
    let told: Vec<_> = writing.join_all().await.into_iter().flatten().collect();
    over.store(true, Ordering::SeqCst);
    checking.await.unwrap();
    assert!(
        checks.load(Ordering::SeqCst) > 0,
        "health answers meanwhile"
    );
    assert_eq!(told.len(), WRITERS * EACH);
    let refused = told.iter().filter(|(_, told)| told.is_err()).count();
    assert!(refused > 0, "the queue was never full");
    assert!(refused < told.len(), "nothing was taken");
    let mut client = server.touchpoints();
    for (id, told) in told {
        let found = position_of(&mut client, &id).await;
        match told {
            Ok(recorded) => assert_eq!(found, Some(recorded.into_inner().position), "{id}"),
            Err(status) => {
                is_busy_with(&status, "store.queue_events");
                assert_eq!(found, None, "{id} was refused");
            }
        }
    }
    serves(&format!("http://{}", server.addr()), "after").await;
    server.stop().await;
}

/// Sends a batch, and its refused part again until all is accepted. Returns the number of refusals.
async fn send_until_taken(
    mut client: TouchpointServiceClient<Channel>,
    mut left: Vec<Touchpoint>,
) -> usize {
    let mut refused = 0;
    for _ in 0..10_000 {
        let batch = RecordBatchRequest {
            touchpoints: left.clone(),
        };
        let results = client
            .record_batch(batch)
            .await
            .unwrap()
            .into_inner()
            .results;
        assert_eq!(results.len(), left.len());
        let again = left.into_iter().zip(results);
        left = again
            .filter_map(|(touchpoint, result)| match result.result.unwrap() {
                ItemResult::Recorded(recorded) => {
                    assert!(!recorded.replayed, "what was refused was not stored");
                    None
                }
                ItemResult::Refused(refusal) => {
                    assert_eq!(refusal.reason, "BUSY", "{refusal:?}");
                    refused += 1;
                    Some(touchpoint)
                }
            })
            .collect();
        if left.is_empty() {
            return refused;
        }
    }
    panic!("{} were never taken", left.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_batch_beyond_the_queue_each_refused_item_can_be_sent_again() {
    let server = Server::start_with_settings(&SHORT_QUEUE).await;
    let mut sending = tokio::task::JoinSet::new();
    for sender in 0..40 {
        let batch = (0..8)
            .map(|number| feedback("owner-1", &format!("{sender}-{number}"), NOW))
            .collect();
        sending.spawn(send_until_taken(server.touchpoints(), batch));
    }
    let refused: usize = sending.join_all().await.into_iter().sum();
    assert!(refused > 0, "the queue was never full");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_calls_on_one_connection_wait_their_turn_and_are_all_answered() {
    let settings = [("server.streams_per_connection", "10")];
    let server = Server::start_with_settings(&settings).await;
    // With the first answer a client knows the limit; what goes beyond before is refused unread.
    server.head().await;
    let mut calling = tokio::task::JoinSet::new();
    for number in 0..3_000 {
        let mut client = server.touchpoints();
        calling.spawn(async move {
            let touchpoint = feedback("owner-1", &format!("{number}"), NOW);
            client
                .record(request(touchpoint))
                .await
                .unwrap()
                .into_inner()
                .position
        });
    }
    let positions: std::collections::BTreeSet<_> = calling.join_all().await.into_iter().collect();
    assert_eq!(positions.len(), 3_000, "each has a place of its own");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_requests_that_may_run_at_once_calls_are_refused_with_the_limit() {
    let settings = [
        ("server.concurrent_requests", "2"),
        ("store.group_events", "1"),
    ];
    let server = Server::start_with_settings(&settings).await;
    let mut calling = tokio::task::JoinSet::new();
    for number in 0..400 {
        let mut client = server.touchpoints();
        calling.spawn(async move {
            let touchpoint = feedback("owner-1", &format!("{number}"), NOW);
            (number, client.record(request(touchpoint)).await)
        });
    }
    let told = calling.join_all().await;
    let refused = told.iter().filter(|(_, told)| told.is_err()).count();
    assert!(
        refused > 0 && refused < 400,
        "{refused} of 400 were refused"
    );
    let mut client = server.touchpoints();
    for (number, told) in told {
        let found = position_of(&mut client, &format!("{number}")).await;
        match told {
            Ok(recorded) => assert_eq!(found, Some(recorded.into_inner().position)),
            Err(status) => {
                is_busy_with(&status, "server.concurrent_requests");
                assert_eq!(found, None);
            }
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_writers_that_expect_the_same_revision_one_wins_each_round() {
    let server = Server::start().await;
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(server.another_client().await);
    }
    for round in 0..3_u64 {
        let expectation = match round.checked_sub(1) {
            None => Expectation::NoStream(true),
            Some(last) => Expectation::Revision(last),
        };
        let mut writing = tokio::task::JoinSet::new();
        for writer in 0..1_000 {
            let mut client = clients[writer % CONNECTIONS].clone();
            let mut touchpoint = feedback("owner-1", &format!("{round}-{writer}"), NOW);
            touchpoint.subjects.as_mut().unwrap().feedback_id = "f".to_owned();
            let request = RecordRequest {
                expected_revision: Some(ExpectedRevision {
                    expectation: Some(expectation),
                }),
                ..request(touchpoint)
            };
            writing.spawn(async move { client.record(request).await });
        }
        let mut revisions = Vec::new();
        for told in writing.join_all().await {
            match told {
                Ok(recorded) => revisions.push(recorded.into_inner().revision),
                Err(status) => {
                    let told = (status.code(), reason(&status));
                    assert_eq!(told, (Code::Aborted, "WRONG_EXPECTED_REVISION".to_owned()));
                }
            }
        }
        assert_eq!(revisions, [round], "one wins");
    }
    server.stop().await;
}
