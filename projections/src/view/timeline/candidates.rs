//! The rows that may be on a page, from one table and one key prefix, read in chunks as needed.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use super::matter::Matters;
use super::persons::Window;
use super::rows::{OWNED, OWNERLESS, Row, VEHICLES};
use super::{TimelineOrder, TimelineQuery};
use crate::HistoryKey;
use crate::key::{KeyReader, KeyWriter, position_of, prefix_end, successor};
use crate::state::{ScanOrder, StateError, StateRead, try_scan};

/// A row that passed the filter.
pub(super) struct Candidate {
    pub key: HistoryKey,
    pub row: Row,
    pub owner_id: String,
}

/// Rows under one prefix, in the order of the query.
pub(super) struct Candidates {
    table: u8,
    /// Whose its rows are.
    owner_id: String,
    /// Its rows are about this vehicle, as named or filled in.
    vin: Option<String>,
    /// What is still to be read.
    start: Vec<u8>,
    end: Vec<u8>,
    read: VecDeque<(HistoryKey, Row)>,
    dry: bool,
    /// How many to read next time; doubles, up to the page.
    chunk: usize,
}

impl Candidates {
    /// The rows that name an owner.
    pub(super) fn owned(owner_id: &str, query: &TimelineQuery) -> Self {
        let chunk = query.limit.saturating_add(1);
        let mut owned = Self::under(OWNED, owner_id, None, query, chunk);
        owned.belongs_to(owner_id);
        owned
    }

    /// The rows of a stream that name no owner. Most streams add a few rows to a page.
    pub(super) fn ownerless(stream: &str, query: &TimelineQuery) -> Self {
        Self::under(OWNERLESS, stream, None, query, 4)
    }

    /// The rows that name nothing but a vehicle, from the time in which somebody held it.
    pub(super) fn of_vehicle(vin: &str, window: &Window, query: &TimelineQuery) -> Self {
        Self::under(VEHICLES, vin, Some(window), query, 16)
    }

    /// The rows of a stream that name no owner and are about a vehicle, from the time in which somebody
    /// held it.
    pub(super) fn of_visit(
        stream: &str,
        vin: &str,
        window: &Window,
        query: &TimelineQuery,
    ) -> Self {
        let mut rows = Self::under(OWNERLESS, stream, Some(window), query, 4);
        rows.vin = Some(vin.to_owned());
        rows
    }

    /// Says whose the rows are, once that is known.
    pub(super) fn belongs_to(&mut self, owner_id: &str) {
        owner_id.clone_into(&mut self.owner_id);
    }

    fn under(
        table: u8,
        text: &str,
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
            owner_id: window
                .map(|window| window.owner_id.clone())
                .unwrap_or_default(),
            vin: None,
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
        state: &dyn StateRead,
        query: &TimelineQuery,
        matters: &mut Matters<'_>,
    ) -> Result<Option<&HistoryKey>, StateError> {
        if self.read.is_empty() && !self.dry {
            self.read_on(state, query, matters)?;
        }
        Ok(self.read.front().map(|(key, _)| key))
    }

    /// Takes the row that was peeked at.
    pub(super) fn pop(&mut self) -> Option<Candidate> {
        let (key, row) = self.read.pop_front()?;
        Some(Candidate {
            key,
            row,
            owner_id: self.owner_id.clone(),
        })
    }

    fn read_on(
        &mut self,
        state: &dyn StateRead,
        query: &TimelineQuery,
        matters: &mut Matters<'_>,
    ) -> Result<(), StateError> {
        let order = match query.order {
            TimelineOrder::OldestFirst => ScanOrder::Ascending,
            TimelineOrder::NewestFirst => ScanOrder::Descending,
        };
        let (table, chunk, read) = (self.table, self.chunk, &mut self.read);
        let vin = self.vin.as_deref();
        let mut last = None;
        try_scan(state, &*self.start..&*self.end, order, |key, value| {
            if position_of(key)? > query.known_at {
                return Ok(ControlFlow::Continue(()));
            }
            let mut reader = KeyReader::table(key, table)?;
            let text = reader.text()?;
            let mut row = Row::read(value, (table == OWNERLESS).then_some(text))?;
            if table == VEHICLES {
                text.clone_into(&mut row.vin);
            }
            if is_about(vin, &row, matters)? && admits(query, &row, matters)? {
                read.push_back((reader.history()?, row));
            }
            if read.len() < chunk {
                return Ok(ControlFlow::Continue(()));
            }
            last = Some(key.to_vec());
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

/// Whether a row is about a vehicle, as named or filled in.
fn is_about(vin: Option<&str>, row: &Row, matters: &mut Matters<'_>) -> Result<bool, StateError> {
    match vin {
        Some(vin) => Ok(vin_and_dealer(row, matters)?.0 == vin),
        None => Ok(true),
    }
}

/// Whether a row passes the filter. Instants are bounds of the scan and not looked at again.
fn admits(query: &TimelineQuery, row: &Row, matters: &mut Matters<'_>) -> Result<bool, StateError> {
    let filter = &query.filter;
    let is = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|w| w == found);
    if !((filter.kinds.is_empty() || filter.kinds.contains(&row.kind))
        && is(&filter.order_id, &row.order_id)
        && is(&filter.case_id, &row.case_id)
        && is(&filter.visit_id, &row.visit_id)
        && is(&filter.feedback_id, &row.feedback_id)
        && matters.horizon.admits(row.sight(), query))
    {
        return Ok(false);
    }
    if filter.vin.is_none() && filter.dealer_id.is_none() {
        return Ok(true);
    }
    let (vin, dealer_id) = vin_and_dealer(row, matters)?;
    Ok(is(&filter.vin, &vin) && is(&filter.dealer_id, &dealer_id))
}

/// Vehicle and dealer of a row: as named, or filled in from its stream if that is of one matter.
pub(super) fn vin_and_dealer(
    row: &Row,
    matters: &mut Matters<'_>,
) -> Result<(String, String), StateError> {
    let mut vin = row.vin.clone();
    let mut dealer_id = row.dealer_id.clone();
    if !row.stream.is_empty() && (vin.is_empty() || dealer_id.is_empty()) {
        let names = matters.names(&row.stream)?;
        if vin.is_empty() {
            vin.clone_from(&names.vin);
        }
        if dealer_id.is_empty() {
            dealer_id.clone_from(&names.dealer_id);
        }
    }
    Ok((vin, dealer_id))
}
