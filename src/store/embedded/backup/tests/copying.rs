//! Backups: what is copied, how far, and what ends a run.

use super::*;
use crate::store::Position;
use crate::store::embedded::LogReader;
use crate::store::embedded::backup::target::Target;
use crate::store::embedded::backup::{Source, run};
use crate::store::embedded::digest::{Personal, erased};
use crate::store::embedded::schema::LogRole;

#[tokio::test]
async fn a_backup_beside_a_server_goes_on_behind_its_last_row_and_ends_equal() {
    let places = Places::new();
    let store = open(&places.data()).expect("opens");
    for (to, copied) in [(0, 0), (10, 10), (11, 1), (11, 0), (40, 29)] {
        fill_open(&store, to - copied, to).await;
        let copy = places.back_up().expect("copied");
        assert_eq!((copy.copied, copy.position), (copied, Position(to)));
        assert_eq!((copy.head, copy.damage), (Position(to), None));
        let found = verified(&places.backup());
        assert_eq!(found.certificate, Some(copy.certificate));
        assert_eq!(found.head.position, Position(to));
    }
    store.close();
    for table in ["events", "schema", "log"] {
        assert_eq!(rows(&places.data(), table), rows(&places.backup(), table));
    }
    let [of_log, of_backup] = [places.data(), places.backup()].map(|data| verified(&data));
    assert_eq!(of_log.certificate, of_backup.certificate);
    let reader = LogReader::open(&places.backup()).expect("opens");
    assert_eq!(reader.role(), LogRole::Backup);
    assert!(
        !places.backup().join("log.db-wal").exists(),
        "one file is all"
    );
}

/// A copy of a directory in the middle of a transaction with a rollback journal, as a kill leaves it.
fn killed(directory: &Path, to: &Path) {
    let file = log_file(directory);
    // With a small cache, SQLite writes to the file before the transaction ends.
    let sql = "PRAGMA cache_size = 1; PRAGMA synchronous = FULL; BEGIN;
        CREATE TABLE interrupted (content BLOB);
        INSERT INTO interrupted SELECT zeroblob(2000) FROM events;";
    file.execute_batch(sql).expect("begins");
    std::fs::create_dir(to).expect("made");
    for entry in std::fs::read_dir(directory).expect("reads") {
        let entry = entry.expect("reads");
        std::fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
    }
    assert!(to.join("log.db-journal").exists());
}

#[tokio::test]
async fn a_backup_killed_while_it_turned_its_write_ahead_log_on_or_off_can_be_read_and_restored() {
    let places = Places::filled(400).await;
    let copy = places.back_up().expect("copied");
    let [read, restored_from, next] = ["read", "restored-from", "next"].map(|it| places.named(it));
    for to in [&read, &restored_from, &next] {
        killed(&places.backup(), to);
    }
    let reader = LogReader::open(&read).expect("opens");
    assert_eq!(reader.head().expect("reads").position, Position(400));
    assert_eq!(verified(&read).certificate, Some(copy.certificate));
    let restored = restored(&restored_from, &places.restored()).expect("restored");
    assert_eq!(restored.certificate, copy.certificate);
    let again = backed_up(&places.data(), &next).expect("continued");
    assert_eq!((again.copied, again.position), (0, Position(400)));
    assert_eq!(rows(&next, "events"), rows(&places.data(), "events"));
}

#[tokio::test]
async fn more_rows_than_one_group_holds_are_copied_group_by_group() {
    let places = Places::new();
    let store = open(&places.data()).expect("opens");
    let shared: SharedStore = store.clone();
    for hundred in 0..50 {
        let events = (0..100).map(|n| event(hundred * 100 + n)).collect();
        let appended = append(&shared, "owner-1", Expected::Any, events).await;
        appended.expect("taken");
    }
    let mut seen = Vec::new();
    let copy = backup(
        &places.data(),
        &places.backup(),
        Extent::Behind,
        &mut |at, head| {
            seen.push((at.0, head.0));
        },
    );
    assert_eq!(copy.expect("copied").copied, 5_000);
    assert_eq!(seen, [(4_096, 5_000), (5_000, 5_000)]);
}

/// Destroys the personal part of a row, as an erasure will.
fn destroy(data: &Path, position: i64) {
    let log = log_file(data);
    let sql = "SELECT personal FROM events WHERE position = ?1";
    let column: Vec<u8> = log
        .query_row(sql, [position], |row| row.get(0))
        .expect("reads");
    let kept = Personal::read(Some(&column)).expect("well-formed");
    let column = erased(kept.commitment().expect("something personal"));
    let sql = "UPDATE events SET personal = ?1 WHERE position = ?2";
    log.execute(sql, (column, position)).expect("erased");
}

