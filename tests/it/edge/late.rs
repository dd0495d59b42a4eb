//! Connections that are opened while the server drains: every call on them gets an answer that a retry policy obeys.

use std::time::Duration;

use ownerline_proto::v1::SubscribeRequest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use super::draining::{PREFACE, SETTINGS, drained, ended_in_order};
use crate::process::Served;
use crate::remote::Remote;
use crate::support::{NOW, feedback, reason};

/// As clients connect: with the first call.
fn channel(url: &str) -> Channel {
    Endpoint::from_shared(url.to_owned())
        .unwrap()
        .connect_lazy()
}

/// Calls over new connections until nobody listens any more; the last of them may come too late.
async fn until_nobody_listens(url: String) -> Vec<Status> {
    let mut answers = Vec::new();
    loop {
        let remote = Remote::of(channel(&url));
        let answer = remote.record(feedback("owner-1", "1", NOW)).await;
        let Err(status) = answer else {
            continue;
        };
        let listens = TcpStream::connect(url.trim_start_matches("http://"))
            .await
            .is_ok();
        if !listens {
            return answers;
        }
        answers.push(status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_connects_during_the_drain_is_told_unavailable_and_when_to_come_back() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(directory.path());
    let url = served.url().to_owned();
    let authority = url.trim_start_matches("http://").to_owned();
    let mut silent = Vec::new();
    for _ in 0..4 {
        // It answers no ping, and holds the drain for a moment.
        let mut stream = TcpStream::connect(&authority).await.unwrap();
        let greeting = [PREFACE, SETTINGS].concat();
        stream.write_all(&greeting).await.unwrap();
        // Once it is greeted, it is accepted: the drain meets it.
        stream.read_u8().await.unwrap();
        silent.push(stream);
    }
    let callers = (0..4).map(|_| tokio::spawn(until_nobody_listens(url.clone())));
    let callers: Vec<_> = callers.collect();
    let ended = drained(served).await;
    let mut stopping = 0;
    for caller in callers {
        for status in caller.await.unwrap() {
            assert_eq!(status.code(), Code::Unavailable, "{status:?}");
            if reason(&status) == "STOPPING" {
                stopping += 1;
                let pushback = status.metadata().get("grpc-retry-pushback-ms").unwrap();
                assert_eq!(pushback, "1000");
                let retry = status.get_error_details().retry_info().unwrap().retry_delay;
                assert_eq!(retry, Some(Duration::from_secs(1)));
            }
        }
    }
    println!("{stopping} calls were told STOPPING");
    assert!(stopping > 0, "nobody was told");
    ended_in_order(&ended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_streams_on_a_connection_that_comes_late_say_that_nothing_is_served() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(directory.path());
    let url = served.url().to_owned();
    let mut silent = TcpStream::connect(url.trim_start_matches("http://"))
        .await
        .unwrap();
    silent
        .write_all(&[PREFACE, SETTINGS].concat())
        .await
        .unwrap();
    let watching = HealthClient::new(served.remote().await.channel())
        .watch(HealthCheckRequest::default())
        .await;
    let mut watching = watching.unwrap().into_inner();
    watching.message().await.unwrap().unwrap();
    let drain = tokio::spawn(drained(served));
    let next = watching.message().await.unwrap().unwrap();
    assert_eq!(next.status(), ServingStatus::NotServing);
    // The drain has begun; the connection before is closed by the server.
    let late = channel(&url);
    let checked = HealthClient::new(late.clone())
        .check(HealthCheckRequest::default())
        .await;
    let checked = checked.unwrap().into_inner();
    assert_eq!(checked.status(), ServingStatus::NotServing);
    let everything = SubscribeRequest::default();
    let refused = Remote::of(late).touchpoints().subscribe(everything).await;
    let refused = refused.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::Unavailable, "STOPPING")
    );
    ended_in_order(&drain.await.unwrap()).await;
}
