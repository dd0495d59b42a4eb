//! Metrics over HTTP: exact after known traffic, separate for each server, bounded for bad requests.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use ownerline::app::{self, StartError};
use ownerline::config::Config;
use ownerline_faults::{Disk, Fault};
use ownerline_proto::v1::subscribe_response::Item;
use ownerline_proto::v1::{RecordBatchRequest, SubscribeRequest};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{NOW, Server, all_of, feedback};

/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(60);
/// Lets a server answer its figures.
pub(crate) const ON: (&str, &str) = ("metrics.listen", "127.0.0.1:0");

/// Figures by their name with labels.
pub(crate) type Figures = BTreeMap<String, f64>;

/// Sends bytes and reads to the end.
async fn asked(addr: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    // A reset is an end, too.
    let _ = read.expect("the connection is ended");
    String::from_utf8(answer).unwrap()
}

pub(crate) async fn page(addr: SocketAddr) -> String {
    let answer = asked(addr, b"GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n").await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("content-type: application/openmetrics-text; version=1.0.0"));
    assert!(body.ends_with("# EOF\n"), "{body}");
    body.to_owned()
}

fn figures(page: &str) -> Figures {
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    let figures = lines.map(|line| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.parse().unwrap())
    });
    figures.collect()
}

pub(crate) async fn scraped(server: &Server) -> Figures {
    figures(&page(server.metrics_addr()).await)
}

/// Asks until a figure is as expected.
pub(crate) async fn becomes(server: &Server, name: &str, expected: f64) -> Figures {
    let mut last = Figures::new();
    let becoming = async {
        while last.get(name) != Some(&expected) {
            last = scraped(server).await;
        }
    };
    let became = tokio::time::timeout(PATIENCE, becoming).await;
    assert!(became.is_ok(), "{name} is {:?}", last.get(name));
    last
}

