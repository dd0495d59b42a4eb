//! Statuses that the transport makes by itself: in our words, with a reason, counted under it, and never an alarm for what
//! a client did.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode};
use ownerline_proto::v1::{ImportRequest, RecordRequest};
use prost::Message as _;
use tonic::Code;

use crate::overload::raw::{Answered, IMPORT, RECORD, Raw, call, framed};
use crate::process::Served;
use crate::support::{NOW, Server, feedback, reason};
use crate::telemetry::metrics::{ON, scraped};

const GET_TIMELINE: &str = "/ownerline.v1.TimelineService/GetTimeline";
const WATCH_TIMELINE: &str = "/ownerline.v1.TimelineService/WatchTimeline";
const HEALTH: &str = "/grpc.health.v1.Health/Check";

async fn raw(authority: &str) -> Raw {
    Raw::connect(authority).await
}

fn record() -> Bytes {
    let touchpoint = Some(feedback("owner-1", "1", NOW));
    let request = RecordRequest {
        touchpoint,
        ..RecordRequest::default()
    };
    framed(&request.encode_to_vec())
}

fn with(mut request: Request<()>, name: &'static str, value: &'static str) -> Request<()> {
    let value = HeaderValue::from_static(value);
    request.headers_mut().insert(name, value);
    request
}

#[track_caller]
fn says(answered: &Answered, code: Code, expected: &str) {
    let status = answered.status();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (code, expected),
        "{answered:?}"
    );
    assert!(!status.message().is_empty(), "{answered:?}");
    assert!(
        answered.headers.contains_key("x-request-id"),
        "{answered:?}"
    );
}

