//! Verification of a whole log finds every change to it, and nothing else.

use std::path::Path;

use super::{log_file, open};
use crate::store::conformance::{append, event};
use crate::store::embedded::{IndexVerdict, Verification, verify};
use crate::store::{Expected, OpenError, Position, SharedStore};

/// A closed log of 30 events in three streams.
async fn log(data: &Path) {
    let store = open(data).expect("opens");
    let shared: SharedStore = store.clone();
    for n in 0..30 {
        let stream = format!("owner-{}", n % 3);
        let appended = append(&shared, &stream, Expected::Any, vec![event(n)]).await;
        appended.expect("taken");
    }
    store.close();
}

fn verified(data: &Path) -> Verification {
    verify(data, &mut |_, _| {}).expect("can be checked")
}

/// Tampers with a log after removing the triggers that protect it.
fn tamper(data: &Path, sql: &str) {
    let log = log_file(data);
    log.execute_batch("DROP TRIGGER events_are_not_changed; DROP TRIGGER events_are_not_deleted;")
        .expect("unprotected");
    log.execute_batch(sql).expect("tampered with");
}

fn places(found: &Verification) -> Vec<(u64, u64, &str)> {
    let findings = found.findings.iter();
    findings
        .map(|finding| (finding.from.0, finding.to.0, finding.what.as_str()))
        .collect()
}

#[tokio::test]
async fn a_sound_log_is_clean_with_its_index_and_without() {
    let data = tempfile::tempdir().expect("a directory");
    log(data.path()).await;
    let found = verified(data.path());
    assert!(found.is_clean(), "{found:?}");
    assert_eq!((found.sound, found.streams), (30, 3));
    let applied = Position(30);
    assert_eq!(found.index, IndexVerdict::Checked { applied });
    std::fs::remove_dir_all(data.path().join("index")).expect("removed");
    let found = verified(data.path());
    assert!(found.is_clean());
    assert_eq!(found.index, IndexVerdict::Absent);
}

#[tokio::test]
async fn a_log_in_use_is_checked_without_its_index() {
    let data = tempfile::tempdir().expect("a directory");
    log(data.path()).await;
    let store = open(data.path()).expect("opens");
    let found = verified(data.path());
    assert!(found.is_clean());
    assert_eq!(found.index, IndexVerdict::InUse);
    store.close();
}

#[tokio::test]
async fn changed_and_missing_rows_are_named_as_stretches() {
    let data = tempfile::tempdir().expect("a directory");
    log(data.path()).await;
    tamper(
        data.path(),
        "UPDATE events SET clear = zeroblob(3) WHERE position = 8;
         DELETE FROM events WHERE position BETWEEN 12 AND 15;",
    );
    let found = verified(data.path());
    assert_eq!(
        places(&found),
        [
            (8, 8, "the row does not match its digest"),
            (12, 15, "the row is missing"),
        ]
    );
    assert_eq!(found.sound, 25);
}

#[tokio::test]
async fn an_index_of_another_log_is_found_out() {
    let data = tempfile::tempdir().expect("a directory");
    let other = tempfile::tempdir().expect("a directory");
    log(data.path()).await;
    let store = open(other.path()).expect("opens");
    let shared: SharedStore = store.clone();
    for n in 100..130 {
        let appended = append(&shared, "owner-9", Expected::Any, vec![event(n)]).await;
        appended.expect("taken");
    }
    store.close();
    // The same identity, so that the two indexes differ only in their entries.
    let row: (Vec<u8>, i64, Vec<u8>, Vec<u8>) = log_file(data.path())
        .query_row("SELECT * FROM log", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .expect("a row");
    let sql = "UPDATE log SET log_id = ?1, epoch = ?2, content_key = ?3, digest = ?4";
    let changed = log_file(other.path()).execute(sql, row);
    changed.expect("changed");
    let store = open(other.path()).expect("opens with its index rebuilt");
    store.close();
    std::fs::remove_dir_all(data.path().join("index")).expect("removed");
    std::fs::rename(other.path().join("index"), data.path().join("index")).expect("moved");
    let found = verified(data.path());
    assert!(
        found
            .findings
            .iter()
            .all(|finding| finding.what.contains("index")),
        "{found:?}"
    );
    assert!(!found.is_clean());
    assert_eq!(found.sound, 30);
}

#[tokio::test]
async fn a_damaged_descriptor_set_is_found_and_a_damaged_log_row_refuses_to_open() {
    let data = tempfile::tempdir().expect("a directory");
    log(data.path()).await;
    tamper(
        data.path(),
        "UPDATE schema SET descriptor_set = zeroblob(11)",
    );
    let found = verified(data.path());
    let what = "the descriptor set of schema version 1 is damaged";
    assert_eq!(places(&found), [(0, 0, what)]);
    let changed = log_file(data.path()).execute("UPDATE log SET content_key = zeroblob(32)", []);
    changed.expect("changed");
    let refused = open(data.path()).err().expect("refused");
    assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
}
