//! What can go wrong at the store port, and what the caller may conclude from it.

use thiserror::Error;

use super::{EventKey, Expected, Position, Revision, StreamName};

/// What a failed append left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppendOutcome {
    /// Certainly nothing of it is stored.
    NotAppended,
    /// It may or may not be stored; a retry with the same ids finds out.
    Unknown,
}

/// Why an append was not acknowledged.
#[derive(Debug, Clone, Error)]
pub enum AppendError {
    /// The stream is not where the caller thought.
    #[error("stream {stream} is at revision {current:?}, expected {expected:?}")]
    WrongRevision {
        /// The stream.
        stream: StreamName,
        /// What the append expected.
        expected: Expected,
        /// The last revision, `None` if the stream does not exist.
        current: Option<Revision>,
    },
    /// The (source, id) is taken by other content.
    #[error("an event with source {:?} and id {:?} is stored at {position} with other content", key.source, key.id)]
    ContentConflict {
        /// The identity.
        key: EventKey,
        /// Where the stored one is.
        position: Position,
    },
    /// A part of the events was stored before, another part was not.
    #[error("only a part of the events was stored before, the first of them at {position}")]
    PartlyStored {
        /// The first stored identity.
        key: EventKey,
        /// Where it is.
        position: Position,
    },
    /// The append itself is not well-formed (no events, or one identity twice).
    #[error("append is malformed: {what}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
    },
    /// The queue before the writer is full.
    #[error("append queue is full at {limit} events")]
    QueueFull {
        /// The limit.
        limit: usize,
    },
    /// An earlier write or sync failed; the store refuses writes until it is opened again.
    #[error("store is poisoned: {reason}")]
    Poisoned {
        /// What failed.
        reason: String,
    },
    /// This append's own write or sync failed. The store is poisoned from now on.
    #[error("write failed: {reason}")]
    WriteFailed {
        /// What failed.
        reason: String,
    },
    /// There was no room; nothing was written, and the store goes on when there is room again.
    #[error("no space left for the log")]
    NoSpace,
    /// A stored event that had to be compared is damaged.
    #[error("event at {position} is damaged: {reason}")]
    Damaged {
        /// Where.
        position: Position,
        /// How it shows.
        reason: String,
    },
    /// What is already stored could not be looked up, so the append was not tried. A retry may help.
    #[error("append could not be checked against the log: {reason}")]
    Unchecked {
        /// What failed.
        reason: String,
    },
    /// The store is closing.
    #[error("store is closing")]
    Closing,
}

impl AppendError {
    /// A short name of it, for figures.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::WrongRevision { .. } => "wrong_revision",
            Self::ContentConflict { .. } => "content_conflict",
            Self::PartlyStored { .. } => "partly_stored",
            Self::Malformed { .. } => "malformed",
            Self::QueueFull { .. } => "queue_full",
            Self::Poisoned { .. } => "poisoned",
            Self::WriteFailed { .. } => "write_failed",
            Self::NoSpace => "no_space",
            Self::Damaged { .. } => "damaged",
            Self::Unchecked { .. } => "unchecked",
            Self::Closing => "closing",
        }
    }

    /// What this error says about the events.
    #[must_use]
    pub fn outcome(&self) -> AppendOutcome {
        match self {
            Self::WriteFailed { .. } => AppendOutcome::Unknown,
            Self::WrongRevision { .. }
            | Self::ContentConflict { .. }
            | Self::PartlyStored { .. }
            | Self::Malformed { .. }
            | Self::QueueFull { .. }
            | Self::Poisoned { .. }
            | Self::NoSpace
            | Self::Damaged { .. }
            | Self::Unchecked { .. }
            | Self::Closing => AppendOutcome::NotAppended,
        }
    }
}

/// Why a read did not answer.
#[derive(Debug, Clone, Error)]
pub enum ReadError {
    /// No event has this position.
    #[error("no event at position {position}")]
    NoSuchPosition {
        /// The position asked for.
        position: Position,
    },
    /// A row does not match its digest or cannot be read.
    #[error("event at {position} is damaged: {reason}")]
    Damaged {
        /// Where.
        position: Position,
        /// How it shows.
        reason: String,
    },
    /// Every reader is busy and the queue before them is full.
    #[error("read queue is full at {limit}")]
    Busy {
        /// The limit.
        limit: usize,
    },
    /// It cannot be read for the moment: no descriptors, a failed read of the disk, an index that is being
    /// opened again. A retry helps.
    #[error("it cannot be read for the moment: {reason}")]
    Waiting {
        /// What it waits for.
        reason: String,
    },
    /// The engine failed.
    #[error("read failed: {reason}")]
    Failed {
        /// What failed.
        reason: String,
    },
    /// The store is closing.
    #[error("store is closing")]
    Closing,
}

/// Why a store could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error("data directory {path} is in use by another process")]
    InUse {
        /// The directory.
        path: String,
    },
    /// The file is not a log of ours, or of a later format.
    #[error("{path} is not a log this version can read: {reason}")]
    Foreign {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// The file is a backup: served as it is, it would give out positions that another course of the
    /// same log gives out, too.
    #[error(
        "{path} is a backup, not a store: restore it with `ownerline log restore --from <backup> --data <new directory>` and serve that"
    )]
    Backup {
        /// The file.
        path: String,
    },
    /// The file is a restore that did not reach its end.
    #[error("{path} is an unfinished restore: run the same `ownerline log restore` again")]
    UnfinishedRestore {
        /// The file.
        path: String,
    },
    /// The log has lost what something derived from it has already seen: restore from a backup.
    #[error(
        "the log ends at {head} but {derived} has seen {seen}: acknowledged events are lost, restore from a backup"
    )]
    LostEvents {
        /// Last position in the log.
        head: Position,
        /// What knows better.
        derived: String,
        /// Position it has seen.
        seen: Position,
    },
    /// The log is damaged beyond opening.
    #[error("{path} is damaged: {reason}; restore from a backup")]
    Damaged {
        /// The file.
        path: String,
        /// How it shows.
        reason: String,
    },
    /// There is no room on the disk to open it, not even the room that was held back.
    #[error("no room to open {path}: {reason}; make some, and start again")]
    NoRoom {
        /// The file.
        path: String,
        /// What found no room.
        reason: String,
    },
    /// A file could not be created, read or locked.
    #[error("cannot open {path}: {reason}")]
    Io {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
}
