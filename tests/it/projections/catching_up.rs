//! Views that are built anew while the server serves: until they have reached the head as of the start, nothing is
//! answered from a part of the history, and health says so.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use ownerline::app::Seams;
use ownerline::derived::{DerivedFaults, Latch};
use ownerline::grpc::SERVICES;
use ownerline_proto::time;
use ownerline_proto::v1::known_at::At;
use ownerline_proto::v1::{GetTimelineRequest, KnownAt};
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use super::every_call::{FROM_VIEWS, Names, UNTIL, ask, prepare};
use crate::generated::history;
use crate::remote::Remote;
use crate::support::{NOW, Server, feedback, reason};
use crate::telemetry::metrics::{ON, page};

/// An answer without the head of the log, which it reflects.
fn without(answer: &str, head: &str) -> String {
    answer.replace(head, "the head")
}

/// Starts over a directory with the folds of views held beyond a position.
async fn start_held(data: &Path, beyond: u64, settings: &[(&str, &str)]) -> (Server, Latch) {
    let latch = Latch::default();
    latch.close_beyond(beyond);
    let seams = Seams {
        view_faults: DerivedFaults {
            folds: Some(latch.gate()),
            ..DerivedFaults::default()
        },
        ..Seams::default()
    };
    let mut all = vec![("projector.batch_events", "50")];
    all.extend(settings);
    (Server::start_over(data, &all, seams).await, latch)
}

/// The status of each service, by its name without the package.
async fn health(remote: &Remote) -> BTreeMap<String, ServingStatus> {
    let mut client = HealthClient::new(remote.channel());
    let mut found = BTreeMap::new();
    for service in SERVICES {
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        let status = client.check(request).await.unwrap().into_inner().status();
        let name = service.rsplit('.').next().unwrap();
        found.insert(name.to_owned(), status);
    }
    found
}

/// Waits until the whole server serves.
async fn serves(remote: &Remote) {
    let mut client = HealthClient::new(remote.channel());
    let request = HealthCheckRequest::default();
    let mut watch = client.watch(request).await.unwrap().into_inner();
    let serving = async {
        while watch.message().await.unwrap().unwrap().status() != ServingStatus::Serving {}
    };
    let patience = Duration::from_secs(60);
    tokio::time::timeout(patience, serving).await.unwrap();
}

/// Waits until every view stands at a position.
async fn stand_at(remote: &Remote, position: u64) {
    let begun = std::time::Instant::now();
    loop {
        let views = remote.projections().await.projections;
        let wanted = format!("{position:016x}");
        if views.iter().all(|view| view.position.ends_with(&wanted)) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{views:?}");
        tokio::task::yield_now().await;
    }
}

