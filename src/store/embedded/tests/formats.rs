//! Formats of the file: logs of earlier formats stay readable for ever, and checksums of the current format find
//! damage but do not prove history.

use std::io::Read as _;
use std::path::Path;

use flate2::read::GzDecoder;
use rusqlite::Connection;

use super::{log_file, open};
use crate::store::conformance::{append, event, read_to_head};
use crate::store::embedded::digest::Digested;
use crate::store::embedded::verify;
use crate::store::{EventStore as _, Expected, Position, ReadError, SharedStore};

/// A log of format 1 with 55 touchpoints of an invented owner.
const FORMAT_1: &[u8] = include_bytes!("formats/1.log.db.gz");
/// Its certificate, as computed by the program that wrote it.
const CERTIFICATE_1: &str = "f6024aa6f16fcd302414d97d8adc609570629d3e85db646519fe5d6c665ccbcb";

fn log_of_format_1() -> tempfile::TempDir {
    let data = tempfile::tempdir().expect("a directory");
    let mut file = Vec::new();
    let read = GzDecoder::new(FORMAT_1).read_to_end(&mut file);
    read.expect("unpacked");
    std::fs::write(data.path().join("log.db"), file).expect("written");
    data
}

fn certificate(data: &Path) -> String {
    let found = verify(data, &mut |_, _| {}).expect("can be checked");
    assert!(found.is_clean(), "{:?}", found.findings);
    found.certificate.expect("nothing is damaged").to_string()
}

fn format_of(data: &Path) -> i32 {
    let log = log_file(data);
    log.pragma_query_value(None, "user_version", |row| row.get(0))
        .expect("a version")
}

fn seal_bytes(log: &Connection, position: i64) -> i64 {
    let sql = "SELECT length(digest) FROM events WHERE position = ?1";
    log.query_row(sql, [position], |row| row.get(0))
        .expect("a row")
}

#[tokio::test]
async fn a_log_of_format_1_is_read_and_written_on_and_keeps_its_history() {
    let data = log_of_format_1();
    assert_eq!(certificate(data.path()), CERTIFICATE_1);
    let store = open(data.path()).expect("opens");
    let shared: SharedStore = store.clone();
    let all = read_to_head(&shared, Default::default(), 10).await;
    assert_eq!(all.len(), 55);
    assert!(all.iter().any(|event| !event.personal.is_empty()));
    store.close();
    assert_eq!(format_of(data.path()), 2, "opened for writing");
    assert_eq!(certificate(data.path()), CERTIFICATE_1, "the same rows");

    let store = open(data.path()).expect("opens again");
    let shared: SharedStore = store.clone();
    let appended = append(&shared, "owner-1", Expected::Any, vec![event(1)]).await;
    assert_eq!(appended.expect("taken").first, Position(56));
    store.close();
    let log = log_file(data.path());
    assert_eq!((seal_bytes(&log, 55), seal_bytes(&log, 56)), (32, 40));
    drop(log);
    assert_ne!(certificate(data.path()), CERTIFICATE_1, "one row more");
}

#[tokio::test]
async fn damage_in_a_row_of_format_1_is_found_by_its_digest() {
    let data = log_of_format_1();
    let log = log_file(data.path());
    log.execute_batch(
        "DROP TRIGGER events_are_not_changed;
         UPDATE events SET recorded_at = recorded_at + 1 WHERE position = 55",
    )
    .expect("tampered with");
    drop(log);
    let store = open(data.path()).expect("opens");
    let read = store.read_positions(vec![Position(55)]).await;
    assert!(matches!(read, Err(ReadError::Damaged { .. })), "{read:?}");
    let read = store.read_positions(vec![Position(54)]).await;
    assert!(read.is_ok(), "{read:?}");
}

/// Rewrites the clear part of the first row with a matching checksum, as anybody who knows the format can.
fn rewrite_history(data: &Path) {
    let log = log_file(data);
    log.execute_batch("DROP TRIGGER events_are_not_changed")
        .expect("unprotected");
    let sql = "SELECT recorded_at, stream, type, source, id, content_digest, digest FROM events \
               WHERE position = 1";
    type Row = (i64, String, String, String, String, Vec<u8>, Vec<u8>);
    let row: Row = log
        .query_row(sql, [], |row| row.try_into())
        .expect("a row without anything personal");
    let clear = b"another history";
    let digest: [u8; 32] = row.6[..32].try_into().expect("a digest");
    let forged = Digested {
        position: 1,
        stream: &row.1,
        revision: 0,
        recorded_at: row.0,
        kind: &row.2,
        source: &row.3,
        id: &row.4,
        clear,
        content_digest: &row.5,
        commitment: None,
    };
    let checksum = forged.checksum(&[], &digest, &mut Vec::new());
    let seal = [&digest[..], &checksum].concat();
    log.execute("UPDATE events SET clear = ?1, digest = ?2", (clear, seal))
        .expect("rewritten");
}

#[tokio::test]
async fn reads_find_damage_and_a_check_of_the_whole_log_proves_history() {
    let data = tempfile::tempdir().expect("a directory");
    let store = open(data.path()).expect("opens");
    let shared: SharedStore = store.clone();
    let mut first = event(0);
    first.personal = Default::default();
    let appended = append(&shared, "owner-1", Expected::Any, vec![first]).await;
    appended.expect("taken");
    store.close();
    rewrite_history(data.path());
    let store = open(data.path()).expect("opens");
    let read = store.read_positions(vec![Position(1)]).await;
    assert_eq!(&*read.expect("not damaged")[0].clear, b"another history");
    store.close();
    let found = verify(data.path(), &mut |_, _| {}).expect("can be checked");
    let what: Vec<_> = found.findings.iter().map(|it| it.what.as_str()).collect();
    assert_eq!(what, ["the row does not match its digest"]);
}

#[tokio::test]
async fn a_checksum_that_does_not_hold_is_damage_on_every_read_and_in_a_check() {
    let data = tempfile::tempdir().expect("a directory");
    let store = open(data.path()).expect("opens");
    let shared: SharedStore = store.clone();
    let appended = append(&shared, "owner-1", Expected::Any, vec![event(0)]).await;
    appended.expect("taken");
    store.close();
    log_file(data.path())
        .execute_batch(
            "DROP TRIGGER events_are_not_changed;
             UPDATE events SET digest = CAST(substr(digest, 1, 32) || zeroblob(8) AS BLOB)",
        )
        .expect("tampered with");
    let store = open(data.path()).expect("opens");
    let read = store.read_positions(vec![Position(1)]).await;
    assert!(matches!(read, Err(ReadError::Damaged { .. })), "{read:?}");
    store.close();
    let found = verify(data.path(), &mut |_, _| {}).expect("can be checked");
    let what: Vec<_> = found.findings.iter().map(|it| it.what.as_str()).collect();
    assert_eq!(what, ["the row does not match its checksum"]);
}
