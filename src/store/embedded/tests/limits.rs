//! Full queues, full disks, and a writer that cannot go on.

use super::{log_file, open, options};
use crate::store::conformance::{append, event, test_clock, within};
use crate::store::embedded::EmbeddedStore;
use crate::store::embedded::queue::Command;
use crate::store::{AppendError, AppendOutcome, EventStore, Expected, SharedStore, StoreState};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_behind_a_stuck_writer_fills_up_and_drains() {
    let data = tempfile::tempdir().expect("a directory");
    let mut options = options(data.path());
    options.queue_events = 32;
    let store = EmbeddedStore::open(&options, test_clock()).expect("opens");
    let store: SharedStore = std::sync::Arc::new(store);
    // The writer waits while another connection holds the write lock.
    let blocker = log_file(data.path());
    blocker.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let mut tasks = tokio::task::JoinSet::new();
    let mut offered = 0;
    let refused = loop {
        let store = store.clone();
        tasks.spawn(
            async move { append(&store, "owner-1", Expected::Any, vec![event(offered)]).await },
        );
        offered += 1;
        if offered <= 32 {
            continue;
        }
        let done = within("a refusal", tasks.join_next())
            .await
            .expect("a task");
        break done
            .expect("the task ends")
            .expect_err("nothing is written yet");
    };
    assert!(matches!(refused, AppendError::QueueFull { limit: 32 }));
    blocker.execute_batch("ROLLBACK").expect("unlocked");
    let mut taken = 0;
    while let Some(done) = within("the queue drains", tasks.join_next()).await {
        done.expect("the task ends").expect("it was admitted");
        taken += 1;
    }
    assert_eq!(taken, 32);
    append(&store, "owner-1", Expected::Any, vec![event(1_000)])
        .await
        .expect("there is room again");
}

#[tokio::test]
async fn without_room_nothing_is_written_and_with_room_it_goes_on() {
    let data = tempfile::tempdir().expect("a directory");
    let store = open(data.path()).expect("opens");
    let shared: SharedStore = store.clone();
    append(&shared, "owner-1", Expected::Any, vec![event(0)])
        .await
        .expect("taken");
    let limit = |pages| store.commands.send(Command::LimitPages(pages)).is_ok();
    assert!(limit(1), "no page more than there are");
    let mut taken = 1;
    let refused = loop {
        match append(&shared, "owner-1", Expected::Any, vec![event(taken)]).await {
            Ok(_) => taken += 1,
            Err(error) => break error,
        }
        assert!(taken < 10_000, "the limit holds");
    };
    assert!(matches!(refused, AppendError::NoSpace), "{refused}");
    assert_eq!(refused.outcome(), AppendOutcome::NotAppended);
    assert!(matches!(&*store.state().borrow(), StoreState::Full { .. }));
    assert_eq!(store.head().borrow().position.0, taken);
    let found = store.find(event(taken).key).await.expect("reads go on");
    assert_eq!(found, None);
    assert!(limit(u32::MAX >> 1), "there is room again");
    let after = append(&shared, "owner-1", Expected::Any, vec![event(taken)]).await;
    let after = after.expect("it goes on");
    assert_eq!((after.first.0, after.revision.0), (taken + 1, taken));
    assert_eq!(*store.state().borrow(), StoreState::Writable);
    store.close();
    open(data.path()).expect("and opens again");
}

#[tokio::test]
async fn a_failed_write_poisons_the_store_until_it_is_opened_again() {
    let data = tempfile::tempdir().expect("a directory");
    let store = open(data.path()).expect("opens");
    let shared: SharedStore = store.clone();
    append(&shared, "owner-1", Expected::Any, vec![event(0)])
        .await
        .expect("taken");
    // A trigger makes every insert fail.
    let log = log_file(data.path());
    log.execute_batch(
        "CREATE TRIGGER fault BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'fault'); END",
    )
    .expect("a fault");
    let failed = append(&shared, "owner-1", Expected::Any, vec![event(1)]).await;
    let failed = failed.expect_err("the write fails");
    assert!(
        matches!(failed, AppendError::WriteFailed { .. }),
        "{failed}"
    );
    assert_eq!(failed.outcome(), AppendOutcome::Unknown);
    for n in [0, 1, 2] {
        let refused = append(&shared, "owner-1", Expected::Any, vec![event(n)]).await;
        assert!(matches!(refused, Err(AppendError::Poisoned { .. })));
    }
    assert!(matches!(
        *store.state().borrow(),
        StoreState::Poisoned { .. }
    ));
    let found = store.find(event(0).key).await.expect("reads go on");
    assert!(found.is_some());
    store.close();
    log.execute_batch("DROP TRIGGER fault").expect("mended");
    let store: SharedStore = open(data.path()).expect("opens");
    let taken = append(&store, "owner-1", Expected::Any, vec![event(1)]).await;
    assert_eq!(taken.expect("it goes on").first.0, 2);
}