fn assert_not_yet(method: &str, beyond: u64, answered: Result<String, Status>) {
    let status = match answered {
        Ok(answer) => panic!("{method} answered from views at {beyond}: {answer}"),
        Err(status) => status,
    };
    let told = (status.code(), reason(&status));
    assert_eq!(
        told,
        (Code::Unavailable, "NOT_YET_VISIBLE".to_owned()),
        "{method} at {beyond}: {status:?}"
    );
    let details = status.get_error_details();
    assert!(details.retry_info().is_some(), "{method}: {status:?}");
    let told = &details.error_info().unwrap().metadata;
    assert!(
        told["reached"].ends_with(&format!("{beyond:016x}")),
        "{told:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_call_is_answered_from_a_part_of_the_history() {
    let data = tempfile::tempdir().unwrap();
    let history = history(11);
    let names = Names::of(&history);
    let (first, empty) = (Server::start_in(data.path()).await, Server::start().await);
    prepare(&first).await;
    first.import(history).await;
    let head = first.head().await;
    let read_all = GetTimelineRequest {
        owner_id: names.owner_id.clone(),
        at_least: head.clone(),
        ..GetTimelineRequest::default()
    };
    first.page(read_all).await.unwrap();
    serves(&first).await;
    let mut expected = BTreeMap::new();
    for method in FROM_VIEWS {
        let answer = ask(&first, method, &names).await.unwrap();
        let of_nothing = ask(&empty, method, &names).await;
        assert_ne!(
            of_nothing.ok(),
            Some(answer.clone()),
            "{method} says nothing"
        );
        expected.insert(method, without(&answer, &head));
    }
    first.stop().await;
    empty.stop().await;

    let head = u64::from_str_radix(&head[9..], 16).unwrap();
    for beyond in [0, head / 100 * 50] {
        fs::remove_dir_all(data.path().join("views")).unwrap();
        let brief = [("limits.at_least_wait", "20ms"), ON];
        let (server, latch) = start_held(data.path(), beyond, &brief).await;
        stand_at(&server, beyond).await;
        for method in FROM_VIEWS {
            assert_not_yet(method, beyond, ask(&server, method, &names).await);
        }
        for (service, status) in health(&server).await {
            let from_views = FROM_VIEWS
                .iter()
                .any(|it| it.starts_with(&format!("{service}/")));
            // It records, and reads the log, whatever views do.
            let refuses = service.is_empty() || from_views && service != "TouchpointService";
            let expected = match refuses {
                true => ServingStatus::NotServing,
                false => ServingStatus::Serving,
            };
            assert_eq!(status, expected, "{service} at {beyond}");
        }
        for view in server.projections().await.projections {
            // The serving of the pack came after the head.
            assert!(view.catch_up_events >= head - beyond, "{view:?}");
        }
        let page = page(server.metrics_addr()).await;
        assert!(!page.contains("ownerline_view_catch_up_events{view=\"timeline\"} 0"));
        latch.open();
        serves(&server).await;
        let now = server.head().await;
        for method in FROM_VIEWS {
            let answer = ask(&server, method, &names).await.unwrap();
            assert_eq!(without(&answer, &now), expected[method], "{method}");
        }
        for view in server.projections().await.projections {
            assert_eq!(view.catch_up_events, 0, "{view:?}");
        }
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_known_at_a_position_that_is_reached_is_answered_and_recording_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let history = history(11);
    let owner_id = Names::of(&history).owner_id;
    let first = Server::start_in(data.path()).await;
    first.import(history.clone()).await;
    let head = first.head().await;
    let at = |position: u64| GetTimelineRequest {
        owner_id: owner_id.clone(),
        as_of: Some(time::timestamp(UNTIL * 1_000_000_000)),
        known_at: Some(KnownAt {
            at: Some(At::Position(format!("{}-{position:016x}", &head[..8]))),
        }),
        ..GetTimelineRequest::default()
    };
    let last = u64::from_str_radix(&head[9..], 16).unwrap();
    let half = last / 100 * 50;
    let known = first.page(at(half)).await.unwrap();
    assert!(!known.entries.is_empty());
    first.stop().await;
    fs::remove_dir_all(data.path().join("views")).unwrap();
    let brief = [("limits.at_least_wait", "20ms")];
    let (server, latch) = start_held(data.path(), half, &brief).await;
    stand_at(&server, half).await;
    assert_eq!(server.page(at(half)).await.unwrap(), known);
    let later = server
        .page(at(half + 1))
        .await
        .map(|page| format!("{page:?}"));
    assert_not_yet("GetTimeline", half, later);
    let recorded = server.record(feedback("new", "new", NOW));
    recorded.await.unwrap();
    latch.open();
    serves(&server).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_that_wait_leave_room_for_recording() {
    let data = tempfile::tempdir().unwrap();
    let history = history(11);
    let names = Names::of(&history);
    let first = Server::start_in(data.path()).await;
    first.import(history).await;
    first.stop().await;
    fs::remove_dir_all(data.path().join("views")).unwrap();
    let patient = [
        ("limits.at_least_wait", "10m"),
        ("server.request_timeout", "10m"),
        ("server.concurrent_requests", "8"),
    ];
    let (server, latch) = start_held(data.path(), 0, &patient).await;
    let asked = || ask(&server, "TimelineService/GetTimeline", &names);
    let mut asking: FuturesUnordered<_> = (0..7).map(|_| asked()).collect();
    // A quarter of eight wait.
    for _ in 0..5 {
        assert_not_yet("GetTimeline", 0, asking.next().await.unwrap());
    }
    let recorded = server.record(feedback("new", "new", NOW));
    recorded.await.unwrap();
    latch.open();
    while let Some(answer) = asking.next().await {
        answer.unwrap();
    }
    drop(asking);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn views_that_are_up_to_date_serve_from_the_first_call() {
    let data = tempfile::tempdir().unwrap();
    let history = history(11);
    let names = Names::of(&history);
    let first = Server::start_in(data.path()).await;
    first.import(history).await;
    let head = u64::from_str_radix(&first.head().await[9..], 16).unwrap();
    stand_at(&first, head).await;
    first.stop().await;
    // Nothing can be folded.
    let (server, latch) = start_held(data.path(), 0, &[]).await;
    for (service, status) in health(&server).await {
        assert_eq!(status, ServingStatus::Serving, "{service}");
    }
    ask(&server, "TimelineService/GetTimeline", &names)
        .await
        .unwrap();
    latch.open();
    server.stop().await;
}
