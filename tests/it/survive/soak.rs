//! One fault after the other while clients record and thousands are idle: it stays up, says what is the matter
//! while it is, recovers by itself, and nothing acknowledged is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ownerline_proto::v1::Touchpoint;
use ownerline_proto::v1::projection::State;
use ownerline_proto::v1::record_result::Result as Outcome;
use rustix::process::{Resource, getrlimit, setrlimit};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::planted::{Plant, Planted};
use crate::overload::raw::Raw;
use crate::remote::Remote;
use crate::support::{NOW, asked_for, feedback, reason};

/// How long it runs; `600` is the full length.
const SECONDS: &str = "OWNERLINE_SOAK_SECONDS";
/// How many connections are idle meanwhile: 10,000 in the full length, if files allow it.
const CONNECTIONS: &str = "OWNERLINE_SOAK_CONNECTIONS";
/// Longer than any recovery takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(60);
const TOUCHPOINT: &str = "ownerline.v1.TouchpointService";
const TIMELINE: &str = "ownerline.v1.TimelineService";
const EIO: i32 = 5;
const EMFILE: i32 = 24;
const ENOSPC: i32 = 28;

/// Waits until something holds, and answers how long that took.
async fn becomes(what: &str, server: &Planted, mut holds: impl AsyncFnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !holds().await {
        assert!(
            begun.elapsed() < PATIENCE,
            "{what} does not come true: {}",
            server.told()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    begun.elapsed()
}

async fn serves(remote: &Remote, service: &str) -> bool {
    let request = HealthCheckRequest {
        service: service.to_owned(),
    };
    let answer = HealthClient::new(remote.channel())
        .check(request)
        .await
        .unwrap();
    answer.into_inner().status() == ServingStatus::Serving
}

async fn all_views(remote: &Remote, state: State) -> bool {
    let projections = remote.projections().await.projections;
    projections
        .iter()
        .all(|projection| projection.state() == state)
}

async fn is_well(remote: &Remote) -> bool {
    for service in [
        "",
        TOUCHPOINT,
        TIMELINE,
        "ownerline.v1.FeedbackService",
        "ownerline.v1.AdvocacyService",
    ] {
        if !serves(remote, service).await {
            return false;
        }
    }
    all_views(remote, State::Live).await
}

fn nth(writer: u64, number: u64) -> Touchpoint {
    feedback(
        &format!("owner-{writer}-{}", number / 50),
        &format!("{writer}-{number}"),
        NOW,
    )
}

/// Records one after the other, each until it is acknowledged; how many that were.
async fn record(
    remote: Remote,
    writer: u64,
    over: Arc<AtomicBool>,
    refused: Arc<AtomicU64>,
) -> u64 {
    let mut number = 0;
    while !over.load(Ordering::SeqCst) {
        match remote.record(nth(writer, number)).await {
            Ok(_) => number += 1,
            Err(status) => {
                let code = status.code();
                assert!(
                    matches!(
                        code,
                        Code::Unavailable | Code::ResourceExhausted | Code::DeadlineExceeded
                    ),
                    "{status:?}"
                );
                let poisoned = status.message().contains("until the server is restarted");
                assert!(!poisoned, "{status:?}");
                refused.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    number
}

/// Plants a fault, waits until it is told as it should be, takes it away, and waits until all is well.
async fn endure(server: &mut Planted, remote: &Remote, plant: Plant) -> Duration {
    server.plant(plant);
    let (told, cure): (&str, Plant) = match plant {
        Plant::IndexWrites(_) => ("index", Plant::IndexWrites(0)),
        Plant::IndexReads(_) => ("nothing", Plant::IndexReads(0)),
        Plant::ViewWrites(_) => ("views", Plant::ViewWrites(0)),
        Plant::ViewReads(_) => ("views", Plant::ViewReads(0)),
        Plant::FullLog(_) => ("log", Plant::FullLog(false)),
        Plant::SlowDisk(_) => ("well", Plant::SlowDisk(0)),
        Plant::Files(_) => ("nothing", Plant::Files(0)),
        Plant::FailingSync | Plant::Panic => panic!("it does not pass"),
    };
    match told {
        "index" | "log" => {
            becomes(told, server, async || !serves(remote, TOUCHPOINT).await).await;
            assert!(
                serves(remote, TIMELINE).await && !serves(remote, "").await,
                "{plant:?}"
            );
        }
        "views" => {
            becomes(told, server, async || {
                all_views(remote, State::Retrying).await
            })
            .await;
            becomes(told, server, async || !serves(remote, TIMELINE).await).await;
            assert!(
                serves(remote, TOUCHPOINT).await && !serves(remote, "").await,
                "{plant:?}"
            );
        }
        _ => {}
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    if told == "well" {
        assert!(is_well(remote).await, "slow is not ill");
    }
    server.plant(cure);
    becomes("recovery", server, async || is_well(remote).await).await
}

async fn idle(server: &Planted, count: u64) -> Vec<Raw> {
    let authority = server.url().trim_start_matches("http://").to_owned();
    let mut open = Vec::new();
    for _ in 0..count {
        let mut raw = tokio::time::timeout(PATIENCE, Raw::connect(&authority))
            .await
            .unwrap();
        raw.ready().await.unwrap();
        open.push(raw);
    }
    open
}

#[tokio::test(flavor = "multi_thread")]
async fn transient_faults_stop_nothing_lose_nothing_and_are_reported() {
    let length = Duration::from_secs(asked_for(SECONDS, 20));
    let mut files = getrlimit(Resource::Nofile);
    files.current = files.maximum;
    setrlimit(Resource::Nofile, files).unwrap();
    let full = length >= Duration::from_secs(300);
    let connections = asked_for(CONNECTIONS, if full { 10_000 } else { 300 });
    let directory = tempfile::tempdir().unwrap();
    let mut server = Planted::start(directory.path());
    let remote = Remote::connect(server.url()).await.unwrap();
    let open = idle(&server, connections).await;
    let (over, refused) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let mut writers = Vec::new();
    for writer in 0..2 {
        let own = Remote::connect(server.url()).await.unwrap();
        writers.push(tokio::spawn(record(
            own,
            writer,
            over.clone(),
            refused.clone(),
        )));
    }
    becomes("a good start", &server, async || is_well(&remote).await).await;
    let (begun, mut rounds, mut slowest) = (Instant::now(), 0, Duration::ZERO);
    let plants = [
        Plant::ViewWrites(ENOSPC),
        Plant::IndexWrites(ENOSPC),
        Plant::Files(20),
        Plant::SlowDisk(30),
        Plant::ViewReads(EMFILE),
        Plant::FullLog(true),
        Plant::IndexReads(EMFILE),
        Plant::IndexWrites(EIO),
        Plant::ViewWrites(EMFILE),
    ];
    while begun.elapsed() < length || rounds < plants.len() {
        let plant = plants[rounds % plants.len()];
        slowest = slowest.max(endure(&mut server, &remote, plant).await);
        rounds += 1;
    }
    over.store(true, Ordering::SeqCst);
    let mut acknowledged = Vec::new();
    for (writer, recording) in (0..).zip(writers) {
        acknowledged.push((writer, recording.await.unwrap()));
    }
    assert!(server.runs(), "{}", server.told());
    let mut count = 0;
    for (writer, numbers) in acknowledged {
        let again: Vec<Touchpoint> = (0..numbers).map(|number| nth(writer, number)).collect();
        for result in remote.import(again).await {
            let Some(Outcome::Recorded(recorded)) = result.result else {
                panic!("{result:?}");
            };
            assert!(recorded.replayed, "an acknowledged touchpoint was lost");
            count += 1;
        }
    }
    becomes("an end", &server, async || is_well(&remote).await).await;
    let projections = remote.projections().await;
    assert!(
        projections
            .projections
            .iter()
            .all(|view| view.lag_events == 0),
        "{projections:?}"
    );
    let told = server.told();
    assert!(
        !told.contains("poisoned") && !told.contains("view stopped"),
        "{told}"
    );
    assert!(
        !told.contains("rebuil") && !told.contains("views dropped"),
        "{told}"
    );
    println!(
        "{rounds} faults in {:?} with {} idle connections: {count} touchpoints recorded, each once; {} attempts refused; slowest recovery {slowest:?}",
        begun.elapsed(),
        open.len(),
        refused.load(Ordering::SeqCst)
    );
    drop(open);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_of_the_log_that_fails_poisons_and_after_a_restart_nothing_is_lost() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Planted::start(directory.path());
    let remote = Remote::connect(server.url()).await.unwrap();
    let mut number = 0;
    let mut status = None;
    while status.is_none() {
        if number == 20 {
            server.plant(Plant::FailingSync);
        }
        match remote.record(nth(0, number)).await {
            Ok(_) => number += 1,
            Err(refused) => status = Some(refused),
        }
        assert!(number < 10_000, "the sync never failed");
    }
    becomes("poison", &server, async || {
        !serves(&remote, TOUCHPOINT).await
    })
    .await;
    assert!(serves(&remote, TIMELINE).await, "reading goes on");
    assert_eq!(
        reason(&remote.record(nth(0, number + 1)).await.unwrap_err()),
        "STORE_POISONED"
    );
    server.stop();
    let server = Planted::start(directory.path());
    let remote = Remote::connect(server.url()).await.unwrap();
    for again in 0..number {
        assert!(
            remote.record(nth(0, again)).await.unwrap().replayed,
            "{again}"
        );
    }
    remote.record(nth(0, number + 1)).await.unwrap();
    server.stop();
}
