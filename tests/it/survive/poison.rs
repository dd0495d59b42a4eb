//! A failed write or sync of a whole server: it refuses further writes and says so, reading goes on, and a restart
//! heals it. A full disk only makes it wait.

use std::time::Duration;

use ownerline_faults::{Disk, Fault};
use ownerline_proto::v1::subscribe_response::Item;
use ownerline_proto::v1::{
    Actor, GetContextPackRequest, GetTimelineRequest, SubscribeRequest, SubscribeResponse,
    Touchpoint, actor,
};
use tonic::{Code, Status, Streaming};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use crate::support::{NOW, Server, all_of, feedback, reason};
use crate::timeline::watcher::{Watcher, next};

const TOUCHPOINT: &str = "ownerline.v1.TouchpointService";
const TIMELINE: &str = "ownerline.v1.TimelineService";
/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(30);

fn nth(number: u64) -> Touchpoint {
    feedback("owner-1", &format!("{number}"), NOW)
}

/// Waits until the health of a service is as expected.
async fn health_becomes(server: &Server, service: &str, expected: ServingStatus) {
    let request = HealthCheckRequest {
        service: service.to_owned(),
    };
    let mut watching = HealthClient::new(server.channel())
        .watch(request)
        .await
        .unwrap()
        .into_inner();
    let mut last = None;
    let becoming = async {
        while last != Some(expected) {
            last = Some(watching.message().await.unwrap().unwrap().status());
        }
    };
    let became = tokio::time::timeout(PATIENCE, becoming).await;
    assert!(became.is_ok(), "{service:?} is {last:?}");
}

/// Records until the log refuses; the numbers that were acknowledged, and the refusal.
async fn record_until_refused(server: &Server) -> (u64, Status) {
    for number in 1..1_000 {
        if let Err(status) = server.record(nth(number)).await {
            return (number, status);
        }
    }
    panic!("the disk never failed");
}

fn refuses_for_good(status: &Status) {
    let told = (status.code(), reason(status));
    assert_eq!(told, (Code::Unavailable, "STORE_POISONED".to_owned()));
    let details = status.get_error_details();
    assert!(details.retry_info().is_none(), "no retry is advised");
    let info = details.error_info().unwrap();
    assert_eq!(info.metadata["outcome"], "not_appended");
}

async fn subscribed(server: &Server) -> Streaming<SubscribeResponse> {
    let request = SubscribeRequest::default();
    let subscribed = server.touchpoints().subscribe(request).await.unwrap();
    subscribed.into_inner()
}

/// Reads until so many touchpoints have come.
async fn until(answers: &mut Streaming<SubscribeResponse>, count: usize) {
    let mut read = 0;
    while read < count {
        let next = tokio::time::timeout(PATIENCE, answers.message()).await;
        let message = next.unwrap_or_else(|_| panic!("{read} of {count} came"));
        if let Item::Batch(batch) = message.unwrap().unwrap().item.unwrap() {
            read += batch.touchpoints.len();
        }
    }
    assert_eq!(read, count);
}

/// Everything that a fresh subscription yields until it has caught up.
async fn until_caught_up(answers: &mut Streaming<SubscribeResponse>) -> usize {
    let mut count = 0;
    loop {
        match answers.message().await.unwrap().unwrap().item.unwrap() {
            Item::Batch(batch) => count += batch.touchpoints.len(),
            Item::Checkpoint(_) => {}
            Item::CaughtUp(_) => return count,
        }
    }
}

