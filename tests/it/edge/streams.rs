//! Many streams on one connection leave room for unary calls, and the one too many is refused at once.

use std::time::Duration;

use ownerline_proto::v1::{SubscribeRequest, WatchTimelineRequest};
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::support::{NOW, Server, all_of, feedback, reason};

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_full_of_watches_refuses_another_at_once_and_still_takes_unary_calls() {
    let server = Server::start_with_settings(&[("server.streams_per_connection", "8")]).await;
    let recorded = server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let channel = server.another_channel().await;
    let remote = crate::remote::Remote::of(channel);
    let watch = || WatchTimelineRequest {
        owner_id: "owner-1".to_owned(),
        at_least: recorded.position.clone(),
        ..WatchTimelineRequest::default()
    };
    let mut open = Vec::new();
    for _ in 0..6 {
        let mut watching = remote
            .timelines()
            .watch_timeline(watch())
            .await
            .unwrap()
            .into_inner();
        watching.message().await.unwrap().unwrap();
        open.push(watching);
    }
    let refused = remote
        .timelines()
        .watch_timeline(watch())
        .await
        .unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::FailedPrecondition, "CONNECTION_FULL")
    );
    let details = refused.get_error_details();
    let metadata = &details.error_info().unwrap().metadata;
    assert_eq!(metadata["limit"], "server.streams_per_connection");
    assert_eq!(metadata["allowed"], "6");
    // Every kind of stream counts.
    let refused = remote
        .touchpoints()
        .subscribe(SubscribeRequest::default())
        .await
        .unwrap_err();
    assert_eq!(reason(&refused), "CONNECTION_FULL");
    for number in 0..20 {
        let touchpoint = feedback("owner-1", &format!("n{number}"), NOW);
        let recorded =
            tokio::time::timeout(Duration::from_secs(20), remote.record(touchpoint)).await;
        recorded.expect("a unary call finds room").unwrap();
    }
    remote.timeline(all_of("owner-1")).await.unwrap();
    // Another connection has room of its own, and so has this one once a watch has ended.
    let another = crate::remote::Remote::of(server.another_channel().await);
    another.timelines().watch_timeline(watch()).await.unwrap();
    drop(open.pop());
    let again = async {
        loop {
            match remote.timelines().watch_timeline(watch()).await {
                Ok(watching) => return watching,
                Err(status) => assert_eq!(reason(&status), "CONNECTION_FULL"),
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), again)
        .await
        .expect("its place is given back");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_default_a_hundred_watches_on_one_connection_do_not_make_the_next_call_hang() {
    let server = Server::start().await;
    let recorded = server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let remote = crate::remote::Remote::of(server.another_channel().await);
    let mut open = Vec::new();
    let mut refused = 0;
    for _ in 0..100 {
        let watch = WatchTimelineRequest {
            owner_id: "owner-1".to_owned(),
            at_least: recorded.position.clone(),
            ..WatchTimelineRequest::default()
        };
        match remote.timelines().watch_timeline(watch).await {
            Ok(watching) => open.push(watching.into_inner()),
            Err(status) => {
                assert_eq!(reason(&status), "CONNECTION_FULL");
                refused += 1;
            }
        }
    }
    assert_eq!((open.len(), refused), (75, 25));
    let next = remote.record(feedback("owner-1", "2", NOW));
    let recorded = tokio::time::timeout(Duration::from_secs(20), next).await;
    recorded.expect("it does not hang").unwrap();
    server.stop().await;
}
