//! Rows of the table `events`: inserted from new events, and verified by checksum or digest when they are read.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use rusqlite::types::{FromSqlError, ValueRef};
use rusqlite::{CachedStatement, Connection, Row};

use super::digest::{CHECKSUM, DIGEST, Digested, Personal, Seal};
use super::payloads::Payloads;
use super::sqlite;
use super::stored::Stored;
use crate::store::{EventFilter, EventKey, Position, ReadError, Revision, StoredEvent, StreamName};

const INSERT: &str =
    "INSERT INTO events (position, recorded_at, stream, revision, type, source, id,
  clear, personal, content_digest, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

macro_rules! columns {
    () => {
        "SELECT position, recorded_at, stream, revision, type, source, id, clear, personal, \
         content_digest, digest FROM events "
    };
}
/// Selects the rows after ?1, up to ?2, at most ?3.
pub(super) const RANGE: &str = concat!(
    columns!(),
    "WHERE position > ?1 AND position <= ?2 ORDER BY position LIMIT ?3"
);
/// Selects the row of one position.
pub(super) const ONE: &str = concat!(columns!(), "WHERE position = ?1");

/// The number of kinds and sources whose text a reader shares between events.
const SHARED_TEXTS: usize = 512;

pub(super) fn insert_statement(connection: &Connection) -> rusqlite::Result<CachedStatement<'_>> {
    connection.prepare_cached(INSERT)
}

pub(super) fn insert(
    statement: &mut CachedStatement<'_>,
    row: &Digested<'_>,
    personal: Option<&[u8]>,
    scratch: &mut Vec<u8>,
) -> rusqlite::Result<()> {
    let digest = row.digest(scratch);
    let checksum = row.checksum(personal.unwrap_or_default(), &digest, scratch);
    let mut seal = [0; DIGEST + CHECKSUM];
    let (front, back) = seal.split_at_mut(DIGEST);
    front.copy_from_slice(&digest);
    back.copy_from_slice(&checksum);
    statement.execute((
        sqlite::signed(row.position),
        row.recorded_at,
        row.stream,
        sqlite::signed(row.revision),
        row.kind,
        row.source,
        row.id,
        row.clear,
        personal,
        row.content_digest,
        seal.as_slice(),
    ))?;
    Ok(())
}

/// A verified row, still borrowed from SQLite.
pub(super) struct Verified<'a> {
    fields: Digested<'a>,
    personal: &'a [u8],
}

/// Verifies rows and turns them into events. The default one checks every digest.
#[derive(Default)]
pub(super) struct RowReader {
    /// Whether a matching checksum is enough. It rules out damage, but proves nothing about history.
    trusts_checksums: bool,
    scratch: Vec<u8>,
    texts: HashSet<Arc<str>>,
    last_kind: Option<Arc<str>>,
    last_source: Option<Arc<str>>,
}

impl RowReader {
    /// A reader that only needs to find damage. Rows without a checksum, and rows whose personal part was
    /// destroyed, are checked by their digest.
    pub(super) fn of_checksums() -> Self {
        Self {
            trusts_checksums: true,
            ..Self::default()
        }
    }

    /// Verifies the row that is expected at this position.
    pub(super) fn verify<'a>(
        &mut self,
        row: &'a Row<'_>,
        expected: Position,
    ) -> Result<Verified<'a>, ReadError> {
        let damaged = |reason: String| ReadError::Damaged {
            position: expected,
            reason,
        };
        let (fields, column, seal) =
            fields(row).map_err(|error| damaged(format!("a column is malformed: {error}")))?;
        if fields.position != expected.0 {
            return Err(damaged("the row is missing".to_owned()));
        }
        let personal = Personal::read(column).map_err(|reason| damaged(reason.to_owned()))?;
        let seal = Seal::read(seal).ok_or_else(|| damaged("the digest is cut off".to_owned()))?;
        self.check(fields, column, &personal, &seal)
            .map_err(|reason| damaged(reason.to_owned()))
    }

    fn check<'a>(
        &mut self,
        mut fields: Digested<'a>,
        column: Option<&'a [u8]>,
        personal: &Personal<'a>,
        seal: &Seal<'_>,
    ) -> Result<Verified<'a>, &'static str> {
        let scratch = &mut self.scratch;
        // The checksum also covers what was destroyed, and is not updated.
        let checksum = match personal {
            Personal::Erased { .. } => None,
            Personal::Absent | Personal::Kept { .. } => seal.checksum,
        };
        if checksum.is_none() || !self.trusts_checksums {
            fields.commitment = personal.commitment();
            if fields.digest(scratch) != *seal.digest {
                return Err("the row does not match its digest");
            }
        }
        if let Some(checksum) = checksum
            && fields.checksum(column.unwrap_or_default(), seal.digest, scratch) != *checksum
        {
            return Err("the row does not match its checksum");
        }
        Ok(Verified {
            fields,
            personal: personal.bytes(),
        })
    }

    /// Returns the event without its payload, which goes to `payloads` and is filled in when all events are
    /// read.
    pub(super) fn event(&mut self, row: &Verified<'_>, payloads: &mut Payloads) -> StoredEvent {
        let fields = &row.fields;
        let source = shared(&mut self.texts, &mut self.last_source, fields.source);
        let kind = shared(&mut self.texts, &mut self.last_kind, fields.kind);
        payloads.push(fields.clear, row.personal);
        StoredEvent {
            position: Position(fields.position),
            stream: StreamName::new(fields.stream),
            revision: Revision(fields.revision),
            recorded_at: fields.recorded_at,
            key: EventKey {
                source,
                id: fields.id.into(),
            },
            kind,
            clear: Bytes::new(),
            personal: Bytes::new(),
            whole: Bytes::new(),
        }
    }
}

