//! Candidates for a page: the rows of one table under one text, read in chunks as needed.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use super::persons::Window;
use super::query::{TimelineOrder, TimelineQuery};
use super::reader::Reader;
use super::rows::{OWNED, OWNERLESS, Row, VEHICLES};
use crate::HistoryKey;
use crate::fold::state::{StateError, StateRead};
use crate::fold::table::Scan;

/// A row that passed the filter.
pub(super) struct Candidate {
    pub key: HistoryKey,
    pub row: Row,
    pub owner_id: String,
}

/// How the owner of a row is found. Corrections that name no owner may inherit one.
#[derive(Debug, Clone)]
enum OwnerRule {
    /// This owner, unless the row inherits one.
    Default(String),
    /// This owner if the row is about this vehicle, as named or filled in, and inherits no owner.
    About { vin: String, owner_id: String },
    /// The inherited owner.
    Inherited,
    /// This owner if the row inherits none; other sources have the rows that do.
    UnlessInherited(String),
}

/// What the text in the keys names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeySubject {
    Owner,
    Stream,
    Vehicle,
}

/// The rows of one table under one text, in the order of the query, read in chunks.
pub(super) struct Candidates {
    key_subject: KeySubject,
    owner_rule: OwnerRule,
    /// The unread rows.
    scan: Scan<'static, Row, 1>,
    buffer: VecDeque<Candidate>,
    is_exhausted: bool,
    /// The number of rows to read next; doubles, up to the page.
    chunk: usize,
}

impl Candidates {
    /// The rows that name an owner.
    pub(super) fn owned(owner_id: &str, query: &TimelineQuery) -> Self {
        let chunk = query.limit.saturating_add(1);
        let owner = OwnerRule::Default(owner_id.to_owned());
        Self::new(KeySubject::Owner, owner_id, owner, None, query, chunk)
    }

    /// The rows of a stream that name no owner. Until [`Self::belong_to`] is called, only those that inherit an id of the
    /// person belong to the person. Most streams add only a few rows to a page.
    pub(super) fn ownerless(stream: &str, query: &TimelineQuery) -> Self {
        Self::new(
            KeySubject::Stream,
            stream,
            OwnerRule::Inherited,
            None,
            query,
            4,
        )
    }

    /// The rows that name a vehicle but no owner and no matter, while the person held the vehicle.
    pub(super) fn of_vehicle(vin: &str, window: &Window, query: &TimelineQuery) -> Self {
        let holder = OwnerRule::UnlessInherited(window.owner_id.clone());
        Self::new(KeySubject::Vehicle, vin, holder, Some(window), query, 16)
    }

    /// The rows of a stream that name no owner and are about a vehicle, while the person held the vehicle.
    pub(super) fn about_vehicle(
        stream: &str,
        vin: &str,
        window: &Window,
        query: &TimelineQuery,
    ) -> Self {
        let about = OwnerRule::About {
            vin: vin.to_owned(),
            owner_id: window.owner_id.clone(),
        };
        Self::new(KeySubject::Stream, stream, about, Some(window), query, 4)
    }

    /// Sets the owner of the rows of a stream, before any is read.
    pub(super) fn belong_to(&mut self, owner_id: &str) {
        self.owner_rule = OwnerRule::Default(owner_id.to_owned());
    }

    /// Whether there are no rows, of whichever owner.
    pub(super) fn is_empty(&self, state: &dyn StateRead) -> Result<bool, StateError> {
        self.scan.is_empty(state)
    }

    fn new(
        key_subject: KeySubject,
        text: &str,
        owner_rule: OwnerRule,
        window: Option<&Window>,
        query: &TimelineQuery,
        chunk: usize,
    ) -> Self {
        let table = match key_subject {
            KeySubject::Owner => &OWNED,
            KeySubject::Stream => &OWNERLESS,
            KeySubject::Vehicle => &VEHICLES,
        };
        let held_from = window.map_or(i64::MIN, |window| window.from);
        let from = query.filter.from.unwrap_or(i64::MIN).max(held_from);
        let until = [
            query.as_of.nearest().checked_add(1),
            query.filter.until,
            window.and_then(|window| window.until),
        ];
        let until = until.into_iter().flatten().min();
        let mut scan = table.between([text], from, until).known_at(query.known_at);
        if query.order == TimelineOrder::NewestFirst {
            scan = scan.newest_first();
        }
        if let Some(after) = &query.after {
            scan.skip_past(table.key([text], after));
        }
        Self {
            key_subject,
            owner_rule,
            scan,
            buffer: VecDeque::new(),
            is_exhausted: false,
            chunk,
        }
    }

    /// Returns the key of the next row; `None` after the last.
    pub(super) fn peek(
        &mut self,
        reader: &mut Reader<'_, '_>,
    ) -> Result<Option<&HistoryKey>, StateError> {
        if self.buffer.is_empty() && !self.is_exhausted {
            self.read_chunk(reader)?;
        }
        Ok(self.buffer.front().map(|candidate| &candidate.key))
    }

    /// Takes the next row, if [`Self::peek`] found one.
    pub(super) fn pop(&mut self) -> Option<Candidate> {
        self.buffer.pop_front()
    }

    fn read_chunk(&mut self, reader: &mut Reader<'_, '_>) -> Result<(), StateError> {
        let Self {
            key_subject,
            owner_rule,
            scan,
            buffer,
            chunk,
            ..
        } = self;
        let mut last = None;
        scan.until_break(reader.states.timeline, |entry| {
            let mut row = entry.row()?;
            let [text] = entry.texts;
            match key_subject {
                KeySubject::Owner => {}
                KeySubject::Stream => text.clone_into(&mut row.stream),
                KeySubject::Vehicle => text.clone_into(&mut row.vin),
            }
            row.fill_from_stream();
            let key = entry.key()?;
            let inherited = reader.inherited_owner(&key, &mut row)?;
            let inherited = inherited.filter(|_| *key_subject != KeySubject::Owner);
            if let Some(owner_id) = owner_rule.owner(inherited, &key, &row, reader)?
                && reader.admits(&key, &row)?
            {
                buffer.push_back(Candidate { key, row, owner_id });
            }
            if buffer.len() < *chunk {
                return Ok(ControlFlow::Continue(()));
            }
            last = Some(entry.raw.to_vec());
            Ok(ControlFlow::Break(()))
        })?;
        match last {
            Some(last) => scan.skip_past(last),
            None => self.is_exhausted = true,
        }
        let page = reader.query.limit.saturating_add(1);
        self.chunk = self.chunk.saturating_mul(2).min(page);
        Ok(())
    }
}

impl OwnerRule {
    /// Returns the owner of a row; `None` if it does not belong to the person.
    fn owner(
        &self,
        inherited: Option<String>,
        key: &HistoryKey,
        row: &Row,
        reader: &mut Reader<'_, '_>,
    ) -> Result<Option<String>, StateError> {
        Ok(match (inherited, self) {
            (None, Self::Default(id) | Self::UnlessInherited(id)) => Some(id.clone()),
            (None, Self::About { vin, owner_id }) => {
                let names = reader.vin_and_dealer(key, row)?;
                (names.vin == *vin).then(|| owner_id.clone())
            }
            (None, Self::Inherited) | (Some(_), Self::About { .. } | Self::UnlessInherited(_)) => {
                None
            }
            (Some(id), Self::Default(_) | Self::Inherited) => {
                reader.person.ids.contains(&id).then_some(id)
            }
        })
    }
}
