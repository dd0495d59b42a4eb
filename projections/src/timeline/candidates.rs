//! The rows that may be on a page, from one table and one key prefix, read in chunks as needed.

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

/// The owner of the rows under one text. Rows that name no owner may inherit one from what they correct.
#[derive(Debug, Clone)]
enum Belonging {
    /// To this owner; rows that inherit an owner belong to that one.
    To(String),
    /// To this owner if they are about this vehicle, as named or filled in, and inherit no owner.
    About { vin: String, owner_id: String },
    /// To the owner that they inherit.
    Inherited,
    /// To this owner if they inherit none; another source has the others.
    UnlessInherited(String),
}

/// What the text of the keys names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Under {
    Owner,
    Stream,
    Vehicle,
}

/// Rows under one text, in the order of the query, read in chunks.
pub(super) struct Candidates {
    under: Under,
    belonging: Belonging,
    /// The rows that are still to be read.
    scan: Scan<'static, Row, 1>,
    read: VecDeque<Candidate>,
    is_exhausted: bool,
    /// The number of rows to read next; doubles, up to the page.
    chunk: usize,
}

impl Candidates {
    /// The rows that name an owner.
    pub(super) fn owned(owner_id: &str, query: &TimelineQuery) -> Self {
        let chunk = query.limit.saturating_add(1);
        let owner = Belonging::To(owner_id.to_owned());
        Self::new(Under::Owner, owner_id, owner, None, query, chunk)
    }

    /// The rows of a stream that name no owner. Only those belong to the person that inherit an id of theirs, until
    /// [`Self::belong_to`] is called. Most streams add a few rows to a page.
    pub(super) fn ownerless(stream: &str, query: &TimelineQuery) -> Self {
        Self::new(Under::Stream, stream, Belonging::Inherited, None, query, 4)
    }

    /// The rows that name a vehicle and nothing else, from the time in which somebody held it.
    pub(super) fn of_vehicle(vin: &str, window: &Window, query: &TimelineQuery) -> Self {
        let holder = Belonging::UnlessInherited(window.owner_id.clone());
        Self::new(Under::Vehicle, vin, holder, Some(window), query, 16)
    }

    /// The rows of a stream that name no owner and are about a vehicle, from the time in which somebody held it.
    pub(super) fn about_vehicle(
        stream: &str,
        vin: &str,
        window: &Window,
        query: &TimelineQuery,
    ) -> Self {
        let about = Belonging::About {
            vin: vin.to_owned(),
            owner_id: window.owner_id.clone(),
        };
        Self::new(Under::Stream, stream, about, Some(window), query, 4)
    }

    /// Sets the owner of the rows of a stream, before any is read.
    pub(super) fn belong_to(&mut self, owner_id: &str) {
        self.belonging = Belonging::To(owner_id.to_owned());
    }

    /// Whether there are no rows, whoever they belong to.
    pub(super) fn is_empty(&self, state: &dyn StateRead) -> Result<bool, StateError> {
        self.scan.is_empty(state)
    }

    fn new(
        under: Under,
        text: &str,
        belonging: Belonging,
        window: Option<&Window>,
        query: &TimelineQuery,
        chunk: usize,
    ) -> Self {
        let table = match under {
            Under::Owner => &OWNED,
            Under::Stream => &OWNERLESS,
            Under::Vehicle => &VEHICLES,
        };
        let held = window.map_or(i64::MIN, |window| window.from);
        let from = query.filter.from.unwrap_or(i64::MIN).max(held);
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
            under,
            belonging,
            scan,
            read: VecDeque::new(),
            is_exhausted: false,
            chunk,
        }
    }

    /// The place of the next row; `None` after the last.
    pub(super) fn peek(
        &mut self,
        reader: &mut Reader<'_, '_>,
    ) -> Result<Option<&HistoryKey>, StateError> {
        if self.read.is_empty() && !self.is_exhausted {
            self.read_on(reader)?;
        }
        Ok(self.read.front().map(|it| &it.key))
    }

    /// Takes the next row, if [`Self::peek`] found one.
    pub(super) fn pop(&mut self) -> Option<Candidate> {
        self.read.pop_front()
    }

    fn read_on(&mut self, reader: &mut Reader<'_, '_>) -> Result<(), StateError> {
        let Self {
            under,
            belonging,
            scan,
            read,
            chunk,
            ..
        } = self;
        let mut last = None;
        scan.until_break(reader.states.timeline, |entry| {
            let mut row = entry.row()?;
            let [text] = entry.texts;
            match under {
                Under::Owner => {}
                Under::Stream => text.clone_into(&mut row.stream),
                Under::Vehicle => text.clone_into(&mut row.vin),
            }
            row.fill_from_stream();
            let key = entry.key()?;
            let inherited = reader.inherited_owner(&key, &mut row)?;
            let inherited = inherited.filter(|_| *under != Under::Owner);
            if let Some(owner_id) = belonging.owner(inherited, &key, &row, reader)?
                && reader.admits(&key, &row)?
            {
                read.push_back(Candidate { key, row, owner_id });
            }
            if read.len() < *chunk {
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

impl Belonging {
    /// The owner of a row; `None` if it does not belong to the person.
    fn owner(
        &self,
        inherited: Option<String>,
        key: &HistoryKey,
        row: &Row,
        reader: &mut Reader<'_, '_>,
    ) -> Result<Option<String>, StateError> {
        Ok(match (inherited, self) {
            (None, Self::To(id) | Self::UnlessInherited(id)) => Some(id.clone()),
            (None, Self::About { vin, owner_id }) => {
                let filled = reader.vin_and_dealer(key, row)?;
                (filled.vin == *vin).then(|| owner_id.clone())
            }
            (None, Self::Inherited) | (Some(_), Self::About { .. } | Self::UnlessInherited(_)) => {
                None
            }
            (Some(id), Self::To(_) | Self::Inherited) => {
                reader.person.ids.contains(&id).then_some(id)
            }
        })
    }
}
