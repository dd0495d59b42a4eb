//! The embedded engine: the log in one SQLite file, everything derivable beside it in fjall.
//!
//! `<data>/log.db` is the truth, written by one thread with one sync for whatever has queued.
//! `<data>/index/` answers where a stream and an identity are; deleted, it is rebuilt from the log.
//! `<data>/lock` keeps a second process out. An append is checked by its caller against the index as
//! of some position p; the writer rechecks only what it wrote behind p, which it keeps in memory.

use std::fs::{self, File};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use tokio::sync::{oneshot, watch};
use uuid::Uuid;

use super::{
    Append, AppendError, Appended, Capabilities, Epoch, EventKey, EventStore, Head, OpenError,
    Position, ReadAll, ReadError, ReadStream, Revision, Scanned, StoreState, StoredEvent,
    StreamName,
};
use crate::runtime::{Clock, DiskReserve};
use digest::RowKeys;
use hashes::Hashing;
use index::Index;
use live_index::LiveIndex;
use queue::{Command, Queue, Request};
use readers::ReaderPool;
use schema::LogRow;
use threads::Threads;

mod append;
mod backup;
mod bare;
mod check;
mod checkpoint;
mod digest;
mod feeder;
mod hashes;
mod index;
mod live_index;
mod log_reader;
mod open;
mod options;
mod payloads;
mod query;
mod queue;
mod readers;
mod reads;
mod room;
mod rows;
mod schema;
mod sqlite;
mod tail;
#[cfg(test)]
mod tests;
mod threads;
mod verify;
mod writer;

pub use backup::{BackupError, Damage, Extent, LogCopy, backup, restore};
pub use bare::bare_log;
pub use digest::Certificate;
pub use live_index::IndexTrouble;
pub use log_reader::{LogFigures, LogReader};
pub use options::{EmbeddedOptions, Seams};
pub use schema::LogRole;
pub use verify::{Finding, IndexVerdict, Verification, verify};

const LOG: &str = "log.db";
const WAL: &str = "log.db-wal";
const INDEX: &str = "index";
const LOCK: &str = "lock";
const RESERVE: &str = "reserve";

/// An open log. Dropping it closes it.
pub struct EmbeddedStore {
    commands: Sender<Command>,
    queue: Queue,
    sealing: Arc<Sealing>,
    index: Arc<LiveIndex>,
    applied: watch::Receiver<Position>,
    readers: ReaderPool,
    head: watch::Receiver<Head>,
    state: Arc<watch::Sender<StoreState>>,
    log: LogRow,
    options: EmbeddedOptions,
    reserve: Arc<DiskReserve>,
    closing: AtomicBool,
    running: Mutex<Option<Running>>,
}

/// Bytes of the files of a log.
#[derive(Debug, Clone, Copy)]
pub struct LogSizes {
    /// The log.
    pub log: u64,
    /// Its write-ahead log.
    pub wal: u64,
}

/// What goes into an event before its position is known.
struct Sealing {
    hashing: Hashing,
    content_key: [u8; 32],
    row_keys: RowKeys,
}

/// What ends when the store is closed.
struct Running {
    threads: Threads,
    /// Unlocked when dropped.
    lock: File,
}

impl EmbeddedStore {
    /// Opens or makes the log in the data directory. Blocks: it reads files, and rebuilds the index
    /// if need be.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(options: &EmbeddedOptions, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        open::open(options, clock)
    }

    /// Finishes what is queued, ends all threads and gives the directory free. Blocks, at most as
    /// long as [`EmbeddedOptions::close_wait`]; answers whether everything has ended by then. Every
    /// later call on the store answers that it is closing.
    pub fn close(&self) -> bool {
        let running = self
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(Running { threads, lock }) = running else {
            return true;
        };
        self.closing.store(true, Ordering::Release);
        let wants_room = matches!(&*self.state.borrow(), StoreState::Full { .. });
        if (wants_room || self.index.is_in_trouble())
            && let Err(error) = self.reserve.give_up()
        {
            tracing::warn!(%error, "room that was held back cannot be given up");
        }
        // If the writer is gone already there is nobody to tell.
        let _ = self.commands.send(Command::Close);
        self.readers.close();
        let ended = threads.join(self.options.close_wait);
        if !ended {
            tracing::error!("threads of the store did not end in time");
        }
        self.index.close();
        drop(lock);
        ended
    }

    /// How far the index is: behind the head by what is still in memory only.
    #[must_use]
    pub fn indexed(&self) -> Position {
        *self.applied.borrow()
    }

    /// Why the index does not follow the log for the moment, if it does not.
    #[must_use]
    pub fn index_trouble(&self) -> watch::Receiver<Option<IndexTrouble>> {
        self.index.trouble()
    }

    /// Events that wait for the writer or are being written.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.queue.used()
    }

    /// The sizes of its files, 0 for one that is not there.
    #[must_use]
    pub fn sizes(&self) -> LogSizes {
        let size = |name: &str| {
            let found = fs::metadata(self.options.data.join(name));
            found.map_or(0, |found| found.len())
        };
        LogSizes {
            log: size(LOG),
            wal: size(WAL),
        }
    }

    fn index(&self) -> Result<Arc<Index>, ReadError> {
        if self.closing.load(Ordering::Acquire) {
            return Err(ReadError::Closing);
        }
        Ok(self.index.tables()?)
    }
}

impl Drop for EmbeddedStore {
    fn drop(&mut self) {
        self.close();
    }
}

impl EventStore for EmbeddedStore {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        Box::pin(self.append_checked(append))
    }

    fn read_stream(&self, read: ReadStream) -> BoxFuture<'_, Result<Vec<StoredEvent>, ReadError>> {
        Box::pin(self.query_stream(read))
    }

    fn read_all(&self, read: ReadAll) -> BoxFuture<'_, Result<Scanned, ReadError>> {
        Box::pin(self.query_all(read))
    }

    fn read_positions(
        &self,
        positions: Vec<Position>,
    ) -> BoxFuture<'_, Result<Vec<StoredEvent>, ReadError>> {
        Box::pin(self.query_positions(positions))
    }

    fn find(&self, key: EventKey) -> BoxFuture<'_, Result<Option<StoredEvent>, ReadError>> {
        Box::pin(self.query_key(key))
    }

    fn last_revision(
        &self,
        stream: StreamName,
    ) -> BoxFuture<'_, Result<Option<Revision>, ReadError>> {
        Box::pin(self.query_last_revision(stream))
    }

    fn same_content(
        &self,
        position: Position,
        content_hash: [u8; 32],
    ) -> BoxFuture<'_, Result<bool, ReadError>> {
        Box::pin(self.query_same_content(position, content_hash))
    }

    fn position_at(&self, instant: i64) -> BoxFuture<'_, Result<Position, ReadError>> {
        Box::pin(self.query_position_at(instant))
    }

    fn head(&self) -> watch::Receiver<Head> {
        self.head.clone()
    }

    fn epoch(&self) -> Epoch {
        self.log.epoch
    }

    fn log_id(&self) -> Uuid {
        Uuid::from_bytes(self.log.log_id)
    }

    fn state(&self) -> watch::Receiver<StoreState> {
        self.state.subscribe()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            gapless: true,
            durable: true,
        }
    }
}
