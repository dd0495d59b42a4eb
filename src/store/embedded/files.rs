//! The files of a data directory: their names, the lock, and the recognition of files that are not ours.

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::derived::holds_something;
use crate::runtime::private;
use crate::store::OpenError;

/// The log.
pub(super) const LOG: &str = "log.db";
/// The write-ahead log of the log.
pub(super) const WAL: &str = "log.db-wal";
/// The directory of the index.
pub(super) const INDEX: &str = "index";
/// The file whose lock keeps other processes out.
pub(super) const LOCK: &str = "lock";
/// The file that reserves disk space.
pub(super) const RESERVE: &str = "reserve";

/// What a start creates only after the log is on stable storage, so that it proves that there was one. The lock and the
/// reserve come first: a start that was killed may leave them alone.
const AFTER_THE_LOG: &[&str] = &[
    INDEX,
    "index.condemned",
    "views",
    "views.dropped",
    "token.key",
    "token.new",
];
/// The files of SQLite beside a log; it would remove them when it creates another one.
const BESIDE_THE_LOG: &[&str] = &[WAL, "log.db-shm", "log.db-journal"];

/// The first bytes of every SQLite file.
const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Locks the data directory by its lock file, until the returned file is dropped.
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

/// Refuses a file that does not begin like a SQLite file, with a clearer error than that of SQLite.
pub(super) fn refuse_other_files(path: &Path) -> Result<(), OpenError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io_error(path, &error)),
    };
    let mut begin = Vec::new();
    let read = file.by_ref().take(16).read_to_end(&mut begin);
    read.map_err(|error| io_error(path, &error))?;
    if begin.is_empty() || begin == SQLITE_MAGIC {
        return Ok(());
    }
    // A file beside one of our indexes was once a log.
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

/// Refuses to create a log in a directory that must have had one: its volume is not mounted, or the file was deleted.
/// Nobody would notice an empty store in its place before somebody asks for a history.
pub(super) fn refuse_missing_log(directory: &Path) -> Result<(), OpenError> {
    let absent = !directory.join(LOG).exists();
    let beside = BESIDE_THE_LOG.iter().filter(|_| absent);
    let found: Vec<&str> = beside
        .chain(AFTER_THE_LOG)
        .filter(|name| holds_something(&directory.join(name)))
        .copied()
        .collect();
    if found.is_empty() {
        return Ok(());
    }
    Err(OpenError::MissingLog {
        path: shown(directory),
        found: found.join(", "),
    })
}

/// Syncs a directory, without which a new file in it may not survive a power cut.
pub(super) fn sync_directory(directory: &Path) -> Result<(), OpenError> {
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| io_error(directory, &error))
}

/// The path as text, for errors.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// An [`OpenError::Io`] about a path.
pub(super) fn io_error(path: &Path, error: &io::Error) -> OpenError {
    OpenError::Io {
        path: shown(path),
        reason: error.to_string(),
    }
}
