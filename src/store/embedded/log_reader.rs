//! Reads a log beside a running server, without its lock and its index.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use uuid::Uuid;

use super::digest::{Certificate, Seal};
use super::files::{self, LOG, shown};
use super::options::EmbeddedOptions;
use super::reads::{Reader, ScanLimit};
use super::rows::RowReader;
use super::schema::{self, Copied, LogRole, LogRow};
use super::sqlite;
use crate::store::{
    Epoch, EventFilter, Head, LogIdentity, OpenError, Position, ReadError, StoredEvent,
};

/// A log that was opened read-only. Its methods block.
pub struct LogReader {
    path: PathBuf,
    reader: Reader,
    role: LogRole,
    log: LogRow,
    rows_per_read: usize,
    bytes_per_read: usize,
}

/// Figures about a log as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFigures {
    /// The end of the log.
    pub head: Head,
    /// The number of events (positions are gapless).
    pub events: u64,
    /// When the first event was recorded (nanoseconds since the Unix epoch).
    pub first_recorded_at: Option<i64>,
    /// When the last event was recorded.
    pub last_recorded_at: Option<i64>,
    /// The size of the log with its write-ahead log.
    pub bytes_on_disk: u64,
    /// The number of schema versions that have written to it.
    pub schema_versions: u64,
}

impl LogReader {
    /// Opens the log of a data directory.
    ///
    /// # Errors
    /// See [`OpenError`]. Nothing is locked or created. A transaction that a killed backup left behind is rolled back.
    pub fn open(data: &Path) -> Result<Self, OpenError> {
        let path = data.join(LOG);
        let text = shown(&path);
        let connection = connect(&path)?;
        let (role, log) = schema::recognise_any(&connection, &text)?;
        let defaults = EmbeddedOptions::new(data, bytes::Bytes::new());
        Ok(Self {
            path,
            reader: Reader::new(connection, RowReader::default()),
            role,
            log,
            rows_per_read: defaults.rows_per_read,
            bytes_per_read: defaults.bytes_per_read,
        })
    }

    /// The role of the log.
    #[must_use]
    pub fn role(&self) -> LogRole {
        self.role
    }

    /// The incarnation of the log.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.log.epoch
    }

    pub(super) fn identity(&self) -> LogIdentity {
        self.log.identity()
    }

    /// The id of the log, which never changes.
    #[must_use]
    pub fn log_id(&self) -> Uuid {
        Uuid::from_bytes(self.log.log_id)
    }

    /// The end of the log as of now.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn head(&self) -> Result<Head, ReadError> {
        schema::head(&self.reader.connection)
            .map_err(|error| sqlite::read_error(Position::START, &error))
    }

    /// Extends a certificate by the rows after `after`, through `through`.
    pub(super) fn certify(
        &self,
        mut certificate: Certificate,
        after: Position,
        through: Position,
    ) -> rusqlite::Result<Certificate> {
        let mut digests = self.reader.connection.prepare_cached(
            "SELECT digest FROM events WHERE position > ?1 AND position <= ?2 ORDER BY position",
        )?;
        let mut rows = digests.query((sqlite::signed(after.0), sqlite::signed(through.0)))?;
        while let Some(row) = rows.next()? {
            let seal = Seal::read(row.get_ref(0)?.as_blob()?);
            let seal = seal.ok_or(rusqlite::Error::InvalidQuery)?;
            certificate = certificate.then(seal.digest);
        }
        Ok(certificate)
    }

    /// The certificate that a copy stores about itself.
    pub(super) fn copied(&self) -> Option<Copied> {
        schema::copied(&self.reader.connection).ok()
    }

    /// The schema versions whose descriptor set cannot be read or does not match its digest; `None` if their
    /// table cannot be read.
    pub(super) fn damaged_descriptor_sets(&self) -> Option<Vec<i64>> {
        schema::damaged_descriptor_sets(&self.reader.connection).ok()
    }

    /// Reads up to `max` events after a position (fewer if they are large); none at the head.
    ///
    /// # Errors
    /// [`ReadError::Damaged`] if the next event is damaged.
    pub fn read(&mut self, after: Position, max: usize) -> Result<Vec<StoredEvent>, ReadError> {
        let head = self.head()?.position;
        let limit = ScanLimit {
            events: max,
            rows: self.rows_per_read.min(max),
            bytes: self.bytes_per_read,
        };
        let filter = EventFilter::default();
        Ok(self.reader.scan(after, head, &filter, limit)?.events)
    }

    /// Figures about the whole log.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn figures(&self) -> Result<LogFigures, ReadError> {
        let head = self.head()?;
        let connection = &self.reader.connection;
        let failed = |error: rusqlite::Error| sqlite::read_error(Position::START, &error);
        let first_recorded_at: Option<i64> = connection
            .query_row(
                "SELECT min(recorded_at) FROM (SELECT recorded_at FROM events ORDER BY position LIMIT 1)",
                [],
                |row| row.get(0),
            )
            .map_err(failed)?;
        let schema_versions: i64 = connection
            .query_row("SELECT count(*) FROM schema", [], |row| row.get(0))
            .map_err(failed)?;
        let size = |path: &Path| fs::metadata(path).map_or(0, |found| found.len());
        let mut wal = self.path.clone().into_os_string();
        wal.push("-wal");
        Ok(LogFigures {
            head,
            events: head.position.0,
            first_recorded_at,
            last_recorded_at: first_recorded_at.map(|_| head.recorded_at),
            bytes_on_disk: size(&self.path) + size(Path::new(&wal)),
            schema_versions: sqlite::unsigned(schema_versions),
        })
    }
}

/// A read-only connection to an existing log, or to a copy of one, also after a kill.
pub(super) fn connect(path: &Path) -> Result<Connection, OpenError> {
    fs::metadata(path).map_err(|error| files::io_error(path, &error))?;
    files::refuse_other_files(path)?;
    sqlite::connect_for_reading(path).map_err(|error| sqlite::open_error(&shown(path), &error))
}
