//! Restart after restart behind nginx, with a log that is read slowly and an owner with a long story who is watched:
//! nothing is lost, every restart ends in time, health is true. How long others wait is printed, with and without the
//! long story; it is judged by whoever runs it in full:
//!
//! ```sh
//! OWNERLINE_PROXY_SOAK_SECONDS=600 OWNERLINE_LONG_STORY=200000 \\
//!     cargo test --release --test it -- --nocapture proxies::soak
//! ```

use std::fmt::{self, Display, Formatter};
use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ownerline_proto::v1::record_result::Result as Outcome;
use ownerline_proto::v1::{GetTimelineRequest, Touchpoint};
use tonic::transport::Endpoint;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::front::{Proxy, free_address};
use crate::feedback::told::reply;
use crate::process::Served;
use crate::remote::Remote;
use crate::support::{NOW, all_of, asked_for, feedback};
use crate::timeline::watcher::{Watcher, next};

/// How long each half runs, with the long story and without.
const SECONDS: &str = "OWNERLINE_PROXY_SOAK_SECONDS";
/// Touchpoints of the long story.
const LONG_STORY: &str = "OWNERLINE_LONG_STORY";
/// Touchpoints of one feedback: the feedback itself and replies.
const OF_ONE_FEEDBACK: u64 = 10;
/// The owner with the long story.
const PROLIFIC: &str = "owner-prolific";
const RECORDERS: usize = 4;
/// `server.drain_timeout`, and the start and end of a process on a busy machine.
const DRAIN: Duration = Duration::from_secs(15);

/// What the clients share.
#[derive(Default)]
struct Shared {
    over: AtomicBool,
    /// How long each call that succeeded at once took.
    waits: Mutex<Vec<Duration>>,
    /// How long each change of the long story took to the watch.
    seen: Mutex<Vec<Duration>>,
}

impl Shared {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }
}

impl Display for Shared {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let (calls, changes) = (
            self.waits.lock().unwrap().len(),
            self.seen.lock().unwrap().len(),
        );
        write!(
            formatter,
            "{calls} calls of others p50 {:?}, p99 {:?}; {changes} changes watched p50 {:?}, p99 {:?}",
            quantile(&self.waits, 500),
            quantile(&self.waits, 990),
            quantile(&self.seen, 500),
            quantile(&self.seen, 990),
        )
    }
}

/// The number `per` in a thousand of `waits`, by size.
fn quantile(waits: &Mutex<Vec<Duration>>, per: usize) -> Duration {
    let mut waits = waits.lock().unwrap();
    waits.sort_unstable();
    let place = waits.len() * per / 1_000;
    waits.get(place).copied().unwrap_or_default()
}

fn lazy(url: &str) -> Remote {
    let endpoint = Endpoint::from_shared(url.to_owned()).unwrap();
    Remote::of(endpoint.connect_lazy())
}

/// A fault that a restart explains.
fn passes(status: &Status) {
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
}

