//! A server whose log cannot be written does what one does whose log can: it starts, records, refuses, finds no space and
//! finds it again, and drains.

use std::fs::File;
use std::process::Stdio;
use std::time::{Duration, Instant};

use ownerline_proto::v1::Touchpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::metrics::page;
use super::pipes::{closed_pipe, full_device, full_pipe};
use crate::process::{Served, begin_to_serve, exit_code, ownerline, text};
use crate::remote::Remote;
use crate::support::{NOW, feedback, reason};
use crate::survive::full_disk::Mounted;
use crate::survive::planted::{Plant, Planted};

/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// The answer of a call, unless the server hangs.
async fn answered<T>(what: &str, call: impl Future<Output = T>) -> T {
    let answer = tokio::time::timeout(PATIENCE, call).await;
    answer.unwrap_or_else(|_| panic!("{what} is not answered"))
}

async fn records(remote: &Remote, id: &str) -> Result<(), String> {
    sends(remote, feedback("owner-1", id, NOW)).await
}

/// A touchpoint that says too little to be recorded.
async fn is_refused(remote: &Remote) {
    let refused = sends(remote, Touchpoint::default()).await;
    assert_eq!(refused, Err("MALFORMED_REQUEST".to_owned()));
}

async fn sends(remote: &Remote, touchpoint: Touchpoint) -> Result<(), String> {
    let recorded = answered("Record", remote.record(touchpoint)).await;
    recorded.map(|_| ()).map_err(|status| reason(&status))
}

async fn is_serving(remote: &Remote) -> bool {
    let mut health = HealthClient::new(remote.channel());
    let checked = health.check(HealthCheckRequest::default());
    let checked = answered("health", checked).await.unwrap().into_inner();
    checked.status() == ServingStatus::Serving
}

