//! The directory of a copy: recognised or created, locked, and checked against the log.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use super::error::BackupError;
use super::token_key::{TOKEN_KEY, TOKEN_KEY_NEW};
use crate::runtime::private;
use crate::store::embedded::files::{self, LOCK, LOG, shown};
use crate::store::embedded::schema::{self, Copied, LogRole, LogRow};
use crate::store::embedded::sqlite::{self, Use};
use crate::store::{OpenError, Position};

/// The files that a copy may leave in its directory before it creates the log there. A write-ahead log is none of them:
/// without its log it is what remains of another one.
const OURS: &[&str] = &[LOCK, TOKEN_KEY, TOKEN_KEY_NEW];
/// The size at which the write-ahead log of the copy is checkpointed, in pages of 4 KiB.
const CHECKPOINT_PAGES: i64 = 4_096;

/// An open copy.
pub(super) struct Target {
    pub(super) connection: Connection,
    pub(super) path: String,
    pub(super) directory: PathBuf,
    pub(super) log: LogRow,
    pub(super) copied: Copied,
    /// Held so that neither a server nor another copy opens it.
    _lock: File,
}

impl Target {
    /// Opens the copy in a directory, or creates an empty one of this log, which is in the directory `source`.
    pub(super) fn open(
        directory: &Path,
        source: &Path,
        log: &LogRow,
        role: LogRole,
    ) -> Result<Self, BackupError> {
        let io = |error: std::io::Error| files::io_error(directory, &error);
        refuse_place(directory, source)?;
        private::create_directory(directory).map_err(io)?;
        refuse_other_content(directory)?;
        let lock = files::lock(&directory.join(LOCK))?;
        let file = directory.join(LOG);
        files::refuse_other_files(&file)?;
        let path = shown(directory);
        let failed = |error: rusqlite::Error| sqlite::open_error(&path, &error);
        let mut connection = sqlite::connect(&file, Use::Write, None).map_err(failed)?;
        if schema::is_empty(&connection).map_err(failed)? {
            schema::create(&mut connection, log, role).map_err(failed)?;
            files::sync_directory(directory)?;
        }
        let (found, own) = schema::recognise_any(&connection, &path)?;
        if found != role {
            return Err(BackupError::OtherRole {
                path,
                found: name_of(found),
                wanted: match role {
                    LogRole::UnfinishedRestore => "nothing or an unfinished restore",
                    other => name_of(other),
                },
            });
        }
        if (own.log_id, own.content_key) != (log.log_id, log.content_key) {
            return Err(BackupError::OtherLog { path });
        }
        prepare(&connection).map_err(failed)?;
        // Rows of the current format may be copied from now on.
        schema::commit_anew(&connection).map_err(failed)?;
        let copied = schema::copied(&connection).map_err(failed)?;
        let head = schema::head(&connection).map_err(failed)?.position;
        if head != copied.position {
            return Err(BackupError::CopyDamaged {
                path,
                reason: format!(
                    "its last row is {head}, but {} were copied",
                    copied.position
                ),
            });
        }
        Ok(Self {
            connection,
            path,
            directory: directory.to_owned(),
            log: own,
            copied,
            _lock: lock,
        })
    }

    /// Refuses a log that cannot be a later state of the copy.
    pub(super) fn refuse_other_history(
        &self,
        log: &LogRow,
        head: Position,
    ) -> Result<(), BackupError> {
        let path = self.path.clone();
        let copied = self.copied.position;
        if self.log.epoch > log.epoch {
            let (copied, current) = (self.log.epoch, log.epoch);
            return Err(BackupError::LaterEpoch {
                path,
                copied,
                current,
            });
        }
        if copied > head {
            return Err(BackupError::AheadOfLog { path, copied, head });
        }
        Ok(())
    }

    /// Adopts a later epoch of the log, after both were compared and nothing was lost in between.
    pub(super) fn follow(&mut self, log: &LogRow) -> Result<(), BackupError> {
        if self.log.epoch != log.epoch {
            schema::begin_epoch(&self.connection, log).map_err(|error| self.write_error(&error))?;
            self.log = log.clone();
        }
        Ok(())
    }

