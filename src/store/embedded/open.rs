//! Opens a store: the lock, the log, the index, and the threads.

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use tokio::sync::watch;

use super::checkpoint::Checkpointer;
use super::digest::RowKeys;
use super::feeder::Feeder;
use super::files::{self, LOCK, LOG, RESERVE, io_error, shown};
use super::hashes::Hashing;
use super::index::IndexEntry;
use super::live_index::{BringUpError, LiveIndex};
use super::open_log::{OpenLog, no_randomness};
use super::options::EmbeddedOptions;
use super::queue::{Command, Queue};
use super::readers::{ReaderPool, ReaderThread};
use super::reads::Reader;
use super::room::{Preparation, Room};
use super::rows::RowReader;
use super::sqlite::{self, Use};
use super::store::{EmbeddedStore, Running, Sealing};
use super::tail::Tail;
use super::threads::Threads;
use super::writer::{Work, Writer};
use crate::runtime::{Clock, DiskReserve, private};
use crate::store::{Head, OpenError, StoreState};

/// The number of groups that may wait for the index thread.
const INDEX_FEED: usize = 16;

impl EmbeddedStore {
    /// Opens or creates the log in the data directory. Blocks: it reads files, and may have to rebuild the
    /// index.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(options: &EmbeddedOptions, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        private::create_directory(&options.data)
            .map_err(|error| io_error(&options.data, &error))?;
        let lock = files::lock(&options.data.join(LOCK))?;
        let path = options.data.join(LOG);
        let reserve = DiskReserve::new(&options.data.join(RESERVE), options.reserve_bytes);
        let log = OpenLog::open(&path, options, &reserve)?;
        let row = log.row.clone();
        let hashing = Hashing::new(options.seams.identity_hash_bits);
        let index = Arc::new(LiveIndex::new(options, row.identity(), hashing));
        match index.bring_up(&log.connection, log.head.position) {
            Ok(()) => {}
            Err(BringUpError::Waiting(reason)) => index.waits(&reason, clock.now()),
            Err(BringUpError::Final(error)) => return Err(error),
        }
        let sealing = Sealing {
            hashing,
            content_key: row.content_key,
            row_keys: RowKeys::new().map_err(|error| no_randomness(&path, &error))?,
        };
        let (published, head) = watch::channel(log.head);
        let parts = Parts {
            path,
            options: options.clone(),
            clock,
            reserve: Arc::new(reserve),
            index,
            head,
            state: Arc::new(watch::Sender::new(log.state())),
        };
        let (readers, reader_threads) = parts.readers()?;
        let (commands, receiver) = mpsc::channel();
        let threads = parts.start(log, published, receiver, reader_threads)?;
        Ok(Self {
            commands,
            queue: Queue::new(options.queue_events),
            sealing: Arc::new(sealing),
            applied: parts.index.follow(),
            index: parts.index,
            readers,
            head: parts.head,
            state: parts.state,
            log: row,
            options: parts.options,
            reserve: parts.reserve,
            closing: false.into(),
            running: Mutex::new(Some(Running { threads, lock })),
        })
    }
}

/// The parts that the store and its threads share.
struct Parts {
    path: PathBuf,
    options: EmbeddedOptions,
    clock: Arc<dyn Clock>,
    reserve: Arc<DiskReserve>,
    index: Arc<LiveIndex>,
    head: watch::Receiver<Head>,
    state: Arc<watch::Sender<StoreState>>,
}

impl Parts {
    /// Starts the writer, the index thread, the checkpoint thread and the readers.
    fn start(
        &self,
        log: OpenLog,
        published: watch::Sender<Head>,
        commands: Receiver<Command>,
        readers: Vec<ReaderThread>,
    ) -> Result<Threads, OpenError> {
        let (index_feed, feed) = mpsc::sync_channel(INDEX_FEED);
        let (hint, hints) = mpsc::sync_channel(1);
        let checkpointer = self.checkpointer(&log.connection, hints)?;
        let feeder = self.feeder(feed)?;
        let writer = self.writer(log, published, commands, index_feed, hint);
        let mut threads = Threads::new();
        let started = threads
            .start("log-writer", || writer.run())
            .and_then(|()| threads.start("log-index", || feeder.run()))
            .and_then(|()| threads.start("log-checkpoint", || checkpointer.run()))
            .and_then(|()| {
                readers
                    .into_iter()
                    .try_for_each(|reader| threads.start("log-reader", || reader.run()))
            });
        started.map_err(|error| io_error(&self.path, &error))?;
        Ok(threads)
    }

    fn connect(&self, r#use: Use) -> Result<Connection, OpenError> {
        sqlite::connect(&self.path, r#use, self.options.seams.vfs.as_deref())
            .map_err(|error| sqlite::open_error(&shown(&self.path), &error))
    }

    fn readers(&self) -> Result<(ReaderPool, Vec<ReaderThread>), OpenError> {
        let mut readers = Vec::new();
        for _ in 0..self.options.readers.max(1) {
            let connection = self.connect(Use::Read)?;
            readers.push(Reader::new(connection, RowReader::of_checksums()));
        }
        let duration = self.options.metrics.read.clone();
        Ok(ReaderPool::new(readers, self.options.read_queue, duration))
    }

    fn feeder(&self, feed: Receiver<Vec<IndexEntry>>) -> Result<Feeder, OpenError> {
        Ok(Feeder {
            index: self.index.clone(),
            feed,
            batch_events: self.options.index_batch_events,
            state: self.state.clone(),
            head: self.head.clone(),
            connection: self.connect(Use::Read)?,
            clock: self.clock.clone(),
        })
    }

    fn checkpointer(
        &self,
        log: &Connection,
        hints: Receiver<()>,
    ) -> Result<Checkpointer, OpenError> {
        let page_bytes: i64 = log
            .pragma_query_value(None, "page_size", |row| row.get(0))
            .map_err(|error| sqlite::open_error(&shown(&self.path), &error))?;
        Ok(Checkpointer {
            connection: self.connect(Use::Checkpoint)?,
            hints,
            interval: self.options.checkpoint_interval,
            wal_limit_bytes: self.options.wal_limit_bytes,
            page_bytes: sqlite::unsigned(page_bytes),
            state: self.state.clone(),
            duration: self.options.metrics.checkpoint.clone(),
        })
    }

    fn writer(
        &self,
        log: OpenLog,
        published: watch::Sender<Head>,
        commands: Receiver<Command>,
        index_feed: SyncSender<Vec<IndexEntry>>,
        checkpoint: SyncSender<()>,
    ) -> Writer {
        let options = &self.options;
        let unprepared = log.full.is_some();
        Writer {
            connection: log.connection,
            commands,
            group_events: options.group_events,
            tail_events: options.tail_events,
            clock: self.clock.clone(),
            index: self.index.clone(),
            index_feed,
            checkpoint,
            checkpoint_bytes: options.checkpoint_bytes,
            head: log.head,
            published,
            state: self.state.clone(),
            tail: Tail::new(log.head.position),
            room: Room {
                reserve: self.reserve.clone(),
                interval: options.room_interval,
                preparation: unprepared.then(|| Preparation::of(options)),
            },
            work: Work::default(),
            metrics: options.metrics.clone(),
        }
    }
}