#[track_caller]
fn is(figures: &Figures, name: &str, expected: f64) {
    assert_eq!(figures.get(name), Some(&expected), "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_exact_after_known_traffic() {
    let server = Server::start_with_settings(&[ON]).await;
    for number in 0..3 {
        let touchpoint = feedback("owner-1", &number.to_string(), NOW);
        server.record(touchpoint.clone()).await.unwrap();
        server.record(touchpoint).await.unwrap();
    }
    // The same id with other content, and a batch of which one touchpoint is malformed.
    server
        .record(feedback("owner-2", "0", NOW))
        .await
        .unwrap_err();
    let batch = RecordBatchRequest {
        touchpoints: vec![
            feedback("owner-1", "3", NOW),
            feedback("", "4", i64::MAX / 2_000_000_000),
        ],
    };
    server.touchpoints().record_batch(batch).await.unwrap();
    let request = SubscribeRequest::default();
    let mut subscription = server
        .touchpoints()
        .subscribe(request)
        .await
        .unwrap()
        .into_inner();
    while !matches!(
        subscription.message().await.unwrap().unwrap().item,
        Some(Item::CaughtUp(_))
    ) {}
    server.timeline(all_of("owner-1")).await.unwrap();

    let found = becomes(
        &server,
        r#"ownerline_view_lag_events{view="timeline"}"#,
        0.0,
    )
    .await;
    let found = match found.get("ownerline_index_lag_events") {
        Some(0.0) => found,
        _ => becomes(&server, "ownerline_index_lag_events", 0.0).await,
    };
    for (name, expected) in [
        (
            r#"ownerline_append_duration_seconds_count{outcome="stored"}"#,
            4.0,
        ),
        (
            r#"ownerline_append_duration_seconds_count{outcome="replayed"}"#,
            3.0,
        ),
        (
            r#"ownerline_append_duration_seconds_count{outcome="content_conflict"}"#,
            1.0,
        ),
        ("ownerline_commit_group_events_sum", 4.0),
        ("ownerline_head_position", 4.0),
        ("ownerline_queue_events", 0.0),
        ("ownerline_poisoned", 0.0),
        ("ownerline_subscriptions", 1.0),
        ("ownerline_subscription_lag_max_events", 0.0),
        ("ownerline_subscription_lag_events", 0.0),
        ("ownerline_watches", 0.0),
        (
            r#"ownerline_rpc_duration_seconds_count{method="TouchpointService/Record",code="OK"}"#,
            6.0,
        ),
        (
            r#"ownerline_rpc_duration_seconds_count{method="TouchpointService/Record",code="ALREADY_EXISTS"}"#,
            1.0,
        ),
        (
            r#"ownerline_rpc_duration_seconds_count{method="TimelineService/GetTimeline",code="OK"}"#,
            1.0,
        ),
        (
            r#"ownerline_rpc_in_flight{method="TouchpointService/Subscribe"}"#,
            1.0,
        ),
        (
            r#"ownerline_rpc_in_flight{method="TouchpointService/Record"}"#,
            0.0,
        ),
        (
            r#"ownerline_refused_total{method="TouchpointService/Record",reason="ID_REUSED"}"#,
            1.0,
        ),
        (
            r#"ownerline_refused_total{method="TouchpointService/RecordBatch",reason="MALFORMED_REQUEST"}"#,
            1.0,
        ),
        (
            r#"ownerline_view_applied_events_total{view="timeline"}"#,
            4.0,
        ),
        (
            r#"ownerline_view_state{view="timeline",state="failed"}"#,
            0.0,
        ),
        (r#"ownerline_build_info{version="0.1.0"}"#, 1.0),
    ] {
        is(&found, name, expected);
    }
    assert!(found["ownerline_wal_bytes"] > 0.0);
    assert!(found["ownerline_log_bytes"] > 0.0);
    if cfg!(target_os = "linux") {
        assert!(found["process_resident_memory_bytes"] > 1e6);
    }

    // A stream that its client lets go is over, and counted once.
    drop(subscription);
    let ended =
        r#"ownerline_rpc_streams_total{method="TouchpointService/Subscribe",code="CANCELLED"}"#;
    becomes(&server, ended, 1.0).await;
    // What it held is let go at once, but not in the same instant.
    becomes(&server, "ownerline_subscriptions", 0.0).await;
    let open = r#"ownerline_rpc_in_flight{method="TouchpointService/Subscribe"}"#;
    let found = becomes(&server, open, 0.0).await;
    is(&found, ended, 1.0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_in_one_process_have_figures_of_their_own() {
    let (one, other) = tokio::join!(
        Server::start_with_settings(&[ON]),
        Server::start_with_settings(&[ON])
    );
    one.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let stored = r#"ownerline_append_duration_seconds_count{outcome="stored"}"#;
    is(&scraped(&one).await, stored, 1.0);
    let found = scraped(&other).await;
    assert_eq!(found.get(stored), None);
    is(&found, "ownerline_head_position", 0.0);
    one.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poisoned_log_shows_and_so_do_the_refusals() {
    let disk = Disk::mount("metrics");
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start_on_with(&disk, directory.path(), &[ON]).await;
    server.record(feedback("owner-1", "0", NOW)).await.unwrap();
    is(&scraped(&server).await, "ownerline_poisoned", 0.0);
    disk.fail(1, Fault::Fails);
    let mut number = 1;
    while server
        .record(feedback("owner-1", &number.to_string(), NOW))
        .await
        .is_ok()
    {
        number += 1;
        assert!(number < 1_000, "the disk never failed");
    }
    server
        .record(feedback("owner-1", "after", NOW))
        .await
        .unwrap_err();
    let found = becomes(&server, "ownerline_poisoned", 1.0).await;
    let refused =
        r#"ownerline_refused_total{method="TouchpointService/Record",reason="STORE_POISONED"}"#;
    assert!(found[refused] >= 1.0);
    let outcome = r#"ownerline_append_duration_seconds_count{outcome="poisoned"}"#;
    assert_eq!(found[outcome], found[refused]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_get_metrics_is_answered() {
    let server = Server::start_with_settings(&[ON]).await;
    let addr = server.metrics_addr();
    for (request, status) in [
        ("GET / HTTP/1.1\r\nHost: here\r\n\r\n", "404"),
        ("GET /metrics/x HTTP/1.1\r\nHost: here\r\n\r\n", "404"),
        (
            "POST /metrics HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n",
            "405",
        ),
        ("nonsense\r\n\r\n", "400"),
    ] {
        let answer = asked(addr, request.as_bytes()).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{request:?}: {answer}"
        );
    }
    let endless = format!(
        "GET /metrics HTTP/1.1\r\nx: {}\r\n\r\n",
        "x".repeat(1 << 20)
    );
    let mut stream = TcpStream::connect(addr).await.unwrap();
    // Somewhere on the way it is not read any more.
    let _ = stream.write_all(endless.as_bytes()).await;
    let mut answer = Vec::new();
    let ended = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    assert!(ended.is_ok(), "the connection is ended");
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
    page(addr).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_say_nothing_are_let_go_and_others_answered() {
    let server = Server::start_with_settings(&[ON]).await;
    let addr = server.metrics_addr();
    let mut silent = Vec::new();
    for _ in 0..9 {
        let mut stream = TcpStream::connect(addr).await.unwrap();
        stream.write_all(b"GET /metr").await.unwrap();
        silent.push(stream);
    }
    let answered = tokio::time::timeout(PATIENCE, page(addr)).await;
    assert!(answered.is_ok(), "silent connections keep others out");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_endpoint_and_its_connections_end_with_the_server() {
    let server = Server::start_with_settings(&[ON]).await;
    let addr = server.metrics_addr();
    let mut open = TcpStream::connect(addr).await.unwrap();
    open.write_all(b"GET /metrics HTTP/1.1\r\n").await.unwrap();
    page(addr).await;
    server.stop().await;
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(PATIENCE, open.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "the connection outlives the server");
    assert!(TcpStream::connect(addr).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_stops_the_start_and_is_named() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let overrides = [
        ("store.data", directory.path().into()),
        ("server.listen", "127.0.0.1:0".into()),
        ("metrics.listen", address.to_string().into()),
    ];
    let config = Config::load(None, [], &overrides).unwrap();
    match app::start(config).await.map(|_| ()) {
        Err(error @ StartError::Listen { .. }) => {
            let told = error.to_string();
            assert!(
                told.starts_with(&format!("cannot listen on {address}: ")),
                "{told}"
            );
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_for_people_has_every_figure_with_its_kind_and_labels() {
    let server = Server::start_with_settings(&[ON]).await;
    server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    server
        .record(feedback("owner-2", "1", NOW))
        .await
        .unwrap_err();
    let mut client = server.touchpoints();
    drop(client.subscribe(SubscribeRequest::default()).await.unwrap());
    let ended =
        r#"ownerline_rpc_streams_total{method="TouchpointService/Subscribe",code="CANCELLED"}"#;
    becomes(&server, ended, 1.0).await;
    let page = page(server.metrics_addr()).await;
    let documented = include_str!("../../../docs/operations.md");
    let rows: Vec<&str> = documented
        .lines()
        .filter(|line| line.starts_with("| `ownerline_") || line.starts_with("| `process_"))
        .collect();
    let declared: Vec<(&str, &str)> = page
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '))
        .collect();
    for (name, kind) in &declared {
        let whole = match *kind {
            "counter" => format!("{name}_total"),
            "info" => format!("{name}_info"),
            _ => (*name).to_owned(),
        };
        let begin = format!("| `{whole}` | {kind} | {} |", labels(&page, name));
        let found = rows.iter().filter(|row| row.starts_with(&begin)).count();
        assert_eq!(
            found, 1,
            "docs/operations.md lacks a row that begins\n{begin}"
        );
    }
    assert_eq!(
        rows.len(),
        declared.len(),
        "figures that are documented and not there"
    );
    server.stop().await;
}

/// The names of a metric's labels as the table writes them.
fn labels(page: &str, name: &str) -> String {
    let mut lines = page.lines().filter(|line| line.starts_with(name));
    let Some((_, labels)) = lines.find_map(|line| line.split_once('{')) else {
        return "–".to_owned();
    };
    let (labels, _) = labels.split_once('}').unwrap();
    let names = labels.split(',').filter_map(|label| label.split_once('='));
    let names = names.map(|(name, _)| name).filter(|name| *name != "le");
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        "–".to_owned()
    } else {
        names.join(", ")
    }
}
