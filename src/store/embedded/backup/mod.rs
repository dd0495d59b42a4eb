//! Backup and restore, which copy the log row by row, even while a server uses it.
//!
//! A copy has the tables of the log and another one, `copied`, which records how far the copy has come. Its
//! application id marks it as a copy, which every tool can read but no server opens. A restore is a copy of a
//! copy; at its end it becomes a store with a new epoch, in one transaction. Both can be resumed.

use std::path::Path;

use rusqlite::Connection;
use uuid::Uuid;

use super::digest::Certificate;
use super::files::{LOG, shown};
use super::log_reader;
use super::rows::RowReader;
use super::schema::{self, LogRole, LogRow};
use super::sqlite;
use crate::runtime::Clock;
use crate::store::{Epoch, OpenError, Position};

mod compare;
mod copy;
mod epoch;
mod error;
mod target;
#[cfg(test)]
mod tests;
mod token_key;

pub use copy::Damage;
pub use error::BackupError;
use target::Target;
use token_key::copy_token_key;

/// The number of last rows that are compared with those of the log before a copy continues.
const COMPARED: u64 = 256;

/// The result of a backup or a restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogCopy {
    /// The id of the log.
    pub log_id: Uuid,
    /// The epoch of the copy: that of the log for a backup, a new one for a restore.
    pub epoch: Epoch,
    /// The head of the source when the run began.
    pub head: Position,
    /// The last position of the copy.
    pub position: Position,
    /// The number of touchpoints that this run copied.
    pub copied: u64,
    /// The number of personal parts that were destroyed in the copy because they are destroyed in the log.
    pub destroyed: u64,
    /// The certificate of the whole copy, equal for equal logs.
    pub certificate: Certificate,
    /// The size of the copied file.
    pub bytes: u64,
    /// The damage that ended the run before the head. Everything before it is copied and intact.
    pub damage: Option<Damage>,
}

/// How much of an existing copy is compared with the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The last rows, which shows that the copy and the log have the same history.
    Behind,
    /// Every row, which also finds what was damaged in the copy, or destroyed in the log, since then.
    Full,
}

/// The log to copy, opened read-only.
struct Source {
    connection: Connection,
    role: LogRole,
    log: LogRow,
    head: Position,
}

impl Source {
    fn open(data: &Path) -> Result<Self, BackupError> {
        let path = data.join(LOG);
        let text = shown(&path);
        let connection = log_reader::connect(&path)?;
        let (role, log) = schema::recognise_any(&connection, &text)?;
        let head = schema::head(&connection).map_err(|error| sqlite::open_error(&text, &error))?;
        if role == LogRole::UnfinishedRestore {
            return Err(OpenError::UnfinishedRestore { path: text }.into());
        }
        Ok(Self {
            connection,
            role,
            log,
            head: head.position,
        })
    }
}

/// Copies the log of `data`, up to its current head, to the backup in `to`, which may exist already. Works
/// beside a running server. Calls `progress` with (position, head).
///
/// # Errors
/// See [`BackupError`]. Damage in the log is no error but is reported as [`LogCopy::damage`].
pub fn backup(
    data: &Path,
    to: &Path,
    extent: Extent,
    progress: &mut dyn FnMut(Position, Position),
) -> Result<LogCopy, BackupError> {
    let source = Source::open(data)?;
    let mut target = Target::open(to, data, &source.log, LogRole::Backup)?;
    let copy = run(&source, &mut target, extent, progress)?;
    copy_token_key(data, to)?;
    target.settle()?;
    Ok(LogCopy {
        bytes: target.bytes(),
        ..copy
    })
}

/// Creates a store in `data`, which must be new or an unfinished restore, from a backup. Everything is copied
/// and checked, then a new epoch begins. If there is damage, no store is created.
///
/// # Errors
/// See [`BackupError`].
pub fn restore(
    from: &Path,
    data: &Path,
    clock: &dyn Clock,
    progress: &mut dyn FnMut(Position, Position),
) -> Result<LogCopy, BackupError> {
    let source = Source::open(from)?;
    let mut target = Target::open(data, from, &source.log, LogRole::UnfinishedRestore)?;
    let mut copy = run(&source, &mut target, Extent::Full, progress)?;
    if copy.damage.is_none() && source.role == LogRole::Backup {
        copy.damage = contradicts(&source, &copy);
    }
    if copy.damage.is_none() {
        copy_token_key(from, data)?;
        let epoch = epoch::after(source.log.epoch, clock.now())?;
        let log = LogRow {
            epoch,
            ..source.log.clone()
        };
        schema::adopt(&mut target.connection, &log).map_err(|error| target.write_error(&error))?;
        copy.epoch = epoch;
    }
    target.settle()?;
    Ok(LogCopy {
        bytes: target.bytes(),
        ..copy
    })
}

/// Compares, then copies up to the head of the source, or until damage.
fn run(
    source: &Source,
    target: &mut Target,
    extent: Extent,
    progress: &mut dyn FnMut(Position, Position),
) -> Result<LogCopy, BackupError> {
    let mut rows = RowReader::default();
    target.refuse_other_history(&source.log, source.head)?;
    let before = target.copied.position;
    let (destroyed, mut damage) = compare_existing(source, target, &mut rows, extent, progress)?;
    target.follow(&source.log)?;
    target.keep_schema(&source.connection)?;
    while damage.is_none() && target.copied.position < source.head {
        damage = copy::group(&source.connection, &mut rows, target, source.head)?;
        progress(target.copied.position, source.head);
    }
    Ok(LogCopy {
        log_id: Uuid::from_bytes(source.log.log_id),
        epoch: source.log.epoch,
        head: source.head,
        position: target.copied.position,
        copied: target.copied.position.0 - before.0,
        destroyed,
        certificate: target.copied.certificate,
        bytes: 0,
        damage,
    })
}

/// Compares the existing rows of the copy with the log. Returns the number of personal parts that were destroyed
/// to match the log, and any damage of the log.
fn compare_existing(
    source: &Source,
    target: &mut Target,
    rows: &mut RowReader,
    extent: Extent,
    progress: &mut dyn FnMut(Position, Position),
) -> Result<(u64, Option<Damage>), BackupError> {
    let through = target.copied.position;
    let mut after = match extent {
        Extent::Full => Position::START,
        Extent::Behind => Position(through.0.saturating_sub(COMPARED)),
    };
    let whole = after == Position::START;
    let (mut certificate, mut destroyed) = (Certificate::default(), 0);
    while after < through {
        let range = (after, through);
        let compared = compare::compare(&source.connection, target, rows, range, certificate)?;
        destroyed += compare::destroy(target, &compared)?;
        if compared.damage.is_some() {
            return Ok((destroyed, compared.damage));
        }
        certificate = compared.certificate;
        after = Position(after.0 + copy::ROWS).min(through);
        if extent == Extent::Full {
            progress(after, source.head);
        }
    }
    if whole && certificate != target.copied.certificate {
        return Err(BackupError::CopyDamaged {
            path: target.path.clone(),
            reason: "its rows do not match its certificate".to_owned(),
        });
    }
    Ok((destroyed, None))
}

/// The damage of a backup whose rows are all intact but do not match its certificate.
fn contradicts(source: &Source, copy: &LogCopy) -> Option<Damage> {
    let stored = schema::copied(&source.connection).ok();
    // The certificate of a backup that has grown in the meantime is that of another position.
    let same = stored.is_some_and(|stored| {
        stored.position != copy.position || stored.certificate == copy.certificate
    });
    (!same).then(|| Damage {
        position: copy.position,
        reason: "the rows up to here do not match the certificate of the backup".to_owned(),
    })
}
