//! The tables of `log.db`: their creation, recognition, and small updates.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use uuid::Uuid;

use super::digest::Certificate;
use super::sqlite;
use crate::store::{Epoch, Head, LogIdentity, OpenError, Position};

/// The role of a log file. The application id of the file records it, so that a copy is never served by
/// accident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogRole {
    /// The log of a store.
    Store,
    /// A copy that backups update.
    Backup,
    /// A store whose restore is not finished.
    UnfinishedRestore,
}

impl LogRole {
    const ALL: [Self; 3] = [Self::Store, Self::Backup, Self::UnfinishedRestore];

    /// "OwnL", "OwnB" or "OwnR", which distinguish our logs from other SQLite files.
    const fn application_id(self) -> i32 {
        match self {
            Self::Store => 0x4f77_6e4c,
            Self::Backup => 0x4f77_6e42,
            Self::UnfinishedRestore => 0x4f77_6e52,
        }
    }
}

/// The version of the tables. Since version 2 a checksum follows the digest of a row.
const FORMAT: i32 = 2;
/// The oldest version that can be read. A log of that version is upgraded when it is opened for writing.
const OLDEST_FORMAT: i32 = 1;

const TABLES: &str = "
CREATE TABLE log (
  log_id BLOB NOT NULL,       -- random, for ever
  epoch INTEGER NOT NULL,     -- (generation << 16) | random 16 bits; a restore begins a new one
  content_key BLOB NOT NULL,  -- key of content_digest
  digest BLOB NOT NULL        -- BLAKE3 over the others
) STRICT;
CREATE TABLE schema (
  version INTEGER PRIMARY KEY,
  descriptor_set BLOB NOT NULL,     -- google.protobuf.FileDescriptorSet of this schema version
  first_position INTEGER NOT NULL,  -- the first event that may have been written with it
  digest BLOB NOT NULL              -- BLAKE3 of descriptor_set
) STRICT;
CREATE TABLE events (
  position INTEGER PRIMARY KEY,
  recorded_at INTEGER NOT NULL,  -- nanoseconds since the Unix epoch, never decreasing
  stream TEXT NOT NULL,
  revision INTEGER NOT NULL,
  type TEXT NOT NULL,
  source TEXT NOT NULL,
  id TEXT NOT NULL,
  clear BLOB NOT NULL,           -- protobuf without the personal fields
  personal BLOB,                 -- 0x01, 32-byte key, protobuf of the personal fields; or 0x02, commitment
  key_id BLOB,
  content_digest BLOB NOT NULL,
  digest BLOB NOT NULL           -- 32 bytes BLAKE3; since format 2, 8 bytes XXH3 behind it
) STRICT;
CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events BEGIN
  SELECT RAISE(ABORT, 'events are append only');
END;
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
WHEN OLD.position IS NOT NEW.position OR OLD.recorded_at IS NOT NEW.recorded_at
  OR OLD.stream IS NOT NEW.stream OR OLD.revision IS NOT NEW.revision OR OLD.type IS NOT NEW.type
  OR OLD.source IS NOT NEW.source OR OLD.id IS NOT NEW.id OR OLD.clear IS NOT NEW.clear
  OR OLD.key_id IS NOT NEW.key_id OR OLD.content_digest IS NOT NEW.content_digest
  OR OLD.digest IS NOT NEW.digest
BEGIN
  SELECT RAISE(ABORT, 'events are append only');
END;
";

/// The table of a copy that records how far it has come. It changes in one transaction with the rows.
const COPIED: &str = "
CREATE TABLE copied (
  position INTEGER NOT NULL,  -- the last one copied
  certificate BLOB NOT NULL   -- chained over the digests up to there
) STRICT;
";

/// The one row of the table `log`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LogRow {
    pub(super) log_id: [u8; 16],
    pub(super) epoch: Epoch,
    pub(super) content_key: [u8; 32],
}

impl LogRow {
    pub(super) fn identity(&self) -> LogIdentity {
        LogIdentity {
            log_id: Uuid::from_bytes(self.log_id),
            epoch: self.epoch,
        }
    }

    pub(super) fn digest(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"ownerline log 1");
        hasher.update(&self.log_id);
        hasher.update(&self.epoch.0.to_le_bytes());
        hasher.update(&self.content_key);
        *hasher.finalize().as_bytes()
    }
}

/// Returns whether the file has no table, which is also the state after a crash during its creation.
pub(super) fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let application_id: i32 =
        connection.pragma_query_value(None, "application_id", |r| r.get(0))?;
    Ok(tables == 0 && application_id == 0)
}

/// Creates the tables, in one transaction.
pub(super) fn create(
    connection: &mut Connection,
    log: &LogRow,
    role: LogRole,
) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(TABLES)?;
    transaction.execute(
        "INSERT INTO log (log_id, epoch, content_key, digest) VALUES (?1, ?2, ?3, ?4)",
        (log.log_id, log.epoch.0, log.content_key, log.digest()),
    )?;
    if role != LogRole::Store {
        transaction.execute_batch(COPIED)?;
        keep_copied(&transaction, &Copied::default())?;
    }
    transaction.pragma_update(None, "application_id", role.application_id())?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.commit()
}

/// How far a copy has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Copied {
    pub(super) position: Position,
    pub(super) certificate: Certificate,
}

/// Records how far a copy has come.
pub(super) fn keep_copied(connection: &Connection, copied: &Copied) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM copied", [])?;
    connection.execute(
        "INSERT INTO copied (position, certificate) VALUES (?1, ?2)",
        (sqlite::signed(copied.position.0), copied.certificate.0),
    )?;
    Ok(())
}

