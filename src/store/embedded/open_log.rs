//! Opens or creates the log file for writing, on a full disk for reading only.

use std::path::Path;

use rusqlite::Connection;

use super::files::{self, io_error, shown};
use super::options::EmbeddedOptions;
use super::room::Preparation;
use super::schema::{self, LogRole, LogRow};
use super::sqlite::{self, Use};
use crate::derived::{Severity, of_io};
use crate::runtime::DiskReserve;
use crate::store::{Epoch, Head, OpenError, Position, StoreState};

/// A log that was opened for writing.
pub(super) struct OpenLog {
    pub(super) connection: Connection,
    pub(super) row: LogRow,
    pub(super) head: Head,
    /// What ran out of room, if the log can only be read for now.
    pub(super) full: Option<String>,
}

impl OpenLog {
    /// Opens the log. If there is no room to open it, gives up the reserve, and opens it for reading only.
    pub(super) fn open(
        path: &Path,
        options: &EmbeddedOptions,
        reserve: &DiskReserve,
    ) -> Result<Self, OpenError> {
        let held = reserve.hold();
        let mut opened = open_or_create(path, options);
        if let Err(OpenError::NoRoom { reason, .. }) = &opened {
            tracing::warn!(reason, "no room to open the log, giving up the reserve");
            if let Err(error) = reserve.give_up() {
                return Err(io_error(path, &error));
            }
            opened = open_or_create(path, options);
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
                "disk is full, the log is read-only until there is room"
            );
        }
        Ok(log)
    }

    /// The state of a store over this log.
    pub(super) fn state(&self) -> StoreState {
        match &self.full {
            None => StoreState::Writable,
            Some(reason) => StoreState::Full {
                reason: reason.clone(),
            },
        }
    }
}

fn open_or_create(path: &Path, options: &EmbeddedOptions) -> Result<OpenLog, OpenError> {
    let text = shown(path);
    let failed = |error: rusqlite::Error| sqlite::open_error(&text, &error);
    files::refuse_other_files(path)?;
    if !path.exists() {
        // Before SQLite creates the file, and removes what lies beside it.
        files::refuse_missing_log(&options.data)?;
    }
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
        // An existing log can be read without writing anything.
        let head = schema::head(&connection).map_err(failed)?;
        match preparation.run(&mut connection, head.position) {
            Err(error) if sqlite::is_no_space(&error) => full = Some(error.to_string()),
            prepared => prepared.map_err(failed)?,
        }
    }
    if created {
        // A file that is there and empty is no more of a log than none.
        files::refuse_missing_log(&options.data)?;
        sqlite::prepare_for_writing(&connection, options.wal_limit_bytes).map_err(failed)?;
        let row = new_log().map_err(|error| no_randomness(path, &error))?;
        schema::create(&mut connection, &row, LogRole::Store).map_err(failed)?;
        files::sync_directory(&options.data)?;
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

/// A new log: generation 1, with 16 random bits so that the first epochs of two logs differ.
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

/// The error of a failed random number generator.
pub(super) fn no_randomness(path: &Path, error: &getrandom::Error) -> OpenError {
    OpenError::Io {
        path: shown(path),
        reason: format!("no random numbers: {error}"),
    }
}
