//! Errors too large for the headers that clients accept: they are cut, and the omitted violations are counted.

use ownerline_proto::v1::{
    FeedbackReceived, GetTimelineRequest, ListProjectionsRequest, RecordRequest, TimelineFilter,
    Touchpoint, touchpoint::Payload,
};
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::overload::raw::{Answered, RECORD, Raw, call, framed};
use crate::support::{NOW, Server, feedback, reason};

/// The most bytes of headers that every client accepts.
const EVERYBODY_TAKES: usize = 8 << 10;

async fn asked(raw: &mut Raw, path: &str, request: &impl prost::Message) -> Answered {
    let answered = raw
        .exchange(call(path), framed(&request.encode_to_vec()))
        .await;
    let bytes = answered.list_bytes();
    assert!(bytes < EVERYBODY_TAKES, "{path}: {bytes} bytes");
    answered
}

fn answers(count: usize) -> Touchpoint {
    let answers = (0..count).map(|number| (format!("q{number:03}"), "\u{1}".to_owned()));
    let mut touchpoint = feedback("owner-1", "1", NOW);
    touchpoint.payload = Some(Payload::FeedbackReceived(FeedbackReceived {
        score: Some(3),
        answers: answers.collect(),
        ..FeedbackReceived::default()
    }));
    touchpoint
}

#[tokio::test(flavor = "multi_thread")]
async fn however_much_is_wrong_the_error_fits_into_a_header_and_counts_the_rest() {
    let server = Server::start().await;
    let mut raw = Raw::connect(&server.addr().to_string()).await;
    for count in [1, 10, 40, 60, 80, 100, 500] {
        let request = RecordRequest {
            touchpoint: Some(answers(count)),
            ..RecordRequest::default()
        };
        let status = asked(&mut raw, RECORD, &request).await.status();
        adds_up(&status, count);
        let types = (0..count)
            .map(|number| format!("no-such-type-{number}"))
            .collect();
        let request = GetTimelineRequest {
            owner_id: "owner-1".to_owned(),
            filter: Some(TimelineFilter {
                types,
                ..TimelineFilter::default()
            }),
            ..GetTimelineRequest::default()
        };
        let path = "/ownerline.v1.TimelineService/GetTimeline";
        let status = asked(&mut raw, path, &request).await.status();
        adds_up(&status, count);
    }
    server.stop().await;
}

/// Asserts that the shown and the omitted violations add up.
#[track_caller]
fn adds_up(status: &tonic::Status, count: usize) {
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    assert_eq!(reason(status), "MALFORMED_REQUEST");
    let details = status.get_error_details();
    let shown = details.bad_request().unwrap().field_violations.len();
    let metadata = &details.error_info().unwrap().metadata;
    let number = |key: &str| metadata.get(key).map(|text| text.parse::<usize>().unwrap());
    let left_out = number("violations_left_out").unwrap_or(0);
    // Beyond a hundred names, the filter itself has too many.
    let least = if count > 100 { 1 } else { count.min(10) };
    assert!(shown >= least, "{shown} of {count}");
    match number("violations") {
        Some(all) => assert_eq!(shown + left_out, all),
        None => assert_eq!(left_out, 0),
    }
    if let 2..=100 = count {
        assert_eq!(shown + left_out, count);
        let more = format!("(and {} more)", count - 1);
        assert!(status.message().ends_with(&more), "{}", status.message());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_clients_make_up_do_not_grow_the_error_beyond_a_header() {
    let server = Server::start().await;
    let mut raw = Raw::connect(&server.addr().to_string()).await;
    for letter in ["x", "\u{fc}", "%", "\u{1f697}"] {
        let name = letter.repeat(3_000);
        let request = ownerline_proto::v1::RebuildProjectionRequest {
            names: vec![name.clone()],
        };
        let path = "/ownerline.v1.ProjectionService/RebuildProjection";
        let status = asked(&mut raw, path, &request).await.status();
        assert_ne!(status.code(), Code::Ok, "{status:?}");
        let request = tonic_health::pb::HealthCheckRequest {
            service: name.clone(),
        };
        let status = asked(&mut raw, "/grpc.health.v1.Health/Check", &request)
            .await
            .status();
        assert_eq!(
            (status.code(), reason(&status).as_str()),
            (Code::NotFound, "NOT_FOUND")
        );
        let mut touchpoint = feedback("owner-1", "1", NOW);
        touchpoint.id = name.clone();
        touchpoint.source = name.clone();
        let request = RecordRequest {
            touchpoint: Some(touchpoint),
            ..RecordRequest::default()
        };
        let status = asked(&mut raw, RECORD, &request).await.status();
        assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
        let request = GetTimelineRequest {
            owner_id: name,
            ..GetTimelineRequest::default()
        };
        let path = "/ownerline.v1.TimelineService/GetTimeline";
        asked(&mut raw, path, &request).await;
    }
    asked(
        &mut raw,
        "/ownerline.v1.ProjectionService/ListProjections",
        &ListProjectionsRequest::default(),
    )
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exhausted_limits_say_when_to_retry_and_too_large_is_never_exhausted() {
    let settings = [("limits.subscriptions", "1")];
    let server = Server::start_with_settings(&settings).await;
    let all = ownerline_proto::v1::SubscribeRequest::default();
    let _open = server.touchpoints().subscribe(all.clone()).await.unwrap();
    let busy = server.touchpoints().subscribe(all).await.unwrap_err();
    assert_eq!(
        (busy.code(), reason(&busy).as_str()),
        (Code::ResourceExhausted, "BUSY")
    );
    assert!(busy.get_error_details().retry_info().is_some());
    let pushback = busy.metadata().get("grpc-retry-pushback-ms");
    assert_eq!(pushback.unwrap(), "100");
    let large = ownerline_proto::v1::RecordBatchRequest {
        touchpoints: vec![feedback("owner-1", "1", NOW); 1_001],
    };
    let large = server.touchpoints().record_batch(large).await.unwrap_err();
    assert_eq!(
        (large.code(), reason(&large).as_str()),
        (Code::InvalidArgument, "LIMIT_EXCEEDED")
    );
    assert!(large.get_error_details().retry_info().is_none());
    assert!(large.metadata().get("grpc-retry-pushback-ms").is_none());
    server.stop().await;
}
