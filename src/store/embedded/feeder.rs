//! Brings the index up to the log: from the file at open, from the writer afterwards.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::watch;

use super::hashes::Hashing;
use super::index::{Index, IndexEntry, IndexError};
use super::live_index::{BringUpError, LiveIndex};
use super::sqlite;
use super::writer::poison;
use crate::derived::Backoff;
use crate::runtime::Clock;
use crate::store::{Head, OpenError, Position, Revision, StoreState};

/// Progress of a rebuild is logged every so many events.
const PROGRESS: u64 = 500_000;

/// The wait before the index is tried again, and the longest.
const RETRY: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// The index thread.
pub(super) struct Feeder {
    pub(super) index: Arc<LiveIndex>,
    pub(super) feed: Receiver<Vec<IndexEntry>>,
    pub(super) batch_events: usize,
    pub(super) state: Arc<watch::Sender<StoreState>>,
    /// The head of the log, to catch up to.
    pub(super) head: watch::Receiver<Head>,
    /// Its own connection to the log: what was handed over while the index could not take it is read there.
    pub(super) connection: Connection,
    pub(super) clock: Arc<dyn Clock>,
}

/// How waiting for the index ended.
enum Healed {
    /// It is up to the log.
    Yes,
    /// The writer is gone.
    Ended,
    /// It never will be.
    Never(OpenError),
}

/// Why the index did not catch up.
pub(super) enum CatchUpError {
    /// The index failed.
    Index(IndexError),
    /// The log could not be read.
    Log(OpenError),
}

impl Feeder {
    /// Applies what the writer hands over, in batches as large as what has gathered, until the
    /// writer is gone.
    pub(super) fn run(self) {
        if self.index.is_in_trouble() && !self.goes_on_after_trouble() {
            return;
        }
        while let Ok(mut entries) = self.feed.recv() {
            while entries.len() < self.batch_events {
                match self.feed.try_recv() {
                    Ok(more) => entries.extend(more),
                    Err(_) => break,
                }
            }
            if let Err(error) = self.apply(entries) {
                self.index.waits(&error.to_string(), self.clock.now());
                if !self.goes_on_after_trouble() {
                    return;
                }
            }
        }
    }

    /// What is in the index already came from the log while it was brought up.
    fn apply(&self, mut entries: Vec<IndexEntry>) -> Result<(), IndexError> {
        let index = self.index.tables()?;
        let applied = index.applied();
        entries.retain(|entry| entry.position > applied);
        index.apply(&mut entries)?;
        self.index.publish(index.applied());
        Ok(())
    }

    /// Whether there is anything more to do once the index is well again.
    fn goes_on_after_trouble(&self) -> bool {
        match self.heal() {
            Healed::Yes => {
                self.index.recovered();
                true
            }
            Healed::Ended => false,
            Healed::Never(error) => {
                // Without its index the log cannot tell a retry from a new event.
                poison(&self.state, &error.to_string());
                false
            }
        }
    }

    /// Waits until the index can be opened again. Until then the former tables answer, and what the writer
    /// hands over is let go of: it is in the log.
    fn heal(&self) -> Healed {
        let (from, up_to) = RETRY;
        let mut backoff = Backoff::new(from, up_to);
        loop {
            if !self.waits_for(backoff.wait()) {
                return Healed::Ended;
            }
            if let Err(error) = self.index.probe() {
                self.index.waits(&error.to_string(), self.clock.now());
                continue;
            }
            let head = self.head.borrow().position;
            match self.index.bring_up(&self.connection, head) {
                Ok(()) => return Healed::Yes,
                Err(BringUpError::Waiting(reason)) => self.index.waits(&reason, self.clock.now()),
                // A tool looks at it.
                Err(BringUpError::Final(error @ OpenError::InUse { .. })) => {
                    self.index.waits(&error.to_string(), self.clock.now());
                }
                Err(BringUpError::Final(error)) => return Healed::Never(error),
            }
        }
    }

    /// Lets go of what comes in for so long; `false` if nothing will come any more.
    fn waits_for(&self, wait: Duration) -> bool {
        let until = Instant::now() + wait;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.feed.recv_timeout(left) {
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => return true,
                Err(RecvTimeoutError::Disconnected) => return false,
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
                reason: format!("the rows behind position {after} are missing"),
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
            // Nobody looked whether the hash is taken.
            shared: true,
        });
    }
    Ok(entries)
}
