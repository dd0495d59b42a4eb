//! Single pages of the file are spoilt, including inner pages of the tree: what can still be read is as written, the
//! rest is reported as damaged, and verification finds it.

use std::fs;
use std::path::Path;

use super::{log_file, open};
use crate::store::conformance::{append, event};
use crate::store::embedded::files::LOG;
use crate::store::embedded::verify;
use crate::store::{EventStore as _, Expected, Position, ReadError, SharedStore};

const EVENTS: u64 = 3_000;
/// The approximate number of leaves to spoil; there are many, and they are alike.
const LEAVES: usize = 40;
/// The first byte of an inner page of a table (SQLite's file format, section 1.6).
const INNER: u8 = 5;
/// The first byte of a leaf page.
const LEAF: u8 = 13;

async fn write(data: &Path) {
    let store = open(data).expect("opens");
    let shared: SharedStore = store.clone();
    for first in (0..EVENTS).step_by(50) {
        let events = (first..first + 50).map(event).collect();
        let appended = append(&shared, "owner-1", Expected::Any, events).await;
        appended.expect("taken");
    }
    drop(shared);
    assert!(store.close());
}

/// Reads everything with one page spoilt. Returns the number of unreadable events.
async fn read_with_spoilt_page(data: &Path, context: &str) -> u64 {
    let verified = verify(data, &mut |_, _| {});
    let store = match open(data) {
        Ok(store) => store,
        // Without some pages the log cannot be opened.
        Err(error) => {
            assert!(
                verified.is_err() || !verified.expect("checked").is_clean(),
                "{context}: {error}"
            );
            return EVENTS;
        }
    };
    let mut unreadable = 0;
    for position in 1..=store.head().borrow().position.0 {
        match store.read_positions(vec![Position(position)]).await {
            Ok(found) => {
                let expected = event(position - 1);
                assert_eq!(found.len(), 1, "{context}");
                assert_eq!(found[0].key, expected.key, "{context}: {position}");
                assert_eq!(found[0].clear, expected.clear, "{context}: {position}");
            }
            Err(ReadError::Damaged { .. }) => unreadable += 1,
            Err(other) => panic!("{context}: {position}: {other}"),
        }
    }
    unreadable += EVENTS - store.head().borrow().position.0.min(EVENTS);
    assert!(store.close());
    let verified = verified.expect("checked");
    assert_eq!(
        verified.is_clean(),
        unreadable == 0,
        "{context}: {:?}",
        verified.findings
    );
    let named: u64 = verified
        .findings
        .iter()
        .map(|found| found.to.0 - found.from.0 + 1)
        .sum();
    assert!(
        named >= unreadable,
        "{context}: {:?}, {unreadable} cannot be read",
        verified.findings
    );
    unreadable
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spoilt_page_is_named_and_everything_else_is_read_as_it_was() {
    let data = tempfile::tempdir().expect("a directory");
    write(data.path()).await;
    // Move everything from the write-ahead log into the file.
    let log = log_file(data.path());
    log.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .expect("emptied");
    let size: u32 = log
        .query_row("PRAGMA page_size", [], |row| row.get(0))
        .expect("a size");
    let size = usize::try_from(size).expect("a small number");
    drop(log);
    let file = data.path().join(LOG);
    let sound = fs::read(&file).expect("readable");
    let pages = |kind: u8| {
        let starts = (size..sound.len()).step_by(size);
        starts
            .filter(|start| sound[*start] == kind)
            .collect::<Vec<_>>()
    };
    let (inner, leaves) = (pages(INNER), pages(LEAF));
    assert!(!inner.is_empty(), "the tree has one level only");
    let some_leaves = leaves.iter().step_by(leaves.len() / LEAVES + 1);
    let mut partly = 0;
    for start in inner.iter().chain(some_leaves) {
        let mut spoilt = sound.clone();
        spoilt[*start..start + size].fill(0xa5);
        fs::write(&file, spoilt).expect("written");
        let context = format!("page {}", start / size + 1);
        let unreadable = read_with_spoilt_page(data.path(), &context).await;
        partly += u64::from(unreadable > 0 && unreadable < EVENTS);
        fs::write(&file, &sound).expect("written");
        for suffix in ["-wal", "-shm"] {
            let _ = fs::remove_file(data.path().join(format!("{LOG}{suffix}")));
        }
    }
    assert!(partly > 10, "only {partly} pages took a part of the log");
    assert_eq!(
        read_with_spoilt_page(data.path(), "nothing spoilt").await,
        0
    );
}
