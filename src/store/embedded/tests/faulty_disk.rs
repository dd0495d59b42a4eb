//! Every write and sync of a run fails once, or the power fails at it: nothing acknowledged is lost, nothing is
//! invented, and the store reports what it could not store.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use ownerline_faults::{Disk, Fault, Loss};

use super::options;
use crate::store::conformance::{append, event, read_to_head, test_clock};
use crate::store::embedded::files::LOG;
use crate::store::embedded::{EmbeddedOptions, EmbeddedStore, IndexVerdict, verify};
use crate::store::{
    AppendError, AppendOutcome, EventFilter, EventStore as _, Expected, SharedStore, StoreState,
};

/// The number of appends of one run.
const COMMANDS: u64 = 200;
/// The number of concurrent clients.
const CLIENTS: u64 = 8;
/// One in this many calls to the disk is tried, unless [`EVERY_CALL`] is set.
const STRIDE: usize = 5;
/// The environment variable that makes the tests try every call.
const EVERY_CALL: &str = "OWNERLINE_FAULTS_EVERY_CALL";

fn on_disk(data: &Path, disk: &Disk) -> EmbeddedOptions {
    let mut options = options(data);
    options.seams.vfs = Some(disk.name().to_owned());
    // Every run includes checkpoints and resets of the write-ahead log.
    options.checkpoint_bytes = 16 << 10;
    options.wal_limit_bytes = 64 << 10;
    options.group_events = 16;
    options.readers = 1;
    options
}

/// The answer for each event: its position, or the error.
type Answers = BTreeMap<u64, Result<u64, AppendError>>;

/// Appends from several clients until each is done or refused.
async fn record(store: &Arc<EmbeddedStore>) -> Answers {
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..CLIENTS {
        let store: SharedStore = store.clone();
        clients.spawn(async move {
            let mut answers = Answers::new();
            for n in (client..COMMANDS).step_by(CLIENTS as usize) {
                let stream = format!("owner-{}", n % 3);
                let answer = append(&store, &stream, Expected::Any, vec![event(n)]).await;
                let refused = answer.is_err();
                answers.insert(n, answer.map(|appended| appended.first.0));
                if refused {
                    break;
                }
            }
            answers
        });
    }
    clients.join_all().await.into_iter().flatten().collect()
}

/// Runs with one fault, followed by a power cut with this loss, if any. Returns whether the fault happened.
async fn run(disk: &Disk, nth: u64, fault: Fault, loss: Option<Loss>) -> bool {
    let context = format!("call {nth}: {fault:?}, {loss:?}");
    let data = tempfile::tempdir().expect("a directory");
    let options = on_disk(data.path(), disk);
    disk.fail(nth, fault);
    let mut answers = Answers::new();
    if let Ok(store) = EmbeddedStore::open(&options, test_clock()).map(Arc::new) {
        answers = record(&store).await;
        assert_state_after_fault(&store, &answers, &context).await;
        if loss.is_some() {
            disk.cut_power();
        }
        assert!(store.close(), "{context}: every thread ends");
    }
    let struck = disk.was_struck();
    match loss {
        Some(loss) => {
            disk.restore_power(loss).expect("the files are written");
            // After a power cut the shared memory of processes is gone.
            let _ = fs::remove_file(data.path().join(format!("{LOG}-shm")));
        }
        None => disk.forget_fault(),
    }
    let store = EmbeddedStore::open(&options, test_clock());
    let store = Arc::new(store.unwrap_or_else(|error| panic!("{context}: {error}")));
    assert_sound(&store, &answers, &context).await;
    assert!(store.close(), "{context}: every thread ends");
    let verified = verify(data.path(), &mut |_, _| {}).expect("can be checked");
    assert!(
        verified.findings.is_empty(),
        "{context}: {:?}",
        verified.findings
    );
    assert!(
        matches!(verified.index, IndexVerdict::Checked { .. }),
        "{context}: {:?}",
        verified.index
    );
    if loss.is_none() {
        disk.restore_power(Loss::AtRandom(nth))
            .expect("clean for the next run");
    }
    struck
}

/// Asserts that the store is poisoned after a failed write, but not after a lack of space.
async fn assert_state_after_fault(store: &Arc<EmbeddedStore>, answers: &Answers, context: &str) {
    let failures = answers.values().filter_map(|answer| answer.as_ref().err());
    let mut poisoned = false;
    for failure in failures {
        match failure {
            AppendError::NoSpace => assert_eq!(failure.outcome(), AppendOutcome::NotAppended),
            AppendError::WriteFailed { .. } | AppendError::Poisoned { .. } => poisoned = true,
            other => panic!("{context}: {other}"),
        }
    }
    // A failed checkpoint also poisons the store, even if no append was refused yet.
    let is_poisoned = matches!(*store.state().borrow(), StoreState::Poisoned { .. });
    assert!(is_poisoned || !poisoned, "{context}: it accepts more");
    if is_poisoned {
        let store: SharedStore = store.clone();
        let again = append(&store, "owner-1", Expected::Any, vec![event(COMMANDS)]).await;
        assert!(
            matches!(again, Err(AppendError::Poisoned { .. })),
            "{context}: {again:?}"
        );
    }
}

