//! Brings the index up to the log by reading what it lacks from the log file.

use rusqlite::Connection;

use super::hashes::Hashing;
use super::index::{Index, IndexEntry, IndexError};
use super::sqlite;
use crate::store::{OpenError, Position, Revision};

/// The number of events after which progress is logged.
const PROGRESS: u64 = 500_000;

/// Why the index did not catch up.
pub(super) enum CatchUpError {
    /// The index failed.
    Index(IndexError),
    /// The log could not be read.
    Log(OpenError),
}

/// Indexes every event after the checkpoint of the index. Rows are not verified: a damaged one is indexed too,
/// so that reading it reports the damage.
pub(super) fn catch_up(
    connection: &Connection,
    path: &str,
    index: &Index,
    head: Position,
    hashing: Hashing,
    batch_events: usize,
) -> Result<(), CatchUpError> {
    let from = index.applied();
    if from >= head {
        return Ok(());
    }
    tracing::info!(from = from.0, head = head.0, "index catches up");
    let mut reported = from;
    while index.applied() < head {
        let after = index.applied();
        let mut entries = read_entries(connection, after, head, hashing, batch_events)
            .map_err(|error| CatchUpError::Log(sqlite::open_error(path, &error)))?;
        if entries.is_empty() {
            return Err(CatchUpError::Log(OpenError::Damaged {
                path: path.to_owned(),
                reason: format!("the rows after position {after} are missing"),
            }));
        }
        index.apply(&mut entries).map_err(CatchUpError::Index)?;
        if index.applied().0 - reported.0 >= PROGRESS {
            reported = index.applied();
            tracing::info!(position = reported.0, head = head.0, "index catches up");
        }
    }
    Ok(())
}

fn read_entries(
    connection: &Connection,
    after: Position,
    head: Position,
    hashing: Hashing,
    max: usize,
) -> rusqlite::Result<Vec<IndexEntry>> {
    let mut statement = connection.prepare_cached(
        "SELECT position, stream, revision, source, id FROM events
         WHERE position > ?1 AND position <= ?2 ORDER BY position LIMIT ?3",
    )?;
    let bounds = (
        sqlite::signed(after.0),
        sqlite::signed(head.0),
        sqlite::signed(max as u64),
    );
    let mut rows = statement.query(bounds)?;
    let mut entries = Vec::with_capacity(max);
    while let Some(row) = rows.next()? {
        let text =
            |column: usize| -> rusqlite::Result<&[u8]> { Ok(row.get_ref(column)?.as_bytes()?) };
        entries.push(IndexEntry {
            position: Position(sqlite::unsigned(row.get(0)?)),
            revision: Revision(sqlite::unsigned(row.get(2)?)),
            stream: hashing.stream(text(1)?),
            identity: hashing.identity(text(3)?, text(4)?),
            // The index was not asked whether another identity has this hash.
            shared: true,
        });
    }
    Ok(entries)
}
