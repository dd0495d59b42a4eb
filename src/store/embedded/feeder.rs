//! Brings the index up to the log: from the file at open, from the writer afterwards.

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use rusqlite::Connection;
use tokio::sync::watch;

use super::hashes::Hashing;
use super::index::{Index, IndexEntry, IndexError};
use super::sqlite;
use super::writer::poison;
use crate::store::{OpenError, Position, Revision, StoreState};

/// Progress of a rebuild is logged every so many events.
const PROGRESS: u64 = 500_000;

/// The index thread.
pub(super) struct Feeder {
    pub(super) index: Arc<Index>,
    pub(super) feed: Receiver<Vec<IndexEntry>>,
    pub(super) batch_events: usize,
    pub(super) state: Arc<watch::Sender<StoreState>>,
}

impl Feeder {
    /// Applies what the writer hands over, in batches as large as what has gathered, until the
    /// writer is gone.
    pub(super) fn run(self) {
        while let Ok(mut entries) = self.feed.recv() {
            while entries.len() < self.batch_events {
                match self.feed.try_recv() {
                    Ok(more) => entries.extend(more),
                    Err(_) => break,
                }
            }
            if let Err(error) = self.index.apply(&mut entries) {
                // Without its index the log cannot tell a retry from a new event.
                poison(&self.state, &error.to_string());
                return;
            }
        }
    }
}

/// Applies everything behind the index's checkpoint. Rows are taken as they are: a damaged one is
/// indexed too, so that reading it says so.
pub(super) fn catch_up(
    connection: &Connection,
    path: &str,
    index: &Index,
    head: Position,
    hashing: Hashing,
    batch_events: usize,
) -> Result<(), OpenError> {
    let from = index.applied();
    if from >= head {
        return Ok(());
    }
    tracing::info!(from = from.0, head = head.0, "index catches up");
    let mut reported = from;
    while index.applied() < head {
        let after = index.applied();
        let mut entries = read_entries(connection, after, head, hashing, batch_events)
            .map_err(|error| sqlite::open_error(path, &error))?;
        if entries.is_empty() {
            return Err(OpenError::Damaged {
                path: path.to_owned(),
                reason: format!("the rows behind position {after} are missing"),
            });
        }
        index
            .apply(&mut entries)
            .map_err(|error: IndexError| OpenError::Io {
                path: path.to_owned(),
                reason: error.to_string(),
            })?;
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
            // Nobody looked whether the hash is taken.
            shared: true,
        });
    }
    Ok(entries)
}
