//! A subscription that has nothing to send still says that it is alive, and how far it is, but not for each touchpoint
//! that does not pass its filter.

use std::time::{Duration, Instant};

use ownerline_proto::v1::subscribe_response::Item;
use ownerline_proto::v1::{SubscribeRequest, SubscribeResponse, TouchpointFilter};
use tonic::Streaming;

use super::subscribe;
use crate::support::{NOW, Server, feedback};

async fn next(answers: &mut Streaming<SubscribeResponse>) -> Item {
    let patience = Duration::from_secs(60);
    let next = tokio::time::timeout(patience, answers.message()).await;
    let next = next.expect("it is not silent");
    next.unwrap().unwrap().item.unwrap()
}

fn of_cases() -> SubscribeRequest {
    SubscribeRequest {
        filter: Some(TouchpointFilter {
            categories: vec!["case".to_owned()],
            ..TouchpointFilter::default()
        }),
        ..SubscribeRequest::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_has_caught_up_says_where_it_is_after_each_silence() {
    let server = Server::start_with_settings(&[("limits.watch_silence", "20ms")]).await;
    let recorded = server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let mut answers = subscribe(&server, SubscribeRequest::default()).await;
    assert!(matches!(next(&mut answers).await, Item::Batch(_)));
    assert!(matches!(next(&mut answers).await, Item::CaughtUp(_)));
    for _ in 0..3 {
        match next(&mut answers).await {
            Item::Checkpoint(checkpoint) => assert_eq!(checkpoint.position, recorded.position),
            other => panic!("{other:?}"),
        }
    }
    let live = server.record(feedback("owner-1", "2", NOW)).await.unwrap();
    loop {
        match next(&mut answers).await {
            Item::Checkpoint(checkpoint) => assert_eq!(checkpoint.position, recorded.position),
            Item::Batch(batch) => {
                assert_eq!(batch.touchpoints[0].position, live.position);
                break;
            }
            other @ Item::CaughtUp(_) => panic!("{other:?}"),
        }
    }
    drop(answers);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn touchpoints_that_do_not_pass_are_summed_up_and_the_last_is_told_soon() {
    let server = Server::start().await;
    let mut answers = subscribe(&server, of_cases()).await;
    assert!(matches!(next(&mut answers).await, Item::CaughtUp(_)));
    let begun = Instant::now();
    let mut last = String::new();
    for number in 0..100 {
        let foreign = feedback("owner-1", &number.to_string(), NOW);
        last = server.record(foreign).await.unwrap().position;
    }
    let mut told = 0;
    loop {
        told += 1;
        match next(&mut answers).await {
            Item::Checkpoint(checkpoint) if checkpoint.position == last => break,
            Item::Checkpoint(checkpoint) => assert!(checkpoint.position < last),
            other => panic!("{other:?}"),
        }
    }
    // One a second at most, however long the machine takes.
    let most = 1 + begun.elapsed().as_secs();
    assert!(told <= most, "{told} messages about 100 touchpoints");
    drop(answers);
    server.stop().await;
}
