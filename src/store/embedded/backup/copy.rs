//! Copies rows from one log to another in groups, and verifies each row.

use rusqlite::types::ToSqlOutput;
use rusqlite::{CachedStatement, Connection, Row, TransactionBehavior};

use super::error::BackupError;
use super::target::Target;
use crate::store::embedded::digest::Seal;
use crate::store::embedded::rows::RowReader;
use crate::store::embedded::schema::{self, Copied};
use crate::store::embedded::sqlite;
use crate::store::{Position, ReadError};

/// The maximum number of rows of one read transaction. A long one keeps the write-ahead log from being reset.
pub(super) const ROWS: u64 = 4_096;
/// Payload bytes after which a group is full.
const BYTES: usize = 8 << 20;
/// The index of the column `digest`.
const DIGEST: usize = 10;
const COLUMNS: usize = 12;

/// Selects every column, first those that [`RowReader`] expects, in its order.
pub(super) const SELECT: &str = "SELECT position, recorded_at, stream, revision, type, source, id, clear, personal, \
     content_digest, digest, key_id FROM events WHERE position > ?1 AND position <= ?2 \
     ORDER BY position LIMIT ?3";
const INSERT: &str = "INSERT INTO events (position, recorded_at, stream, revision, type, source, id, clear, \
     personal, content_digest, digest, key_id) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

/// A touchpoint of the log that does not match its digest, is missing or cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The position of the touchpoint.
    pub position: Position,
    /// The symptom.
    pub reason: String,
}

/// Why a group was not copied.
enum Failure {
    Read(String),
    Write(rusqlite::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Write(error)
    }
}

/// Copies one group, up to `through` at most, and syncs it. Returns the damage that ended it, if any; everything
/// before the damage is copied.
pub(super) fn group(
    source: &Connection,
    rows: &mut RowReader,
    target: &mut Target,
    through: Position,
) -> Result<Option<Damage>, BackupError> {
    let mut copied = target.copied;
    let written = write_group(source, rows, &mut target.connection, &mut copied, through);
    let damage = written.map_err(|failure| match failure {
        Failure::Write(error) => target.write_error(&error),
        Failure::Read(reason) => BackupError::Read {
            after: target.copied.position,
            reason,
        },
    })?;
    target.copied = copied;
    Ok(damage)
}

fn write_group(
    source: &Connection,
    rows: &mut RowReader,
    target: &mut Connection,
    copied: &mut Copied,
    through: Position,
) -> Result<Option<Damage>, Failure> {
    let before = copied.position;
    let transaction = target.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // The read transaction ends in this call, before the target is synced.
    let damage = copy_rows(source, rows, &transaction, copied, through)?;
    if copied.position > before {
        schema::keep_copied(&transaction, copied)?;
        transaction.commit()?;
    }
    Ok(damage)
}

fn copy_rows(
    source: &Connection,
    rows: &mut RowReader,
    target: &Connection,
    copied: &mut Copied,
    through: Position,
) -> Result<Option<Damage>, Failure> {
    let before = copied.position;
    let failed = |error: rusqlite::Error| Failure::Read(error.to_string());
    let mut insert = target.prepare_cached(INSERT)?;
    let mut select = source.prepare_cached(SELECT).map_err(failed)?;
    let bounds = (
        sqlite::signed(before.0),
        sqlite::signed(through.0),
        sqlite::signed(ROWS),
    );
    let mut found = select.query(bounds).map_err(failed)?;
    let mut bytes = 0;
    loop {
        let last = copied.position;
        if last >= through || last.0 - before.0 >= ROWS || bytes >= BYTES {
            return Ok(None);
        }
        let next = Position(last.0 + 1);
        let row = match found.next() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(Some(damage(next, "the row is missing".to_owned()))),
            Err(error) => return unsound(next, sqlite::read_error(next, &error)).map(Some),
        };
        match rows.verify(row, next) {
            Ok(verified) => bytes += verified.payload_bytes(),
            Err(error) => return unsound(next, error).map(Some),
        }
        insert_row(&mut insert, row)?;
        copied.position = next;
        copied.certificate = copied.certificate.then(digest_of(row).unwrap_or_default());
    }
}

fn insert_row(insert: &mut CachedStatement<'_>, row: &Row<'_>) -> rusqlite::Result<()> {
    for column in 0..COLUMNS {
        insert.raw_bind_parameter(column + 1, ToSqlOutput::Borrowed(row.get_ref(column)?))?;
    }
    insert.raw_execute()?;
    Ok(())
}

/// The digest of a verified row.
pub(super) fn digest_of<'a>(row: &'a Row<'_>) -> Option<&'a [u8]> {
    let seal = Seal::read(row.get_ref(DIGEST).ok()?.as_blob().ok()?)?;
    Some(seal.digest)
}

fn damage(position: Position, reason: String) -> Damage {
    Damage { position, reason }
}

fn unsound(position: Position, error: ReadError) -> Result<Damage, Failure> {
    match error {
        ReadError::Damaged { reason, .. } => Ok(damage(position, reason)),
        error => Err(Failure::Read(error.to_string())),
    }
}
