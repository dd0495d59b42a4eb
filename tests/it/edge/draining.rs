//! How the server ends while every kind of stream is open, and with connections on which nothing runs.

use std::time::{Duration, Instant};

use bytes::Bytes;
use ownerline_proto::v1::feedback_service_client::FeedbackServiceClient;
use ownerline_proto::v1::projection_service_client::ProjectionServiceClient;
use ownerline_proto::v1::{
    ImportRequest, RebuildProjectionRequest, RecordStreamRequest, SubscribeRequest,
    WatchObligationsRequest, WatchTimelineRequest,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tonic::transport::Channel;
use tonic::{Code, Status, Streaming};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1alpha;
use tonic_reflection::pb::v1alpha::server_reflection_client::ServerReflectionClient as AlphaClient;

use crate::overload::raw::{IMPORT, RECORD, Raw, call};
use crate::process::Served;
use crate::support::{NOW, feedback, one_stream, reason};

/// What a drain may take, whatever is open.
const A_SECOND: Duration = Duration::from_secs(1);
/// How much slower than the drain of a server on which nothing runs a busy machine may make the rest of another.
const BUSY: u32 = 10;

/// Touchpoints of a log whose read models take seconds to rebuild.
const HISTORY: i64 = 10_000;

/// Waits for the end of a stream, whatever comes before it.
fn end_of<T: Send + 'static>(mut answers: Streaming<T>) -> JoinHandle<Status> {
    tokio::spawn(async move {
        loop {
            match answers.message().await {
                Ok(Some(_)) => {}
                Ok(None) => return Status::ok("it ended without a word"),
                Err(status) => return status,
            }
        }
    })
}

/// Opens every kind of stream that never ends by itself.
async fn every_stream(
    channel: &Channel,
    at_least: &str,
) -> Vec<(&'static str, JoinHandle<Status>)> {
    let remote = crate::remote::Remote::of(channel.clone());
    let watch = WatchTimelineRequest {
        owner_id: "owner-1".to_owned(),
        at_least: at_least.to_owned(),
        ..WatchTimelineRequest::default()
    };
    let inbox = WatchObligationsRequest {
        dealer_id: "dealer-1".to_owned(),
        ..WatchObligationsRequest::default()
    };
    let mut touchpoints = remote.touchpoints();
    let record = tokio_stream::pending::<RecordStreamRequest>();
    let import = tokio_stream::pending::<ImportRequest>();
    let asked = tokio_stream::pending::<ServerReflectionRequest>();
    let asked_alpha = tokio_stream::pending::<v1alpha::ServerReflectionRequest>();
    let everything = SubscribeRequest::default();
    vec![
        (
            "record",
            end_of(
                touchpoints
                    .record_stream(record)
                    .await
                    .unwrap()
                    .into_inner(),
            ),
        ),
        (
            "import",
            end_of(touchpoints.import(import).await.unwrap().into_inner()),
        ),
        (
            "subscribe",
            end_of(
                touchpoints
                    .subscribe(everything)
                    .await
                    .unwrap()
                    .into_inner(),
            ),
        ),
        (
            "timeline",
            end_of(
                remote
                    .timelines()
                    .watch_timeline(watch)
                    .await
                    .unwrap()
                    .into_inner(),
            ),
        ),
        ("rebuild", {
            let mut client = ProjectionServiceClient::new(channel.clone());
            let all = RebuildProjectionRequest::default();
            let mut answers = client.rebuild_projection(all).await.unwrap().into_inner();
            answers.message().await.unwrap().unwrap();
            end_of(answers)
        }),
        ("inbox", {
            let mut client = FeedbackServiceClient::new(channel.clone());
            end_of(client.watch_obligations(inbox).await.unwrap().into_inner())
        }),
        ("reflection", {
            let mut client = ServerReflectionClient::new(channel.clone());
            end_of(
                client
                    .server_reflection_info(asked)
                    .await
                    .unwrap()
                    .into_inner(),
            )
        }),
        ("reflection alpha", {
            let mut client = AlphaClient::new(channel.clone());
            end_of(
                client
                    .server_reflection_info(asked_alpha)
                    .await
                    .unwrap()
                    .into_inner(),
            )
        }),
    ]
}

