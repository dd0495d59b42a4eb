//! The rows that may be on a page, from one table and one key prefix, read in chunks as needed.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use super::persons::Window;
use super::query::Asked;
use super::rows::{OWNED, OWNERLESS, Row, VEHICLES};
use super::{TimelineOrder, TimelineQuery};
use crate::HistoryKey;
use crate::fold::key::{KeyReader, KeyWriter, position_of, prefix_end, successor};
use crate::fold::state::{ScanOrder, StateError, StateRead, try_scan};
use crate::person::Names;

/// A row that passed the filter.
pub(super) struct Candidate {
    pub key: HistoryKey,
    pub row: Row,
    pub owner_id: String,
}

/// Whose the rows under a prefix are that name no owner, unless they inherit one from what they correct: then they
/// are the person's if that is an id of theirs.
#[derive(Debug, Clone)]
enum Admits {
    /// All are this one's.
    All(String),
    /// Those that are about this vehicle, as named or filled in, are this one's.
    About { vin: String, owner_id: String },
    /// Only those that inherit an owner may be theirs.
    Inheriting,
    /// Those that inherit an owner are left to another source; the others are this one's.
    Rest(String),
}

/// Rows under one prefix, in the order of the query.
pub(super) struct Candidates {
    table: u8,
    admits: Admits,
    /// What is still to be read.
    start: Vec<u8>,
    end: Vec<u8>,
    read: VecDeque<Candidate>,
    dry: bool,
    /// How many to read next time; doubles, up to the page.
    chunk: usize,
}

impl Candidates {
    /// The rows that name an owner.
    pub(super) fn owned(owner_id: &str, query: &TimelineQuery) -> Self {
        let chunk = query.limit.saturating_add(1);
        let all = Admits::All(owner_id.to_owned());
        Self::under(OWNED, owner_id, all, None, query, chunk)
    }

    /// The rows of a stream that name no owner, of which only those are the person's that inherit an id of theirs,
    /// until [`Self::belong_to`] says otherwise. Most streams add a few rows to a page.
    pub(super) fn ownerless(stream: &str, query: &TimelineQuery) -> Self {
        Self::under(OWNERLESS, stream, Admits::Inheriting, None, query, 4)
    }

    /// The rows that name nothing but a vehicle, from the time in which somebody held it.
    pub(super) fn of_vehicle(vin: &str, window: &Window, query: &TimelineQuery) -> Self {
        let rest = Admits::Rest(window.owner_id.clone());
        Self::under(VEHICLES, vin, rest, Some(window), query, 16)
    }

    /// The rows of a stream that name no owner and are about a vehicle, from the time in which somebody
    /// held it.
    pub(super) fn about_vehicle(
        stream: &str,
        vin: &str,
        window: &Window,
        query: &TimelineQuery,
    ) -> Self {
        let about = Admits::About {
            vin: vin.to_owned(),
            owner_id: window.owner_id.clone(),
        };
        Self::under(OWNERLESS, stream, about, Some(window), query, 4)
    }

    /// Says whose the rows of a stream are, before any is read.
    pub(super) fn belong_to(&mut self, owner_id: &str) {
        self.admits = Admits::All(owner_id.to_owned());
    }

    /// Whether anything is under the prefix, whoever it belongs to.
    pub(super) fn is_empty(&self, state: &dyn StateRead) -> Result<bool, StateError> {
        let mut empty = true;
        state.scan(
            &*self.start..&*self.end,
            ScanOrder::Ascending,
            &mut |_, _| {
                empty = false;
                ControlFlow::Break(())
            },
        )?;
        Ok(empty)
    }

    fn under(
        table: u8,
        text: &str,
        admits: Admits,
        window: Option<&Window>,
        query: &TimelineQuery,
        chunk: usize,
    ) -> Self {
        let prefix = KeyWriter::table(table).text(text);
        let held = window.map_or(i64::MIN, |window| window.from);
        let from = query.filter.from.unwrap_or(i64::MIN).max(held);
        let until = window.and_then(|window| window.until);
        let behind = [
            query.as_of.nearest().checked_add(1),
            query.filter.until,
            until,
        ]
        .into_iter()
        .flatten()
        .min();
        let mut start = prefix.clone().instant(from).finish();
        let mut end = match behind {
            Some(behind) => prefix.clone().instant(behind).finish(),
            None => prefix_end(&prefix.clone().finish()),
        };
        if let Some(after) = &query.after {
            let after = prefix.history(after).finish();
            match query.order {
                TimelineOrder::OldestFirst => start = start.max(successor(after)),
                TimelineOrder::NewestFirst => end = end.min(after),
            }
        }
        Self {
            table,
            admits,
            start,
            end,
            read: VecDeque::new(),
            dry: false,
            chunk,
        }
    }

