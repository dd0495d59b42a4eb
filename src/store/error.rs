//! The errors of the store port, and what a caller may conclude from them.

use ownerline_proto::Position;
use thiserror::Error;

use super::ids::{EventKey, Revision, StreamName};
use super::types::Expected;

/// The effect of a failed append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppendOutcome {
    /// Certainly none of its events is stored.
    NotAppended,
    /// The events may or may not be stored; a retry with the same ids finds out.
    Unknown,
}

/// Why an append was not acknowledged.
#[derive(Debug, Clone, Error)]
pub enum AppendError {
    /// The stream is not at the expected revision.
    #[error("stream {stream} is at revision {current:?}, expected {expected:?}")]
    WrongRevision {
        /// The stream.
        stream: StreamName,
        /// The expectation of the append.
        expected: Expected,
        /// The last revision, `None` if the stream does not exist.
        current: Option<Revision>,
    },
    /// An event with this (source, id) and other content is stored.
    #[error("an event with source {:?} and id {:?} is stored at {position} with other content", key.source, key.id)]
    ContentConflict {
        /// The identity.
        key: EventKey,
        /// The position of the stored event.
        position: Position,
    },
    /// Some of the events were stored before, others were not.
    #[error("only a part of the events was stored before, the first of them at {position}")]
    PartlyStored {
        /// The first stored identity.
        key: EventKey,
        /// Its position.
        position: Position,
    },
    /// The append itself is malformed: it has no events, or one identity twice.
    #[error("append is malformed: {what}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
    },
    /// The queue of the writer is full.
    #[error("append queue is full at {limit} events")]
    QueueFull {
        /// The limit.
        limit: usize,
    },
    /// An earlier write or sync failed; the store refuses writes until it is reopened.
    #[error("store is poisoned: {reason}")]
    Poisoned {
        /// What failed.
        reason: String,
    },
    /// The write or sync of this append failed. The store is poisoned from now on.
    #[error("write failed: {reason}")]
    WriteFailed {
        /// What failed.
        reason: String,
    },
    /// The disk is full. Nothing was written, and the store continues once there is room again.
    #[error("no space left for the log")]
    NoSpace,
    /// A stored event that had to be compared is damaged.
    #[error("event at {position} is damaged: {reason}")]
    Damaged {
        /// The position of the event.
        position: Position,
        /// The symptom.
        reason: String,
    },
    /// The stored events could not be searched for duplicates, so the append was not tried. A retry may help.
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
    /// A short name, for metrics.
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

    /// Whether the events may be stored in spite of this error.
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

/// Why a read failed.
#[derive(Debug, Clone, Error)]
pub enum ReadError {
    /// No event has this position.
    #[error("no event at position {position}")]
    NoSuchPosition {
        /// The requested position.
        position: Position,
    },
    /// A row does not match its digest or cannot be read.
    #[error("event at {position} is damaged: {reason}")]
    Damaged {
        /// The position of the event.
        position: Position,
        /// The symptom.
        reason: String,
    },
    /// Every reader is busy and their queue is full.
    #[error("read queue is full at {limit}")]
    Busy {
        /// The limit.
        limit: usize,
    },
    /// A temporary failure: no file descriptors, a failed disk read, an index that is being reopened. A retry
    /// helps.
    #[error("the log cannot be read at the moment: {reason}")]
    Waiting {
        /// The failure.
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
    /// The file is not one of our logs, or has a later format.
    #[error("{path} is not a log this version can read: {reason}")]
    Foreign {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// The file is a backup. If it were served as it is, it would assign positions that the original log
    /// assigns to other events.
    #[error(
        "{path} is a backup, not a store: restore it with `ownerline log restore --from <backup> --data <new directory>` and serve that"
    )]
    Backup {
        /// The file.
        path: String,
    },
    /// The file is an unfinished restore.
    #[error("{path} is an unfinished restore: run the same `ownerline log restore` again")]
    UnfinishedRestore {
        /// The file.
        path: String,
    },
    /// The log has lost events that data derived from it has already seen: restore from a backup.
    #[error(
        "the log ends at {head} but {derived} has seen {seen}: acknowledged events are lost, restore from a backup"
    )]
    LostEvents {
        /// The last position in the log.
        head: Position,
        /// The derived data that has seen more.
        derived: String,
        /// The last position that it has seen.
        seen: Position,
    },
    /// There is no log, but something that only exists beside one.
    #[error(
        "{path} holds no log, but has {found} of one: is its volume mounted, was the file moved or deleted? Bring it back, or restore a backup; to begin an empty log on purpose, remove everything in the directory"
    )]
    MissingLog {
        /// The data directory.
        path: String,
        /// The names of what was found.
        found: String,
    },
    /// The log is damaged beyond opening.
    #[error("{path} is damaged: {reason}; restore from a backup")]
    Damaged {
        /// The file.
        path: String,
        /// The symptom.
        reason: String,
    },
    /// The disk has no room to open it, not even the reserve.
    #[error("no room to open {path}: {reason}; make some, and start again")]
    NoRoom {
        /// The file.
        path: String,
        /// What ran out of room.
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
