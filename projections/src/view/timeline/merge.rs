//! All rows of one person in one order: what names them, the owner-less rows of their streams, and the
//! owner-less rows of the vehicles they held, while they held them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::candidates::{Candidate, Candidates};
use super::matter::Matters;
use super::persons::Person;
use super::query::{TimelineOrder, TimelineQuery};
use super::rows::{MATTERS, VEHICLE_MATTERS};
use crate::HistoryKey;
use crate::key::{KeyReader, KeyWriter, prefix_end};
use crate::state::{ScanOrder, StateError, StateRead, try_scan};

/// Merges several sources by the places of their next rows.
pub(super) struct Merge<'m, 's> {
    state: &'s dyn StateRead,
    query: &'m TimelineQuery,
    sources: Vec<Candidates>,
    /// The next place of each source that is not dry. No two sources have a row in common.
    next: BTreeMap<HistoryKey, usize>,
}

impl<'m, 's> Merge<'m, 's> {
    pub(super) fn start(
        state: &'s dyn StateRead,
        query: &'m TimelineQuery,
        person: &Person,
        matters: &mut Matters<'_>,
    ) -> Result<Self, StateError> {
        let mut merge = Self {
            state,
            query,
            sources: Vec::new(),
            next: BTreeMap::new(),
        };
        let mut streams = BTreeSet::new();
        for id in &person.ids {
            merge.add(Candidates::owned(id, query), matters)?;
            streams.extend(texts(state, MATTERS, id)?);
        }
        for stream in streams {
            // Most streams name their owner throughout: look for rows first, then whose they are.
            let mut source = Candidates::ownerless(&stream, query);
            if source.peek(state, query, matters)?.is_some() {
                let owner_id = &matters.names(&stream)?.owner_id;
                if person.ids.contains(owner_id) {
                    source.belongs_to(owner_id);
                    merge.add(source, matters)?;
                }
            }
        }
        for (vin, windows) in &person.windows {
            let streams = texts(state, VEHICLE_MATTERS, vin)?;
            for window in windows {
                merge.add(Candidates::of_vehicle(vin, window, query), matters)?;
                for stream in &streams {
                    let mut source = Candidates::of_visit(stream, vin, window, query);
                    if source.peek(state, query, matters)?.is_some()
                        && matters.names(stream)?.owner_id.is_empty()
                    {
                        merge.add(source, matters)?;
                    }
                }
            }
        }
        Ok(merge)
    }

    fn add(&mut self, mut source: Candidates, matters: &mut Matters<'_>) -> Result<(), StateError> {
        if let Some(place) = source.peek(self.state, self.query, matters)? {
            self.next.insert(place.clone(), self.sources.len());
            self.sources.push(source);
        }
        Ok(())
    }

    /// The next row.
    pub(super) fn next(
        &mut self,
        matters: &mut Matters<'_>,
    ) -> Result<Option<Candidate>, StateError> {
        let first = match self.query.order {
            TimelineOrder::OldestFirst => self.next.pop_first(),
            TimelineOrder::NewestFirst => self.next.pop_last(),
        };
        let Some((_, index)) = first else {
            return Ok(None);
        };
        let Some(source) = self.sources.get_mut(index) else {
            return Ok(None);
        };
        let candidate = source.pop();
        if let Some(place) = source.peek(self.state, self.query, matters)? {
            self.next.insert(place.clone(), index);
        }
        Ok(candidate)
    }
}

/// The one-matter streams in which an owner is named.
pub(crate) fn streams_of_owner(
    state: &dyn StateRead,
    owner_id: &str,
) -> Result<Vec<String>, StateError> {
    texts(state, MATTERS, owner_id)
}

/// The one-matter streams in which a vehicle is named.
pub(crate) fn streams_of_vehicle(
    state: &dyn StateRead,
    vin: &str,
) -> Result<Vec<String>, StateError> {
    texts(state, VEHICLE_MATTERS, vin)
}

/// The streams kept under an owner or a vehicle, as far as any of them is known at all.
pub(super) fn texts(
    state: &dyn StateRead,
    table: u8,
    under: &str,
) -> Result<Vec<String>, StateError> {
    let prefix = KeyWriter::table(table).text(under).finish();
    let end = prefix_end(&prefix);
    let mut streams = Vec::new();
    try_scan(state, &*prefix..&*end, ScanOrder::Ascending, |key, _| {
        let mut reader = KeyReader::table(key, table)?;
        reader.text()?;
        streams.push(reader.text()?.to_owned());
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(streams)
}
