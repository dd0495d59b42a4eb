//! Opening a store: what is preserved, rebuilt and refused.

use std::fs;

use super::{log_file, open, options};
use crate::store::conformance::{BEGIN, append, event, test_clock};
use crate::store::embedded::schema;
use crate::store::embedded::{EmbeddedStore, LogReader};
use crate::store::{EventStore, Expected, OpenError, Position, SharedStore};

async fn fill(store: &SharedStore, from: u64, to: u64) {
    for n in from..to {
        let appended = append(store, "owner-1", Expected::Any, vec![event(n)]).await;
        appended.expect("the append is taken");
    }
}

fn refused(data: &std::path::Path) -> OpenError {
    match open(data) {
        Ok(_) => panic!("opening should be refused"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_second_open_is_refused_until_the_first_is_closed() {
    let data = tempfile::tempdir().expect("a directory");
    let first = open(data.path()).expect("opens");
    assert!(matches!(refused(data.path()), OpenError::InUse { .. }));
    assert!(first.close());
    open(data.path()).expect("free again");
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let data = tempfile::tempdir().expect("a directory");
    let store = open(data.path()).expect("opens");
    store.close();
    let shared: SharedStore = store.clone();
    let refused = append(&shared, "owner-1", Expected::Any, vec![event(0)]).await;
    assert!(matches!(refused, Err(crate::store::AppendError::Closing)));
    let read = store.find(event(0).key).await;
    assert!(matches!(read, Err(crate::store::ReadError::Closing)));
    assert!(
        store.head().changed().await.is_err(),
        "nobody waits for ever"
    );
}

#[tokio::test]
async fn a_deleted_index_is_rebuilt() {
    let data = tempfile::tempdir().expect("a directory");
    let store = open(data.path()).expect("opens");
    let shared: SharedStore = store.clone();
    fill(&shared, 0, 50).await;
    store.close();
    fs::remove_dir_all(data.path().join("index")).expect("removed");
    let store = open(data.path()).expect("opens");
    assert_eq!(store.indexed(), Position(50));
    let shared: SharedStore = store.clone();
    let again = append(&shared, "owner-1", Expected::NoStream, vec![event(33)]).await;
    assert!(again.expect("a replay").replayed);
}

#[tokio::test]
async fn an_unreadable_index_is_rebuilt() {
    let data = tempfile::tempdir().expect("a directory");
    let store = open(data.path()).expect("opens");
    let shared: SharedStore = store.clone();
    fill(&shared, 0, 20).await;
    store.close();
    drop((store, shared));
    for file in fs::read_dir(data.path().join("index")).expect("reads") {
        let path = file.expect("reads").path();
        if path.is_file() {
            fs::write(path, b"not an index at all").expect("written");
        }
    }
    let store = open(data.path()).expect("opens");
    let found = store.find(event(7).key).await.expect("reads");
    assert_eq!(found.expect("stored").position, Position(8));
}

#[tokio::test]
async fn an_index_that_failed_to_read_is_rebuilt_at_the_next_open() {
    let data = tempfile::tempdir().expect("a directory");
    let store = open(data.path()).expect("opens");
    let shared: SharedStore = store.clone();
    fill(&shared, 0, 20).await;
    store.close();
    let marker = data.path().join("index.condemned");
    fs::write(&marker, "a block did not match its checksum").expect("written");
    let store = open(data.path()).expect("opens");
    assert_eq!(store.indexed(), Position(20));
    assert!(!marker.exists(), "it is sound now");
}

#[tokio::test]
async fn an_index_of_another_epoch_is_rebuilt() {
    let data = tempfile::tempdir().expect("a directory");
    let store = open(data.path()).expect("opens");
    let shared: SharedStore = store.clone();
    fill(&shared, 0, 20).await;
    let epoch = store.epoch();
    store.close();
    let log = log_file(data.path());
    let mut row = schema::recognise(&log, "log.db").expect("a log row");
    row.epoch.0 += 1 << 16;
    log.execute(
        "UPDATE log SET epoch = ?1, digest = ?2",
        (row.epoch.0, row.digest()),
    )
    .expect("a restore begins a new epoch");
    drop(log);
    let store = open(data.path()).expect("opens");
    assert_eq!(store.epoch().0, epoch.0 + (1 << 16));
    assert_eq!(store.indexed(), Position(20));
}

#[tokio::test]
async fn a_log_that_ends_before_its_index_has_lost_events() {
    let data = tempfile::tempdir().expect("a directory");
    let store = open(data.path()).expect("opens");
    let shared: SharedStore = store.clone();
    fill(&shared, 0, 20).await;
    store.close();
    log_file(data.path())
        .execute_batch(
            "DROP TRIGGER events_are_not_deleted; DELETE FROM events WHERE position > 15;",
        )
        .expect("cut off");
    match refused(data.path()) {
        OpenError::LostEvents { head, seen, .. } => {
            assert_eq!((head, seen), (Position(15), Position(20)));
        }
        other => panic!("expected lost events, got {other}"),
    }
}

#[tokio::test]
async fn a_missing_log_beside_what_belongs_to_one_is_refused_and_nothing_is_created() {
    let leftovers = [
        "index",
        "index.condemned",
        "views",
        "views.dropped",
        "token.key",
        "token.new",
        "log.db-wal",
        "log.db-shm",
        "log.db-journal",
    ];
    for name in leftovers {
        let data = tempfile::tempdir().expect("a directory");
        fs::write(data.path().join("lock"), "").expect("written");
        fs::write(data.path().join(name), "x").expect("written");
        // Every attempt is refused, not only the first.
        for _ in 0..3 {
            match refused(data.path()) {
                OpenError::MissingLog { found, .. } => assert_eq!(found, name),
                other => panic!("expected a missing log beside {name}, got {other}"),
            }
        }
        assert!(!data.path().join("log.db").exists(), "{name}");
        let left = fs::read(data.path().join(name)).expect("left alone");
        assert_eq!(left, b"x", "{name}");
    }
}

#[tokio::test]
async fn an_empty_log_beside_the_index_of_a_longer_one_is_refused() {
    let data = tempfile::tempdir().expect("a directory");
    let store = open(data.path()).expect("opens");
    let shared: SharedStore = store.clone();
    fill(&shared, 0, 5).await;
    store.close();
    for name in ["log.db-wal", "log.db-shm"] {
        let _ = fs::remove_file(data.path().join(name));
    }
    fs::write(data.path().join("log.db"), "").expect("emptied");
    let error = refused(data.path());
    assert!(matches!(error, OpenError::MissingLog { .. }), "{error}");
}

#[tokio::test]
async fn what_a_first_start_leaves_that_was_killed_before_its_log_is_started_from() {
    for log in [false, true] {
        let data = tempfile::tempdir().expect("a directory");
        fs::write(data.path().join("lock"), "").expect("written");
        fs::write(data.path().join("reserve"), [0; 8]).expect("written");
        // Disks of their own may be mounted there.
        fs::create_dir_all(data.path().join("index/lost+found")).expect("made");
        fs::create_dir(data.path().join("views")).expect("made");
        if log {
            fs::write(data.path().join("log.db"), "").expect("written");
        }
        open(data.path()).expect("opens").close();
    }
}

#[tokio::test]
async fn files_that_are_no_log_are_refused_with_a_reason() {
    let data = tempfile::tempdir().expect("a directory");
    let path = data.path().join("log.db");
    fs::write(&path, b"once upon a time there was a text file").expect("written");
    let error = refused(data.path());
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
    fs::remove_file(&path).expect("removed");
    log_file(data.path())
        .execute_batch("CREATE TABLE owners (name TEXT)")
        .expect("another application's file");
    let error = refused(data.path());
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
}

#[tokio::test]
async fn a_later_format_is_refused() {
    let data = tempfile::tempdir().expect("a directory");
    open(data.path()).expect("opens").close();
    log_file(data.path())
        .pragma_update(None, "user_version", 99)
        .expect("changed");
    let error = refused(data.path());
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
    assert!(LogReader::open(data.path()).is_err());
}

#[tokio::test]
async fn a_damaged_header_is_refused_and_never_panics() {
    let data = tempfile::tempdir().expect("a directory");
    let store = open(data.path()).expect("opens");
    let shared: SharedStore = store.clone();
    fill(&shared, 0, 5).await;
    store.close();
    let path = data.path().join("log.db");
    let sound = fs::read(&path).expect("reads");
    for at in 0..100 {
        let mut bytes = sound.clone();
        bytes[at] ^= 0x55;
        fs::write(&path, &bytes).expect("written");
        // Some bytes of the header are unused; none may cause a panic or a wrong event.
        if let Ok(store) = open(data.path()) {
            let shared: SharedStore = store.clone();
            let all = crate::store::conformance::read_to_head(&shared, Default::default(), 10);
            assert_eq!(all.await.len(), 5, "header byte {at}");
            store.close();
        }
    }
    let mut bytes = sound;
    bytes[3] = 0;
    fs::write(&path, &bytes).expect("written");
    assert!(matches!(refused(data.path()), OpenError::Damaged { .. }));
}

#[tokio::test]
async fn every_schema_version_that_wrote_is_kept_once() {
    let data = tempfile::tempdir().expect("a directory");
    for (descriptors, first) in [("one", 0), ("one", 2), ("two", 4), ("one", 6), ("two", 8)] {
        let mut options = options(data.path());
        options.descriptor_set = descriptors.into();
        let store = EmbeddedStore::open(&options, test_clock()).expect("opens");
        let shared: SharedStore = std::sync::Arc::new(store);
        fill(&shared, first, first + 2).await;
    }
    let log = log_file(data.path());
    let mut kept = log
        .prepare("SELECT version, descriptor_set, first_position FROM schema ORDER BY version")
        .expect("prepared");
    let kept: Vec<(i64, Vec<u8>, i64)> = kept
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .expect("reads")
        .collect::<Result<_, _>>()
        .expect("reads");
    assert_eq!(kept, [(1, b"one".to_vec(), 1), (2, b"two".to_vec(), 5)]);
}

#[tokio::test]
async fn a_log_reader_reads_beside_the_server_and_after_it() {
    let data = tempfile::tempdir().expect("a directory");
    let store = open(data.path()).expect("opens");
    let shared: SharedStore = store.clone();
    let reader = LogReader::open(data.path()).expect("opens beside the server");
    assert_eq!(reader.figures().expect("reads").first_recorded_at, None);
    fill(&shared, 0, 30).await;
    let figures = reader.figures().expect("reads");
    assert_eq!(figures.events, 30);
    assert_eq!(figures.first_recorded_at, Some(BEGIN));
    assert_eq!(figures.schema_versions, 1);
    assert!(figures.bytes_on_disk > 0);
    assert_eq!(reader.epoch(), store.epoch());
    assert_eq!(reader.log_id(), store.log_id());
    store.close();
    drop((store, shared));
    for mut reader in [reader, LogReader::open(data.path()).expect("opens alone")] {
        let mut after = Position::START;
        let mut seen = 0;
        loop {
            let batch = reader.read(after, 7).expect("reads");
            let Some(last) = batch.last() else { break };
            after = last.position;
            seen += batch.len();
        }
        assert_eq!(seen, 30);
    }
}
