//! Bad input through gRPC: each has its own clear error, and stores nothing.

use bytes::{Buf, BufMut, Bytes};
use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    ExpectedRevision, GetTimelineRequest, GetTouchpointRequest, KnownAt, Origin,
    RecordBatchRequest, RecordRequest, Subjects, Touchpoint, TouchpointKey, TouchpointRef,
    VehicleAcquired, expected_revision::Expectation, get_touchpoint_request::By, known_at::At,
    record_result::Result as ItemResult,
};
use prost::Message as _;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Request, Status};

use crate::support::{Server, all_of, feedback, reason, violations};

const NOW: i64 = 1_700_000_000;

async fn refused(server: &Server, touchpoint: Touchpoint) -> Status {
    let before = server.head().await;
    let status = server.record(touchpoint).await.expect_err("it is refused");
    assert_eq!(
        server.head().await,
        before,
        "what is refused stores nothing"
    );
    status
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = expected
        .iter()
        .map(|(field, reason)| ((*field).to_owned(), (*reason).to_owned()))
        .collect();
    pairs.sort();
    pairs
}

#[tokio::test(flavor = "multi_thread")]
async fn every_violation_of_a_touchpoint_is_reported_at_once() {
    let server = Server::start().await;
    let ahead = time::timestamp(i64::MAX);
    let touchpoint = Touchpoint {
        id: String::new(),
        source: "line\nbreak".to_owned(),
        occurred_at: Some(ahead),
        received_at: Some(time::timestamp(0)),
        origin: Origin::Imported.into(),
        subjects: Some(Subjects {
            owner_id: "not an id".to_owned(),
            vin: "1M8GDM9AXKP04278O".to_owned(),
            ..Subjects::default()
        }),
        channel: 99,
        traceparent: "00-zz".to_owned(),
        payload: Some(Payload::FeedbackReceived(
            ownerline_proto::v1::FeedbackReceived {
                score: Some(11),
                verbatim: "x".repeat(10_001),
                ..Default::default()
            },
        )),
        ..Touchpoint::default()
    };
    let status = refused(&server, touchpoint).await;
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(reason(&status), "MALFORMED_REQUEST");
    assert_eq!(
        violations(&status),
        pairs(&[
            ("touchpoint.id", "REQUIRED"),
            ("touchpoint.source", "CHARACTERS"),
            ("touchpoint.occurred_at", "FUTURE"),
            ("touchpoint.received_at", "SERVER_ASSIGNED"),
            ("touchpoint.origin", "SERVER_ASSIGNED"),
            ("touchpoint.subjects.owner_id", "CHARACTERS"),
            ("touchpoint.subjects.vin", "CHARACTERS"),
            ("touchpoint.subjects.feedback_id", "REQUIRED"),
            ("touchpoint.channel", "UNKNOWN_VALUE"),
            ("touchpoint.traceparent", "FORMAT"),
            ("touchpoint.feedback_received.score", "RANGE"),
            ("touchpoint.feedback_received.verbatim", "TOO_LONG"),
        ])
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_touchpoint_without_payload_or_time_is_refused() {
    let server = Server::start().await;
    let status = refused(
        &server,
        Touchpoint {
            id: "1".to_owned(),
            source: "//test".to_owned(),
            ..Touchpoint::default()
        },
    )
    .await;
    assert_eq!(
        violations(&status),
        pairs(&[
            ("touchpoint.occurred_at", "REQUIRED"),
            ("touchpoint.payload", "REQUIRED")
        ])
    );
    let status = server
        .touchpoints()
        .record(RecordRequest::default())
        .await
        .unwrap_err();
    assert_eq!(violations(&status), pairs(&[("touchpoint", "REQUIRED")]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn subjects_that_contradict_the_payload_are_refused() {
    let server = Server::start().await;
    let mut touchpoint = feedback("owner-1", "1", NOW);
    touchpoint.subjects = Some(Subjects {
        vin: "1M8GDM9AXKP042788".to_owned(),
        owner_id: "owner-1".to_owned(),
        ..Subjects::default()
    });
    touchpoint.payload = Some(Payload::VehicleAcquired(VehicleAcquired {
        owner_id: "owner-2".to_owned(),
        role: 1,
    }));
    let status = refused(&server, touchpoint).await;
    assert_eq!(
        violations(&status),
        pairs(&[("touchpoint.subjects.owner_id", "DISAGREES")])
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_touchpoint_that_names_itself_is_refused() {
    let server = Server::start().await;
    let mut touchpoint = feedback("owner-1", "1", NOW);
    touchpoint.corrects = Some(TouchpointRef {
        source: String::new(),
        id: "1".to_owned(),
    });
    touchpoint.causation = Some(TouchpointRef {
        source: "//test".to_owned(),
        id: "1".to_owned(),
    });
    let status = refused(&server, touchpoint).await;
    let expected = pairs(&[
        ("touchpoint.causation", "SELF_REFERENCE"),
        ("touchpoint.corrects", "SELF_REFERENCE"),
    ]);
    assert_eq!(violations(&status), expected);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_touchpoint_over_the_size_limit_names_the_limit() {
    let server = Server::start().await;
    let mut touchpoint = feedback("owner-1", "1", NOW);
    if let Some(Payload::FeedbackReceived(received)) = &mut touchpoint.payload {
        received.answers = (0..150)
            .map(|question| (format!("q{question}"), "x".repeat(500)))
            .collect();
    }
    let status = refused(&server, touchpoint).await;
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::ResourceExhausted, "LIMIT_EXCEEDED")
    );
    assert!(status.message().contains("65536"), "{status:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_over_the_transport_limit_names_the_limit() {
    let server = Server::start().await;
    let touchpoints = vec![feedback(&"x".repeat(100_000), "1", NOW); 50];
    let status = server
        .touchpoints()
        .record_batch(RecordBatchRequest { touchpoints })
        .await
        .unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::ResourceExhausted, "LIMIT_EXCEEDED")
    );
    let status = server
        .touchpoints()
        .record_batch(RecordBatchRequest {
            touchpoints: vec![feedback("o", "1", NOW); 1_001],
        })
        .await
        .unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::ResourceExhausted, "LIMIT_EXCEEDED")
    );
    let status = server
        .touchpoints()
        .record_batch(RecordBatchRequest::default())
        .await
        .unwrap_err();
    assert_eq!(violations(&status), pairs(&[("touchpoints", "REQUIRED")]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_id_with_other_content_is_refused_and_the_first_stays() {
    let server = Server::start().await;
    server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let status = refused(&server, feedback("owner-2", "1", NOW)).await;
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::AlreadyExists, "ID_REUSED")
    );
    let by = Some(By::Key(TouchpointKey {
        source: "//test".to_owned(),
        id: "1".to_owned(),
    }));
    let stored = server
        .touchpoints()
        .get_touchpoint(GetTouchpointRequest { by })
        .await
        .unwrap()
        .into_inner();
    let touchpoint = stored.recorded.unwrap().touchpoint.unwrap();
    assert_eq!(touchpoint.subjects.unwrap().owner_id, "owner-1");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_expected_revision_is_refused_and_a_retry_is_not() {
    let server = Server::start().await;
    let expecting = |touchpoint, revision| RecordRequest {
        touchpoint: Some(touchpoint),
        expected_revision: Some(ExpectedRevision {
            expectation: Some(revision),
        }),
        validate_only: false,
    };
    let first = expecting(feedback("owner-1", "1", NOW), Expectation::NoStream(true));
    let recorded = server
        .touchpoints()
        .record(first.clone())
        .await
        .unwrap()
        .into_inner();
    assert!(!recorded.replayed);
    let mut second = feedback("owner-1", "2", NOW);
    second.subjects.as_mut().unwrap().feedback_id = "f-1".to_owned();
    let before = server.head().await;
    let status = server
        .touchpoints()
        .record(expecting(second, Expectation::NoStream(true)))
        .await
        .unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::Aborted, "WRONG_EXPECTED_REVISION")
    );
    assert_eq!(server.head().await, before);
    let retry = server
        .touchpoints()
        .record(first)
        .await
        .unwrap()
        .into_inner();
    assert!(retry.replayed && retry.position == recorded.position);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn validate_only_answers_like_the_real_thing_and_stores_nothing() {
    let server = Server::start().await;
    let before = server.head().await;
    let validate = |touchpoint| RecordRequest {
        touchpoint: Some(touchpoint),
        expected_revision: None,
        validate_only: true,
    };
    let answer = server
        .touchpoints()
        .record(validate(feedback("owner-1", "1", NOW)))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (answer.stream.as_str(), answer.position.as_str()),
        ("feedback-f-1", "")
    );
    assert_eq!(server.head().await, before);
    let recorded = server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let answer = server
        .touchpoints()
        .record(validate(feedback("owner-1", "1", NOW)))
        .await
        .unwrap()
        .into_inner();
    assert!(answer.replayed && answer.position == recorded.position);
    let status = server
        .touchpoints()
        .record(validate(feedback("owner-2", "1", NOW)))
        .await
        .unwrap_err();
    assert_eq!(reason(&status), "ID_REUSED");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_owner_is_not_found() {
    let server = Server::start().await;
    server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let status = server.page(all_of("owner-2")).await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::NotFound, "NOT_FOUND")
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn page_tokens_that_are_changed_or_of_another_query_or_server_are_refused() {
    let server = Server::start().await;
    let other = Server::start().await;
    for id in ["1", "2", "3"] {
        server.record(feedback("owner-1", id, NOW)).await.unwrap();
        other.record(feedback("owner-1", id, NOW)).await.unwrap();
    }
    let at_least = server.head().await;
    let first = GetTimelineRequest {
        page_size: 1,
        at_least,
        ..all_of("owner-1")
    };
    let token = server.page(first.clone()).await.unwrap().next_page_token;
    assert!(!token.is_empty());
    let with = |owner: &str, token: &str| GetTimelineRequest {
        page_token: token.to_owned(),
        ..all_of(owner)
    };
    assert!(server.page(with("owner-1", &token)).await.is_ok());
    let mut tampered = token.clone().into_bytes();
    tampered[10] = if tampered[10] == b'A' { b'B' } else { b'A' };
    let tampered = String::from_utf8(tampered).unwrap();
    for (server, request) in [
        (&server, with("owner-1", &tampered)),
        (&server, with("owner-2", &token)),
        (&other, with("owner-1", &token)),
    ] {
        let status = server.page(request).await.unwrap_err();
        assert_eq!(
            (status.code(), reason(&status).as_str()),
            (Code::InvalidArgument, "PAGE_TOKEN")
        );
    }
    server.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn positions_of_another_log_and_beyond_the_end_are_refused() {
    let server = Server::start().await;
    let recorded = server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let beyond = format!("{}ffff", &recorded.position[..recorded.position.len() - 4]);
    let elsewhere = format!("0000beef{}", &recorded.position[8..]);
    let asking = |at_least: &str| GetTimelineRequest {
        at_least: at_least.to_owned(),
        ..all_of("owner-1")
    };
    let status = server.page(asking(&beyond)).await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::FailedPrecondition, "BEHIND_END_OF_LOG")
    );
    let status = server.page(asking(&elsewhere)).await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::FailedPrecondition, "OTHER_EPOCH")
    );
    let known_at = Some(KnownAt {
        at: Some(At::Position("nonsense".to_owned())),
    });
    let status = server
        .page(GetTimelineRequest {
            known_at,
            owner_id: String::new(),
            ..all_of("")
        })
        .await
        .unwrap_err();
    assert_eq!(
        violations(&status),
        pairs(&[("owner_id", "REQUIRED"), ("known_at.position", "FORMAT")])
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_touchpoint_of_a_batch_has_its_own_result() {
    let server = Server::start().await;
    let mut malformed = feedback("owner-1", "2", NOW);
    malformed.subjects = None;
    let touchpoints = vec![
        feedback("owner-1", "1", NOW),
        malformed,
        feedback("owner-1", "3", NOW),
        feedback("owner-1", "1", NOW),
    ];
    let results = server
        .touchpoints()
        .record_batch(RecordBatchRequest { touchpoints })
        .await
        .unwrap()
        .into_inner()
        .results;
    let kinds: Vec<&str> = results
        .iter()
        .map(|result| match result.result.as_ref().unwrap() {
            ItemResult::Recorded(recorded) if recorded.replayed => "replayed",
            ItemResult::Recorded(_) => "recorded",
            ItemResult::Refused(refused) => refused.reason.as_str(),
        })
        .collect();
    assert_eq!(
        kinds,
        ["recorded", "MALFORMED_REQUEST", "recorded", "replayed"]
    );
    server.stop().await;
}

/// Sends bytes as they are.
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

async fn send_raw(server: &Server, bytes: Vec<u8>) -> Status {
    let mut grpc = tonic::client::Grpc::new(server.channel());
    grpc.ready().await.unwrap();
    let path = http::uri::PathAndQuery::from_static("/ownerline.v1.TouchpointService/Record");
    grpc.unary(Request::new(Bytes::from(bytes)), path, Raw)
        .await
        .expect_err("it is refused")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_the_schema_does_not_know_is_refused_with_its_path() {
    let server = Server::start().await;
    let mut touchpoint = feedback("owner-1", "1", NOW).encode_to_vec();
    // Field 99, varint 1, behind the known ones.
    touchpoint.extend([0x98, 0x06, 0x01]);
    let mut request = vec![0x0a];
    prost::encoding::encode_varint(touchpoint.len() as u64, &mut request);
    request.extend(touchpoint);
    let before = server.head().await;
    let status = send_raw(&server, request).await;
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(
        violations(&status),
        pairs(&[("touchpoint.99", "UNKNOWN_FIELD")])
    );
    assert_eq!(server.head().await, before);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_message_are_refused() {
    let server = Server::start().await;
    for bytes in [
        vec![0x0a, 0x05, 0x01],
        vec![0xff; 40],
        vec![0x0a, 0x02, 0x0a, 0x7f],
    ] {
        let status = send_raw(&server, bytes).await;
        assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
        assert_eq!(reason(&status), "MALFORMED_REQUEST");
    }
    server.stop().await;
}
