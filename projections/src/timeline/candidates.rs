//! Candidates for a page: the rows of one table under one text, read in chunks as needed. They are filtered by kind as
//! they are read, and judged only when their turn comes, so that no source reads far ahead of the others.

use std::collections::VecDeque;
use std::iter;
use std::ops::ControlFlow;

use prost::DecodeError;

use super::persons::Window;
use super::query::{TimelineOrder, TimelineQuery};
use super::reader::Reader;
use super::rows::{Listed, NAMES, OWNED, OWNER_LISTED, OWNERLESS, Row, VEHICLE_LISTED, VEHICLES};
use crate::HistoryKey;
use crate::fold::state::StateError;
use crate::fold::table::{HistoryTable, Scan};
use crate::person::Names;

/// The most entries that a source reads ahead of the others.
const MAX_CHUNK: usize = 512;

/// The next entry of a source.
pub(super) struct Entry {
    pub(super) key: HistoryKey,
    /// The row to be judged; `None` if no row up to the key passes the filter by kind.
    pub(super) row: Option<Row>,
}

/// To whom the rows of a source may belong, and what is left out of them.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    /// They name this owner.
    Owner(String),
    /// They name this vehicle, which this owner held then, but no owner and no matter.
    Vehicle { vin: String, owner_id: String },
    /// They are ownerless rows of this stream.
    Stream(String),
    /// They are [listed](super::listed), and the rows themselves are in their streams.
    List,
    /// They name an id of the person, in this stream, and the rows themselves are under that id.
    NamedIn(String),
}

/// The entries of one table under one text, in the order of the query, read in chunks.
pub(super) struct Candidates {
    pub(super) origin: Origin,
    /// The unread entries.
    unread: Unread,
    buffer: VecDeque<Entry>,
    is_exhausted: bool,
    /// The number of entries to read next; doubles.
    chunk: usize,
}