/// Records until it is over, each touchpoint until it is acknowledged, and reads what it recorded; what was acknowledged.
async fn record(url: String, client: usize, shared: Arc<Shared>) -> Vec<Touchpoint> {
    let remote = lazy(&url);
    let mut recorded = Vec::new();
    while !shared.is_over() {
        let number = recorded.len();
        let owner = format!("owner-{client}-{}", number / 20);
        let touchpoint = feedback(&owner, &format!("{client}-{number}"), NOW);
        if number % 10 == 0 {
            // A line in the log.
            let nameless = feedback(&owner, "", NOW);
            let refused = remote.record(nameless).await.unwrap_err();
            assert!(matches!(
                refused.code(),
                Code::InvalidArgument | Code::Unavailable
            ));
        }
        let mut is_first = true;
        let at_least = loop {
            let begun = Instant::now();
            match remote.record(touchpoint.clone()).await {
                Ok(answer) => {
                    if is_first {
                        shared.waits.lock().unwrap().push(begun.elapsed());
                    }
                    break answer.position;
                }
                Err(status) => passes(&status),
            }
            is_first = false;
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        recorded.push(touchpoint);
        let request = GetTimelineRequest {
            at_least,
            page_size: 50,
            ..all_of(&owner)
        };
        let begun = Instant::now();
        match remote.page(request).await {
            Ok(page) => {
                assert_eq!(page.entries.len(), number % 20 + 1);
                shared.waits.lock().unwrap().push(begun.elapsed());
            }
            Err(status) => passes(&status),
        }
    }
    recorded
}

/// The long story: feedback with its replies, the newest last.
fn long_story(number: u64) -> Touchpoint {
    let item = number / OF_ONE_FEEDBACK;
    let seconds = NOW + i64::try_from(number).unwrap();
    match number % OF_ONE_FEEDBACK {
        0 => feedback(PROLIFIC, &format!("story-{item}"), seconds),
        place => {
            let id = format!("reply-{item}-{place}");
            reply(&format!("story-{item}"), &id, seconds, "dealer-1")
        }
    }
}

/// Goes on with the long story, one change after the other, and waits until the watch has each.
async fn go_on(url: String, mut number: u64, shared: Arc<Shared>) -> u64 {
    let remote = lazy(&url);
    let mut watcher = Watcher::of(PROLIFIC);
    let head = remote.head().await;
    watcher.request.at_least = head;
    'connected: while !shared.is_over() {
        let Ok(mut stream) = watcher.open(&remote).await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        loop {
            match next(&mut stream).await {
                Ok(message) => {
                    if watcher.take(message) {
                        break;
                    }
                }
                Err(status) => {
                    passes(&status);
                    continue 'connected;
                }
            }
        }
        while !shared.is_over() {
            let begun = Instant::now();
            let recorded = remote.record(long_story(number)).await;
            let Ok(answer) = recorded.inspect_err(passes) else {
                // The same touchpoint again: it may be stored.
                continue 'connected;
            };
            number += 1;
            loop {
                match next(&mut stream).await {
                    Ok(message) => {
                        let reached = message.position >= answer.position;
                        if watcher.take(message) && reached {
                            break;
                        }
                    }
                    Err(status) => {
                        passes(&status);
                        continue 'connected;
                    }
                }
            }
            shared.seen.lock().unwrap().push(begun.elapsed());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    number
}

/// Asks health, and whenever it says SERVING for an owner who exists; how often it was so.
async fn probe(url: String, shared: Arc<Shared>) -> u64 {
    let remote = lazy(&url);
    let mut healthy = 0;
    while !shared.is_over() {
        let request = HealthCheckRequest {
            service: "ownerline.v1.TimelineService".to_owned(),
        };
        let checked = HealthClient::new(remote.channel()).check(request).await;
        let serving =
            checked.is_ok_and(|answer| answer.into_inner().status() == ServingStatus::Serving);
        if serving {
            let request = GetTimelineRequest {
                page_size: 1,
                ..all_of(PROLIFIC)
            };
            match remote.page(request).await {
                Ok(page) => {
                    assert_eq!(page.entries.len(), 1);
                    healthy += 1;
                }
                // A drain may begin in between.
                Err(status) => passes(&status),
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    healthy
}

/// One server after the other, each at the same address and with the same slowly read log.
struct Restarts<'s> {
    data: &'s std::path::Path,
    address: SocketAddr,
    log: std::io::PipeWriter,
}

impl Restarts<'_> {
    fn start(&self) -> Served {
        let log = self.log.try_clone().unwrap();
        let settings = [("OWNERLINE_TELEMETRY_FILTER", "info,ownerline=debug")];
        Served::start_logging_at(log, self.data, &self.address.to_string(), &settings)
    }

    /// Runs for so long, with so many restarts; the slowest drain.
    async fn run(&self, mut served: Served, length: Duration, restarts: u32) -> (Served, Duration) {
        let mut slowest = Duration::ZERO;
        for _ in 0..restarts {
            tokio::time::sleep(length / (restarts + 1)).await;
            let begun = Instant::now();
            served.ask_to_end();
            let ended = tokio::task::spawn_blocking(move || served.ended());
            let ((code, _), took) = (ended.await.unwrap(), begun.elapsed());
            assert_eq!(code, Some(0));
            assert!(took < DRAIN, "{took:?}");
            slowest = slowest.max(took);
            served = self.start();
        }
        tokio::time::sleep(length / (restarts + 1)).await;
        (served, slowest)
    }
}

/// Reads a pipe at about a thousand bytes a second until its last writer is gone.
fn read_slowly(mut log: std::io::PipeReader) {
    let mut bytes = [0; 100];
    while log.read(&mut bytes).is_ok_and(|count| count > 0) {
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn restarts_behind_a_proxy_with_a_slow_log_and_a_long_story_lose_nothing() {
    let length = Duration::from_secs(asked_for(SECONDS, 12));
    let of_story = asked_for(LONG_STORY, 1_000);
    let restarts = u32::try_from(length.as_secs().div_ceil(60)).unwrap();
    let address = free_address();
    let Some(front) = Proxy::Nginx.start(address, &[]) else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let (slow, log) = std::io::pipe().unwrap();
    std::thread::spawn(move || read_slowly(slow));
    let servers = Restarts {
        data: directory.path(),
        address,
        log,
    };
    let mut served = servers.start();
    let begin = (0..of_story).map(long_story).collect();
    for result in lazy(front.url()).import(begin).await {
        assert!(
            matches!(result.result, Some(Outcome::Recorded(_))),
            "{result:?}"
        );
    }
    let (mut acknowledged, mut told) = (Vec::new(), of_story);
    for is_long in [false, true] {
        let shared = Arc::new(Shared::default());
        let url = front.url().to_owned();
        let first = if is_long { RECORDERS } else { 0 };
        let recorders = (first..first + RECORDERS)
            .map(|client| tokio::spawn(record(url.clone(), client, shared.clone())));
        let recorders: Vec<_> = recorders.collect();
        let telling = is_long.then(|| tokio::spawn(go_on(url.clone(), told, shared.clone())));
        let probing = tokio::spawn(probe(url, shared.clone()));
        let (after, slowest) = servers.run(served, length, restarts).await;
        served = after;
        shared.over.store(true, Ordering::SeqCst);
        for recorder in recorders {
            acknowledged.extend(recorder.await.unwrap());
        }
        if let Some(telling) = telling {
            told = telling.await.unwrap();
        }
        let healthy = probing.await.unwrap();
        assert!(healthy > 0);
        println!(
            "long story: {is_long}; {restarts} restarts, slowest drain {slowest:?}; {healthy} probes found health true; {shared}"
        );
    }
    let remote = Remote::connect(served.url()).await.unwrap();
    let count = acknowledged.len() as u64 + told;
    assert_eq!(crate::load::following::number(&remote.head().await), count);
    acknowledged.extend((0..told).map(long_story));
    for result in remote.import(acknowledged).await {
        let Some(Outcome::Recorded(recorded)) = result.result else {
            panic!("{result:?}");
        };
        assert!(recorded.replayed, "an acknowledged touchpoint was lost");
    }
    assert_eq!(served.terminate(), Some(0));
    println!("{count} touchpoints, each stored once");
}
