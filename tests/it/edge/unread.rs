//! Answers of every kind that nobody reads: they do not hold the drain.

use bytes::Bytes;
use h2::SendStream;
use ownerline_proto::v1::{
    GetTimelineRequest, ImportRequest, ReadStreamRequest, RebuildProjectionRequest,
    RecordStreamRequest, SubscribeRequest, WatchObligationsRequest, WatchTimelineRequest,
    record_stream_request,
};
use prost::Message;
use tonic_health::pb::HealthCheckRequest;
use tonic_reflection::pb::v1::ServerReflectionRequest;

use super::draining::{drained, ended_in_order};
use crate::overload::raw::{IMPORT, Raw, call, framed};
use crate::process::Served;
use crate::support::{NOW, feedback};

/// Calls that have something to answer about what was recorded at least up to a position, and whether their requests go
/// on.
fn calls(at_least: &str) -> Vec<(&'static str, Vec<u8>, bool)> {
    let owner_id = "owner-1".to_owned();
    let timeline = GetTimelineRequest {
        owner_id: owner_id.clone(),
        at_least: at_least.to_owned(),
        ..GetTimelineRequest::default()
    };
    let watch = WatchTimelineRequest {
        owner_id,
        at_least: at_least.to_owned(),
        ..WatchTimelineRequest::default()
    };
    let inbox = WatchObligationsRequest {
        dealer_id: "dealer-1".to_owned(),
        ..WatchObligationsRequest::default()
    };
    let stream = ReadStreamRequest {
        stream: "feedback-f-1".to_owned(),
        ..ReadStreamRequest::default()
    };
    let item = record_stream_request::Item {
        touchpoint: Some(feedback("owner-1", "2", NOW)),
        ..record_stream_request::Item::default()
    };
    let record = RecordStreamRequest { items: vec![item] };
    let import = ImportRequest {
        touchpoints: vec![feedback("owner-1", "3", NOW)],
        validate_only: false,
    };
    let rebuild = RebuildProjectionRequest::default();
    let everything = SubscribeRequest::default();
    let reflection = ServerReflectionRequest::default();
    vec![
        (
            "/ownerline.v1.TimelineService/GetTimeline",
            timeline.encode_to_vec(),
            false,
        ),
        (
            "/ownerline.v1.TimelineService/WatchTimeline",
            watch.encode_to_vec(),
            false,
        ),
        (
            "/ownerline.v1.FeedbackService/WatchObligations",
            inbox.encode_to_vec(),
            false,
        ),
        (
            "/ownerline.v1.TouchpointService/ReadStream",
            stream.encode_to_vec(),
            false,
        ),
        (
            "/ownerline.v1.TouchpointService/Subscribe",
            everything.encode_to_vec(),
            false,
        ),
        (
            "/ownerline.v1.ProjectionService/RebuildProjection",
            rebuild.encode_to_vec(),
            false,
        ),
        (
            "/grpc.health.v1.Health/Watch",
            HealthCheckRequest::default().encode_to_vec(),
            false,
        ),
        (
            "/ownerline.v1.TouchpointService/RecordStream",
            record.encode_to_vec(),
            true,
        ),
        (IMPORT, import.encode_to_vec(), true),
        (
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            reflection.encode_to_vec(),
            true,
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_nobody_reads_do_not_hold_the_drain() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(directory.path());
    let remote = served.remote().await;
    let recorded = remote.record(feedback("owner-1", "1", NOW)).await.unwrap();
    drop(remote);
    let authority = served.url().trim_start_matches("http://").to_owned();
    let mut raw = Raw::connect_without_room(&authority).await;
    let mut open: Vec<(_, SendStream<Bytes>)> = Vec::new();
    for (path, request, goes_on) in calls(&recorded.position) {
        raw.ready().await.unwrap();
        let (answer, mut stream) = raw.send.send_request(call(path), false).unwrap();
        stream.send_data(framed(&request), !goes_on).unwrap();
        // Its headers need no room.
        let answer = answer.await.unwrap();
        assert!(
            !answer.headers().contains_key("grpc-status"),
            "{path}: {answer:?}"
        );
        open.push((answer, stream));
    }
    let ended = drained(served).await;
    ended_in_order(&ended).await;
    let (_, _, told) = ended;
    let told: Vec<_> = told
        .lines()
        .filter(|line| line.contains("stream ended"))
        .collect();
    // All but the unary call, each once and with the reason.
    assert_eq!(told.len(), open.len() - 1, "{told:#?}");
    assert!(
        told.iter().all(|line| line.contains("STOPPING")),
        "{told:#?}"
    );
}