/// Reads how far a copy has come.
pub(super) fn copied(connection: &Connection) -> rusqlite::Result<Copied> {
    connection.query_row("SELECT position, certificate FROM copied", [], |row| {
        Ok(Copied {
            position: Position(sqlite::unsigned(row.get(0)?)),
            certificate: Certificate(row.get(1)?),
        })
    })
}

/// Turns a copy into the log of a store, in its new epoch.
pub(super) fn adopt(connection: &mut Connection, log: &LogRow) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    begin_epoch(&transaction, log)?;
    transaction.execute_batch("DROP TABLE copied")?;
    let id = LogRole::Store.application_id();
    transaction.pragma_update(None, "application_id", id)?;
    transaction.commit()
}

/// Writes the epoch of the log row.
pub(super) fn begin_epoch(connection: &Connection, log: &LogRow) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE log SET epoch = ?1, digest = ?2",
        (log.epoch.0, log.digest()),
    )?;
    Ok(())
}

/// Reads the log row of a store, and refuses any other file.
pub(super) fn recognise(connection: &Connection, path: &str) -> Result<LogRow, OpenError> {
    let path = path.to_owned();
    match recognise_any(connection, &path)? {
        (LogRole::Store, log) => Ok(log),
        (LogRole::Backup, _) => Err(OpenError::Backup { path }),
        (LogRole::UnfinishedRestore, _) => Err(OpenError::UnfinishedRestore { path }),
    }
}

/// Reads the role and the log row of a file, and refuses one that is not ours or has an unknown format.
pub(super) fn recognise_any(
    connection: &Connection,
    path: &str,
) -> Result<(LogRole, LogRow), OpenError> {
    let foreign = |reason: String| OpenError::Foreign {
        path: path.to_owned(),
        reason,
    };
    let pragma = |name: &str| -> Result<i32, OpenError> {
        let value = connection.pragma_query_value(None, name, |row| row.get(0));
        value.map_err(|error| sqlite::open_error(path, &error))
    };
    let id = pragma("application_id")?;
    let Some(role) = LogRole::ALL
        .into_iter()
        .find(|role| role.application_id() == id)
    else {
        return Err(foreign(format!(
            "its application id is {id:#x}, not {:#x}",
            LogRole::Store.application_id()
        )));
    };
    let format = pragma("user_version")?;
    if !(OLDEST_FORMAT..=FORMAT).contains(&format) {
        return Err(foreign(format!(
            "it has format {format}, this version reads formats {OLDEST_FORMAT} to {FORMAT}"
        )));
    }
    let damaged = |reason: &str| OpenError::Damaged {
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    let sql = "SELECT log_id, epoch, content_key, digest FROM log";
    let row = connection
        .query_row(sql, [], |row| {
            let log = LogRow {
                log_id: row.get(0)?,
                epoch: Epoch(row.get(1)?),
                content_key: row.get(2)?,
            };
            Ok((log, row.get::<_, [u8; 32]>(3)?))
        })
        .optional()
        .map_err(|error| sqlite::open_error(path, &error))?;
    match row {
        Some((log, digest)) if digest == log.digest() => Ok((role, log)),
        Some(_) => Err(damaged("the table log does not match its digest")),
        None => Err(damaged("the table log is empty")),
    }
}

/// The schema versions whose descriptor set cannot be read or does not match its digest.
pub(super) fn damaged_descriptor_sets(connection: &Connection) -> rusqlite::Result<Vec<i64>> {
    let mut versions = connection.prepare("SELECT version FROM schema ORDER BY version")?;
    let versions: rusqlite::Result<Vec<i64>> = versions.query_map([], |row| row.get(0))?.collect();
    let mut kept =
        connection.prepare("SELECT descriptor_set, digest FROM schema WHERE version = ?1")?;
    let mut sound = |version: i64| {
        kept.query_row([version], |row| {
            let digest: [u8; 32] = row.get(1)?;
            Ok(*blake3::hash(row.get_ref(0)?.as_blob()?).as_bytes() == digest)
        })
    };
    let mut damaged = versions?;
    damaged.retain(|version| !sound(*version).unwrap_or(false));
    Ok(damaged)
}

/// The end of the log.
pub(super) fn head(connection: &Connection) -> rusqlite::Result<Head> {
    let sql = "SELECT position, recorded_at FROM events ORDER BY position DESC LIMIT 1";
    let last = connection
        .query_row(sql, [], |row| {
            Ok(Head {
                position: Position(sqlite::unsigned(row.get(0)?)),
                recorded_at: row.get(1)?,
            })
        })
        .optional()?;
    Ok(last.unwrap_or(Head {
        position: Position::START,
        recorded_at: 0,
    }))
}

/// Commits the header with the current format. A reset of the write-ahead log lasts only once something in the
/// new one is synced; until then a power cut would bring the former one back.
pub(super) fn commit_anew(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "user_version", FORMAT)
}

/// Stores the descriptor set, unless it is stored already.
pub(super) fn keep_descriptor_set(
    connection: &mut Connection,
    descriptor_set: &[u8],
    head: Position,
) -> rusqlite::Result<()> {
    let wanted = blake3::hash(descriptor_set);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut kept = transaction.prepare("SELECT digest FROM schema")?;
        let mut rows = kept.query([])?;
        while let Some(row) = rows.next()? {
            if row.get_ref(0)?.as_blob()? == wanted.as_bytes() {
                return Ok(());
            }
        }
    }
    transaction.execute(
        "INSERT INTO schema (version, descriptor_set, first_position, digest)
         SELECT coalesce(max(version), 0) + 1, ?1, ?2, ?3 FROM schema",
        (
            descriptor_set,
            sqlite::signed(head.0 + 1),
            wanted.as_bytes(),
        ),
    )?;
    transaction.commit()
}
