//! The disk itself: synced data survives a power cut, other data does not, and a fault strikes once.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::{Disk, Fault, Loss};

fn open(disk: &Disk, path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = Connection::open_with_flags_and_vfs(path, flags, disk.name())?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    Ok(connection)
}

fn rows(connection: &Connection) -> i64 {
    let counted = connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0));
    counted.unwrap_or(-1)
}

/// Commits one row with a sync, a second one with this setting of `synchronous`, and cuts the power. Returns whether
/// the second row survives.
fn second_row_survives(name: &str, synchronous: &str) -> bool {
    let disk = Disk::mount(name);
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("t.db");
    let connection = open(&disk, &path).expect("opens");
    connection
        .pragma_update(None, "synchronous", "FULL")
        .expect("synced");
    connection
        .execute_batch("CREATE TABLE t (n); INSERT INTO t VALUES (1)")
        .expect("written");
    connection
        .pragma_update(None, "synchronous", synchronous)
        .expect("set");
    connection
        .execute_batch("INSERT INTO t VALUES (2)")
        .expect("written");
    disk.cut_power();
    assert!(
        connection
            .execute_batch("INSERT INTO t VALUES (3)")
            .is_err()
    );
    drop(connection);
    disk.restore_power(Loss::Everything)
        .expect("the files are written");
    let _ = std::fs::remove_file(path.with_extension("db-shm"));
    let rows = rows(&open(&disk, &path).expect("opens again"));
    assert!((1..=2).contains(&rows), "{rows} rows");
    rows == 2
}

#[test]
fn synced_data_survives_a_power_cut_and_other_data_does_not() {
    assert!(second_row_survives("synced", "FULL"));
    assert!(!second_row_survives("unsynced", "NORMAL"));
}

#[test]
fn one_call_fails_and_the_next_does_not() {
    let disk = Disk::mount("once");
    let directory = tempfile::tempdir().expect("a directory");
    let connection = open(&disk, &directory.path().join("t.db")).expect("opens");
    connection
        .execute_batch("CREATE TABLE t (n)")
        .expect("written");
    let calls = disk.calls();
    disk.fail(1, Fault::Full);
    let full = connection
        .execute_batch("INSERT INTO t VALUES (1)")
        .expect_err("no room");
    assert_eq!(
        full.sqlite_error_code(),
        Some(rusqlite::ErrorCode::DiskFull)
    );
    assert!(disk.was_struck() && disk.calls() > calls);
    connection
        .execute_batch("INSERT INTO t VALUES (1)")
        .expect("there is room again");
    assert_eq!(rows(&connection), 1);
}