async fn health(channel: &Channel) -> Streaming<HealthCheckResponse> {
    let mut client = HealthClient::new(channel.clone());
    let watch = client.watch(HealthCheckRequest::default()).await;
    let mut watch = watch.unwrap().into_inner();
    let first = watch.message().await.unwrap().unwrap();
    assert_eq!(first.status(), ServingStatus::Serving);
    watch
}

/// Asks a server to end, and returns how long that took and its output.
pub(super) async fn drained(served: Served) -> (Duration, Option<i32>, String) {
    let begun = Instant::now();
    served.ask_to_end();
    let ended = tokio::task::spawn_blocking(|| served.ended());
    let (code, told) = ended.await.unwrap();
    (begun.elapsed(), code, told)
}

/// What the drain of a server takes on which nothing runs.
async fn quiet_drain() -> Duration {
    let directory = tempfile::tempdir().unwrap();
    let (took, ..) = drained(Served::start(directory.path())).await;
    took
}

pub(super) async fn ended_in_order((took, code, told): &(Duration, Option<i32>, String)) {
    let quiet = quiet_drain().await;
    println!("ended after {took:?}, {quiet:?} if nothing is open");
    assert_eq!(*code, Some(0), "{told}");
    assert!(
        *took < A_SECOND + BUSY * quiet,
        "it took {took:?}, and {quiet:?} if nothing is open: {told}"
    );
    assert!(
        !told.contains("ERROR") && !told.contains("cut off"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_stream_ends_with_the_drain_and_health_says_so_first_and_ends_last() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(directory.path());
    let remote = served.remote().await;
    // Enough that rebuilding every read model takes longer than opening the other streams.
    remote.import(one_stream(HISTORY)).await;
    let recorded = remote.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let streams = every_stream(&remote.channel(), &recorded.position).await;
    let mut watch = health(&remote.channel()).await;
    let drain = tokio::spawn(drained(served));
    let next = watch.message().await.unwrap().unwrap();
    assert_eq!(next.status(), ServingStatus::NotServing);
    let health = watch.message().await.unwrap_err();
    for (name, ended) in streams {
        // All others have ended when health does; the word of it may still be on its way to the test.
        let status = ended.await.unwrap();
        assert_eq!(
            (status.code(), reason(&status).as_str()),
            (Code::Unavailable, "STOPPING"),
            "{name}: {status:?}"
        );
    }
    assert_eq!(
        (health.code(), reason(&health).as_str()),
        (Code::Unavailable, "STOPPING")
    );
    ended_in_order(&drain.await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_open_watch_of_health_does_not_hold_the_drain() {
    for service in ["", "ownerline.v1.TimelineService", "no.such.Service"] {
        let directory = tempfile::tempdir().unwrap();
        let served = Served::start(directory.path());
        let remote = served.remote().await;
        let mut client = HealthClient::new(remote.channel());
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        let watch = end_of(client.watch(request).await.unwrap().into_inner());
        ended_in_order(&drained(served).await).await;
        assert_eq!(reason(&watch.await.unwrap()), "STOPPING", "{service}");
    }
}

pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// An empty frame of SETTINGS.
pub(super) const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];

#[tokio::test(flavor = "multi_thread")]
async fn connections_without_a_call_do_not_hold_the_drain_whatever_they_leave_unsaid() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(directory.path());
    let authority = served.url().trim_start_matches("http://").to_owned();
    let mut silent = Vec::new();
    // Nothing; half a greeting; no SETTINGS; and everything, but no answer to any ping.
    let greetings = [
        &b""[..],
        b"PRI * HT",
        PREFACE,
        &[PREFACE, SETTINGS].concat(),
    ];
    for greeting in greetings {
        let mut stream = TcpStream::connect(&authority).await.unwrap();
        stream.write_all(greeting).await.unwrap();
        silent.push(stream);
    }
    let mut idle = Raw::connect(&authority).await;
    idle.ready().await.unwrap();
    let remote = served.remote().await;
    remote.record(feedback("owner-1", "1", NOW)).await.unwrap();
    ended_in_order(&drained(served).await).await;
    for mut stream in silent {
        let mut rest = Vec::new();
        // A reset says the same as an end.
        let _ = stream.read_to_end(&mut rest).await;
    }
    drop((idle, remote));
}

/// Reads the last word of an import that the drain ends, and writes on; after how long a write failed, if one did.
async fn writes_after_the_last_word() -> Result<(), Duration> {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(directory.path());
    let authority = served.url().trim_start_matches("http://").to_owned();
    let (mut raw, mut held) = Raw::connect_for_longer(&authority).await;
    raw.ready().await.unwrap();
    let (answer, stream) = raw.send.send_request(call(IMPORT), false).unwrap();
    let answer = answer.await.unwrap();
    let drain = tokio::spawn(drained(served));
    let mut body = answer.into_body();
    assert!(body.data().await.is_none());
    let trailers = body.trailers().await.unwrap().unwrap();
    let has_word = Instant::now();
    let status = Status::from_header_map(&trailers).unwrap();
    assert_eq!(reason(&status), "STOPPING");
    // Until nothing more comes from the server.
    let mut rest = Vec::new();
    let mut written = held.read_to_end(&mut rest).await.map(drop);
    for _ in 0..10 {
        // A reset comes back before a write to a closed connection returns, and the next write fails.
        written = written.and(held.write_all(b"more").await);
    }
    let took = has_word.elapsed();
    drop((raw, stream, held));
    ended_in_order(&drain.await.unwrap()).await;
    written.map_err(|_| took)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_still_writes_is_not_reset_before_it_has_read_the_last_word() {
    // No client has for ever: on a busy machine it may have been asleep for longer than the server waits.
    const PROMPT: Duration = Duration::from_millis(300);
    for _ in 0..10 {
        let Err(took) = writes_after_the_last_word().await else {
            return;
        };
        assert!(took >= PROMPT, "it was reset {took:?} after the last word");
    }
    panic!("this machine is too busy for any client to read the last word");
}

#[tokio::test(flavor = "multi_thread")]
async fn unfinished_requests_do_not_hold_the_drain_and_get_a_status() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(directory.path());
    let authority = served.url().trim_start_matches("http://").to_owned();
    let mut raw = Raw::connect(&authority).await;
    let mut answers = Vec::new();
    let paths = [
        RECORD,
        "/ownerline.v1.TimelineService/WatchTimeline",
        "/ownerline.v1.TouchpointService/Import",
        "/grpc.health.v1.Health/Watch",
        "/nobody.v1.Service/Call",
    ];
    for path in paths {
        raw.ready().await.unwrap();
        let (answer, mut stream) = raw.send.send_request(call(path), false).unwrap();
        // A thousand bytes are said to come, and one does.
        let half = Bytes::from_static(&[0, 0, 0, 3, 232, 7]);
        stream.send_data(half, false).unwrap();
        answers.push((path, answer, stream));
    }
    // Answered behind them on the same connection, so that they have arrived.
    let health = tonic_health::pb::HealthCheckRequest::default();
    let body = crate::overload::raw::framed(&prost::Message::encode_to_vec(&health));
    raw.exchange(call("/grpc.health.v1.Health/Check"), body)
        .await;
    let drain = tokio::spawn(drained(served));
    for (path, answer, _stream) in answers {
        let answered = crate::overload::raw::Answered::read(answer).await;
        let status = answered.status();
        let expected = match path {
            "/nobody.v1.Service/Call" => "UNKNOWN_METHOD",
            _ => "STOPPING",
        };
        assert_eq!(reason(&status), expected, "{path}: {answered:?}");
    }
    ended_in_order(&drain.await.unwrap()).await;
}
