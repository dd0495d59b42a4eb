//! The reads of a reader thread, each in one bounded transaction.

use rusqlite::{Connection, OptionalExtension};

use super::payloads::Payloads;
use super::rows::{self, RowReader, Verified};
use super::sqlite;
use super::stored::Stored;
use crate::store::{EventFilter, EventKey, Head, Position, ReadError, Scanned, StoredEvent};

/// A typical size of a payload, in bytes.
const PAYLOAD: usize = 400;

/// A read-only connection with its row reader.
pub(super) struct Reader {
    pub(super) connection: Connection,
    pub(super) rows: RowReader,
}

/// Bounds of one scan.
#[derive(Debug, Clone, Copy)]
pub(super) struct ScanLimit {
    /// The maximum number of events to return.
    pub(super) events: usize,
    /// The maximum number of rows to read.
    pub(super) rows: usize,
    /// The payload bytes after which the scan ends.
    pub(super) bytes: usize,
}

impl Reader {
    pub(super) fn new(connection: Connection, rows: RowReader) -> Self {
        Self { connection, rows }
    }

    /// Scans the events after `after`, up to a head. Every row is verified, even one that does not pass the
    /// filter, so that no filter hides damage. A scan ends before a damaged row; if that is its first row, it
    /// fails.
    pub(super) fn scan(
        &mut self,
        after: Position,
        head: Position,
        filter: &EventFilter,
        limit: ScanLimit,
    ) -> Result<Scanned, ReadError> {
        let mut scanned = Scanned {
            events: Vec::new(),
            through: after,
            at_head: after >= head,
        };
        if scanned.at_head || limit.events == 0 {
            return Ok(scanned);
        }
        let mut payloads = Payloads::with_capacity(payload_room(after, head, filter, limit));
        let result = self.scan_into(&mut scanned, &mut payloads, head, filter, limit);
        payloads.fill(&mut scanned.events);
        match result {
            Err(error) if scanned.through == after => Err(error),
            Err(_) | Ok(()) => {
                scanned.at_head = scanned.through >= head;
                Ok(scanned)
            }
        }
    }

    fn scan_into(
        &mut self,
        scanned: &mut Scanned,
        payloads: &mut Payloads,
        head: Position,
        filter: &EventFilter,
        limit: ScanLimit,
    ) -> Result<(), ReadError> {
        let Self { connection, rows } = self;
        let mut next = Position(scanned.through.0 + 1);
        let failed = |at, error: rusqlite::Error| sqlite::read_error(at, &error);
        let mut statement = connection
            .prepare_cached(rows::RANGE)
            .map_err(|error| failed(next, error))?;
        let mut found = statement
            .query((
                sqlite::signed(scanned.through.0),
                sqlite::signed(head.0),
                sqlite::signed(limit.rows as u64),
            ))
            .map_err(|error| failed(next, error))?;
        let mut bytes = 0;
        for _ in 0..limit.rows {
            if scanned.through >= head || scanned.events.len() >= limit.events {
                break;
            }
            let Some(row) = found.next().map_err(|error| failed(next, error))? else {
                return Err(ReadError::Damaged {
                    position: next,
                    reason: "the row is missing".to_owned(),
                });
            };
            let verified = rows.verify(row, next)?;
            if verified.passes(filter)? {
                bytes += verified.payload_bytes();
                scanned.events.push(rows.event(&verified, payloads));
            }
            scanned.through = next;
            next = Position(next.0 + 1);
            if bytes >= limit.bytes {
                break;
            }
        }
        Ok(())
    }

    /// The events at these positions, in this order.
    pub(super) fn events_at(
        &mut self,
        positions: &[Position],
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let Self { connection, rows } = self;
        // One transaction is cheaper than one per row.
        let _transaction = match positions {
            [] | [_] => None,
            [first, ..] => Some(
                connection
                    .unchecked_transaction()
                    .map_err(|error| sqlite::read_error(*first, &error))?,
            ),
        };
        let mut events = Vec::with_capacity(positions.len());
        let mut payloads = Payloads::default();
        for position in positions {
            let event = |rows: &mut RowReader, row: &Verified<'_>| rows.event(row, &mut payloads);
            events.push(rows::with_row(connection, rows, *position, event)?);
        }
        payloads.fill(&mut events);
        Ok(events)
    }

    /// The event at the first of these positions that has this key.
    pub(super) fn find(
        &mut self,
        positions: &[Position],
        key: &EventKey,
    ) -> Result<Option<StoredEvent>, ReadError> {
        let Self { connection, rows } = self;
        let mut payloads = Payloads::default();
        for position in positions {
            let if_same = |rows: &mut RowReader, row: &Verified<'_>| {
                row.has_key(key).then(|| rows.event(row, &mut payloads))
            };
            let found = rows::with_row(connection, rows, *position, if_same)?;
            if let Some(mut event) = found {
                payloads.fill(std::slice::from_mut(&mut event));
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    /// The event at a position, if it has this key.
    pub(super) fn stored(
        &mut self,
        position: Position,
        key: &EventKey,
    ) -> Result<Option<Stored>, ReadError> {
        stored(&self.connection, &mut self.rows, position, key)
    }

    /// The keyed content digest of an event.
    pub(super) fn content_digest(&mut self, position: Position) -> Result<Vec<u8>, ReadError> {
        let Self { connection, rows } = self;
        rows::with_row(connection, rows, position, |_, row| {
            row.content_digest().to_vec()
        })
    }

    /// The greatest position at or before an instant, by bisection: `recorded_at` never decreases.
    pub(super) fn position_at(&mut self, instant: i64, head: Head) -> Result<Position, ReadError> {
        if head.recorded_at <= instant {
            return Ok(head.position);
        }
        let sql = "SELECT recorded_at FROM events WHERE position = ?1";
        let failed = |at, error: rusqlite::Error| sqlite::read_error(at, &error);
        let transaction = self
            .connection
            .unchecked_transaction()
            .map_err(|error| failed(head.position, error))?;
        let mut statement = transaction
            .prepare_cached(sql)
            .map_err(|error| failed(head.position, error))?;
        // Everything up to `low` is at or before the instant, everything from `high` on after it.
        let (mut low, mut high) = (Position::START, head.position);
        while low.0 + 1 < high.0 {
            let middle = Position(low.0.midpoint(high.0));
            let recorded_at: Option<i64> = statement
                .query_row([sqlite::signed(middle.0)], |row| row.get(0))
                .optional()
                .map_err(|error| failed(middle, error))?;
            let Some(recorded_at) = recorded_at else {
                return Err(ReadError::Damaged {
                    position: middle,
                    reason: "the row is missing".to_owned(),
                });
            };
            if recorded_at <= instant {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}

/// The capacity to reserve for the payloads of a scan, from a typical size. None under a filter, which may match
/// nothing.
fn payload_room(after: Position, head: Position, filter: &EventFilter, limit: ScanLimit) -> usize {
    if !filter.is_unrestricted() {
        return 0;
    }
    let available = usize::try_from(head.0.saturating_sub(after.0)).unwrap_or(usize::MAX);
    let events = available.min(limit.rows).min(limit.events);
    events.saturating_mul(PAYLOAD).min(limit.bytes)
}

/// The event at a position, if it has this key.
pub(super) fn stored(
    connection: &Connection,
    rows: &mut RowReader,
    position: Position,
    key: &EventKey,
) -> Result<Option<Stored>, ReadError> {
    rows::with_row(connection, rows, position, |_, row| {
        row.has_key(key).then(|| row.stored()).flatten()
    })
}
