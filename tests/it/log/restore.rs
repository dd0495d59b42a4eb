//! The answers of a restored store: the same histories, and a refusal of positions and tokens issued before.

use std::fs;
use std::path::Path;

use ownerline::app::{Extent, backup_log, restore_log};
use ownerline_generate::{Network, Settings};
use ownerline_proto::time;
use ownerline_proto::v1::get_touchpoint_request::By;
use ownerline_proto::v1::known_at::At;
use ownerline_proto::v1::record_result::Result as ItemResult;
use ownerline_proto::v1::subscribe_request::Start;
use ownerline_proto::v1::{
    GetTimelineRequest, GetTouchpointRequest, KnownAt, SubscribeRequest, Touchpoint,
};
use tonic::{Code, Status};

use crate::support::{NOW, Server, all_of, feedback, reason, story};

/// 2026-01-01: everything is before it.
const UNTIL: i64 = 1_767_225_600;

fn back_up(data: &Path, to: &Path) {
    let copy = backup_log(data, to, Extent::Behind, &mut |_, _| {}).unwrap();
    assert_eq!(copy.damage, None);
}

fn restore(from: &Path, data: &Path) {
    let copy = restore_log(from, data, &mut |_, _| {}).unwrap();
    assert_eq!(copy.damage, None);
}

fn history() -> Vec<Touchpoint> {
    let settings = Settings {
        owners: 20,
        seed: 45,
        months: 18,
        dealers: 4,
        until: UNTIL,
    };
    Network::new(settings).journeys().flatten().collect()
}

fn asked(owner: &str) -> GetTimelineRequest {
    GetTimelineRequest {
        as_of: Some(time::timestamp(UNTIL * 1_000_000_000)),
        ..all_of(owner)
    }
}

