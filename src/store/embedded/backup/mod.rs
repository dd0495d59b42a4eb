//! Backup and restore: copies of the log, row by row, beside whatever serves it.
//!
//! A copy has the same tables as the log and one more, `copied`, which moves on with the rows. Its
//! application id says that it is a copy: every tool reads it, no server opens it. A restore is a copy
//! of a copy that becomes a store at its end, in a new epoch, in one transaction. Both are resumable.

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

/// How many of the last rows are held against those of the log before a copy goes on.
const COMPARED: u64 = 256;

/// What a backup or a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogCopy {
    /// The identity of the log.
    pub log_id: Uuid,
    /// The epoch of what was written: that of the log for a backup, a new one for a restore.
    pub epoch: Epoch,
    /// The end of what was copied from, as of the beginning.
    pub head: Position,
    /// The last position that is there now.
    pub position: Position,
    /// How many touchpoints this run copied.
    pub copied: u64,
    /// How many personal parts were destroyed here because they are destroyed in the log.
    pub destroyed: u64,
    /// A chain over the digests of everything there: equal for equal logs.
    pub certificate: Certificate,
    /// Size of the file written.
    pub bytes: u64,
    /// What ended it before the head. What is before it is there and good.
    pub damage: Option<Damage>,
}

/// How much of what is there already is held against the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The last rows: enough to tell that both went the same way.
    Behind,
    /// Everything: also what was damaged here or destroyed in the log since.
    Full,
}

/// The log that is copied, opened read-only.
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

/// Copies what the log of `data` holds as of now to the backup in `to`, behind what is there already.
/// Works beside a running server. `progress` is told (position, head).
///
/// # Errors
/// See [`BackupError`]. Damage in the log is no error but [`LogCopy::damage`].
pub fn backup(
    data: &Path,
    to: &Path,
    extent: Extent,
    progress: &mut dyn FnMut(Position, Position),
) -> Result<LogCopy, BackupError> {
    let source = Source::open(data)?;
    let mut target = Target::open(to, &source.log, LogRole::Backup)?;
    let copy = run(&source, &mut target, extent, progress)?;
    copy_token_key(data, to)?;
    target.settle()?;
    Ok(LogCopy {
        bytes: target.bytes(),
        ..copy
    })
}

/// Makes a store in `data`, which must be new or an unfinished restore, from a backup: everything is
/// copied and checked, then a new epoch begins. With damage nothing becomes a store.
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
    let mut target = Target::open(data, &source.log, LogRole::UnfinishedRestore)?;
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

/// Compares, then copies everything up to the head as of now; damage ends it.
fn run(
    source: &Source,
    target: &mut Target,
    extent: Extent,
    progress: &mut dyn FnMut(Position, Position),
) -> Result<LogCopy, BackupError> {
    let mut rows = RowReader::default();
    target.refuse_other_course(&source.log, source.head)?;
    let before = target.copied.position;
    let (destroyed, mut damage) = hold_against(source, target, &mut rows, extent, progress)?;
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

/// Holds what is there against the log. Answers how much was destroyed here because it is destroyed
/// there, and damage of the log.
fn hold_against(
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
        let stretch = (after, through);
        let compared = compare::compare(&source.connection, target, rows, stretch, certificate)?;
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

/// A backup whose rows all hold but are not those that were copied.
fn contradicts(source: &Source, copy: &LogCopy) -> Option<Damage> {
    let kept = schema::copied(&source.connection).ok();
    // A backup that has moved on meanwhile says nothing about an earlier position.
    let same = kept
        .is_some_and(|kept| kept.position != copy.position || kept.certificate == copy.certificate);
    (!same).then(|| Damage {
        position: copy.position,
        reason: "the rows up to here do not match the certificate of the backup".to_owned(),
    })
}
