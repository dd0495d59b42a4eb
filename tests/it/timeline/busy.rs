//! Owners of whom much is told: watches follow one touchpoint after the other, and what nobody waits for any more ends.

use std::time::Duration;

use ownerline_proto::v1::{GetTimelineRequest, Touchpoint, TouchpointRef};

use crate::generated::{history, owners};
use crate::support::{NOW, Server, all_of, feedback};
use crate::telemetry::metrics::{ON, becomes, scraped};
use crate::timeline::watcher::{Watcher, next};

/// Touchpoints that are recorded one by one while they are watched.
const FOLLOWED: usize = 240;
/// After so many of them the watched timelines are compared with those that are asked for.
const COMPARED_EVERY: usize = 20;
/// Matters of one owner: enough that reading all of them takes a while.
const MATTERS: usize = 3_000;
/// Touchpoints that are recorded while a busy owner is watched.
const SINGLE: usize = 20;
/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn watches_follow_touchpoints_that_are_recorded_one_by_one() {
    let server = Server::start_with_settings(&[("limits.watch_silence", "20ms")]).await;
    let history = history(11);
    let begun = history.len() - FOLLOWED;
    server.import(history[..begun].to_vec()).await;
    let head = server.head().await;
    let mut watching = Vec::new();
    for owner in owners(&history) {
        let known = GetTimelineRequest {
            at_least: head.clone(),
            ..all_of(&owner)
        };
        if server.page(known).await.is_ok() {
            let mut watcher = Watcher::of(&owner);
            let mut stream = watcher.open(&server).await.unwrap();
            watcher.follow(&mut stream, &head).await;
            watching.push((watcher, stream));
        }
    }
    assert!(watching.len() > 20, "{} are watched", watching.len());
    for followed in history[begun..].chunks(COMPARED_EVERY) {
        for touchpoint in followed {
            // What is refused (an id told twice) changes nothing.
            let _ = server.record(touchpoint.clone()).await;
        }
        let head = server.head().await;
        for (watcher, stream) in &mut watching {
            watcher.follow(stream, &head).await;
            let whole = GetTimelineRequest {
                at_least: head.clone(),
                ..all_of(&watcher.request.owner_id)
            };
            let whole = server.timeline(whole).await.unwrap();
            assert_eq!(watcher.timeline(), whole.entries);
        }
    }
    drop(watching);
    server.stop().await;
}

async fn busy_owner() -> Server {
    let settings = [
        ON,
        ("limits.watch_silence", "20ms"),
        ("keeper.enabled", "false"),
    ];
    let server = Server::start_with_settings(&settings).await;
    let of = |number: usize| {
        let seconds = NOW + i64::try_from(number).unwrap();
        feedback("owner-1", &format!("{number:05}"), seconds)
    };
    let said: Vec<Touchpoint> = (0..MATTERS).map(of).collect();
    server.import(said).await;
    let request = GetTimelineRequest {
        at_least: server.head().await,
        page_size: 1,
        ..all_of("owner-1")
    };
    server.page(request).await.unwrap();
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_at_a_busy_owner_follows_what_changed_and_others_cause_none() {
    let server = busy_owner().await;
    let head = server.head().await;
    let mut watcher = Watcher::of("owner-1");
    let mut stream = watcher.open(&server).await.unwrap();
    watcher.follow(&mut stream, &head).await;
    assert_eq!(watcher.entries.len(), MATTERS);
    let looks = "ownerline_watch_look_duration_seconds_count";
    let before = scraped(&server).await[looks];
    let mut last = head;
    for number in 0..SINGLE {
        let others = feedback("owner-2", &format!("other-{number}"), NOW);
        last = server.record(others).await.unwrap().position;
        watcher.follow(&mut stream, &last).await;
    }
    assert_eq!(
        scraped(&server).await[looks],
        before,
        "others cause no look"
    );
    for number in 0..SINGLE {
        let mut correction = feedback("owner-1", &format!("new-{number}"), NOW + 7);
        let corrected = format!("{:05}", 100 * number);
        correction.subjects.as_mut().unwrap().feedback_id = format!("f-{corrected}");
        correction.corrects = Some(TouchpointRef {
            source: String::new(),
            id: corrected,
        });
        last = server.record(correction).await.unwrap().position;
        watcher.follow(&mut stream, &last).await;
    }
    let whole = GetTimelineRequest {
        at_least: last,
        ..all_of("owner-1")
    };
    let whole = server.timeline(whole).await.unwrap();
    assert_eq!(watcher.timeline(), whole.entries);
    let figures = scraped(&server).await;
    assert!(figures[looks] > before, "changes cause looks");
    let whole = figures["ownerline_watch_whole_looks_total"];
    assert_eq!(whole, 1.0, "only the first look is at everything");
    drop(stream);
    server.stop().await;
}

/// Calls until the computation of a call has begun, then goes away: it ends before it has an answer.
async fn ends_early(server: &Server, call: impl AsyncFn()) {
    let leaving = async {
        while scraped(server).await["ownerline_answers_abandoned_total"] < 1.0 {
            let computes =
                async { while scraped(server).await["ownerline_answers_running"] < 1.0 {} };
            tokio::select! {
                _ = call() => {}
                () = computes => {}
            }
            becomes(server, "ownerline_answers_running", 0.0).await;
        }
    };
    let left = tokio::time::timeout(PATIENCE, leaving).await;
    assert!(left.is_ok(), "every computation ran to its end");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_look_of_a_watcher_who_has_gone_ends() {
    let server = busy_owner().await;
    ends_early(&server, async || {
        let mut stream = Watcher::of("owner-1").open(&server).await.unwrap();
        let _ = next(&mut stream).await;
    })
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_caller_who_has_gone_ends() {
    let server = busy_owner().await;
    ends_early(&server, async || {
        let _ = server.page(all_of("owner-1")).await;
    })
    .await;
    server.stop().await;
}
