//! The directory of a derived database: how it is opened, and how it is emptied.

use std::path::Path;
use std::{fs, io};

use fjall::Database;

/// The smallest journal that fjall accepts.
const SMALLEST_JOURNAL: u64 = 64 << 20;

/// The memory, disk space and file descriptors of a derived database.
#[derive(Debug, Clone, Copy)]
pub struct DatabaseLimits {
    /// Block cache, in bytes.
    pub cache_bytes: u64,
    /// Journal, in bytes, at least 64 MiB.
    pub journal_bytes: u64,
    /// Table files that stay open.
    pub cached_files: usize,
}

/// Opens the database in a directory, or creates it.
///
/// # Errors
/// See [`of_fjall`](super::of_fjall).
pub fn open_database(directory: &Path, limits: DatabaseLimits) -> Result<Database, fjall::Error> {
    Database::builder(directory)
        .cache_size(limits.cache_bytes)
        .max_journaling_size(limits.journal_bytes.max(SMALLEST_JOURNAL))
        .max_cached_files(Some(limits.cached_files))
        // With more threads, one of them takes every waiting compaction from the queue and puts it back until
        // another has time for it, which alone keeps a core busy.
        .worker_threads(1)
        .open()
}

/// Empties a directory, which is not removed because it may be a mount point.
///
/// # Errors
/// The first error of the system.
pub fn empty_directory(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Returns whether a path is there and not an empty directory, on which a disk of its own may be mounted.
#[must_use]
pub fn holds_something(path: &Path) -> bool {
    let Ok(entries) = fs::read_dir(path) else {
        return path.symlink_metadata().is_ok();
    };
    // Every new file system of Linux has this one.
    let mut names = entries.flatten().map(|entry| entry.file_name());
    names.any(|name| name != "lost+found")
}