    /// The place of the next row, `None` behind the last.
    pub(super) fn peek(
        &mut self,
        asked: &mut Asked<'_, '_>,
    ) -> Result<Option<&HistoryKey>, StateError> {
        if self.read.is_empty() && !self.dry {
            self.read_on(asked)?;
        }
        Ok(self.read.front().map(|it| &it.key))
    }

    /// Takes the row that was peeked at.
    pub(super) fn pop(&mut self) -> Option<Candidate> {
        self.read.pop_front()
    }

    fn read_on(&mut self, asked: &mut Asked<'_, '_>) -> Result<(), StateError> {
        let query = asked.query;
        let order = match query.order {
            TimelineOrder::OldestFirst => ScanOrder::Ascending,
            TimelineOrder::NewestFirst => ScanOrder::Descending,
        };
        let (table, chunk, read) = (self.table, self.chunk, &mut self.read);
        let admits = &self.admits;
        let mut last = None;
        let range = &*self.start..&*self.end;
        try_scan(asked.states.timeline, range, order, |raw, value| {
            if position_of(raw)? > query.known_at {
                return Ok(ControlFlow::Continue(()));
            }
            let mut reader = KeyReader::table(raw, table)?;
            let text = reader.text()?;
            let mut row = Row::read(value, (table == OWNERLESS).then_some(text))?;
            if table == VEHICLES {
                text.clone_into(&mut row.vin);
            }
            let key = reader.history()?;
            let inherited = asked.inherited_owner(&key, &mut row)?;
            let inherited = inherited.filter(|_| table != OWNED);
            let owner_id = match (inherited, admits) {
                (None, Admits::All(id) | Admits::Rest(id)) => Some(id.clone()),
                (None, Admits::About { vin, owner_id }) => {
                    let filled = asked.vin_and_dealer(&key, &row)?;
                    (filled.vin == *vin).then(|| owner_id.clone())
                }
                (None, Admits::Inheriting) | (Some(_), Admits::About { .. } | Admits::Rest(_)) => {
                    None
                }
                (Some(id), Admits::All(_) | Admits::Inheriting) => {
                    asked.person.ids.contains(&id).then_some(id)
                }
            };
            if let Some(owner_id) = owner_id
                && asked.admits(&key, &row)?
            {
                read.push_back(Candidate { key, row, owner_id });
            }
            if read.len() < chunk {
                return Ok(ControlFlow::Continue(()));
            }
            last = Some(raw.to_vec());
            Ok(ControlFlow::Break(()))
        })?;
        match (last, query.order) {
            (Some(last), TimelineOrder::OldestFirst) => self.start = successor(last),
            (Some(last), TimelineOrder::NewestFirst) => self.end = last,
            (None, _) => self.dry = true,
        }
        self.chunk = chunk.saturating_mul(2).min(query.limit.saturating_add(1));
        Ok(())
    }
}

impl Asked<'_, '_> {
    /// Fills in what a row inherits from what it corrects, and answers the owner among that.
    fn inherited_owner(
        &self,
        key: &HistoryKey,
        row: &mut Row,
    ) -> Result<Option<String>, StateError> {
        let mut names = Names::default();
        self.validity.inherit(key, row)?;
        self.validity.inherit(key, &mut names)?;
        Ok(Some(names.owner_id).filter(|id| !id.is_empty()))
    }

    /// Whether a row passes the filter. Instants are bounds of the scan and not looked at again.
    fn admits(&mut self, key: &HistoryKey, row: &Row) -> Result<bool, StateError> {
        let filter = &self.query.filter;
        let is =
            |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|w| w == found);
        if !((filter.kinds.is_empty() || filter.kinds.contains(&row.kind))
            && is(&filter.order_id, &row.order_id)
            && is(&filter.case_id, &row.case_id)
            && is(&filter.visit_id, &row.visit_id)
            && is(&filter.feedback_id, &row.feedback_id)
            && self.horizon.admits(row.sight(), self.query))
        {
            return Ok(false);
        }
        if filter.vin.is_none() && filter.dealer_id.is_none() && self.viewer.sees_network() {
            return Ok(true);
        }
        let names = self.vin_and_dealer(key, row)?;
        Ok(is(&filter.vin, &names.vin)
            && is(&filter.dealer_id, &names.dealer_id)
            && self.viewer.sees_dealer(&names.dealer_id))
    }

    /// Vehicle and dealer of a row: as named, or filled in from its stream if that is of one matter.
    pub(super) fn vin_and_dealer(
        &mut self,
        key: &HistoryKey,
        row: &Row,
    ) -> Result<Names, StateError> {
        let named = Names {
            vin: row.vin.clone(),
            dealer_id: row.dealer_id.clone(),
            ..Names::default()
        };
        if row.stream.is_empty() || (!row.vin.is_empty() && !row.dealer_id.is_empty()) {
            return Ok(named);
        }
        self.whose
            .filled()
            .fill(&row.stream, key.occurred_at, named)
    }
}