/// Bodies that are no message in the framing of gRPC.
fn not_framed() -> Vec<(&'static str, Bytes)> {
    let bodies: [(&str, &[u8]); 6] = [
        ("nothing", b""),
        ("a header that stops", &[0, 0, 0]),
        ("a message that stops", &[0, 0, 0, 0, 9, b'a', b'b', b'c']),
        ("compressed without an encoding", &[1, 0, 0, 0, 0]),
        ("an unknown flag", &[7, 0, 0, 0, 0]),
        ("a request of another protocol", b"{\"touchpoint\": {}}"),
    ];
    bodies
        .map(|(name, body)| (name, Bytes::from_static(body)))
        .into()
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_message_are_the_clients_fault_on_every_method() {
    let server = Server::start().await;
    let mut raw = raw(&server.addr().to_string()).await;
    for path in [RECORD, GET_TIMELINE, WATCH_TIMELINE, HEALTH] {
        for (name, body) in not_framed() {
            let answered = raw.exchange(call(path), body).await;
            let told = answered.status().message().to_owned();
            println!("{path} {name}: {told}");
            assert!(
                !told.contains("protocol error") && !told.contains("decoding"),
                "{told}"
            );
            says(
                &answered,
                Code::InvalidArgument,
                match &*told {
                    told if told.starts_with("message is larger") => "LIMIT_EXCEEDED",
                    _ => "MALFORMED_REQUEST",
                },
            );
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_message_end_a_stream_with_the_same_word_in_its_trailers() {
    let server = Server::start().await;
    let mut raw = raw(&server.addr().to_string()).await;
    let good = ImportRequest {
        touchpoints: vec![feedback("owner-1", "1", NOW)],
        validate_only: false,
    };
    let good = framed(&good.encode_to_vec());
    for (name, body) in not_framed()
        .into_iter()
        .filter(|(name, _)| *name != "nothing")
    {
        let body: Bytes = [good.clone(), body].concat().into();
        let answered = raw.exchange(call(IMPORT), body).await;
        assert!(!answered.trailers.is_empty(), "{name}: {answered:?}");
        assert_eq!(
            answered.status().code(),
            Code::InvalidArgument,
            "{name}: {answered:?}"
        );
        assert!(
            !reason(&answered.status()).is_empty(),
            "{name}: {answered:?}"
        );
        assert_eq!(
            answered.trailers.get("x-request-id"),
            answered.headers.get("x-request-id")
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_not_grpc_get_an_http_refusal() {
    let server = Server::start().await;
    let mut raw = raw(&server.addr().to_string()).await;
    for kind in [
        "application/json",
        "application/grpc-web-text",
        "application/grpc-web+proto",
        "text/plain",
    ] {
        let request = with(call(RECORD), "content-type", kind);
        let answered = raw.exchange(request, record()).await;
        assert_eq!(answered.http, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
        says(&answered, Code::InvalidArgument, "CONTENT_TYPE");
    }
    let mut request = call(RECORD);
    request.headers_mut().remove("content-type");
    let answered = raw.exchange(request, record()).await;
    assert_eq!(answered.http, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let mut request = call(RECORD);
    *request.method_mut() = Method::GET;
    let answered = raw.exchange(request, Bytes::new()).await;
    assert_eq!(answered.http, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answered.headers.get("allow").unwrap(), "POST");
    says(&answered, Code::InvalidArgument, "METHOD_NOT_ALLOWED");
    for kind in ["application/grpc+proto", "application/grpc;x=y"] {
        let request = with(call(RECORD), "content-type", kind);
        let answered = raw.exchange(request, record()).await;
        assert_eq!(answered.status().code(), Code::Ok, "{kind}: {answered:?}");
        assert!(!answered.body.is_empty(), "{kind}: {answered:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_methods_and_encodings_are_refused_with_a_reason() {
    let server = Server::start().await;
    let mut raw = raw(&server.addr().to_string()).await;
    for path in [
        "/",
        "/ownerline.v1.TouchpointService/Delete",
        "/nobody.v1.Service/Call",
        HEALTH_LIST,
    ] {
        let answered = raw.exchange(call(path), record()).await;
        says(&answered, Code::Unimplemented, "UNKNOWN_METHOD");
    }
    for encoding in ["deflate", "zstd", "snappy", "made-up"] {
        let request = with(call(RECORD), "grpc-encoding", encoding);
        let answered = raw.exchange(request, record()).await;
        says(&answered, Code::Unimplemented, "UNKNOWN_ENCODING");
        let accepted = answered.headers.get("grpc-accept-encoding");
        assert_eq!(accepted.unwrap(), "gzip,identity", "{encoding}");
    }
    server.stop().await;
}

/// A method of health that this version does not have.
const HEALTH_LIST: &str = "/grpc.health.v1.Health/Listed";

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_clients_are_counted_under_their_reasons() {
    let server = Server::start_with_settings(&[ON]).await;
    let mut raw = raw(&server.addr().to_string()).await;
    raw.exchange(call(RECORD), Bytes::new()).await;
    raw.exchange(call("/nobody.v1.Service/Call"), Bytes::new())
        .await;
    raw.exchange(
        with(call(GET_TIMELINE), "content-type", "application/json"),
        Bytes::new(),
    )
    .await;
    raw.exchange(
        with(call(GET_TIMELINE), "grpc-encoding", "zstd"),
        Bytes::new(),
    )
    .await;
    raw.exchange(call(IMPORT), Bytes::from_static(&[7, 0, 0, 0, 0]))
        .await;
    let figures = scraped(&server).await;
    for (method, reason) in [
        ("TouchpointService/Record", "MALFORMED_REQUEST"),
        ("other", "UNKNOWN_METHOD"),
        ("TimelineService/GetTimeline", "CONTENT_TYPE"),
        ("TimelineService/GetTimeline", "UNKNOWN_ENCODING"),
        ("TouchpointService/Import", "MALFORMED_REQUEST"),
    ] {
        let name = format!(r#"ownerline_refused_total{{method="{method}",reason="{reason}"}}"#);
        assert_eq!(figures.get(&name), Some(&1.0), "{name} in {figures:?}");
    }
    assert!(
        !figures.keys().any(|name| name.contains("INTERNAL")),
        "{figures:?}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_clients_are_no_alarm_in_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(directory.path());
    let authority = served.url().trim_start_matches("http://").to_owned();
    let mut raw = raw(&authority).await;
    for (_, body) in not_framed() {
        raw.exchange(call(RECORD), body.clone()).await;
        raw.exchange(call(IMPORT), body).await;
    }
    for kind in ["application/json", "application/grpc-web-text", "text/html"] {
        let request = with(call(RECORD), "content-type", kind);
        let answered = raw.exchange(request, record()).await;
        assert_eq!(answered.http, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
    }
    let packed = with(call(RECORD), "grpc-encoding", "zstd");
    says(
        &raw.exchange(packed, record()).await,
        Code::Unimplemented,
        "UNKNOWN_ENCODING",
    );
    let nobody = raw
        .exchange(call("/nobody.v1.Service/Call"), record())
        .await;
    says(&nobody, Code::Unimplemented, "UNKNOWN_METHOD");
    let long = format!("/ownerline.v1.TouchpointService/{}", "x".repeat(9_000));
    raw.exchange(call(&long), Bytes::new()).await;
    drop(raw);
    served.ask_to_end();
    let (code, told) = served.ended();
    assert_eq!(code, Some(0), "{told}");
    assert!(!told.contains("ERROR"), "{told}");
    assert!(told.contains("MALFORMED_REQUEST"), "{told}");
    let longest = told.lines().map(str::len).max().unwrap();
    assert!(longest < 1_000, "a client makes lines of {longest} bytes");
}
