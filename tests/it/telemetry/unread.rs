//! A log that nobody reads: whatever clients do, the server answers all of them, counts the lines that are lost, and
//! heeds its signals.

use std::time::Duration;

use bytes::Bytes;
use ownerline_proto::v1::{GetTimelineRequest, SubscribeRequest};
use tonic::Code;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::metrics::page;
use super::pipes::{full_pipe, read};
use crate::overload::raw::{RECORD, Raw, call};
use crate::process::Served;
use crate::remote::Remote;
use crate::support::{NOW, all_of, feedback, one_stream, reason};

/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

const METRICS: (&str, &str) = ("OWNERLINE_METRICS_LISTEN", "127.0.0.1:0");
/// Every call is a line.
const EVERY_CALL: (&str, &str) = ("OWNERLINE_TELEMETRY_FILTER", "ownerline=debug");

fn authority(served: &Served) -> String {
    served.url().trim_start_matches("http://").to_owned()
}

/// Refused records, and calls of methods that no server has, with names as long as headers may be.
async fn bad_calls(served: &Served, refused: usize, unknown: usize) {
    let mut raw = Raw::connect(&authority(served)).await;
    for _ in 0..refused {
        let answered = raw.exchange(call(RECORD), Bytes::new()).await;
        assert_eq!(answered.status().code(), Code::InvalidArgument);
    }
    let name = format!("/{}/{}", "s".repeat(7_500), "m".repeat(7_500));
    for _ in 0..unknown {
        let answered = raw.exchange(call(&name), Bytes::new()).await;
        assert_eq!(answered.status().code(), Code::Unimplemented);
    }
}

/// Whether it does everything that a server does.
async fn answers(served: &Served, id: &str) {
    let answering = async {
        let remote = served.remote().await;
        let mut health = HealthClient::new(remote.channel());
        let checked = health.check(HealthCheckRequest::default()).await.unwrap();
        assert_eq!(checked.into_inner().status(), ServingStatus::Serving);
        let recorded = remote.record(feedback("owner-1", id, NOW)).await.unwrap();
        let timeline = GetTimelineRequest {
            at_least: recorded.position,
            ..all_of("owner-1")
        };
        remote.timeline(timeline).await.unwrap();
        page(served.metrics()).await;
    };
    let answered = tokio::time::timeout(PATIENCE, answering).await;
    assert!(answered.is_ok(), "it does not answer");
}

/// Lines that were lost for lack of room.
async fn lost(served: &Served) -> u64 {
    let page = page(served.metrics()).await;
    let name = "ownerline_log_lines_lost_total{cause=\"queue_full\"} ";
    let line = page.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("{name} is not in {page}"))
        .parse()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_calls_fill_no_log_that_nobody_reads_and_the_server_answers_and_drains() {
    let directory = tempfile::tempdir().unwrap();
    let (_reader, writer) = std::io::pipe().unwrap();
    let served = Served::start_logging_to(writer, directory.path(), &[METRICS]);
    bad_calls(&served, 1_000, 20).await;
    answers(&served, "1").await;
    assert_eq!(lost(&served).await, 0, "repeats are no lines");
    assert_eq!(served.terminate(), Some(0), "it drains");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_log_that_nobody_reads_holds_up_nobody_and_says_what_it_lost_once_it_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let (reader, writer) = full_pipe(true);
    let variables = [METRICS, EVERY_CALL];
    let served = Served::start_logging_to(writer, directory.path(), &variables);
    let filling = async {
        while lost(&served).await == 0 {
            bad_calls(&served, 100, 100).await;
        }
    };
    let filled = tokio::time::timeout(PATIENCE, filling).await;
    assert!(filled.is_ok(), "nothing is lost");
    answers(&served, "1").await;
    let before = lost(&served).await;
    let reading = read(reader);
    let reading_again = async {
        // The queue has room again: what is logged now is not lost.
        loop {
            let before = lost(&served).await;
            bad_calls(&served, 50, 0).await;
            if lost(&served).await == before {
                break;
            }
        }
    };
    let again = tokio::time::timeout(PATIENCE, reading_again).await;
    assert!(again.is_ok(), "it is read, and loses more");
    let after = lost(&served).await;
    assert!(after >= before);
    assert_eq!(served.terminate(), Some(0), "it drains");
    let told = reading.join().unwrap();
    let reports = told
        .lines()
        .filter(|line| line.contains("log lines were lost"));
    let reported = reports.map(|line| {
        let (_, count) = line.split_once("queue_full=").unwrap();
        count.split(' ').next().unwrap().parse::<u64>().unwrap()
    });
    assert_eq!(
        reported.sum::<u64>(),
        after,
        "each lost line is reported once"
    );
    assert!(
        told.trim_end().ends_with("stopped"),
        "the last line is there"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_a_long_drain_at_once_although_nobody_reads_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let (_reader, writer) = full_pipe(true);
    let patient = [("OWNERLINE_SERVER_DRAIN_TIMEOUT", "10m"), METRICS];
    let served = Served::start_logging_to(writer, directory.path(), &patient);
    let remote = served.remote().await;
    remote.import(one_stream(30_000)).await;
    // It reads on all the time, a byte at a time.
    let slow = Endpoint::from_shared(served.url().to_owned()).unwrap();
    let slow = slow.initial_stream_window_size(1).connect().await.unwrap();
    let all = SubscribeRequest::default();
    let subscribed = Remote::of(slow).touchpoints().subscribe(all.clone()).await;
    let mut slow = subscribed.unwrap().into_inner();
    let reading = tokio::spawn(async move { while let Ok(Some(_)) = slow.message().await {} });
    let subscribed = served.remote().await.touchpoints().subscribe(all).await;
    let mut reader = subscribed.unwrap().into_inner();
    served.ask_to_end();
    let drained = async {
        loop {
            match reader.message().await {
                Ok(answer) => assert!(answer.is_some(), "it ends with a word"),
                Err(status) => break status,
            }
        }
    };
    let ended = tokio::time::timeout(PATIENCE, drained).await;
    assert_eq!(
        reason(&ended.expect("the first signal is heeded")),
        "STOPPING"
    );
    served.ask_to_end();
    let ended = tokio::task::spawn_blocking(|| served.ended());
    let ended = tokio::time::timeout(PATIENCE, ended).await;
    let (code, _) = ended.expect("the second signal is heeded").unwrap();
    assert_eq!(code, Some(143));
    reading.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_read_has_every_line_of_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    let reading = read(reader);
    let served = Served::start_logging_to(writer, directory.path(), &[]);
    bad_calls(&served, 10, 0).await;
    assert_eq!(served.terminate(), Some(0));
    let told = reading.join().unwrap();
    assert!(
        told.contains("serving") && told.contains("draining"),
        "{told}"
    );
    // The first is a line, and the others are told before the end, even if their second is not over.
    assert_eq!(told.matches(": refused").count(), 1, "{told}");
    assert!(told.contains("count=9"), "{told}");
    assert!(told.trim_end().ends_with("stopped"), "{told}");
}