/// Returns a shared copy of a kind or source. There are few of them, often the same in consecutive rows, so their
/// text is not allocated for each event.
fn shared(texts: &mut HashSet<Arc<str>>, last: &mut Option<Arc<str>>, text: &str) -> Arc<str> {
    if let Some(last) = last.as_ref().filter(|last| &***last == text) {
        return last.clone();
    }
    let found = texts.get(text).cloned();
    let found = found.unwrap_or_else(|| {
        let new: Arc<str> = text.into();
        if texts.len() < SHARED_TEXTS {
            texts.insert(new.clone());
        }
        new
    });
    *last = Some(found.clone());
    found
}

impl Verified<'_> {
    /// Returns whether the event passes a filter.
    ///
    /// # Errors
    /// If its envelope is needed and cannot be decoded, so that the event does not silently vanish.
    pub(super) fn passes(&self, filter: &EventFilter) -> Result<bool, ReadError> {
        let fields = &self.fields;
        let admitted = filter.admits_named(fields.kind, fields.stream, fields.clear);
        admitted.map_err(|error| ReadError::Damaged {
            position: Position(fields.position),
            reason: format!("the envelope cannot be read: {error}"),
        })
    }

    pub(super) fn payload_bytes(&self) -> usize {
        self.fields.clear.len() + self.personal.len()
    }

    /// The event as an append needs it; `None` if its content digest is malformed.
    pub(super) fn stored(&self) -> Option<Stored> {
        let fields = &self.fields;
        Some(Stored {
            position: Position(fields.position),
            revision: Revision(fields.revision),
            recorded_at: fields.recorded_at,
            stream: StreamName::new(fields.stream),
            content_digest: fields.content_digest.try_into().ok()?,
        })
    }

    pub(super) fn content_digest(&self) -> &[u8] {
        self.fields.content_digest
    }

    pub(super) fn has_key(&self, key: &EventKey) -> bool {
        self.fields.source == &*key.source && self.fields.id == &*key.id
    }
}

type Fields<'a> = (Digested<'a>, Option<&'a [u8]>, &'a [u8]);

fn fields<'a>(row: &'a Row<'_>) -> Result<Fields<'a>, FromSqlError> {
    let column = |index: usize| row.get_ref(index).map_err(|_| FromSqlError::InvalidType);
    let number = |index: usize| column(index)?.as_i64();
    let unsigned = |index: usize| {
        let value = number(index)?;
        u64::try_from(value).map_err(|_| FromSqlError::OutOfRange(value))
    };
    let fields = Digested {
        position: unsigned(0)?,
        recorded_at: number(1)?,
        stream: column(2)?.as_str()?,
        revision: unsigned(3)?,
        kind: column(4)?.as_str()?,
        source: column(5)?.as_str()?,
        id: column(6)?.as_str()?,
        clear: column(7)?.as_blob()?,
        content_digest: column(9)?.as_blob()?,
        commitment: None,
    };
    let personal = match column(8)? {
        ValueRef::Null => None,
        value => Some(value.as_blob()?),
    };
    Ok((fields, personal, column(10)?.as_blob()?))
}

/// Calls `use_row` with the verified row of this position.
pub(super) fn with_row<T>(
    connection: &Connection,
    reader: &mut RowReader,
    position: Position,
    use_row: impl FnOnce(&mut RowReader, &Verified<'_>) -> T,
) -> Result<T, ReadError> {
    let failed = |error: rusqlite::Error| sqlite::read_error(position, &error);
    let missing = ReadError::NoSuchPosition { position };
    let Ok(at) = i64::try_from(position.0) else {
        return Err(missing);
    };
    let mut statement = connection.prepare_cached(ONE).map_err(failed)?;
    let mut rows = statement.query([at]).map_err(failed)?;
    let Some(row) = rows.next().map_err(failed)? else {
        return Err(missing);
    };
    let verified = reader.verify(row, position)?;
    Ok(use_row(reader, &verified))
}
