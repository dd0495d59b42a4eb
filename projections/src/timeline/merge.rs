//! All rows of one person in one order: what names them, the owner-less rows of their streams, and the
//! owner-less rows of the vehicles they held, while they held them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use ownerline_proto::kind::Category;

use super::candidates::{Candidate, Candidates};
use super::query::{Asked, TimelineOrder};
use super::rows::{MATTERS, VEHICLE_MATTERS};
use crate::HistoryKey;
use crate::fold::key::{KeyReader, KeyWriter, prefix_end};
use crate::fold::state::{ScanOrder, StateError, StateRead, try_scan};
use crate::person::Bearer;

/// Merges several sources by the places of their next rows.
#[derive(Default)]
pub(super) struct Merge {
    sources: Vec<Candidates>,
    /// The next place of each source that is not dry. No two sources have a row in common.
    next: BTreeMap<HistoryKey, usize>,
}

impl Merge {
    pub(super) fn start(asked: &mut Asked<'_, '_>) -> Result<Self, StateError> {
        let (state, query) = (asked.states.timeline, asked.query);
        let mut merge = Self::default();
        let mut streams = BTreeSet::new();
        for id in &asked.person.ids {
            merge.add(Candidates::owned(id, query), asked)?;
            streams.extend(texts(state, MATTERS, id)?);
        }
        for (vin, windows) in &asked.person.windows {
            streams.extend(texts(state, VEHICLE_MATTERS, vin)?);
            for window in windows {
                merge.add(Candidates::of_vehicle(vin, window, query), asked)?;
            }
        }
        for stream in streams {
            merge.add_stream(&stream, asked)?;
        }
        Ok(merge)
    }

    /// Adds the rows of a stream that name no owner.
    fn add_stream(&mut self, stream: &str, asked: &mut Asked<'_, '_>) -> Result<(), StateError> {
        let (query, person) = (asked.query, asked.person);
        // Most streams name their owner throughout: look for rows first, then whose they are.
        let mut source = Candidates::ownerless(stream, query);
        if source.is_empty(asked.states.timeline)? {
            return Ok(());
        }
        if Category::of_stream(stream).is_some_and(Category::is_one_matter) {
            match asked.whose.bearer(stream)? {
                Bearer::Named(id) if person.ids.contains(id) => source.belong_to(id),
                Bearer::HeldAt(vin, at) => {
                    if let Some(window) = person.held(vin, *at) {
                        source.belong_to(&window.owner_id);
                    }
                }
                Bearer::HeldThen => {
                    for (vin, windows) in &person.windows {
                        for window in windows {
                            let about = Candidates::about_vehicle(stream, vin, window, query);
                            self.add(about, asked)?;
                        }
                    }
                }
                Bearer::Named(_) | Bearer::Nobody => {}
            }
        }
        self.add(source, asked)
    }

    fn add(&mut self, mut source: Candidates, asked: &mut Asked<'_, '_>) -> Result<(), StateError> {
        if let Some(place) = source.peek(asked)? {
            self.next.insert(place.clone(), self.sources.len());
            self.sources.push(source);
        }
        Ok(())
    }

    /// The next row.
    pub(super) fn next(
        &mut self,
        asked: &mut Asked<'_, '_>,
    ) -> Result<Option<Candidate>, StateError> {
        let first = match asked.query.order {
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
        if let Some(place) = source.peek(asked)? {
            self.next.insert(place.clone(), index);
        }
        Ok(candidate)
    }
}

/// The streams in which an owner is named, apart from owners' own.
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