async fn poisoned_at(disk: &Disk, call: u64) {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start_on(disk, directory.path()).await;
    let first = server.record(nth(0)).await.unwrap();
    health_becomes(&server, TOUCHPOINT, ServingStatus::Serving).await;
    let mut watcher = Watcher::of("owner-1");
    watcher.request.at_least = first.position.clone();
    let mut watch = watcher.open(&server).await.unwrap();
    watcher.follow(&mut watch, &first.position).await;
    let mut subscription = subscribed(&server).await;
    assert_eq!(until_caught_up(&mut subscription).await, 1);

    disk.fail(call, Fault::Fails);
    let (refused, status) = record_until_refused(&server).await;
    assert!(disk.was_struck());
    // A checkpoint may have met the fault before the writer did.
    if reason(&status) != "STORE_POISONED" {
        let told = (status.code(), reason(&status));
        assert_eq!(told, (Code::Unknown, "OUTCOME_UNKNOWN".to_owned()));
    }
    for number in [0, refused, refused + 1] {
        match server.record(nth(number)).await {
            Err(status) => refuses_for_good(&status),
            // What is stored already is answered as ever.
            Ok(again) => assert!(again.replayed, "{number} was stored in a poisoned log"),
        }
    }
    // Serving a context pack is recorded first, so there is none.
    let asking = GetContextPackRequest {
        owner_id: "owner-1".to_owned(),
        actor: Some(Actor {
            id: "agent-7".to_owned(),
            kind: actor::Kind::Human.into(),
            ..Actor::default()
        }),
        ..GetContextPackRequest::default()
    };
    refuses_for_good(
        &server
            .timelines()
            .get_context_pack(asking)
            .await
            .unwrap_err(),
    );
    health_becomes(&server, "", ServingStatus::NotServing).await;
    health_becomes(&server, TOUCHPOINT, ServingStatus::NotServing).await;
    health_becomes(&server, TIMELINE, ServingStatus::Serving).await;

    // Everything acknowledged is still read, on old streams and on new ones.
    let acknowledged = usize::try_from(refused).unwrap();
    let head = server.head().await;
    let all = GetTimelineRequest {
        at_least: head.clone(),
        ..all_of("owner-1")
    };
    let timeline = server.timeline(all).await.unwrap();
    assert_eq!(timeline.entries.len(), acknowledged);
    assert_eq!(
        until_caught_up(&mut subscribed(&server).await).await,
        acknowledged
    );
    if refused > 1 {
        watcher.follow(&mut watch, &head).await;
        assert_eq!(watcher.entries.len(), acknowledged);
        until(&mut subscription, acknowledged - 1).await;
    }
    drop((watch, subscription));
    server.stop().await;

    let server = Server::start_on(disk, directory.path()).await;
    health_becomes(&server, "", ServingStatus::Serving).await;
    for number in 0..refused + 10 {
        let recorded = server.record(nth(number)).await.unwrap();
        assert!(recorded.replayed || number >= refused, "{number} was lost");
    }
    let mut subscription = subscribed(&server).await;
    let stored = until_caught_up(&mut subscription).await;
    assert_eq!(stored as u64, refused + 10, "each once");
    drop(subscription);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failed_write_or_sync_reading_goes_on_and_a_restart_heals() {
    let disk = Disk::mount("server-fails");
    for call in 1..=6 {
        poisoned_at(&disk, call).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_without_room_refuses_with_advice_and_goes_on_when_there_is_room() {
    let disk = Disk::mount("server-full");
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start_on(&disk, directory.path()).await;
    let first = server.record(nth(0)).await.unwrap();
    let asking = GetTimelineRequest {
        at_least: first.position,
        ..all_of("owner-1")
    };
    for round in 0..3 {
        disk.fill();
        for _ in 0..5 {
            let status = server.record(nth(100 + round)).await.unwrap_err();
            let told = (status.code(), reason(&status));
            assert_eq!(told, (Code::ResourceExhausted, "NO_SPACE".to_owned()));
            let details = status.get_error_details();
            assert!(details.retry_info().is_some(), "a retry is advised");
            assert_eq!(
                details.error_info().unwrap().metadata["outcome"],
                "not_appended"
            );
        }
        let replayed = server.record(nth(0)).await.unwrap();
        assert!(replayed.replayed, "what is stored is answered as ever");
        let found = server.timeline(asking.clone()).await.unwrap();
        assert!(!found.entries.is_empty());
        health_becomes(&server, TOUCHPOINT, ServingStatus::NotServing).await;
        health_becomes(&server, TIMELINE, ServingStatus::Serving).await;
        disk.make_room();
        let recorded = server.record(nth(100 + round)).await.unwrap();
        assert!(!recorded.replayed, "nothing of it was stored before");
        health_becomes(&server, TOUCHPOINT, ServingStatus::Serving).await;
    }
    let mut subscription = subscribed(&server).await;
    assert_eq!(until_caught_up(&mut subscription).await, 4);
    drop(subscription);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_is_shown_what_comes_after_the_disk_has_room_again() {
    let disk = Disk::mount("server-full-watched");
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start_on(&disk, directory.path()).await;
    let first = server.record(nth(0)).await.unwrap();
    let mut watcher = Watcher::of("owner-1");
    watcher.request.at_least = first.position;
    let mut watch = watcher.open(&server).await.unwrap();
    watcher.take(next(&mut watch).await.unwrap());
    disk.fill();
    assert!(server.record(nth(1)).await.is_err());
    disk.make_room();
    let recorded = server.record(nth(1)).await.unwrap();
    watcher.follow(&mut watch, &recorded.position).await;
    assert_eq!(watcher.entries.len(), 2);
    drop(watch);
    server.stop().await;
}
