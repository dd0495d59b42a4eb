//! Errors say what fits the call: how this reader goes on, whether this call may have written, which name was meant.

use std::time::{Duration, Instant};

use http::HeaderValue;
use ownerline_proto::v1::{
    GetTimelineRequest, ListProjectionsRequest, ListTouchpointsRequest, ReadStreamRequest,
    RebuildProjectionRequest, RecordRequest, RecordStreamRequest, SubscribeRequest, TimelineFilter,
    TouchpointFilter, WatchTimelineRequest, record_stream_request,
};
use prost::Message as _;
use tonic::transport::Endpoint;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::overload::raw::{RECORD, Raw, call, framed};
use crate::remote::Remote;
use crate::support::{NOW, Server, feedback, reason, violations};

const PATIENCE: Duration = Duration::from_millis(200);

fn metadata(status: &Status, key: &str) -> Option<String> {
    let details = status.get_error_details();
    details.error_info()?.metadata.get(key).cloned()
}

fn one(number: u64) -> RecordStreamRequest {
    let item = record_stream_request::Item {
        touchpoint: Some(feedback("owner-1", &number.to_string(), NOW)),
        ..record_stream_request::Item::default()
    };
    RecordStreamRequest { items: vec![item] }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_does_not_read_its_results_is_told_to_send_again_what_has_none() {
    let server = Server::start_with_settings(&[("limits.slow_reader", "200ms")]).await;
    let url = format!("http://{}", server.addr());
    // A window in which a few results fit.
    let endpoint = Endpoint::from_shared(url).unwrap();
    let endpoint = endpoint.initial_stream_window_size(500);
    let remote = Remote::of(endpoint.connect().await.unwrap());
    let (sender, messages) = tokio::sync::mpsc::channel(1);
    let messages = tokio_stream::wrappers::ReceiverStream::new(messages);
    let answers = remote.touchpoints().record_stream(messages).await;
    let mut answers = answers.unwrap().into_inner();
    let sending = tokio::spawn(async move {
        for number in 0.. {
            if sender.send(one(number)).await.is_err() {
                return;
            }
        }
    });
    // The server goes on with everybody else meanwhile.
    let begun = Instant::now();
    let mut number = 0;
    while begun.elapsed() < 5 * PATIENCE {
        number += 1;
        let touchpoint = feedback("owner-2", &format!("other-{number}"), NOW);
        server.record(touchpoint).await.unwrap();
    }
    let ended = loop {
        match answers.message().await {
            Ok(answer) => assert!(answer.is_some(), "it ends with a word"),
            Err(status) => break status,
        }
    };
    sending.abort();
    let told = (ended.code(), reason(&ended));
    assert_eq!(told, (Code::ResourceExhausted, "SLOW_READER".to_owned()));
    assert!(ended.message().contains("source and id"), "{ended:?}");
    assert!(!ended.message().contains("position"), "{ended:?}");
    assert_eq!(metadata(&ended, "outcome").as_deref(), Some("unknown"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_that_passes_says_what_may_have_happened_in_this_call() {
    let server = Server::start().await;
    let recorded = server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let mut raw = Raw::connect(&server.addr().to_string()).await;
    let record = RecordRequest {
        touchpoint: Some(feedback("owner-1", "2", NOW)),
        ..RecordRequest::default()
    };
    let timeline = GetTimelineRequest {
        owner_id: "owner-1".to_owned(),
        at_least: recorded.position,
        ..GetTimelineRequest::default()
    };
    let rebuild = RebuildProjectionRequest {
        names: vec!["no-such-view".to_owned()],
    };
    let projections = "/ownerline.v1.ProjectionService";
    let calls = [
        (
            RECORD.to_owned(),
            record.encode_to_vec(),
            Some("source and id"),
        ),
        (
            "/ownerline.v1.TimelineService/GetTimeline".to_owned(),
            timeline.encode_to_vec(),
            None,
        ),
        (
            format!("{projections}/ListProjections"),
            ListProjectionsRequest::default().encode_to_vec(),
            None,
        ),
        (
            format!("{projections}/RebuildProjection"),
            rebuild.encode_to_vec(),
            Some("repeat the call"),
        ),
    ];
    for timeout in ["1n", "1u", "1m"].iter().cycle().take(30) {
        for (path, message, changes) in &calls {
            let mut request = call(path);
            let timeout = HeaderValue::from_static(timeout);
            request.headers_mut().insert("grpc-timeout", timeout);
            let answered = raw.exchange(request, framed(message)).await;
            let status = answered.status();
            // Some are faster than a millisecond.
            if status.code() != Code::DeadlineExceeded {
                assert_ne!(status.code(), Code::Cancelled, "{path}: {answered:?}");
                continue;
            }
            assert_eq!(reason(&status), "DEADLINE_EXCEEDED", "{path}");
            let outcome = metadata(&status, "outcome");
            assert_eq!(outcome.as_deref(), changes.map(|_| "unknown"), "{path}");
            let fits = status.message().contains(changes.unwrap_or("ask again"));
            assert!(fits, "{path}: {status:?}");
            let of_writes = status.message().contains("write");
            assert_eq!(of_writes, path == RECORD, "{path}: {status:?}");
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_no_category_is_refused_with_those_that_there_are() {
    let server = Server::start().await;
    server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let read = async |stream: &str| {
        let request = ReadStreamRequest {
            stream: stream.to_owned(),
            ..ReadStreamRequest::default()
        };
        let answers = server.touchpoints().read_stream(request).await;
        answers.map(tonic::Response::into_inner)
    };
    for stream in ["OWNER-owner-1", "nosuch-1", "owners-owner-1"] {
        let refused = read(stream).await.unwrap_err();
        assert_eq!(
            violations(&refused),
            [("stream".to_owned(), "UNKNOWN_VALUE".to_owned())],
            "{stream}"
        );
        for known in ["owner", "vehicle", "feedback", "integrity"] {
            assert!(refused.message().contains(known), "{refused:?}");
        }
    }
    for stream in ["owner", "owner-", "vehicle-wbavn31070vp67890", "case-ä"] {
        let refused = read(stream).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{stream}");
        assert_eq!(violations(&refused).len(), 1, "{stream}");
    }
    // One that may come to be is empty until it is.
    let mut empty = read("owner-nobody").await.unwrap();
    assert!(empty.message().await.unwrap().is_none());
    let mut found = read("feedback-f-1").await.unwrap();
    assert!(found.message().await.unwrap().is_some());
    server.stop().await;
}

#[track_caller]
fn hints(status: &Status) {
    assert_eq!(
        violations(status),
        [("filter.types[1]".to_owned(), "UNKNOWN_VALUE".to_owned())]
    );
    let hint = "com.ownerline.feedback_received.v1";
    assert!(status.message().contains(hint), "{status:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_by_the_name_of_a_message_is_told_the_type_that_was_meant() {
    let server = Server::start().await;
    server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    for name in [
        "ownerline.v1.FeedbackReceived",
        "feedback_received",
        "com.ownerline.feedback_received.v2",
    ] {
        let types = vec!["com.ownerline.case_opened.v1".to_owned(), name.to_owned()];
        let filter = Some(TouchpointFilter {
            types: types.clone(),
            ..TouchpointFilter::default()
        });
        let subscribe = SubscribeRequest {
            filter: filter.clone(),
            ..SubscribeRequest::default()
        };
        hints(&server.touchpoints().subscribe(subscribe).await.unwrap_err());
        let list = ListTouchpointsRequest {
            filter,
            ..ListTouchpointsRequest::default()
        };
        hints(
            &server
                .touchpoints()
                .list_touchpoints(list)
                .await
                .unwrap_err(),
        );
        let filter = Some(TimelineFilter {
            types,
            ..TimelineFilter::default()
        });
        let timeline = GetTimelineRequest {
            owner_id: "owner-1".to_owned(),
            filter: filter.clone(),
            ..GetTimelineRequest::default()
        };
        hints(&server.timelines().get_timeline(timeline).await.unwrap_err());
        let watch = WatchTimelineRequest {
            owner_id: "owner-1".to_owned(),
            filter,
            ..WatchTimelineRequest::default()
        };
        hints(&server.timelines().watch_timeline(watch).await.unwrap_err());
    }
    let subscribe = SubscribeRequest {
        filter: Some(TouchpointFilter {
            categories: vec!["FEEDBACK".to_owned()],
            ..TouchpointFilter::default()
        }),
        ..SubscribeRequest::default()
    };
    let refused = server.touchpoints().subscribe(subscribe).await.unwrap_err();
    assert!(refused.message().contains("owner, vehicle"), "{refused:?}");
    server.stop().await;
}