fn known_at(position: &str) -> Option<KnownAt> {
    let at = Some(At::Position(position.to_owned()));
    Some(KnownAt { at })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_store_tells_the_stories_of_the_original_at_the_position_of_the_backup() {
    let directory = tempfile::tempdir().unwrap();
    let [data, backup, restored] =
        ["data", "backup", "restored"].map(|it| directory.path().join(it));
    let history = history();
    let (before, after) = history.split_at(history.len() * 2 / 3);
    let original = Server::start_in(&data).await;
    original.import(before.to_vec()).await;
    let position = original.head().await;
    back_up(&data, &backup);
    original.import(after.to_vec()).await;
    let last = original.head().await;
    let mut owners: Vec<String> = before
        .iter()
        .filter_map(|touchpoint| touchpoint.subjects.as_ref())
        .map(|subjects| subjects.owner_id.clone())
        .filter(|owner| !owner.is_empty())
        .collect();
    owners.sort_unstable();
    owners.dedup();
    let mut stories = Vec::new();
    for owner in &owners {
        let then = GetTimelineRequest {
            known_at: known_at(&position),
            at_least: last.clone(),
            ..asked(owner)
        };
        stories.push(story(original.timeline(then).await.unwrap()));
    }
    original.stop().await;

    restore(&backup, &restored);
    // Read models and an index of before, which have seen more than there is now.
    for derived in ["views", "index"] {
        fs::rename(data.join(derived), restored.join(derived)).unwrap();
    }
    let again = Server::start_in(&restored).await;
    let at_least = again.head().await;
    assert!(
        at_least > last,
        "{at_least} sorts behind everything of before"
    );
    assert_eq!(at_least[9..], position[9..]);
    for (owner, story_before) in owners.iter().zip(stories) {
        let now = GetTimelineRequest {
            at_least: at_least.clone(),
            ..asked(owner)
        };
        assert_eq!(
            story(again.timeline(now).await.unwrap()),
            story_before,
            "{owner}"
        );
    }
    // Senders repeat everything: what the backup holds is known, what came later is stored anew.
    let held = u64::from_str_radix(&position[9..], 16).unwrap();
    let (mut replayed, mut stored) = (0, 0);
    for result in again.import(history.clone()).await {
        match result.result {
            Some(ItemResult::Recorded(recorded)) if recorded.replayed => replayed += 1,
            Some(ItemResult::Recorded(_)) => stored += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(
        replayed >= held && stored > 0,
        "{replayed} replayed, {stored} stored"
    );
    let repeated = again.head().await;
    assert_eq!(
        repeated[9..],
        last[9..],
        "nothing is there twice, nothing is missing"
    );
    again.stop().await;
}

fn refused<T>(answer: Result<T, Status>, what: &str) {
    let Err(status) = answer else {
        panic!("{what} was accepted");
    };
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::FailedPrecondition, "OTHER_EPOCH"),
        "{what}: {status}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_handed_out_before_a_restore_is_refused_after_it() {
    let directory = tempfile::tempdir().unwrap();
    let [data, backup, restored] =
        ["data", "backup", "restored"].map(|it| directory.path().join(it));
    let original = Server::start_in(&data).await;
    let mut position = String::new();
    for number in 0..5 {
        let touchpoint = feedback("owner-1", &number.to_string(), NOW + number);
        position = original.record(touchpoint).await.unwrap().position;
    }
    let small = GetTimelineRequest {
        page_size: 2,
        at_least: position.clone(),
        ..all_of("owner-1")
    };
    let token = original.page(small.clone()).await.unwrap().next_page_token;
    back_up(&data, &backup);
    let lost = feedback("owner-1", "lost", NOW + 9);
    let acknowledged = original.record(lost.clone()).await.unwrap().position;
    original.stop().await;
    restore(&backup, &restored);

    let server = Server::start_in(&restored).await;
    // Both a position that the backup holds and one that it does not.
    for old in [&position, &acknowledged] {
        let at_least = GetTimelineRequest {
            at_least: old.clone(),
            ..all_of("owner-1")
        };
        refused(server.page(at_least).await, "at_least");
        let known = GetTimelineRequest {
            known_at: known_at(old),
            ..all_of("owner-1")
        };
        refused(server.page(known).await, "known_at");
        let subscribe = SubscribeRequest {
            start: Some(Start::AfterPosition(old.clone())),
            ..SubscribeRequest::default()
        };
        refused(
            server.touchpoints().subscribe(subscribe).await,
            "after_position",
        );
        let by = Some(By::Position(old.clone()));
        let get = GetTouchpointRequest { by };
        refused(server.touchpoints().get_touchpoint(get).await, "position");
    }
    // The query of the token is the same, so that only its epoch is wrong.
    let next = GetTimelineRequest {
        page_token: token,
        at_least: String::new(),
        ..small
    };
    refused(server.page(next).await, "page_token");

    let known = server
        .record(feedback("owner-1", "3", NOW + 3))
        .await
        .unwrap();
    assert!(known.replayed);
    let anew = server.record(lost).await.unwrap();
    assert!(
        !anew.replayed,
        "it was acknowledged after the backup was taken"
    );
    assert!(anew.position > acknowledged);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_restores_of_one_backup_refuse_the_positions_of_each_other() {
    let directory = tempfile::tempdir().unwrap();
    let [data, backup, one, other] =
        ["data", "backup", "one", "other"].map(|it| directory.path().join(it));
    let server = Server::start_in(&data).await;
    server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    server.stop().await;
    back_up(&data, &backup);
    restore(&backup, &one);
    restore(&backup, &other);
    let one = Server::start_in(&one).await;
    let position = one
        .record(feedback("owner-1", "2", NOW))
        .await
        .unwrap()
        .position;
    one.stop().await;
    let other = Server::start_in(&other).await;
    let at_least = GetTimelineRequest {
        at_least: position,
        ..all_of("owner-1")
    };
    refused(other.page(at_least).await, "at_least");
    other.stop().await;
}
