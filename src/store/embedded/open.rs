//! Opening: lock, log, index, threads. And closing.

use std::fs::{File, TryLockError};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use tokio::sync::watch;
use uuid::Uuid;

use super::checkpoint::Checkpointer;
use super::digest::RowKeys;
use super::feeder::Feeder;
use super::hashes::Hashing;
use super::index::{Checkpoint, Index, IndexError};
use super::live_index::{BringUpError, LiveIndex};
use super::options::EmbeddedOptions;
use super::queue::Queue;
use super::readers::ReaderPool;
use super::reads::Reader;
use super::room::{Preparation, Room};
use super::rows::RowReader;
use super::schema::{self, LogRole, LogRow};
use super::sqlite::{self, Use};
use super::tail::Tail;
use super::threads::Threads;
use super::writer::{Work, Writer};
use super::{EmbeddedStore, INDEX, LOCK, LOG, RESERVE, Running, Sealing};
use crate::derived::{Severity, of_io};
use crate::runtime::{Clock, DiskReserve, private};
use crate::store::{Epoch, Head, LogIdentity, OpenError, Position, StoreState};

/// Groups that may wait for the index thread.
const INDEX_FEED: usize = 16;
const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// The log as opened for writing.
struct OpenLog {
    connection: Connection,
    row: LogRow,
    head: Head,
    /// What found no room, if the log can only be read for now.
    full: Option<String>,
}

pub(super) fn open(
    options: &EmbeddedOptions,
    clock: Arc<dyn Clock>,
) -> Result<EmbeddedStore, OpenError> {
    private::create_directory(&options.data).map_err(|error| io_error(&options.data, &error))?;
    let lock = lock(&options.data.join(LOCK))?;
    let path = options.data.join(LOG);
    let reserve = DiskReserve::new(&options.data.join(RESERVE), options.reserve_bytes);
    let log = open_log_with_room(&path, options, &reserve)?;
    let hashing = Hashing::new(options.seams.identity_hash_bits);
    let index = Arc::new(LiveIndex::new(options, log.row.identity(), hashing));
    match index.bring_up(&log.connection, log.head.position) {
        Ok(()) => {}
        Err(BringUpError::Waiting(reason)) => index.waits(&reason, clock.now()),
        Err(BringUpError::Final(error)) => return Err(error),
    }
    let reserve = Arc::new(reserve);
    let (published, head) = watch::channel(log.head);
    let state = Arc::new(watch::Sender::new(match &log.full {
        None => StoreState::Writable,
        Some(reason) => StoreState::Full {
            reason: reason.clone(),
        },
    }));
    let (commands, receiver) = mpsc::channel();
    let (index_feed, feed) = mpsc::sync_channel(INDEX_FEED);
    let (hint, hints) = mpsc::sync_channel(1);
    let connect = |r#use| {
        sqlite::connect(&path, r#use, options.seams.vfs.as_deref())
            .map_err(|error| sqlite::open_error(&shown(&path), &error))
    };
    let page_bytes: i64 = log
        .connection
        .pragma_query_value(None, "page_size", |row| row.get(0))
        .map_err(|error| sqlite::open_error(&shown(&path), &error))?;
    let checkpointer = Checkpointer {
        connection: connect(Use::Checkpoint)?,
        hints,
        interval: options.checkpoint_interval,
        wal_limit_bytes: options.wal_limit_bytes,
        page_bytes: sqlite::unsigned(page_bytes),
        state: state.clone(),
        duration: options.metrics.checkpoint.clone(),
    };
    let mut readers = Vec::new();
    for _ in 0..options.readers.max(1) {
        readers.push(Reader::new(connect(Use::Read)?, RowReader::of_checksums()));
    }
    let (readers, reader_threads) =
        ReaderPool::new(readers, options.read_queue, options.metrics.read.clone());
    let feeder = Feeder {
        index: index.clone(),
        feed,
        batch_events: options.index_batch_events,
        state: state.clone(),
        head: head.clone(),
        connection: connect(Use::Read)?,
        clock: clock.clone(),
    };
    let sealing = Sealing {
        hashing,
        content_key: log.row.content_key,
        row_keys: RowKeys::new().map_err(|error| no_randomness(&path, &error))?,
    };
    let writer = Writer {
        connection: log.connection,
        commands: receiver,
        group_events: options.group_events,
        tail_events: options.tail_events,
        clock,
        index: index.clone(),
        index_feed,
        checkpoint: hint,
        checkpoint_bytes: options.checkpoint_bytes,
        head: log.head,
        published,
        state: state.clone(),
        tail: Tail::new(log.head.position),
        room: Room {
            reserve: reserve.clone(),
            interval: options.room_interval,
            preparation: log.full.is_some().then(|| Preparation::of(options)),
        },
        work: Work::default(),
        metrics: options.metrics.clone(),
    };
    let mut threads = Threads::new();
    let started = threads
        .start("log-writer", || writer.run())
        .and_then(|()| threads.start("log-index", || feeder.run()))
        .and_then(|()| threads.start("log-checkpoint", || checkpointer.run()))
        .and_then(|()| {
            reader_threads
                .into_iter()
                .try_for_each(|reader| threads.start("log-reader", || reader.run()))
        });
    started.map_err(|error| io_error(&path, &error))?;
    Ok(EmbeddedStore {
        commands,
        queue: Queue::new(options.queue_events),
        sealing: Arc::new(sealing),
        applied: index.follow(),
        index,
        readers,
        head,
        state,
        log: log.row,
        options: options.clone(),
        reserve,
        closing: false.into(),
        running: Mutex::new(Some(Running { threads, lock })),
    })
}

