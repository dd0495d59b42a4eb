//! Temporary failures of the index: the log continues, nothing is discarded, and the index recovers by itself.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{open, options};
use crate::store::conformance::{append, event, test_clock, within};
use crate::store::embedded::EmbeddedStore;
use crate::store::{
    AppendError, EventStore, Expected, ReadError, ReadStream, SharedStore, StoreState, StreamName,
};

const EIO: i32 = 5;
const EMFILE: i32 = 24;
const ENOSPC: i32 = 28;

/// A file that only a rebuild of the index removes.
fn sentinel(data: &Path) -> std::path::PathBuf {
    data.join("index").join("sentinel")
}

async fn recovers(store: &EmbeddedStore) {
    let mut trouble = store.index_trouble();
    let recovered = within("the index recovers", trouble.wait_for(Option::is_none)).await;
    drop(recovered.expect("the store is open"));
}

/// Waits until the index has reached this position.
async fn follows(store: &EmbeddedStore, position: u64) {
    let following = async {
        while store.indexed().0 < position {
            tokio::task::yield_now().await;
        }
    };
    within("the index follows", following).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_without_room_poisons_nothing_and_follows_again_by_itself() {
    let data = tempfile::tempdir().expect("a directory");
    let options = options(data.path());
    let faults = options.seams.index_faults.clone();
    let store = Arc::new(EmbeddedStore::open(&options, test_clock()).expect("opens"));
    let shared: SharedStore = store.clone();
    std::fs::write(sentinel(data.path()), "").expect("written");
    let one = |number| {
        let shared = shared.clone();
        async move { append(&shared, "owner-1", Expected::Any, vec![event(number)]).await }
    };
    for number in 0..10 {
        one(number).await.expect("stored");
    }
    follows(&store, 10).await;
    faults.writes.set(ENOSPC);
    for number in 10..30 {
        one(number).await.expect("the log has room");
    }
    let mut trouble = store.index_trouble();
    let reported = within("trouble", trouble.wait_for(Option::is_some)).await;
    let reported = reported
        .expect("the store is open")
        .clone()
        .expect("it is reported");
    assert!(
        reported.reason.contains("os error 28") || reported.reason.contains("StorageFull"),
        "{reported:?}"
    );
    assert_eq!(*store.state().borrow(), StoreState::Writable);
    assert_eq!(store.indexed().0, 10, "what was indexed stays");
    // A retry is recognised from memory, and a read that needs the index is refused rather than incomplete.
    for number in [0, 15] {
        assert!(one(number).await.expect("known").replayed);
    }
    let read = ReadStream {
        stream: StreamName::new("owner-1"),
        from: None,
        direction: crate::store::Direction::Forward,
        max: 100,
    };
    let refused = store.read_stream(read.clone()).await.expect_err("behind");
    assert!(matches!(refused, ReadError::Waiting { .. }), "{refused}");

    faults.writes.set(0);
    recovers(&store).await;
    follows(&store, 30).await;
    assert_eq!(store.read_stream(read).await.expect("read").len(), 30);
    for number in 0..30 {
        assert!(one(number).await.expect("known").replayed, "{number}");
    }
    assert_eq!(one(30).await.expect("stored").first.0, 31);
    assert!(sentinel(data.path()).exists(), "nothing was built anew");
    store.close();
}

#[tokio::test]
async fn reads_of_the_index_that_fail_are_refused_and_condemn_nothing() {
    let data = tempfile::tempdir().expect("a directory");
    let options = options(data.path());
    let faults = options.seams.index_faults.clone();
    let store = Arc::new(EmbeddedStore::open(&options, test_clock()).expect("opens"));
    let shared: SharedStore = store.clone();
    append(&shared, "owner-1", Expected::Any, vec![event(0)])
        .await
        .expect("stored");
    for number in [EMFILE, EIO] {
        faults.reads.set(number);
        let refused = append(&shared, "owner-1", Expected::Any, vec![event(1)]).await;
        let refused = refused.expect_err("it cannot be looked up");
        assert!(
            matches!(refused, AppendError::Unchecked { .. }),
            "{refused}"
        );
        faults.reads.set(0);
        assert!(
            append(&shared, "owner-1", Expected::Any, vec![event(0)])
                .await
                .expect("known")
                .replayed
        );
    }
    assert_eq!(*store.state().borrow(), StoreState::Writable);
    store.close();
    assert!(!data.path().join("index.condemned").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_cannot_be_opened_for_want_of_descriptors_is_not_discarded() {
    let data = tempfile::tempdir().expect("a directory");
    let store = open(data.path()).expect("opens");
    let shared: SharedStore = store.clone();
    for number in 0..10 {
        append(&shared, "owner-1", Expected::Any, vec![event(number)])
            .await
            .expect("stored");
    }
    store.close();
    drop((store, shared));
    std::fs::write(sentinel(data.path()), "").expect("written");
    let options = options(data.path());
    options.seams.index_faults.writes.set(EMFILE);
    let store = Arc::new(EmbeddedStore::open(&options, test_clock()).expect("it opens without"));
    let shared: SharedStore = store.clone();
    assert!(store.index_trouble().borrow().is_some());
    let refused = append(&shared, "owner-1", Expected::Any, vec![event(3)]).await;
    let refused = refused.expect_err("it is not known whether it is stored");
    assert!(
        matches!(refused, AppendError::Unchecked { .. }),
        "{refused}"
    );
    options.seams.index_faults.writes.set(0);
    recovers(&store).await;
    for number in 0..10 {
        let again = append(&shared, "owner-1", Expected::Any, vec![event(number)]).await;
        assert!(again.expect("known").replayed);
    }
    assert!(sentinel(data.path()).exists(), "nothing was built anew");
    store.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_whose_index_never_recovers_closes_all_the_same() {
    let data = tempfile::tempdir().expect("a directory");
    let options = options(data.path());
    let store = Arc::new(EmbeddedStore::open(&options, test_clock()).expect("opens"));
    let shared: SharedStore = store.clone();
    options.seams.index_faults.writes.set(ENOSPC);
    append(&shared, "owner-1", Expected::Any, vec![event(0)])
        .await
        .expect("stored");
    assert!(store.close(), "every thread ends");
    drop((store, shared));
    options.seams.index_faults.writes.set(0);
    let store = EmbeddedStore::open(&options, test_clock()).expect("opens");
    assert_eq!(store.indexed().0, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_finds_no_room_at_its_start_is_read_and_written_when_there_is_some() {
    let data = tempfile::tempdir().expect("a directory");
    let store = open(data.path()).expect("opens");
    let shared: SharedStore = store.clone();
    append(&shared, "owner-1", Expected::Any, vec![event(0)])
        .await
        .expect("stored");
    store.close();
    drop((store, shared));
    // No disk has this much room.
    let mut options = options(data.path());
    options.reserve_bytes = 1 << 43;
    options.room_interval = Duration::from_millis(10);
    let store = EmbeddedStore::open(&options, test_clock()).expect("opens");
    assert!(matches!(&*store.state().borrow(), StoreState::Full { .. }));
    assert!(store.find(event(0).key).await.expect("read").is_some());
    let shared: SharedStore = Arc::new(store);
    let refused = append(&shared, "owner-1", Expected::Any, vec![event(1)]).await;
    assert!(matches!(refused, Err(AppendError::NoSpace)), "{refused:?}");
    assert!(
        append(&shared, "owner-1", Expected::Any, vec![event(0)])
            .await
            .expect("known")
            .replayed
    );
}
