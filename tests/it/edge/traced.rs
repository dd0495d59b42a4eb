//! Every end of a call can be traced: its id stands in the trailers, and the end of each stream is one line of the log.

use bytes::Bytes;
use http::{HeaderValue, Request};
use ownerline_proto::v1::{
    ImportRequest, ReadStreamRequest, RecordRequest, SubscribeRequest, WatchTimelineRequest,
};
use prost::Message as _;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;

use super::draining::drained;
use crate::overload::raw::{Answered, IMPORT, RECORD, Raw, call, framed};
use crate::process::Served;
use crate::support::{NOW, Server, feedback, reason};

const READ_STREAM: &str = "/ownerline.v1.TouchpointService/ReadStream";

fn named(path: &str, id: &'static str) -> Request<()> {
    let mut request = call(path);
    let id = HeaderValue::from_static(id);
    request.headers_mut().insert("x-request-id", id);
    request
}

#[track_caller]
fn is_named(answered: &Answered, code: Code, id: &str) {
    assert_eq!(answered.status().code(), code, "{answered:?}");
    assert_eq!(answered.headers.get("x-request-id").unwrap(), id);
    // An answer without messages has its trailers in the headers.
    if !answered.trailers.is_empty() {
        assert_eq!(
            answered.trailers.get("x-request-id").unwrap(),
            id,
            "{answered:?}"
        );
    }
}

/// A stream of two messages, and what it would make a server say if the second were none.
fn import(ids: [&str; 2]) -> Vec<u8> {
    let batch = |id: &str| {
        let batch = ImportRequest {
            touchpoints: vec![feedback("owner-1", id, NOW)],
            validate_only: false,
        };
        framed(&batch.encode_to_vec())
    };
    [batch(ids[0]), batch(ids[1])].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_request_id_stands_in_the_trailers_of_every_end() {
    let server = Server::start().await;
    let mut raw = Raw::connect(&server.addr().to_string()).await;
    let record = RecordRequest {
        touchpoint: Some(feedback("owner-1", "1", NOW)),
        ..RecordRequest::default()
    };
    let record = framed(&record.encode_to_vec());
    let answered = raw.exchange(named(RECORD, "unary"), record).await;
    is_named(&answered, Code::Ok, "unary");
    assert!(!answered.trailers.is_empty());

    let refused = raw.exchange(named(RECORD, "refused"), Bytes::new()).await;
    is_named(&refused, Code::InvalidArgument, "refused");

    let stream = ReadStreamRequest {
        stream: "feedback-f-1".to_owned(),
        ..ReadStreamRequest::default()
    };
    let stream = framed(&stream.encode_to_vec());
    let answered = raw.exchange(named(READ_STREAM, "to-the-end"), stream).await;
    is_named(&answered, Code::Ok, "to-the-end");
    assert!(!answered.trailers.is_empty());

    let broken = [import(["2", "3"]), vec![7, 0, 0, 0, 0]].concat();
    let answered = raw
        .exchange(named(IMPORT, "in-the-middle"), broken.into())
        .await;
    assert!(!answered.body.is_empty(), "{answered:?}");
    assert!(!answered.trailers.is_empty(), "{answered:?}");
    is_named(&answered, Code::InvalidArgument, "in-the-middle");
    server.stop().await;
}

/// The one line of the log about a call.
#[track_caller]
fn line<'l>(told: &'l str, id: &str) -> &'l str {
    let named = format!("request_id={id}");
    let found: Vec<_> = told.lines().filter(|line| line.contains(&named)).collect();
    assert_eq!(found.len(), 1, "{id} in {told}");
    found[0]
}

#[track_caller]
fn says(line: &str, expected: &[&str]) {
    for field in expected {
        assert!(line.contains(field), "{field} in {line}");
    }
    assert!(line.contains("millis="), "{line}");
    assert!(!line.contains("ERROR"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_each_stream_is_one_line_with_what_it_carried_and_why_it_ended() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(directory.path());
    let authority = served.url().trim_start_matches("http://").to_owned();
    let mut raw = Raw::connect(&authority).await;
    raw.exchange(named(IMPORT, "whole"), import(["1", "2"]).into())
        .await;
    let broken = [import(["3", "4"]), vec![7, 0, 0, 0, 0]].concat();
    let answered = raw.exchange(named(IMPORT, "broken"), broken.into()).await;
    assert_eq!(reason(&answered.status()), "MALFORMED_REQUEST");
    // Refused by its headers: no stream, and still one line.
    let watch = WatchTimelineRequest::default();
    let watch = framed(&watch.encode_to_vec());
    let path = "/ownerline.v1.TimelineService/WatchTimeline";
    raw.exchange(named(path, "malformed"), watch).await;
    // Cancelled by its client once it has its first message.
    let mut gone = Raw::connect(&authority).await;
    gone.ready().await.unwrap();
    let health = framed(&HealthCheckRequest::default().encode_to_vec());
    let request = named("/grpc.health.v1.Health/Watch", "gone");
    let (answer, mut stream) = gone.send.send_request(request, false).unwrap();
    stream.send_data(health, true).unwrap();
    let mut body = answer.await.unwrap().into_body();
    body.data().await.unwrap().unwrap();
    drop((gone, body, stream));
    // Ended by the drain.
    raw.ready().await.unwrap();
    let everything = framed(&SubscribeRequest::default().encode_to_vec());
    let request = named("/ownerline.v1.TouchpointService/Subscribe", "drained");
    let (answer, mut stream) = raw.send.send_request(request, false).unwrap();
    stream.send_data(everything, true).unwrap();
    let reading = tokio::spawn(Answered::read(answer));
    while !served.told().contains("request_id=gone") {
        tokio::task::yield_now().await;
    }
    let (_, code, told) = drained(served).await;
    assert_eq!(code, Some(0), "{told}");
    let answered = reading.await.unwrap();
    is_named(&answered, Code::Unavailable, "drained");

    let whole = line(&told, "whole");
    says(
        whole,
        &[
            "stream ended",
            "code=Ok",
            "received=2",
            "sent=2",
            "sent_bytes=",
        ],
    );
    let broken = line(&told, "broken");
    says(
        broken,
        &[
            "stream ended",
            "code=InvalidArgument",
            "MALFORMED_REQUEST",
            "sent=2",
        ],
    );
    says(line(&told, "malformed"), &["refused", "MALFORMED_REQUEST"]);
    says(
        line(&told, "gone"),
        &["stream ended", "code=Cancelled", "CANCELLED", "sent=1"],
    );
    says(
        line(&told, "drained"),
        &["stream ended", "code=Unavailable", "STOPPING"],
    );
}