/// Starts, records, refuses, and drains.
async fn serves(log: impl Into<Stdio>) {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start_logging_to(log, directory.path(), &[]);
    let remote = served.remote().await;
    for number in 0..10 {
        let id = number.to_string();
        assert_eq!(records(&remote, &id).await, Ok(()));
        is_refused(&remote).await;
    }
    assert!(is_serving(&remote).await);
    drop(remote);
    assert_eq!(served.terminate(), Some(0), "it drains");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_log_is_a_full_device_records_refuses_and_drains() {
    serves(full_device()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_log_is_a_closed_pipe_records_refuses_and_drains() {
    serves(closed_pipe()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_log_is_a_full_pipe_that_does_not_block_records_refuses_and_drains() {
    let (_reader, writer) = full_pipe(false);
    serves(writer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_log_is_a_full_pipe_that_nobody_reads_records_refuses_and_drains() {
    let (_reader, writer) = full_pipe(true);
    serves(writer).await;
}

/// Finds no space, and finds it again, as with a log that can be written.
async fn heals(log: impl Into<Stdio>) {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Planted::start_logging_to(log, directory.path());
    let remote = Remote::connect(server.url()).await.unwrap();
    assert_eq!(records(&remote, "1").await, Ok(()));
    server.plant(Plant::FullLog(true));
    let begun = Instant::now();
    let mut number = 2;
    let refused = loop {
        match records(&remote, &number.to_string()).await {
            Ok(()) => number += 1,
            Err(refused) => break refused,
        }
        assert!(begun.elapsed() < PATIENCE, "{number} were recorded");
    };
    assert_eq!(refused, "NO_SPACE");
    server.plant(Plant::FullLog(false));
    while let Err(refused) = records(&remote, "after").await {
        assert_eq!(refused, "NO_SPACE");
        assert!(begun.elapsed() < PATIENCE, "it never finds space again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    while !is_serving(&remote).await {
        assert!(begun.elapsed() < PATIENCE, "it never serves again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(remote);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_heals_also_where_its_warning_cannot_be_written() {
    heals(full_device()).await;
    heals(closed_pipe()).await;
    let (_reader, unread) = full_pipe(true);
    heals(unread).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_on_the_same_full_disk_as_the_data_goes_on_with_it_and_says_what_it_lost() {
    let directory = tempfile::tempdir().unwrap();
    let Some(disk) = Mounted::at(&directory.path().join("disk"), 256) else {
        return;
    };
    let path = disk.path().join("log");
    let log = File::options().create(true).append(true).open(&path);
    let data = disk.path().join("data");
    let variables = [
        ("OWNERLINE_METRICS_LISTEN", "127.0.0.1:0"),
        ("OWNERLINE_TELEMETRY_FILTER", "ownerline=debug"),
    ];
    let served = Served::start_logging_to(log.unwrap(), &data, &variables);
    let remote = served.remote().await;
    assert_eq!(records(&remote, "1").await, Ok(()));
    disk.fill();
    let begun = Instant::now();
    let mut number = 2;
    while records(&remote, &number.to_string()).await.is_ok() {
        number += 1;
        assert!(begun.elapsed() < PATIENCE, "the disk is not full");
    }
    // More lines than the last page of the file has room for, of every second some.
    let lost = async || {
        let page = page(served.metrics()).await;
        let name = "ownerline_log_lines_lost_total{cause=\"write_failed\"} ";
        let count = page.lines().find_map(|line| line.strip_prefix(name));
        count.unwrap().parse::<u64>().unwrap()
    };
    while lost().await == 0 {
        is_refused(&remote).await;
        assert!(begun.elapsed() < PATIENCE, "the log goes elsewhere");
    }
    disk.make_room();
    while records(&remote, "after").await.is_err() {
        assert!(begun.elapsed() < PATIENCE, "it never records again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(remote);
    assert_eq!(served.terminate(), Some(0), "it drains");
    let told = std::fs::read_to_string(&path).unwrap();
    assert!(told.contains("the log has room again"), "{told}");
    assert!(told.contains("log lines were lost"), "{told}");
    drop(disk);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_a_line_of_the_log_and_ends_nothing_if_it_cannot_be_written() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Planted::start(directory.path());
    server.plant(Plant::Panic);
    let begun = Instant::now();
    while !server.told().contains("planted") {
        assert!(begun.elapsed() < PATIENCE, "{}", server.told());
        tokio::task::yield_now().await;
    }
    let told = server.told();
    let line = told.lines().find(|line| line.contains("planted")).unwrap();
    for word in [
        "ERROR ownerline::telemetry: panic",
        "planted.rs:",
        "thread=",
    ] {
        assert!(line.contains(word), "{word} is not in {line}");
    }
    server.stop();

    let directory = tempfile::tempdir().unwrap();
    let mut server = Planted::start_logging_to(full_device(), directory.path());
    server.plant(Plant::Panic);
    let remote = Remote::connect(server.url()).await.unwrap();
    assert_eq!(records(&remote, "1").await, Ok(()));
    drop(remote);
    server.stop();
}

#[test]
fn a_start_that_fails_says_so_with_its_exit_code_whatever_becomes_of_its_words() {
    let directory = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let (_reader, unread) = full_pipe(true);
    let logs: [(&str, Stdio); 3] = [
        ("full", full_device().into()),
        ("closed", closed_pipe().into()),
        ("unread", unread.into()),
    ];
    for (number, (log, stdio)) in logs.into_iter().enumerate() {
        let mut start = ownerline();
        start.args(["serve", "--listen", &listen, "--data"]);
        start.arg(directory.path().join(number.to_string()));
        let mut child = start.stdout(Stdio::null()).stderr(stdio).spawn().unwrap();
        assert_eq!(exit_code(&mut child), Some(1), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn standard_output_that_cannot_be_written_is_a_warning_and_no_reason_not_to_serve() {
    for (what, output) in [
        ("full", Stdio::from(full_device())),
        ("closed", Stdio::from(closed_pipe())),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let told = tempfile::tempfile().unwrap();
        let mut child = begin_to_serve(directory.path())
            .stdout(output)
            .stderr(told.try_clone().unwrap())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        let said = loop {
            let said = text(&told);
            if said.contains("standard output cannot be written") && said.contains("serving ") {
                break said;
            }
            let runs = child.try_wait().unwrap().is_none();
            assert!(runs && begun.elapsed() < PATIENCE, "{what}: {said}");
            tokio::task::yield_now().await;
        };
        let (_, address) = said.split_once("serving addr=").unwrap();
        let address = address.split_whitespace().next().unwrap();
        let remote = Remote::connect(&format!("http://{address}")).await.unwrap();
        assert_eq!(records(&remote, "1").await, Ok(()));
        drop(remote);
        let id = child.id().to_string();
        let sent = std::process::Command::new("kill")
            .args(["-TERM", &id])
            .status();
        assert!(sent.unwrap().success());
        assert_eq!(exit_code(&mut child), Some(0), "{what}");
    }
}
