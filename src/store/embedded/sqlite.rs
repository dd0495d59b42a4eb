//! Connections to `log.db`, and the classification of SQLite's errors.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::ffi;
use rusqlite::{Connection, Error, ErrorCode, OpenFlags};

use crate::store::{OpenError, Position, ReadError};

/// How long a connection waits for a lock, which only a checkpoint or a foreign tool holds.
const BUSY: Duration = Duration::from_secs(30);

/// Converts to the signed integers of SQLite; no count comes near the limit.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Converts back from [`signed`].
pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// The purpose of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Appends to the log, or creates it.
    Write,
    /// Checkpoints the write-ahead log.
    Checkpoint,
    /// Rolls back the transaction of a process that was killed.
    RollBack,
    /// Reads the log.
    Read,
}

/// Opens a connection.
pub(super) fn connect(path: &Path, r#use: Use, vfs: Option<&str>) -> rusqlite::Result<Connection> {
    // Every connection stays with one thread, so SQLite needs no mutex.
    let access = match r#use {
        Use::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Use::Write => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        Use::Checkpoint | Use::RollBack => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match vfs {
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs)?,
        None => Connection::open_with_flags(path, flags)?,
    };
    connection.busy_timeout(BUSY)?;
    // Closing must not checkpoint: after a failure nothing may be moved out of the write-ahead log.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    match r#use {
        Use::Read => connection.pragma_update(None, "cache_size", -4_096)?,
        Use::Checkpoint | Use::RollBack => connection.pragma_update(None, "synchronous", "FULL")?,
        Use::Write => connection.pragma_update(None, "synchronous", "FULL")?,
    }
    // Opens the file and its write-ahead log now, while there are file descriptors.
    connection.pragma_query_value(None, "schema_version", |_| Ok(()))?;
    Ok(connection)
}

/// Opens an existing file for reading.
///
/// A backup turns the write-ahead log of its file on and off, which SQLite does in a transaction with a rollback journal. A
/// kill in that instant leaves the journal, and SQLite refuses to read the file until a connection that may write has rolled
/// it back. It waits for a process that is in such a transaction, and rolls back nothing of it.
pub(super) fn connect_for_reading(path: &Path) -> rusqlite::Result<Connection> {
    match connect(path, Use::Read, None) {
        Err(error) if is_interrupted(&error) => {
            drop(connect(path, Use::RollBack, None)?);
            connect(path, Use::Read, None)
        }
        opened => opened,
    }
}

/// Turns on the write-ahead log, which only the checkpoint thread checkpoints.
pub(super) fn prepare_for_writing(
    connection: &Connection,
    wal_limit_bytes: u64,
) -> rusqlite::Result<()> {
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if !mode.eq_ignore_ascii_case("wal") {
        tracing::warn!(mode, "sqlite refused its write-ahead log");
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -8_192)?;
    let limit = i64::try_from(wal_limit_bytes).unwrap_or(i64::MAX);
    connection.pragma_update_and_check(None, "journal_size_limit", limit, |_| Ok(()))?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))
}

/// Moves what a former process left in the write-ahead log into the file. If a sync of that process failed, some
/// pages may exist only in memory, and Linux does not report it again. Writing them again syncs them again, so
/// that no new data follows pages that may vanish.
pub(super) fn empty_write_ahead_log(connection: &Connection) -> rusqlite::Result<()> {
    let busy: bool =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy {
        tracing::warn!("write-ahead log is not emptied, another process reads it");
    }
    Ok(())
}

/// Returns whether the disk was full. Nothing was written then, and the log can continue.
pub(super) fn is_no_space(error: &Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
        || error.sqlite_extended_error_code() == Some(ffi::SQLITE_IOERR_SHMSIZE)
}

/// Returns whether something could not be read or opened: no file descriptors, no memory, a failed disk read.
/// Such a failure is temporary, and nothing was written.
pub(super) fn is_passing(error: &Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(code, Some(ErrorCode::CannotOpen | ErrorCode::OutOfMemory))
        || matches!(
            error.sqlite_extended_error_code(),
            Some(
                ffi::SQLITE_IOERR_READ
                    | ffi::SQLITE_IOERR_FSTAT
                    | ffi::SQLITE_IOERR_ACCESS
                    | ffi::SQLITE_IOERR_NOMEM
                    | ffi::SQLITE_IOERR_LOCK
                    | ffi::SQLITE_IOERR_RDLOCK
                    | ffi::SQLITE_IOERR_CHECKRESERVEDLOCK
                    | ffi::SQLITE_IOERR_SHMOPEN
                    | ffi::SQLITE_IOERR_SHMMAP
                    | ffi::SQLITE_IOERR_SHMLOCK
            )
        )
}

/// Returns whether another connection held the write lock for too long. Nothing was written then.
pub(super) fn is_locked(error: &Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

/// Returns whether a transaction of a killed process has to be rolled back, and this connection may not write.
fn is_interrupted(error: &Error) -> bool {
    error.sqlite_extended_error_code() == Some(ffi::SQLITE_READONLY_ROLLBACK)
}

fn is_damage(error: &Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

/// Converts the error of opening the log at a path.
pub(super) fn open_error(path: &str, error: &Error) -> OpenError {
    let path = path.to_owned();
    let reason = match is_interrupted(error) {
        true => "it ends with an interrupted transaction; rolling it back takes the right to write"
            .to_owned(),
        false => error.to_string(),
    };
    if is_damage(error) {
        OpenError::Damaged { path, reason }
    } else if is_no_space(error) {
        OpenError::NoRoom { path, reason }
    } else {
        OpenError::Io { path, reason }
    }
}

/// Converts the error of a read of, or just after, this position.
pub(super) fn read_error(position: Position, error: &Error) -> ReadError {
    let reason = error.to_string();
    if is_damage(error) {
        ReadError::Damaged { position, reason }
    } else if is_passing(error) || is_no_space(error) {
        ReadError::Waiting { reason }
    } else {
        ReadError::Failed { reason }
    }
}
