//! Views rebuilt in a whole server: during queries, a watch and recording; refused, cancelled, reported on the
//! command line; and interrupted by kills of the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ownerline_proto::v1::comparison::Verdict;
use ownerline_proto::v1::projection_service_client::ProjectionServiceClient;
use ownerline_proto::v1::rebuild::Phase;
use ownerline_proto::v1::{CancelRebuildRequest, GetTimelineRequest, RebuildProjectionRequest};
use tonic::{Code, Status};

use crate::generated::{history, owners};
use crate::process::{Served, run, stdout};
use crate::remote::Remote;
use crate::support::{Dice, NOW, Server, all_of, asked_for, feedback, reason, seed};
use crate::timeline::watcher::Watcher;

/// Rebuilds under load, unless this variable says how many.
const REBUILDS: u64 = 20;
const REBUILDS_VARIABLE: &str = "OWNERLINE_REBUILDS";
/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

fn of(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Rebuilds and waits until that is over; every certificate must agree.
async fn rebuilt(remote: &Remote, names: &[&str]) -> Result<(), Status> {
    let mut client = ProjectionServiceClient::new(remote.channel());
    let names = of(names);
    let request = RebuildProjectionRequest { names };
    let mut answers = client.rebuild_projection(request).await?.into_inner();
    let mut last = None;
    while let Some(answer) = answers.message().await? {
        for rebuild in &answer.rebuilds {
            assert!((0.0..=1.0).contains(&rebuild.share), "{rebuild:?}");
        }
        last = Some(answer);
    }
    let last = last.expect("at least one answer");
    assert!(last.done, "{last:?}");
    for rebuild in last.rebuilds {
        assert_eq!(rebuild.phase(), Phase::Done, "{rebuild:?}");
        let compared = rebuild.comparison.unwrap();
        assert_eq!(compared.verdict(), Verdict::Equal, "{compared:?}");
        assert_eq!(compared.hash, compared.former_hash);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_and_a_watch_see_nothing_of_rebuilds_under_load() {
    let server = Server::start().await;
    let first = server.record(feedback("owner-1", "first", NOW)).await;
    let over = Arc::new(AtomicBool::new(false));
    let mut watcher = Watcher::of("owner-1");
    // Not before the views know of them.
    watcher.request.at_least = first.unwrap().position;
    let mut watch = watcher.open(&server).await.unwrap();
    let writing = {
        let (remote, over) = (another(&server).await, over.clone());
        tokio::spawn(async move {
            let mut recorded = 1_usize;
            let mut last = String::new();
            while !over.load(Ordering::SeqCst) {
                let number = i64::try_from(recorded).unwrap();
                let touchpoint = feedback("owner-1", &format!("{number:06}"), NOW + number);
                last = remote.record(touchpoint).await.unwrap().position;
                recorded += 1;
                let request = GetTimelineRequest {
                    at_least: last.clone(),
                    page_size: 1,
                    ..GetTimelineRequest::default()
                };
                let newest = GetTimelineRequest {
                    owner_id: "owner-1".to_owned(),
                    ..request
                };
                let page = remote.page(newest).await.unwrap();
                let newest = page.entries[0].recorded.clone().unwrap();
                assert_eq!(newest.position, last, "what was written is read");
            }
            (recorded, last)
        })
    };
    let watching = tokio::spawn(async move {
        loop {
            let message = watch.message().await.unwrap().expect("it goes on");
            watcher.take(message);
            let seen = watcher.entries.values();
            let ended = seen
                .filter_map(|entry| entry.recorded.as_ref()?.touchpoint.as_ref())
                .any(|touchpoint| touchpoint.id == "last");
            if ended {
                return watcher.entries.len();
            }
        }
    });
    for _ in 0..asked_for(REBUILDS_VARIABLE, REBUILDS) {
        rebuilt(&server, &[]).await.unwrap();
    }
    over.store(true, Ordering::SeqCst);
    let (recorded, _) = writing.await.unwrap();
    let last = server.record(feedback("owner-1", "last", NOW + 900_000));
    let last = last.await.unwrap().position;
    let whole = GetTimelineRequest {
        at_least: last,
        ..all_of("owner-1")
    };
    let timeline = server.timeline(whole).await.unwrap();
    assert_eq!(timeline.entries.len(), recorded + 1);
    let watched = tokio::time::timeout(PATIENCE, watching).await;
    assert_eq!(watched.unwrap().unwrap(), recorded + 1);
    server.stop().await;
}

async fn another(server: &Server) -> Remote {
    Remote::connect(&format!("http://{}", server.addr()))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_no_view_is_refused_and_begins_nothing() {
    let server = Server::start().await;
    let mut client = ProjectionServiceClient::new(server.channel());
    let names = of(&["timeline", "nothing"]);
    let request = RebuildProjectionRequest {
        names: names.clone(),
    };
    let refused = client.rebuild_projection(request).await.unwrap_err();
    let cancel = CancelRebuildRequest { names };
    let uncancelled = client.cancel_rebuild(cancel).await.unwrap_err();
    for status in [refused, uncancelled] {
        assert_eq!(status.code(), Code::NotFound);
        assert_eq!(reason(&status), "NOT_FOUND");
        assert!(status.message().contains("names[1]"), "{status:?}");
    }
    let views = server.projections().await.projections;
    assert!(views.iter().all(|view| view.rebuild.is_none()));
    let nothing = client.cancel_rebuild(CancelRebuildRequest::default()).await;
    assert_eq!(nothing.unwrap().into_inner().rebuilds, []);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_rebuilds_and_tells() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::start(data.path());
    let remote = served.remote().await;
    remote.import(history(5)).await;
    let projections = |arguments: &[&str]| {
        let mut all = vec!["projections", "--server", served.url()];
        all.extend(arguments);
        run(&all)
    };
    let rebuilt = projections(&["rebuild", "timeline", "identity"]);
    let told = stdout(&rebuilt);
    assert_eq!(rebuilt.status.code(), Some(0), "{told}");
    for view in ["timeline", "identity"] {
        let line = told.lines().find(|line| line.starts_with(view)).unwrap();
        assert!(line.contains("generation 2 serves"), "{line}");
        assert!(line.contains("equal to that of generation 1"), "{line}");
    }
    let list = stdout(&projections(&["list", "--json"]));
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let timeline = list["projections"].as_array().unwrap().iter();
    let timeline = timeline.into_iter().find(|it| it["name"] == "timeline");
    assert_eq!(timeline.unwrap()["generation"], 2);
    assert_eq!(timeline.unwrap()["comparison"]["verdict"], "VERDICT_EQUAL");
    let unknown = projections(&["rebuild", "nothing"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert_eq!(
        stdout(&projections(&["cancel"])),
        "No rebuild is running.\n"
    );
    assert_eq!(served.terminate(), Some(0));
}

/// Kills of a server while views are rebuilt, unless this variable says how many.
const KILLS: u64 = 6;
const KILLS_VARIABLE: &str = "OWNERLINE_REBUILD_KILLS";

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_of_a_rebuild_changes_no_answer_and_the_rebuild_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let seed = seed();
    let mut dice = Dice(seed);
    let history = history(seed);
    let owner = owners(&history).swap_remove(0);
    let served = Served::start(data);
    let remote = served.remote().await;
    remote.import(history).await;
    let whole = |head: String| GetTimelineRequest {
        at_least: head,
        as_of: Some(ownerline_proto::time::timestamp(i64::MAX / 2)),
        ..all_of(&owner)
    };
    let head = remote.head().await;
    let expected = remote.timeline(whole(head.clone())).await.unwrap().entries;
    let before = certificate(&remote).await;
    let begun = tokio::time::Instant::now();
    rebuilt(&remote, &[]).await.unwrap();
    let takes = u64::try_from(begun.elapsed().as_millis()).unwrap();
    served.kill();
    for _ in 0..asked_for(KILLS_VARIABLE, KILLS) {
        let served = Served::start(data);
        let remote = served.remote().await;
        // Cut off anywhere between its begin and its end, or it was quicker.
        let instant = dice.below(usize::try_from(takes).unwrap() + 20);
        let instant = Duration::from_millis(u64::try_from(instant).unwrap());
        let cut = tokio::time::timeout(instant, rebuilt(&remote, &[])).await;
        served.kill();
        cut.unwrap_or(Ok(())).unwrap();
        let served = Served::start(data);
        let remote = served.remote().await;
        let answer = remote.timeline(whole(head.clone())).await.unwrap();
        assert_eq!(answer.entries, expected);
        rebuilt(&remote, &[]).await.unwrap();
        let answer = remote.timeline(whole(head.clone())).await.unwrap();
        assert_eq!(answer.entries, expected);
        assert_eq!(certificate(&remote).await, before);
        served.kill();
    }
}

async fn certificate(remote: &Remote) -> Vec<(String, u64, String)> {
    let views = remote.projections().await.projections.into_iter();
    views
        .map(|view| (view.name, view.applied_count, view.applied_hash))
        .collect()
}
