//! The lines about bad calls: who made them, in words that are cut, and no more of them than anybody can read.

use std::time::{Duration, Instant};

use bytes::Bytes;
use h2::client::Builder;
use http::{HeaderValue, Request};
use ownerline_proto::v1::{RecordBatchRequest, Touchpoint};
use tonic::Code;

use crate::overload::raw::{RECORD, Raw, call};
use crate::process::Served;
use crate::support::{NOW, feedback};

/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until the log has a line with these words, and returns it.
fn line(served: &Served, words: &[&str]) -> String {
    let begun = Instant::now();
    loop {
        let told = served.told();
        let mut lines = told.lines();
        if let Some(line) = lines.find(|line| words.iter().all(|word| line.contains(word))) {
            return line.to_owned();
        }
        assert!(begun.elapsed() < PATIENCE, "{words:?} are not in {told}");
        std::thread::yield_now();
    }
}

fn named(path: &str, id: &'static str) -> Request<()> {
    let mut request = call(path);
    let id = HeaderValue::from_static(id);
    request.headers_mut().insert("x-request-id", id);
    request
}

/// Makes a call that is refused, on a connection of its own; returns the address that it came from.
async fn refused(served: &Served, request: Request<()>) -> String {
    let authority = served.url().trim_start_matches("http://");
    let stream = tokio::net::TcpStream::connect(authority).await.unwrap();
    let from = stream.local_addr().unwrap().to_string();
    let mut raw = Raw::over(stream, &Builder::new()).await;
    let answered = raw.exchange(request, Bytes::new()).await;
    assert_ne!(answered.status().code(), Code::Ok);
    from
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_call_names_the_other_end_of_its_connection_and_believes_no_header() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(directory.path());
    let mut request = named(RECORD, "direct");
    let forged = HeaderValue::from_static("192.0.2.1");
    request.headers_mut().insert("x-forwarded-for", forged);
    let from = refused(&served, request).await;
    let line = line(&served, &["refused", "request_id=direct"]);
    assert!(line.contains(&format!("peer={from}")), "{line}");
    assert!(!line.contains("192.0.2.1"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_call_through_a_trusted_proxy_names_the_client_behind_it() {
    let directory = tempfile::tempdir().unwrap();
    let trusted = [("OWNERLINE_SERVER_TRUSTED_PROXIES", "127.0.0.0/8, 10.0.0.7")];
    let served = Served::start_with(directory.path(), &trusted);
    let mut request = named(RECORD, "proxied");
    let hops = HeaderValue::from_static("203.0.113.9, 192.0.2.1, 10.0.0.7");
    request.headers_mut().insert("x-forwarded-for", hops);
    let from = refused(&served, request).await;
    let line = line(&served, &["refused", "request_id=proxied"]);
    assert!(line.contains(&format!("peer={from}")), "{line}");
    assert!(line.contains("client=192.0.2.1 "), "{line}");
    assert!(!line.contains("203.0.113.9"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_of_a_method_is_cut_in_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(directory.path());
    let name = format!("/{}/m", "s".repeat(15_000));
    refused(&served, named(&name, "long")).await;
    let line = line(&served, &["refused", "request_id=long"]);
    assert!(line.contains("sss…(+"), "{line}");
    assert!(line.len() < 1_000, "{} bytes", line.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_of_one_kind_are_one_line_and_then_a_count() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(directory.path());
    let mut raw = Raw::connect(served.url().trim_start_matches("http://")).await;
    let refusals = 300;
    for _ in 0..refusals {
        raw.exchange(named(RECORD, "again"), Bytes::new()).await;
    }
    drop(raw);
    served.ask_to_end();
    let (code, told) = served.ended();
    assert_eq!(code, Some(0), "{told}");
    let written = told
        .lines()
        .filter(|line| line.contains("request_id=again"));
    let written = written.count();
    let counts = told
        .lines()
        .filter(|line| line.contains("more of the same"));
    let counts: Vec<usize> = counts
        .map(|line| {
            for word in [
                "line=\"refused\"",
                "TouchpointService/Record",
                "MALFORMED_REQUEST",
            ] {
                assert!(line.contains(word), "{word} is not in {line}");
            }
            line.split_once("count=").unwrap().1.parse().unwrap()
        })
        .collect();
    assert_eq!(written + counts.iter().sum::<usize>(), refusals, "{told}");
    // One a second, and the test may take some.
    assert!(written <= counts.len() + 1, "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_refused_touchpoints_is_one_line_with_their_number() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(directory.path());
    let remote = served.remote().await;
    let mut touchpoints = vec![Touchpoint::default(); 100];
    touchpoints.push(feedback("owner-1", "stored", NOW));
    let batch = RecordBatchRequest { touchpoints };
    let results = remote.touchpoints().record_batch(batch).await.unwrap();
    assert_eq!(results.into_inner().results.len(), 101);
    let line = line(&served, &["touchpoints refused"]);
    for word in ["count=100", "MALFORMED_REQUEST", "peer=127.0.0.1:"] {
        assert!(line.contains(word), "{word} is not in {line}");
    }
    drop(remote);
    served.ask_to_end();
    let (_, told) = served.ended();
    assert_eq!(told.matches("MALFORMED_REQUEST").count(), 1, "{told}");
}