#[tokio::test]
async fn what_is_destroyed_in_the_log_is_destroyed_in_the_backup_by_a_full_run() {
    let places = Places::filled(400).await;
    destroy(&places.data(), 4);
    let first = places.back_up().expect("copied");
    assert_eq!(
        rows(&places.data(), "events"),
        rows(&places.backup(), "events")
    );
    // One of the last rows, and an earlier one.
    destroy(&places.data(), 7);
    destroy(&places.data(), 397);
    assert_eq!(places.back_up().expect("copied").destroyed, 1);
    let file = || std::fs::read(places.backup().join("log.db")).expect("reads");
    let personal = b"a telephone number".as_slice();
    let telephones = |file: &[u8]| file.windows(18).filter(|it| *it == personal).count();
    assert_eq!(telephones(&file()), 132);
    let full = backup(
        &places.data(),
        &places.backup(),
        Extent::Full,
        &mut |_, _| {},
    );
    let full = full.expect("compared");
    assert_eq!((full.destroyed, full.copied), (1, 0));
    assert_eq!(
        full.certificate, first.certificate,
        "history stays provable"
    );
    assert_eq!(telephones(&file()), 131, "nothing stays behind in the file");
    assert_eq!(
        rows(&places.data(), "events"),
        rows(&places.backup(), "events")
    );
    verified(&places.backup());
}

#[tokio::test]
async fn a_full_run_finds_what_was_damaged_in_the_backup_long_ago() {
    for sql in [
        "UPDATE events SET clear = zeroblob(3) WHERE position = 8",
        "UPDATE copied SET certificate = zeroblob(32)",
    ] {
        let places = Places::filled(300).await;
        places.back_up().expect("copied");
        tamper(&places.backup(), sql);
        places.back_up().expect("the last rows are the same");
        let full = backup(
            &places.data(),
            &places.backup(),
            Extent::Full,
            &mut |_, _| {},
        );
        let refused = full.expect_err("damaged");
        assert!(
            matches!(refused, BackupError::CopyDamaged { .. }),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn a_damaged_row_ends_the_backup_before_it_and_what_is_there_stays_good() {
    for (sql, reason) in [
        (
            "UPDATE events SET clear = zeroblob(3) WHERE position = 8",
            "the row does not match its digest",
        ),
        (
            "DELETE FROM events WHERE position = 8",
            "the row is missing",
        ),
    ] {
        let places = Places::filled(20).await;
        tamper(&places.data(), sql);
        for copied in [7, 0] {
            let copy = places.back_up().expect("copied up to the damage");
            let damage = copy.damage.expect("found");
            assert_eq!((damage.position, &*damage.reason), (Position(8), reason));
            assert_eq!((copy.position, copy.copied), (Position(7), copied));
        }
        assert_eq!(verified(&places.backup()).sound, 7);
    }
}

#[tokio::test]
async fn a_damaged_descriptor_set_is_not_copied() {
    let places = Places::filled(3).await;
    tamper(
        &places.data(),
        "UPDATE schema SET descriptor_set = zeroblob(11)",
    );
    let refused = places.back_up().expect_err("refused");
    assert!(
        matches!(refused, BackupError::SchemaDamaged { version: 1 }),
        "{refused}"
    );
}

#[tokio::test]
async fn without_room_the_backup_stops_and_goes_on_when_there_is_room_again() {
    let places = Places::filled(6).await;
    places.back_up().expect("copied");
    fill(&places.data(), 6, 300).await;
    let source = Source::open(&places.data()).expect("opens");
    let mut target = Target::open(
        &places.backup(),
        &places.data(),
        &source.log,
        LogRole::Backup,
    )
    .expect("opens");
    let pages: i64 = target
        .connection
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .expect("reads");
    target
        .connection
        .pragma_update_and_check(None, "max_page_count", pages + 2, |_| Ok(()))
        .expect("limited");
    let full = run(&source, &mut target, Extent::Behind, &mut |_, _| {}).expect_err("no room");
    assert!(
        matches!(
            full,
            BackupError::NoSpace {
                copied: Position(6),
                ..
            }
        ),
        "{full}"
    );
    drop((source, target));
    assert_eq!(verified(&places.backup()).sound, 6);
    assert_eq!(places.back_up().expect("room again").copied, 294);
    verified(&places.backup());
}

#[tokio::test]
async fn a_backup_can_be_backed_up() {
    let places = Places::filled(12).await;
    let near = places.back_up().expect("copied");
    let far = backed_up(&places.backup(), &places.named("far")).expect("copied");
    assert_eq!(near.certificate, far.certificate);
    assert_eq!(
        rows(&places.data(), "events"),
        rows(&places.named("far"), "events")
    );
}
