//! Bad input through gRPC: each fault has its own clear error, and nothing is stored.

use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    ExpectedRevision, GetTouchpointRequest, Origin, RecordBatchRequest, RecordRequest, Subjects,
    Touchpoint, TouchpointKey, TouchpointRef, VehicleAcquired, expected_revision::Expectation,
    get_touchpoint_request::By, record_result::Result as ItemResult,
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::batch_refused;
use crate::support::{NOW, Server, feedback, pairs, reason, violations};

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
        (Code::InvalidArgument, "LIMIT_EXCEEDED")
    );
    assert!(status.message().contains("65536"), "{status:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_over_the_transport_limit_names_the_limit() {
    let server = Server::start().await;
    let touchpoints = vec![feedback(&"x".repeat(100_000), "1", NOW); 50];
    let status = batch_refused(&server, touchpoints).await;
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::InvalidArgument, "LIMIT_EXCEEDED")
    );
    let status = batch_refused(&server, vec![feedback("o", "1", NOW); 1_001]).await;
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::InvalidArgument, "LIMIT_EXCEEDED")
    );
    let status = batch_refused(&server, Vec::new()).await;
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
    let details = status.get_error_details();
    let fields = &details.error_info().unwrap().metadata["fields"];
    assert_eq!(fields, "touchpoint.subjects.owner_id");
    assert!(!format!("{status:?}").contains("owner-2"), "{status:?}");
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

#[tokio::test(flavor = "multi_thread")]
async fn links_and_pictures_hold_no_script() {
    use ownerline_proto::v1::{
        AdvocacyObserved, ProductionStage, StagePhotographed, advocacy_observed,
    };
    let server = Server::start().await;
    let photographed = |uri: &str, media_type: &str| {
        let mut touchpoint = feedback("owner-1", "photo", NOW);
        touchpoint.subjects.get_or_insert_default().order_id = "order-1".to_owned();
        touchpoint.payload = Some(Payload::StagePhotographed(StagePhotographed {
            stage: ProductionStage::Body.into(),
            uri: uri.to_owned(),
            media_type: media_type.to_owned(),
            ..StagePhotographed::default()
        }));
        touchpoint
    };
    let status = refused(
        &server,
        photographed("javascript:alert(1)", "image/svg+xml"),
    )
    .await;
    assert_eq!(
        violations(&status),
        pairs(&[
            ("touchpoint.stage_photographed.uri", "FORMAT"),
            ("touchpoint.stage_photographed.media_type", "FORMAT"),
            ("touchpoint.stage_photographed.sha256", "REQUIRED"),
        ])
    );
    let mut observed = feedback("owner-1", "observed", NOW);
    observed.payload = Some(Payload::AdvocacyObserved(AdvocacyObserved {
        kind: advocacy_observed::Kind::Positive.into(),
        url: "java\tscript:alert(1)".to_owned(),
        ..AdvocacyObserved::default()
    }));
    let status = refused(&server, observed).await;
    assert_eq!(
        violations(&status),
        pairs(&[("touchpoint.advocacy_observed.url", "FORMAT")])
    );
    let mut fine = photographed("https://media.example/order-1/1.jpg", "image/jpeg");
    if let Some(Payload::StagePhotographed(it)) = &mut fine.payload {
        it.sha256 = "0".repeat(64);
    }
    server.record(fine).await.unwrap();
    let plain = photographed("http://media.example/order-1/1.jpg", "");
    let status = refused(&server, plain).await;
    assert_eq!(
        violations(&status),
        pairs(&[("touchpoint.stage_photographed.uri", "FORMAT")])
    );
    server.stop().await;
}
