//! An open store: the parts that callers share, and the port on top of them.

use std::fs::{self, File};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use tokio::sync::watch;
use uuid::Uuid;

use super::digest::RowKeys;
use super::files::{LOG, WAL};
use super::hashes::Hashing;
use super::index::Index;
use super::live_index::{IndexTrouble, LiveIndex};
use super::options::EmbeddedOptions;
use super::queue::{Command, Queue};
use super::readers::ReaderPool;
use super::schema::LogRow;
use super::threads::Threads;
use crate::runtime::DiskReserve;
use crate::store::{
    Append, AppendError, Appended, Capabilities, Epoch, EventKey, EventStore, Head, Position,
    ReadAll, ReadError, ReadStream, Revision, Scanned, StoreState, StoredEvent, StreamName,
};

/// An open log. Dropping it closes it.
pub struct EmbeddedStore {
    pub(super) commands: Sender<Command>,
    pub(super) queue: Queue,
    pub(super) sealing: Arc<Sealing>,
    pub(super) index: Arc<LiveIndex>,
    pub(super) applied: watch::Receiver<Position>,
    pub(super) readers: ReaderPool,
    pub(super) head: watch::Receiver<Head>,
    pub(super) state: Arc<watch::Sender<StoreState>>,
    pub(super) log: LogRow,
    pub(super) options: EmbeddedOptions,
    pub(super) reserve: Arc<DiskReserve>,
    pub(super) closing: AtomicBool,
    pub(super) running: Mutex<Option<Running>>,
}

/// The lock of a data directory, which keeps other processes out until it is dropped.
#[derive(Debug)]
#[must_use]
pub struct DirectoryLock(#[expect(dead_code, reason = "held, never read")] File);

/// A store that was closed.
#[derive(Debug)]
pub struct Closed {
    /// Whether every thread has ended.
    pub ended: bool,
    /// The lock of its directory.
    pub lock: Option<DirectoryLock>,
}

/// The sizes of the files of a log, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct LogSizes {
    /// The log.
    pub log: u64,
    /// Its write-ahead log.
    pub wal: u64,
}

/// The hashes and keys that prepare an event before its position is known.
pub(super) struct Sealing {
    pub(super) hashing: Hashing,
    pub(super) content_key: [u8; 32],
    pub(super) row_keys: RowKeys,
}

/// The threads and the lock, which end when the store is closed.
pub(super) struct Running {
    pub(super) threads: Threads,
    /// Unlocked when dropped.
    pub(super) lock: File,
}

impl EmbeddedStore {
    /// Finishes what is queued, ends all threads and releases the directory. Blocks for at most
    /// [`EmbeddedOptions::close_wait`], and returns whether everything has ended by then. Every later call on
    /// the store fails because it is closing.
    pub fn close(&self) -> bool {
        self.close_under_lock().ended
    }

    /// Does the same as [`Self::close`], but leaves the lock of the directory to the caller, who closes first what else
    /// was opened under it. There is none if the store was closed before.
    pub fn close_under_lock(&self) -> Closed {
        let running = self
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(Running { threads, lock }) = running else {
            return Closed {
                ended: true,
                lock: None,
            };
        };
        self.closing.store(true, Ordering::Release);
        let wants_room = matches!(&*self.state.borrow(), StoreState::Full { .. });
        if (wants_room || self.index.is_in_trouble())
            && let Err(error) = self.reserve.give_up()
        {
            tracing::warn!(%error, "disk reserve cannot be released");
        }
        // The writer may have ended already.
        let _ = self.commands.send(Command::Close);
        self.readers.close();
        let ended = threads.join(self.options.close_wait);
        if !ended {
            tracing::error!("store threads did not end in time");
        }
        self.index.close();
        let lock = DirectoryLock(lock);
        if ended {
            return Closed {
                ended,
                lock: Some(lock),
            };
        }
        // A thread may still write, so nobody else may open the directory before this process has ended.
        let _ = ManuallyDrop::new(lock);
        Closed { ended, lock: None }
    }

    /// The last position in the index. The events after it are still in memory.
    #[must_use]
    pub fn indexed(&self) -> Position {
        *self.applied.borrow()
    }

    /// Why the index does not follow the log at the moment, if it does not.
    #[must_use]
    pub fn index_trouble(&self) -> watch::Receiver<Option<IndexTrouble>> {
        self.index.trouble()
    }

    /// The number of events that wait for the writer or are being written.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.queue.used()
    }

    /// The sizes of the files; 0 for one that does not exist.
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

    /// The tables of the index, unless the store is closing.
    pub(super) fn index(&self) -> Result<Arc<Index>, ReadError> {
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
