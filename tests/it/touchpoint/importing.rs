//! Import through gRPC: results in order, waiting for a full queue, an end by drain, limits by name.

use ownerline_proto::v1::record_result::Result as ItemResult;
use ownerline_proto::v1::{ImportRequest, ReadStreamRequest};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Code;

use super::read_stream;
use crate::support::{Server, one_stream, reason};

#[tokio::test(flavor = "multi_thread")]
async fn batches_of_one_stream_are_stored_in_the_order_given() {
    let server = Server::start().await;
    server.import(one_stream(4_000)).await;
    let request = ReadStreamRequest {
        stream: "feedback-f".to_owned(),
        ..ReadStreamRequest::default()
    };
    let mut ids = Vec::new();
    for answer in read_stream(&server, request).await {
        let touchpoints = answer.touchpoints.into_iter();
        ids.extend(touchpoints.map(|recorded| recorded.touchpoint.unwrap().id));
    }
    assert_eq!(ids.len(), 4_000);
    assert!(ids.is_sorted());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_makes_an_import_wait_and_refuses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    // Smaller than the four batches that one import has in flight.
    let settings = [
        ("store.queue_events", "1000"),
        ("store.group_events", "100"),
        ("limits.batch_touchpoints", "1000"),
    ];
    let server = Server::start_with(directory.path(), &settings).await;
    let results = server.import(one_stream(6_000)).await;
    let stored = results
        .iter()
        .filter(|result| matches!(&result.result, Some(ItemResult::Recorded(recorded)) if !recorded.replayed));
    assert_eq!(stored.count(), 6_000);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_ends_an_open_import_and_keeps_what_was_answered() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start_in(directory.path()).await;
    let (send, requests) = mpsc::channel(1);
    let mut touchpoints = server.touchpoints();
    let mut answers = touchpoints
        .import(ReceiverStream::new(requests))
        .await
        .unwrap()
        .into_inner();
    let batch = ImportRequest {
        touchpoints: one_stream(10),
        validate_only: false,
    };
    send.send(batch.clone()).await.unwrap();
    let answer = answers.message().await.unwrap().unwrap();
    assert_eq!(answer.results.len(), 10);
    let (ended, ()) = tokio::join!(answers.message(), server.stop());
    let status = ended.expect_err("the import is ended by the server");
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::Unavailable, "STOPPING")
    );
    drop(send);
    let server = Server::start_in(directory.path()).await;
    let again = server.import(batch.touchpoints).await;
    let replayed =
        |result: &ItemResult| matches!(result, ItemResult::Recorded(recorded) if recorded.replayed);
    assert!(
        again
            .iter()
            .all(|result| result.result.as_ref().is_some_and(replayed))
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_beyond_the_limit_ends_the_import_with_its_name() {
    let server = Server::start().await;
    let requests = [ImportRequest {
        touchpoints: one_stream(1_001),
        validate_only: false,
    }];
    let mut answers = server
        .touchpoints()
        .import(tokio_stream::iter(requests))
        .await
        .unwrap()
        .into_inner();
    let status = answers.message().await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::InvalidArgument, "LIMIT_EXCEEDED")
    );
    assert!(status.message().contains("1000"), "{status:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_only_validates_answers_as_one_that_stores_and_stores_nothing() {
    let server = Server::start().await;
    server.import(one_stream(1)).await;
    let before = server.head().await;
    let mut touchpoints = one_stream(3);
    touchpoints[2].id.clear();
    let requests = [ImportRequest {
        touchpoints,
        validate_only: true,
    }];
    let mut client = server.touchpoints();
    let answers = client.import(tokio_stream::iter(requests)).await.unwrap();
    let answer = answers.into_inner().message().await.unwrap().unwrap();
    let told: Vec<&str> = answer
        .results
        .iter()
        .map(|result| match result.result.as_ref().unwrap() {
            ItemResult::Recorded(recorded) if recorded.replayed => "stored before",
            ItemResult::Recorded(recorded) if recorded.position.is_empty() => "would be stored",
            ItemResult::Recorded(_) => "stored",
            ItemResult::Refused(refusal) => &refusal.reason,
        })
        .collect();
    assert_eq!(
        told,
        ["stored before", "would be stored", "MALFORMED_REQUEST"]
    );
    assert_eq!(server.head().await, before);
    server.stop().await;
}