/// Asserts that everything acknowledged is stored once, at its position, that nothing was stored that was not sent,
/// and that the store continues.
async fn assert_sound(store: &Arc<EmbeddedStore>, answers: &Answers, context: &str) {
    let shared: SharedStore = store.clone();
    let stored = read_to_head(&shared, EventFilter::default(), 100).await;
    let mut places = BTreeMap::new();
    for (number, stored) in (1..).zip(&stored) {
        assert_eq!(stored.position.0, number, "{context}: gapless");
        let known = (0..COMMANDS).find(|n| event(*n).key == stored.key);
        let n = known.unwrap_or_else(|| panic!("{context}: {:?} was invented", stored.key));
        assert_eq!(stored.clear, event(n).clear, "{context}: unchanged");
        assert_eq!(
            places.insert(n, number),
            None,
            "{context}: {n} is there twice"
        );
    }
    for (n, answer) in answers {
        match answer {
            Ok(position) => assert_eq!(
                places.get(n),
                Some(position),
                "{context}: {n} was acknowledged"
            ),
            Err(error) if error.outcome() == AppendOutcome::NotAppended => {
                assert!(!places.contains_key(n), "{context}: {n}: {error}");
            }
            Err(_) => {}
        }
    }
    // Retrying everything replays or stores each event once.
    for n in 0..COMMANDS {
        let stream = format!("owner-{}", n % 3);
        let again = append(&shared, &stream, Expected::Any, vec![event(n)]).await;
        let again = again.unwrap_or_else(|error| panic!("{context}: {n}: {error}"));
        assert_eq!(again.replayed, places.contains_key(&n), "{context}: {n}");
    }
    let stored = read_to_head(&shared, EventFilter::default(), 100).await;
    assert_eq!(stored.len() as u64, COMMANDS, "{context}");
}

/// Runs with the fault at one call after another, until a run has fewer calls.
async fn at_every_call(disk: &str, fault: Fault, losses: &[Option<Loss>]) {
    let disk = Disk::mount(disk);
    let stride = if std::env::var_os(EVERY_CALL).is_some() {
        1
    } else {
        STRIDE
    };
    let mut tried = 0;
    for nth in (1..).step_by(stride) {
        for loss in losses {
            let loss = loss.map(|loss| match loss {
                Loss::AtRandom(seed) => Loss::AtRandom(seed ^ nth),
                Loss::Everything => loss,
            });
            if !run(&disk, nth, fault, loss).await {
                assert!(tried > 100 / stride, "only {tried} calls were tried");
                println!("{fault:?}: {tried} of about {nth} calls tried");
                return;
            }
            tried += 1;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_power_may_go_at_any_write_or_sync() {
    let losses = [Some(Loss::Everything), Some(Loss::AtRandom(17))];
    at_every_call("power-cut", Fault::PowerCut, &losses).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_write_or_sync_may_fail_and_the_power_go_afterwards() {
    let losses = [None, Some(Loss::Everything), Some(Loss::AtRandom(23))];
    at_every_call("fails", Fault::Fails, &losses).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_write_may_be_short() {
    at_every_call("short", Fault::Short, &[None, Some(Loss::AtRandom(5))]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_write_may_find_the_disk_full() {
    at_every_call("full", Fault::Full, &[None, Some(Loss::AtRandom(7))]).await;
}

/// Linux reports a failed sync once, and marks the pages clean: they are readable after a restart, but gone after a
/// power cut. Events recorded in between must not depend on them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_recorded_after_a_failed_sync_and_a_restart_survives_a_power_cut() {
    let disk = Disk::mount("failed-sync");
    let mut failed = 0;
    for nth in 1.. {
        let context = format!("call {nth} failed");
        let data = tempfile::tempdir().expect("a directory");
        let options = on_disk(data.path(), &disk);
        disk.fail(nth, Fault::Fails);
        if let Ok(store) = EmbeddedStore::open(&options, test_clock()).map(Arc::new) {
            record(&store).await;
            disk.kill();
            store.close();
        }
        let struck = disk.was_struck();
        disk.forget_fault();
        let store = EmbeddedStore::open(&options, test_clock()).map(Arc::new);
        let store = store.unwrap_or_else(|error| panic!("{context}: {error}"));
        let answers = record(&store).await;
        assert!(
            answers.values().all(Result::is_ok),
            "{context}: {answers:?}"
        );
        disk.cut_power();
        store.close();
        disk.restore_power(Loss::Everything)
            .expect("the files are written");
        let _ = fs::remove_file(data.path().join(format!("{LOG}-shm")));
        let store = EmbeddedStore::open(&options, test_clock()).map(Arc::new);
        let store = store.unwrap_or_else(|error| panic!("{context}, then power: {error}"));
        assert_sound(&store, &answers, &context).await;
        store.close();
        if !struck {
            break;
        }
        failed += 1;
    }
    assert!(failed > 50, "only {failed} calls failed");
}