pub(super) fn lock(path: &Path) -> Result<File, OpenError> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(private::FILE)
        .open(path)
        .map_err(|error| io_error(path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
            path: path.parent().map(shown).unwrap_or_default(),
        }),
        Err(TryLockError::Error(error)) => Err(io_error(path, &error)),
    }
}

/// Refuses a file that does not begin like a SQLite file; SQLite would call it something vaguer.
pub(super) fn refuse_other_files(path: &Path) -> Result<(), OpenError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io_error(path, &error)),
    };
    let mut begin = Vec::new();
    let read = file.by_ref().take(16).read_to_end(&mut begin);
    read.map_err(|error| io_error(path, &error))?;
    if begin.is_empty() || begin == SQLITE_MAGIC {
        return Ok(());
    }
    // Beside an index of ours it was a log once.
    let path_text = shown(path);
    let reason = "it does not begin like a SQLite file".to_owned();
    if path.with_file_name(INDEX).exists() {
        return Err(OpenError::Damaged {
            path: path_text,
            reason,
        });
    }
    Err(OpenError::Foreign {
        path: path_text,
        reason,
    })
}

/// Opens the log; if it finds no room for that, with the room that was held back, for reading only.
fn open_log_with_room(
    path: &Path,
    options: &EmbeddedOptions,
    reserve: &DiskReserve,
) -> Result<OpenLog, OpenError> {
    let held = reserve.hold();
    let mut opened = open_log(path, options);
    if let Err(OpenError::NoRoom { reason, .. }) = &opened {
        tracing::warn!(
            reason,
            "no room to open the log, giving up what was held back"
        );
        if let Err(error) = reserve.give_up() {
            return Err(io_error(path, &error));
        }
        opened = open_log(path, options);
    }
    let mut log = opened?;
    if let Err(error) = held
        && log.full.is_none()
    {
        match of_io(&error) {
            Severity::Passing => log.full = Some(error.to_string()),
            Severity::Damaged | Severity::Final => return Err(io_error(path, &error)),
        }
    }
    if let Some(reason) = &log.full {
        tracing::warn!(
            reason,
            "disk is full: the log is read, and takes nothing until there is room"
        );
    }
    Ok(log)
}

fn open_log(path: &Path, options: &EmbeddedOptions) -> Result<OpenLog, OpenError> {
    let text = shown(path);
    let failed = |error: rusqlite::Error| sqlite::open_error(&text, &error);
    refuse_other_files(path)?;
    let mut connection =
        sqlite::connect(path, Use::Write, options.seams.vfs.as_deref()).map_err(failed)?;
    // Recognised before anything is written to it.
    let created = schema::is_empty(&connection).map_err(failed)?;
    if !created {
        schema::recognise(&connection, &text)?;
    }
    let preparation = Preparation::of(options);
    let mut full = None;
    if !created {
        // What is there can be read without anything being written.
        let head = schema::head(&connection).map_err(failed)?;
        match preparation.run(&mut connection, head.position) {
            Err(error) if sqlite::is_no_space(&error) => full = Some(error.to_string()),
            prepared => prepared.map_err(failed)?,
        }
    }
    if created {
        refuse_lost_log(options)?;
        sqlite::prepare_for_writing(&connection, options.wal_limit_bytes).map_err(failed)?;
        let row = new_log().map_err(|error| no_randomness(path, &error))?;
        schema::create(&mut connection, &row, LogRole::Store).map_err(failed)?;
        sync_directory(&options.data)?;
        schema::keep_descriptor_set(&mut connection, &options.descriptor_set, Position::START)
            .map_err(failed)?;
    }
    let row = schema::recognise(&connection, &text)?;
    let head = schema::head(&connection).map_err(failed)?;
    Ok(OpenLog {
        connection,
        row,
        head,
        full,
    })
}