enum Unread {
    Rows(Scan<'static, Row, 1>),
    Names(Scan<'static, Names, 1>),
}

impl Candidates {
    /// The rows that name an owner.
    pub(super) fn owned(owner_id: &str, query: &TimelineQuery) -> Self {
        let rows = Unread::Rows(scan(&OWNED, owner_id, None, query));
        let origin = Origin::Owner(owner_id.to_owned());
        Self::new(origin, rows, query.limit.saturating_add(1))
    }

    /// The ownerless rows of the matters in which an owner is named.
    pub(super) fn listed_of_owner(
        owner_id: &str,
        query: &TimelineQuery,
    ) -> impl Iterator<Item = Self> {
        let chunk = query.limit.saturating_add(1) / 2;
        Self::listed(&OWNER_LISTED, owner_id, query, chunk)
    }

    /// The ownerless rows of the matters in which a vehicle is named.
    pub(super) fn listed_of_vehicle(
        vin: &str,
        query: &TimelineQuery,
    ) -> impl Iterator<Item = Self> {
        Self::listed(&VEHICLE_LISTED, vin, query, 8)
    }

    fn listed(
        tables: &'static Listed,
        name: &str,
        query: &TimelineQuery,
        chunk: usize,
    ) -> impl Iterator<Item = Self> {
        let passing = query.filter.admits_passing().then_some(&tables.passing);
        let tables = iter::once(&tables.lasting).chain(passing);
        tables.map(move |table| {
            let rows = Unread::Rows(scan(table, name, None, query));
            Self::new(Origin::List, rows, chunk)
        })
    }

    /// The ownerless rows of a stream.
    pub(super) fn ownerless(stream: &str, query: &TimelineQuery) -> Self {
        let rows = Unread::Rows(scan(&OWNERLESS, stream, None, query));
        Self::new(Origin::Stream(stream.to_owned()), rows, 8)
    }

    /// The rows of a stream that name an id of the person.
    pub(super) fn named_in(stream: &str, query: &TimelineQuery) -> Self {
        let rows = Unread::Names(scan(&NAMES, stream, None, query));
        Self::new(Origin::NamedIn(stream.to_owned()), rows, 16)
    }

    /// The rows that name a vehicle but no owner and no matter, while the person held the vehicle.
    pub(super) fn of_vehicle(vin: &str, window: &Window, query: &TimelineQuery) -> Self {
        let rows = Unread::Rows(scan(&VEHICLES, vin, Some(window), query));
        let origin = Origin::Vehicle {
            vin: vin.to_owned(),
            owner_id: window.owner_id.clone(),
        };
        Self::new(origin, rows, 16)
    }

    fn new(origin: Origin, unread: Unread, chunk: usize) -> Self {
        Self {
            origin,
            unread,
            buffer: VecDeque::new(),
            is_exhausted: false,
            chunk: chunk.clamp(8, MAX_CHUNK),
        }
    }

    /// Returns the key of the next entry; `None` after the last.
    pub(super) fn peek(
        &mut self,
        reader: &Reader<'_, '_>,
    ) -> Result<Option<&HistoryKey>, StateError> {
        if self.buffer.is_empty() && !self.is_exhausted {
            self.read_chunk(reader)?;
        }
        Ok(self.buffer.front().map(|entry| &entry.key))
    }

    /// Takes the next entry, if [`Self::peek`] found one.
    pub(super) fn pop(&mut self) -> Option<Entry> {
        self.buffer.pop_front()
    }

    fn read_chunk(&mut self, reader: &Reader<'_, '_>) -> Result<(), StateError> {
        let buffer = &mut self.buffer;
        let stream = match &self.origin {
            Origin::Stream(stream) => stream,
            _ => "",
        };
        self.is_exhausted = match &mut self.unread {
            Unread::Rows(rows) => read_chunk(rows, self.chunk, reader, buffer, |value| {
                reader.admits_encoded(value, stream)
            })?,
            Unread::Names(rows) => read_chunk(rows, self.chunk, reader, buffer, |value| {
                reader.admits_names(value)
            })?,
        };
        self.chunk = self.chunk.saturating_mul(2).min(MAX_CHUNK);
        Ok(())
    }
}

/// Reads so many entries, adds those that are admitted to the buffer, and returns whether they were the last.
fn read_chunk<R>(
    scan: &mut Scan<'static, R, 1>,
    chunk: usize,
    reader: &Reader<'_, '_>,
    buffer: &mut VecDeque<Entry>,
    mut admitted: impl FnMut(&[u8]) -> Result<Option<Row>, DecodeError>,
) -> Result<bool, StateError> {
    let (mut read, mut last) = (0, None);
    scan.until_break(reader.states.timeline, |entry| {
        read += 1;
        let is_known = entry.position()? <= reader.query.known_at;
        let row = match is_known {
            true => admitted(entry.value).map_err(|error| entry.damaged(error))?,
            false => None,
        };
        if let Some(row) = row {
            buffer.push_back(Entry {
                key: entry.key()?,
                row: Some(row),
            });
        }
        if read < chunk {
            return Ok(ControlFlow::Continue(()));
        }
        if buffer.is_empty() {
            buffer.push_back(Entry {
                key: entry.key()?,
                row: None,
            });
        }
        last = Some(entry.raw.to_vec());
        Ok(ControlFlow::Break(()))
    })?;
    match last {
        Some(last) => {
            scan.skip_past(last);
            Ok(false)
        }
        None => Ok(true),
    }
}

/// The entries of a table under a text within the bounds of the query and the time of holding a vehicle.
fn scan<R>(
    table: &'static HistoryTable<R>,
    text: &str,
    window: Option<&Window>,
    query: &TimelineQuery,
) -> Scan<'static, R, 1> {
    let held_from = window.map_or(i64::MIN, |window| window.from);
    let from = query.filter.from.unwrap_or(i64::MIN).max(held_from);
    let until = [
        query.as_of.nearest().checked_add(1),
        query.filter.until,
        window.and_then(|window| window.until),
    ];
    let until = until.into_iter().flatten().min();
    // What is not known yet is left out while reading, which counts it.
    let mut scan = table.between([text], from, until);
    if query.order == TimelineOrder::NewestFirst {
        scan = scan.newest_first();
    }
    if let Some(after) = &query.after {
        scan.skip_past(table.key([text], after));
    }
    scan
}