    /// Copies the missing descriptor sets.
    pub(super) fn keep_schema(&self, source: &Connection) -> Result<(), BackupError> {
        if let Ok(damaged) = schema::damaged_descriptor_sets(source)
            && let Some(version) = damaged.first()
        {
            return Err(BackupError::SchemaDamaged { version: *version });
        }
        let read = |error: rusqlite::Error| BackupError::Read {
            after: self.copied.position,
            reason: error.to_string(),
        };
        let mut select = source
            .prepare("SELECT version, descriptor_set, first_position, digest FROM schema")
            .map_err(read)?;
        let mut rows = select.query([]).map_err(read)?;
        while let Some(row) = rows.next().map_err(read)? {
            let values: (i64, Vec<u8>, i64, Vec<u8>) = row.try_into().map_err(read)?;
            self.connection
                .execute(
                    "INSERT INTO schema (version, descriptor_set, first_position, digest)
                     VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                    values,
                )
                .map_err(|error| self.write_error(&error))?;
        }
        Ok(())
    }

    /// Leaves a single file, which can be copied elsewhere, and read where nothing can be written.
    pub(super) fn settle(&self) -> Result<(), BackupError> {
        // A current reader prevents it, which does no harm and is no reason to wait.
        let _ = self.connection.busy_timeout(Duration::ZERO);
        let _ = self
            .connection
            .pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()));
        files::sync_directory(&self.directory)?;
        Ok(())
    }

    pub(super) fn write_error(&self, error: &rusqlite::Error) -> BackupError {
        let path = self.path.clone();
        let copied = self.copied.position;
        if sqlite::is_no_space(error) {
            return BackupError::NoSpace { path, copied };
        }
        BackupError::Write {
            path,
            copied,
            reason: error.to_string(),
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        fs::metadata(self.directory.join(LOG)).map_or(0, |file| file.len())
    }
}

/// The name of a role, for errors.
fn name_of(role: LogRole) -> &'static str {
    match role {
        LogRole::Store => "a store",
        LogRole::Backup => "a backup",
        LogRole::UnfinishedRestore => "an unfinished restore",
    }
}

/// Refuses a directory inside the one that is copied, and one whose parent is missing: a parent that should be a mounted
/// volume must not be replaced by a new directory.
fn refuse_place(directory: &Path, source: &Path) -> Result<(), BackupError> {
    let real = |path: &Path| fs::canonicalize(path);
    let source_path = real(source).map_err(|error| files::io_error(source, &error))?;
    let is_missing = |error: &std::io::Error| error.kind() == ErrorKind::NotFound;
    let place = match real(directory) {
        Err(error) if is_missing(&error) => {
            let parent = directory.parent().unwrap_or(directory);
            let parent = match parent.as_os_str().is_empty() {
                true => Path::new("."),
                false => parent,
            };
            real(parent).map(|real| real.join(directory.file_name().unwrap_or_default()))
        }
        found => found,
    };
    match place {
        Ok(place) if place.starts_with(&source_path) => Err(BackupError::Inside {
            path: shown(directory),
            source_path: shown(source),
        }),
        Ok(_) => Ok(()),
        Err(error) if is_missing(&error) => Err(BackupError::NoParent {
            path: shown(directory),
        }),
        Err(error) => Err(files::io_error(directory, &error).into()),
    }
}

/// Refuses a directory that holds anything but a copy or the remains of creating one.
fn refuse_other_content(directory: &Path) -> Result<(), BackupError> {
    if directory.join(LOG).exists() {
        return Ok(());
    }
    let io = |error: std::io::Error| OpenError::Io {
        path: shown(directory),
        reason: error.to_string(),
    };
    for entry in fs::read_dir(directory).map_err(io)? {
        let name = entry.map_err(io)?.file_name();
        if !OURS.iter().any(|ours| name == *ours) {
            return Err(BackupError::NotEmpty {
                path: shown(directory),
            });
        }
    }
    Ok(())
}

/// Sets up a connection: every group is synced, as in a store, and the write-ahead log is checkpointed regularly.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -16_384)?;
    // Destroyed data must not remain in the file.
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", CHECKPOINT_PAGES, |_| Ok(()))
}
