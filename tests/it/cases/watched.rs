//! Watching a case.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use ownerline_proto::v1::{CaseState, WatchCaseRequest, WatchCaseResponse};
use tonic::Streaming;

use super::{client, story, text};
use crate::process::{Served, ownerline};
use crate::remote::Remote;
use crate::support::Server;

async fn next(watch: &mut Streaming<WatchCaseResponse>) -> WatchCaseResponse {
    watch.message().await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watched_case_is_sent_whenever_it_stands_differently_and_continues_without_repeat() {
    let server = Server::start().await;
    let story = story();
    server.import(story[..3].to_vec()).await;
    let mut client = client(&server).await;
    let request = WatchCaseRequest {
        case_id: text("light"),
        at_least: server.head().await,
        ..WatchCaseRequest::default()
    };
    let mut watch = client
        .watch_case(request.clone())
        .await
        .unwrap()
        .into_inner();
    let first = next(&mut watch).await;
    let case = first.case.unwrap();
    assert_eq!((case.state(), case.advocates.len()), (CaseState::Open, 0));
    server.import(story[3..5].to_vec()).await;
    let head = server.head().await;
    let told = loop {
        let told = next(&mut watch).await;
        if told.position >= head {
            break told;
        }
    };
    assert_eq!(told.case.unwrap().advocates[0].agent_id, "eve");
    drop(watch);
    server.import(story[17..].to_vec()).await;
    let after = WatchCaseRequest {
        after: told.position.clone(),
        after_as_of: told.as_of,
        ..request
    };
    let mut again = client.watch_case(after).await.unwrap().into_inner();
    let told = next(&mut again).await;
    assert_eq!(told.case.unwrap().state(), CaseState::Closed);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_watched_on_the_command_line() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(&directory.path().join("data"));
    let remote = Remote::connect(served.url()).await.unwrap();
    let story = story();
    let (closing, before) = story.split_last().unwrap();
    remote.import(before.to_vec()).await;
    let head = remote.head().await;
    let mut watching = ownerline()
        .args(["case", "light", "--watch", "--changes", "1"])
        .args(["--at-least", &head, "--server", served.url()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut shown = BufReader::new(watching.stdout.take().unwrap());
    let mut first = String::new();
    while !first.contains("Watching") {
        assert_ne!(shown.read_line(&mut first).unwrap(), 0, "{first}");
    }
    assert!(first.contains("Case light of ann"), "{first}");
    assert!(first.contains("resolved ·"), "{first}");
    remote.import(vec![closing.clone()]).await;
    let mut then = String::new();
    shown.read_to_string(&mut then).unwrap();
    assert!(then.contains("closed ·"), "{then}");
    assert!(then.contains("unmet request: “to be told why”"), "{then}");
    assert_eq!(watching.wait().unwrap().code(), Some(0));
    drop(remote);
    assert_eq!(served.terminate(), Some(0));
}
