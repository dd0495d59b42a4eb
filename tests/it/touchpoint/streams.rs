//! The log through gRPC: reading streams both ways, following without gap or repeat, reflection, health.

use std::collections::BTreeSet;

use ownerline_proto::v1::read_stream_request::Direction;
use ownerline_proto::v1::subscribe_request::Start;
use ownerline_proto::v1::subscribe_response::Item;
use ownerline_proto::v1::{
    GetTouchpointRequest, ReadStreamRequest, RecordedTouchpoint, SubscribeRequest,
    TouchpointFilter, get_touchpoint_request::By,
};
use tonic::{Code, Streaming};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::{v1, v1alpha};

use super::{read_stream, subscribe};
use crate::support::{NOW, Server, feedback, one_stream, reason, violations};

async fn read(server: &Server, request: ReadStreamRequest) -> Vec<u64> {
    let mut revisions = Vec::new();
    for answer in read_stream(server, request).await {
        assert!(!answer.touchpoints.is_empty());
        revisions.extend(answer.touchpoints.iter().map(|recorded| recorded.revision));
    }
    revisions
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_read_both_ways_from_anywhere() {
    let server = Server::start().await;
    server.import(one_stream(1_300)).await;
    let asking = |direction: Direction, from_revision, max_count| ReadStreamRequest {
        stream: "feedback-f".to_owned(),
        from_revision,
        direction: direction.into(),
        max_count,
    };
    let all = read(&server, asking(Direction::Forwards, None, 0)).await;
    assert_eq!(all, (0..1_300).collect::<Vec<u64>>());
    let back = read(&server, asking(Direction::Backwards, None, 0)).await;
    assert_eq!(back, (0..1_300).rev().collect::<Vec<u64>>());
    let some = read(&server, asking(Direction::Forwards, Some(1_290), 5)).await;
    assert_eq!(some, (1_290..1_295).collect::<Vec<u64>>());
    let few = read(&server, asking(Direction::Backwards, Some(2), 10)).await;
    assert_eq!(few, [2, 1, 0]);
    let unknown = ReadStreamRequest {
        stream: "feedback-unknown".to_owned(),
        ..ReadStreamRequest::default()
    };
    assert!(read(&server, unknown).await.is_empty());
    server.stop().await;
}

async fn next(answers: &mut Streaming<ownerline_proto::v1::SubscribeResponse>) -> Item {
    answers.message().await.unwrap().unwrap().item.unwrap()
}

/// Follows until `count` touchpoints have come.
async fn follow(
    server: &Server,
    request: SubscribeRequest,
    count: usize,
) -> Vec<RecordedTouchpoint> {
    let mut answers = subscribe(server, request).await;
    let mut followed = Vec::new();
    while followed.len() < count {
        if let Item::Batch(batch) = next(&mut answers).await {
            followed.extend(batch.touchpoints);
        }
    }
    followed
}

#[tokio::test(flavor = "multi_thread")]
async fn following_from_anywhere_while_others_write_misses_and_repeats_nothing() {
    let server = Server::start().await;
    server.import(one_stream(600)).await;
    let writing = async {
        for number in 600..900 {
            let touchpoint = feedback("owner-2", &format!("{number:04}"), NOW);
            server.record(touchpoint).await.unwrap();
        }
    };
    let from_start = follow(&server, SubscribeRequest::default(), 900);
    let ((), followed) = tokio::join!(writing, from_start);
    let positions: Vec<&String> = followed.iter().map(|recorded| &recorded.position).collect();
    assert!(positions.is_sorted());
    assert_eq!(positions.iter().collect::<BTreeSet<_>>().len(), 900);
    // Starting again behind the last position seen continues without gap or repeat.
    let start = Some(Start::AfterPosition(followed[449].position.clone()));
    let request = SubscribeRequest {
        start,
        ..SubscribeRequest::default()
    };
    assert_eq!(follow(&server, request, 450).await, followed[450..]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn following_from_now_says_where_live_begins() {
    let server = Server::start().await;
    let before = server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let request = SubscribeRequest {
        start: Some(Start::Now(true)),
        ..SubscribeRequest::default()
    };
    let mut answers = subscribe(&server, request).await;
    match next(&mut answers).await {
        Item::CaughtUp(caught_up) => assert_eq!(caught_up.position, before.position),
        other => panic!("{other:?}"),
    }
    let live = server.record(feedback("owner-1", "2", NOW)).await.unwrap();
    match next(&mut answers).await {
        Item::Batch(batch) => assert_eq!(batch.touchpoints[0].position, live.position),
        other => panic!("{other:?}"),
    }
    drop(answers);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_lets_through_what_it_names_and_tells_the_progress() {
    let server = Server::start().await;
    server.import(one_stream(5)).await;
    let filter = |types: &[&str], categories: &[&str]| SubscribeRequest {
        filter: Some(TouchpointFilter {
            types: types.iter().map(|name| (*name).to_owned()).collect(),
            categories: categories.iter().map(|name| (*name).to_owned()).collect(),
            ..TouchpointFilter::default()
        }),
        ..SubscribeRequest::default()
    };
    let feedback = filter(&["com.ownerline.feedback_received.v1"], &["feedback"]);
    assert_eq!(follow(&server, feedback, 5).await.len(), 5);
    let cases = filter(&[], &["case"]);
    let mut answers = subscribe(&server, cases).await;
    assert!(matches!(next(&mut answers).await, Item::Checkpoint(_)));
    assert!(matches!(next(&mut answers).await, Item::CaughtUp(_)));
    let unknown = filter(&["com.ownerline.nonsense.v1"], &["nonsense"]);
    let status = server.touchpoints().subscribe(unknown).await.unwrap_err();
    let fields: Vec<String> = violations(&status).into_iter().map(|pair| pair.0).collect();
    assert_eq!(fields, ["filter.categories[0]", "filter.types[0]"]);
    drop(answers);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_subscriptions_than_the_limit_are_refused_with_it() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start_with(directory.path(), &[("limits.subscriptions", "1")]).await;
    let first = server
        .touchpoints()
        .subscribe(SubscribeRequest::default())
        .await
        .unwrap();
    let status = server
        .touchpoints()
        .subscribe(SubscribeRequest::default())
        .await
        .unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::ResourceExhausted, "BUSY")
    );
    drop(first);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_ends_open_streams_and_says_so() {
    let server = Server::start().await;
    let mut answers = subscribe(&server, SubscribeRequest::default()).await;
    assert!(matches!(next(&mut answers).await, Item::CaughtUp(_)));
    let (ended, ()) = tokio::join!(answers.message(), server.stop());
    let status = ended.expect_err("the stream is ended by the server");
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::Unavailable, "STOPPING")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_has_a_hard_deadline_for_readers_that_do_not_read() {
    let directory = tempfile::tempdir().unwrap();
    let settings = [("server.drain_timeout", "200ms")];
    let server = Server::start_with(directory.path(), &settings).await;
    // More than fits into the flow-control windows of the client.
    server.import(one_stream(30_000)).await;
    let unread = server
        .touchpoints()
        .subscribe(SubscribeRequest::default())
        .await
        .unwrap();
    // Without the deadline this would wait for the reader for ever; `stop` fails after a minute.
    server.stop().await;
    drop(unread);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_touchpoint_is_read_by_its_position() {
    let server = Server::start().await;
    let recorded = server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let by = |position: &str| GetTouchpointRequest {
        by: Some(By::Position(position.to_owned())),
    };
    let found = server
        .touchpoints()
        .get_touchpoint(by(&recorded.position))
        .await
        .unwrap();
    let found = found.into_inner().recorded.unwrap();
    assert_eq!(found.position, recorded.position);
    assert_eq!(found.touchpoint.unwrap().id, "1");
    let beyond = format!("{}-{:016x}", &recorded.position[..8], 99);
    let status = server
        .touchpoints()
        .get_touchpoint(by(&beyond))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_service_is_healthy() {
    let server = Server::start().await;
    let mut health = HealthClient::new(server.channel());
    for service in [
        "",
        "ownerline.v1.TouchpointService",
        "ownerline.v1.TimelineService",
        "ownerline.v1.AdvocacyService",
        "ownerline.v1.FeedbackService",
        "ownerline.v1.PolicyService",
        "ownerline.v1.ResponseTimeService",
        "ownerline.v1.ProjectionService",
    ] {
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        let answer = health.check(request).await.unwrap().into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving, "{service}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reflection_lists_the_services_in_both_versions() {
    let server = Server::start().await;
    let request = v1::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut client = ServerReflectionClient::new(server.channel());
    let mut answers = client
        .server_reflection_info(tokio_stream::iter([request]))
        .await
        .unwrap()
        .into_inner();
    let answer = answers.message().await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("{answer:?}");
    };
    let names: Vec<String> = list
        .service
        .into_iter()
        .map(|service| service.name)
        .collect();
    assert!(
        names.contains(&"ownerline.v1.TouchpointService".to_owned()),
        "{names:?}"
    );
    assert!(
        names.contains(&"grpc.health.v1.Health".to_owned()),
        "{names:?}"
    );

    let request = v1alpha::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(
            v1alpha::server_reflection_request::MessageRequest::FileContainingSymbol(
                "ownerline.v1.Touchpoint".to_owned(),
            ),
        ),
    };
    let mut client =
        v1alpha::server_reflection_client::ServerReflectionClient::new(server.channel());
    let mut answers = client
        .server_reflection_info(tokio_stream::iter([request]))
        .await
        .unwrap()
        .into_inner();
    let answer = answers.message().await.unwrap().unwrap();
    assert!(matches!(
        answer.message_response,
        Some(v1alpha::server_reflection_response::MessageResponse::FileDescriptorResponse(_))
    ));
    server.stop().await;
}
