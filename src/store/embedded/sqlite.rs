//! Connections to `log.db`, and what SQLite's errors mean here.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::ffi;
use rusqlite::{Connection, Error, ErrorCode, OpenFlags};

use crate::store::{OpenError, Position, ReadError};

/// How long a connection waits for a lock: only a checkpoint or a foreign tool ever holds one.
const BUSY: Duration = Duration::from_secs(30);

/// SQLite integers are signed; no count of ours comes near the border.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The reverse of [`signed`].
pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Appending, and making the file.
    Write,
    /// Checkpoints of the write-ahead log.
    Checkpoint,
    /// Reading.
    Read,
}

pub(super) fn connect(path: &Path, r#use: Use, vfs: Option<&str>) -> rusqlite::Result<Connection> {
    // Every connection stays with one thread, so SQLite needs no mutex around it.
    let access = match r#use {
        Use::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Use::Write => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        Use::Checkpoint => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match vfs {
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs)?,
        None => Connection::open_with_flags(path, flags)?,
    };
    connection.busy_timeout(BUSY)?;
    // After a failure nothing may be moved out of the write-ahead log, least of all in passing.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    match r#use {
        Use::Read => connection.pragma_update(None, "cache_size", -4_096)?,
        Use::Checkpoint => connection.pragma_update(None, "synchronous", "FULL")?,
        Use::Write => connection.pragma_update(None, "synchronous", "FULL")?,
    }
    // The file and its write-ahead log are opened now, while there are descriptors.
    connection.pragma_query_value(None, "schema_version", |_| Ok(()))?;
    Ok(connection)
}

/// Write-ahead log, checkpointed only by the thread that is there for it.
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

/// Writes what a former process left in the write-ahead log into the file itself. If a sync of that process
/// failed, its pages may be in memory only, and Linux has said so once and for all: what is written again is
/// synced again, and nothing new stands behind what may vanish.
pub(super) fn empty_write_ahead_log(connection: &Connection) -> rusqlite::Result<()> {
    let busy: bool =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy {
        tracing::warn!("somebody reads the write-ahead log, it is not emptied");
    }
    Ok(())
}

/// Whether there was no room: then nothing is written, and the log can go on.
pub(super) fn is_no_space(error: &Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
        || error.sqlite_extended_error_code() == Some(ffi::SQLITE_IOERR_SHMSIZE)
}

/// Whether something could not be read or opened: no descriptors, no memory, a read of the disk that failed.
/// It passes, and nothing was written.
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

/// Whether another connection held the write lock for too long: then nothing was written either.
pub(super) fn is_locked(error: &Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

fn is_damage(error: &Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

pub(super) fn open_error(path: &str, error: &Error) -> OpenError {
    let path = path.to_owned();
    let reason = error.to_string();
    if is_damage(error) {
        OpenError::Damaged { path, reason }
    } else if is_no_space(error) {
        OpenError::NoRoom { path, reason }
    } else {
        OpenError::Io { path, reason }
    }
}

/// What a failed read of (or just behind) this position means.
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
