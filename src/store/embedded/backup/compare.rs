//! Compares the rows of a copy with those of the log, and destroys in the copy what was destroyed in the log.

use rusqlite::{Connection, TransactionBehavior};

use super::copy::{Damage, ROWS, SELECT, digest_of};
use super::error::BackupError;
use super::target::Target;
use crate::store::embedded::digest::{Certificate, Personal};
use crate::store::embedded::rows::RowReader;
use crate::store::embedded::sqlite;
use crate::store::{Position, ReadError};

/// The index of the column `personal`.
const PERSONAL: usize = 8;

/// The result of comparing a range of rows.
#[derive(Default)]
pub(super) struct Compared {
    /// The certificate through the last row.
    pub(super) certificate: Certificate,
    /// The rows whose personal part is destroyed in the log but not in the copy, with the column of the log.
    destroyed: Vec<(Position, Vec<u8>)>,
    /// A damaged row of the log.
    pub(super) damage: Option<Damage>,
}

/// Compares up to [`ROWS`] rows after `after`, up to `through`, and verifies each row of both.
pub(super) fn compare(
    source: &Connection,
    target: &Target,
    rows: &mut RowReader,
    (after, through): (Position, Position),
    certificate: Certificate,
) -> Result<Compared, BackupError> {
    let mut compared = Compared {
        certificate,
        ..Compared::default()
    };
    match lockstep(source, target, rows, (after, through), &mut compared) {
        Ok(None) => Ok(compared),
        Ok(Some(position)) => Err(BackupError::Diverged {
            path: target.path.clone(),
            position,
        }),
        Err(Unread::Source(ReadError::Damaged { position, reason })) => {
            compared.damage = Some(Damage { position, reason });
            Ok(compared)
        }
        Err(Unread::Source(error)) => Err(BackupError::Read {
            after,
            reason: error.to_string(),
        }),
        Err(Unread::Target(error)) => Err(BackupError::CopyDamaged {
            path: target.path.clone(),
            reason: error.to_string(),
        }),
    }
}

/// Destroys in the copy what was destroyed in the log. Returns the number of rows.
pub(super) fn destroy(target: &mut Target, compared: &Compared) -> Result<u64, BackupError> {
    if compared.destroyed.is_empty() {
        return Ok(0);
    }
    destroy_rows(&mut target.connection, &compared.destroyed)
        .map_err(|error| target.write_error(&error))?;
    Ok(compared.destroyed.len() as u64)
}

fn destroy_rows(
    connection: &mut Connection,
    destroyed: &[(Position, Vec<u8>)],
) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (position, column) in destroyed {
        transaction
            .prepare_cached("UPDATE events SET personal = ?1 WHERE position = ?2")?
            .execute((column, sqlite::signed(position.0)))?;
    }
    transaction.commit()
}

/// The side that could not be read.
enum Unread {
    Source(ReadError),
    Target(ReadError),
}

/// Reads both in parallel. Returns the first position at which they differ.
fn lockstep(
    source: &Connection,
    target: &Target,
    rows: &mut RowReader,
    (after, through): (Position, Position),
    compared: &mut Compared,
) -> Result<Option<Position>, Unread> {
    let mut next = Position(after.0 + 1);
    let of_source = |error: rusqlite::Error| Unread::Source(sqlite::read_error(next, &error));
    let of_target = |error: rusqlite::Error| Unread::Target(sqlite::read_error(next, &error));
    let bounds = (
        sqlite::signed(after.0),
        sqlite::signed(through.0),
        sqlite::signed(ROWS),
    );
    let mut select = source.prepare_cached(SELECT).map_err(of_source)?;
    let mut source_rows = select.query(bounds).map_err(of_source)?;
    let mut select = target
        .connection
        .prepare_cached(SELECT)
        .map_err(of_target)?;
    let mut target_rows = select.query(bounds).map_err(of_target)?;
    for _ in 0..ROWS {
        if next > through {
            break;
        }
        let row = source_rows.next();
        let row = row.map_err(|error| Unread::Source(sqlite::read_error(next, &error)))?;
        let row = row.ok_or_else(|| Unread::Source(missing(next)))?;
        rows.verify(row, next).map_err(Unread::Source)?;
        let copy = target_rows.next();
        let copy = copy.map_err(|error| Unread::Target(sqlite::read_error(next, &error)))?;
        let copy = copy.ok_or_else(|| Unread::Target(missing(next)))?;
        rows.verify(copy, next).map_err(Unread::Target)?;
        let digest = digest_of(copy).unwrap_or_default();
        if digest_of(row).unwrap_or_default() != digest {
            return Ok(Some(next));
        }
        compared.certificate = compared.certificate.then(digest);
        if let (Some(column), Some(kept)) = (personal(row), personal(copy))
            && is_destroyed(column)
            && !is_destroyed(kept)
        {
            compared.destroyed.push((next, column.to_vec()));
        }
        next = Position(next.0 + 1);
    }
    Ok(None)
}

fn personal<'a>(row: &'a rusqlite::Row<'_>) -> Option<&'a [u8]> {
    row.get_ref(PERSONAL).ok()?.as_blob_or_null().ok()?
}

fn is_destroyed(column: &[u8]) -> bool {
    matches!(Personal::read(Some(column)), Ok(Personal::Erased { .. }))
}

fn missing(position: Position) -> ReadError {
    ReadError::Damaged {
        position,
        reason: "the row is missing".to_owned(),
    }
}