/// A fresh identity: generation 1, and 16 random bits so that two first generations differ.
fn new_log() -> Result<LogRow, getrandom::Error> {
    let mut random = [0; 2];
    let mut log_id = [0; 16];
    let mut content_key = [0; 32];
    getrandom::fill(&mut random)?;
    getrandom::fill(&mut log_id)?;
    getrandom::fill(&mut content_key)?;
    Ok(LogRow {
        log_id,
        epoch: Epoch((1 << 16) | u32::from(u16::from_be_bytes(random))),
        content_key,
    })
}

/// The tables of the index: as they are, or built anew if they are damaged or of another log. Not brought up to
/// the log. What passes is waited for and discards nothing.
pub(super) fn open_index(
    options: &EmbeddedOptions,
    identity: LogIdentity,
    head: Position,
) -> Result<Index, BringUpError> {
    let directory = options.data.join(INDEX);
    let failed = |error: IndexError| match error {
        IndexError::InUse => BringUpError::Final(OpenError::InUse {
            path: shown(&directory),
        }),
        IndexError::Waiting(reason) => BringUpError::Waiting(reason),
        other => BringUpError::Final(OpenError::Io {
            path: shown(&directory),
            reason: other.to_string(),
        }),
    };
    match Index::open(&directory, options, identity) {
        Ok((index, checkpoint)) => {
            refuse_lost_events(identity, head, checkpoint)?;
            let of_another = checkpoint.is_some_and(|checkpoint| checkpoint.log != identity);
            let fault = if of_another {
                "it belongs to another epoch or log"
            } else if !index.is_whole() {
                "its parts do not agree"
            } else if Index::is_condemned(&directory) {
                "it was unreadable at some place"
            } else {
                return Ok(index);
            };
            tracing::warn!(fault, "index is rebuilt");
            drop(index);
        }
        Err(IndexError::Engine(error)) => {
            tracing::warn!(error, "index is unreadable, rebuilding");
        }
        Err(IndexError::Malformed) => {
            tracing::warn!("index holds a malformed value, rebuilding");
        }
        Err(error) => return Err(failed(error)),
    }
    Index::rebuild(&directory, options, identity).map_err(failed)
}

/// Nothing is made anew beside an index that has seen events: the log is gone, and with an empty one in
/// its place the next start would take the index for that of another log.
fn refuse_lost_log(options: &EmbeddedOptions) -> Result<(), OpenError> {
    let directory = options.data.join(INDEX);
    if !directory.exists() {
        return Ok(());
    }
    let nobody = LogIdentity {
        log_id: Uuid::nil(),
        epoch: Epoch(0),
    };
    match Index::open(&directory, options, nobody) {
        Ok((_, Some(checkpoint))) if checkpoint.position > Position::START => {
            Err(OpenError::LostEvents {
                head: Position::START,
                derived: "the index".to_owned(),
                seen: checkpoint.position,
            })
        }
        // One that cannot be read just now may still say it.
        Err(error @ (IndexError::Waiting(_) | IndexError::Refused(_) | IndexError::InUse)) => {
            Err(OpenError::Io {
                path: shown(&directory),
                reason: error.to_string(),
            })
        }
        // One that is damaged says nothing.
        Ok(_) | Err(IndexError::Engine(_) | IndexError::Malformed) => Ok(()),
    }
}

/// An index that has seen more than the log holds proves that the log lost events.
fn refuse_lost_events(
    log: LogIdentity,
    head: Position,
    checkpoint: Option<Checkpoint>,
) -> Result<(), OpenError> {
    let Some(checkpoint) = checkpoint else {
        return Ok(());
    };
    if checkpoint.log == log && checkpoint.position > head {
        return Err(OpenError::LostEvents {
            head,
            derived: "the index".to_owned(),
            seen: checkpoint.position,
        });
    }
    Ok(())
}

/// A new file is only there for good once its directory is synced.
pub(super) fn sync_directory(directory: &Path) -> Result<(), OpenError> {
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| io_error(directory, &error))
}

pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn no_randomness(path: &Path, error: &getrandom::Error) -> OpenError {
    OpenError::Io {
        path: shown(path),
        reason: format!("no random numbers: {error}"),
    }
}

pub(super) fn io_error(path: &Path, error: &std::io::Error) -> OpenError {
    OpenError::Io {
        path: shown(path),
        reason: error.to_string(),
    }
}
