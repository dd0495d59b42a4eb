//! Throughput of the embedded store beside a yardstick, the same rows in a bare SQLite loop, in one run.
//!
//! `cargo bench --bench store -- [events] [tasks]`
#![expect(clippy::print_stdout, reason = "a benchmark prints its results")]

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use ownerline::app::bare_log;
use ownerline::runtime::SystemClock;
use ownerline::store::embedded::{EmbeddedOptions, EmbeddedStore};
use ownerline::store::{
    Append, EventFilter, EventKey, Expected, NewEvent, Position, ReadAll, SharedStore, StreamName,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const PAYLOAD: usize = 400;
const PERSONAL: usize = 60;

fn main() -> Outcome<()> {
    let numbers: Vec<u64> = std::env::args().filter_map(|a| a.parse().ok()).collect();
    let events = numbers.first().copied().unwrap_or(300_000);
    let tasks = numbers.get(1).copied().unwrap_or(256);
    let runtime = tokio::runtime::Runtime::new()?;
    for group in [128, 1_024] {
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let yardstick = bare_log(directory.path(), events, group, PAYLOAD + PERSONAL)?;
        report(
            &format!("bare sqlite, groups of {group}"),
            events,
            yardstick,
        );
    }
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let options = EmbeddedOptions::new(directory.path(), Bytes::from_static(b"descriptors"));
    let store = Arc::new(EmbeddedStore::open(&options, Arc::new(SystemClock))?);
    let shared: SharedStore = store.clone();
    runtime.block_on(async {
        for (name, tasks, batch) in [
            ("append, 1 event, 1 task", 1, 1),
            ("append, 1 event, many tasks", tasks, 1),
            ("append, 100 events, 8 tasks", 8, 100),
        ] {
            let events = if tasks == 1 { events / 30 } else { events };
            let first = shared.head().borrow().position.0;
            let (took, mut waits) = append_all(&shared, first, events, tasks, batch).await?;
            report(name, events, took);
            waits.sort_unstable();
            let at = |share: usize| waits.get(waits.len() * share / 1_000).copied();
            println!("    p50 {:?}  p99 {:?}", at(500), at(990));
        }
        for max in [1_000, 4_096] {
            let begun = Instant::now();
            let read = read_all(&shared, max).await?;
            report(
                &format!("read_all, batches of {max}"),
                read,
                begun.elapsed(),
            );
        }
        Outcome::Ok(())
    })?;
    drop(shared);
    let begun = Instant::now();
    store.close();
    println!("close: {:?}", begun.elapsed());
    drop(store);
    let begun = Instant::now();
    let store = EmbeddedStore::open(&options, Arc::new(SystemClock))?;
    println!("open: {:?}", begun.elapsed());
    drop(store);
    std::fs::remove_dir_all(directory.path().join("index"))?;
    let begun = Instant::now();
    let store = EmbeddedStore::open(&options, Arc::new(SystemClock))?;
    report(
        "open, rebuilding the index",
        store.indexed().0,
        begun.elapsed(),
    );
    Ok(())
}

fn report(what: &str, events: u64, took: Duration) {
    let rate = events as f64 / took.as_secs_f64();
    println!(
        "{what:<40} {events:>9} events {:>9.3?} {rate:>10.0}/s",
        took
    );
}

fn event(n: u64) -> NewEvent {
    let id = format!("event-{n:012}");
    NewEvent {
        content_hash: *blake3::hash(id.as_bytes()).as_bytes(),
        key: EventKey {
            source: "bench/dealer-17".into(),
            id: id.into(),
        },
        kind: "feedback_received".into(),
        clear: Bytes::from(vec![b'c'; PAYLOAD]),
        personal: Bytes::from(vec![b'p'; PERSONAL]),
    }
}

async fn append_all(
    store: &SharedStore,
    first: u64,
    events: u64,
    tasks: u64,
    batch: u64,
) -> Outcome<(Duration, Vec<Duration>)> {
    let next = Arc::new(AtomicU64::new(first));
    let begun = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..tasks {
        let (store, next) = (store.clone(), next.clone());
        running.spawn(async move {
            let mut waits = Vec::new();
            loop {
                let from = next.fetch_add(batch, Ordering::Relaxed);
                if from >= first + events {
                    return Outcome::Ok(waits);
                }
                let append = Append {
                    // About five events per stream, as for typical owners.
                    stream: StreamName::new(format!("owner-{}", from * 7_919 % (events / 5 + 1))),
                    expected: Expected::Any,
                    events: (from..from + batch).map(event).collect(),
                };
                let begun = Instant::now();
                store.append(append).await?;
                waits.push(begun.elapsed());
            }
        });
    }
    let mut waits = Vec::new();
    while let Some(done) = running.join_next().await {
        waits.extend(done??);
    }
    Ok((begun.elapsed(), waits))
}

async fn read_all(store: &SharedStore, max: usize) -> Outcome<u64> {
    let mut after = Position::START;
    let mut count = 0;
    loop {
        let filter = EventFilter::default();
        let scanned = store.read_all(ReadAll { after, filter, max }).await?;
        count += scanned.events.len() as u64;
        after = scanned.through;
        if scanned.at_head {
            return Ok(count);
        }
    }
}
