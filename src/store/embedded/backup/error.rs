//! The errors of backup and restore.

use thiserror::Error;

use crate::store::{Epoch, OpenError, Position};

/// Why a backup or a restore failed. What was copied before is kept intact, and the next run continues after it.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The log to copy, or the target, could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The directory holds foreign files.
    #[error("{path} is not empty and holds no copy of a log; name an empty or new directory")]
    NotEmpty {
        /// The directory.
        path: String,
    },
    /// The directory is the one that is copied, or inside it.
    #[error(
        "{path} is {source_path}, which is copied, or inside it; name a directory elsewhere, best on another disk"
    )]
    Inside {
        /// The directory.
        path: String,
        /// The directory that is copied.
        source_path: String,
    },
    /// The directory above does not exist.
    #[error(
        "{path} cannot be created, because the directory above it does not exist: is a volume not mounted? Create that directory, or name another one"
    )]
    NoParent {
        /// The directory.
        path: String,
    },
    /// The directory holds a log of another role.
    #[error("{path} holds {found}, but {wanted} is expected; name another directory")]
    OtherRole {
        /// The directory.
        path: String,
        /// The role that was found.
        found: &'static str,
        /// The role that was expected.
        wanted: &'static str,
    },
    /// The copy is of another log.
    #[error("{path} holds a copy of another log; name another directory")]
    OtherLog {
        /// The directory.
        path: String,
    },
    /// The copy has touchpoints that the log lacks.
    #[error(
        "{path} holds everything up to {copied}, but the log ends at {head}: it lost touchpoints, or was restored from an earlier backup; keep that backup and name another directory"
    )]
    AheadOfLog {
        /// The directory.
        path: String,
        /// The last position of the copy.
        copied: Position,
        /// The end of the log.
        head: Position,
    },
    /// The copy and the log have different histories.
    #[error(
        "{path} has another touchpoint at {position} than the log: they parted at a restore; keep that backup and name another directory"
    )]
    Diverged {
        /// The directory.
        path: String,
        /// The first position that differs.
        position: Position,
    },
    /// The copy belongs to a later epoch than the log.
    #[error(
        "{path} is a copy of epoch {copied:08x}, the log is of the earlier epoch {current:08x}: it was replaced by a restore; keep that backup and name another directory",
        copied = copied.0,
        current = current.0
    )]
    LaterEpoch {
        /// The directory.
        path: String,
        /// The epoch of the copy.
        copied: Epoch,
        /// The epoch of the log.
        current: Epoch,
    },
    /// The copy was damaged after it was made.
    #[error("{path} is damaged: {reason}; keep the log and name another directory")]
    CopyDamaged {
        /// The directory.
        path: String,
        /// The symptom.
        reason: String,
    },
    /// A descriptor set of the log is damaged.
    #[error("the descriptor set of schema version {version} in the log is damaged")]
    SchemaDamaged {
        /// The version.
        version: i64,
    },
    /// The disk is full.
    #[error(
        "no space left in {path}; everything up to {copied} is there: make room and run it again"
    )]
    NoSpace {
        /// The directory.
        path: String,
        /// The last position of the copy.
        copied: Position,
    },
    /// The copy could not be written.
    #[error("cannot write {path}: {reason}; everything up to {copied} is there")]
    Write {
        /// The directory.
        path: String,
        /// The last position of the copy.
        copied: Position,
        /// Why.
        reason: String,
    },
    /// The log could not be read, for another reason than damage.
    #[error("cannot read the log after {after}: {reason}")]
    Read {
        /// The last position that was copied.
        after: Position,
        /// Why.
        reason: String,
    },
    /// The key of page tokens could not be copied.
    #[error("cannot copy the key of page tokens to {path}: {reason}")]
    TokenKey {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// The epochs, which have eight hexadecimal digits, are used up.
    #[error("no epoch is left after {current:08x}", current = current.0)]
    NoEpochLeft {
        /// The last one.
        current: Epoch,
    },
}
