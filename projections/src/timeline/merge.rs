//! All rows of one person, merged into one order: those that name the person, the ownerless rows of the person's
//! streams, and the ownerless rows of the vehicles the person held, while holding them.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::kind::Category;

use super::candidates::{Candidate, Candidates};
use super::matters::{streams_of_owner, streams_of_vehicle};
use super::query::{TimelineOrder, TimelineQuery};
use super::reader::Reader;
use crate::HistoryKey;
use crate::fold::state::StateError;
use crate::person::Bearer;

/// Merges several sources by the keys of their next rows.
#[derive(Default)]
pub(super) struct Merge {
    sources: Vec<Candidates>,
    /// The next key of each source that is not exhausted. No two sources share a row.
    next: BTreeMap<HistoryKey, usize>,
}

impl Merge {
    pub(super) fn start(reader: &mut Reader<'_, '_>) -> Result<Self, StateError> {
        let (state, query) = (reader.states.timeline, reader.query);
        let mut merge = Self::default();
        let mut streams = BTreeSet::new();
        for id in &reader.person.ids {
            merge.add(Candidates::owned(id, query), reader)?;
            streams.extend(streams_of_owner(state, id)?);
        }
        for (vin, windows) in &reader.person.windows {
            streams.extend(streams_of_vehicle(state, vin)?);
            for window in windows {
                merge.add(Candidates::of_vehicle(vin, window, query), reader)?;
            }
        }
        for stream in streams {
            merge.add_stream(&stream, query, reader)?;
        }
        Ok(merge)
    }

    /// Like [`Self::start`], for another part of the history, and with the ownerless rows of these streams and vehicles
    /// only.
    pub(super) fn start_within(
        reader: &mut Reader<'_, '_>,
        query: &TimelineQuery,
        streams: &BTreeSet<String>,
        vins: &BTreeSet<String>,
    ) -> Result<Self, StateError> {
        let person = reader.person;
        let mut merge = Self::default();
        for id in &person.ids {
            merge.add(Candidates::owned(id, query), reader)?;
        }
        for vin in vins {
            for window in person.windows.get(vin).into_iter().flatten() {
                merge.add(Candidates::of_vehicle(vin, window, query), reader)?;
            }
        }
        for stream in streams {
            merge.add_stream(stream, query, reader)?;
        }
        Ok(merge)
    }

    /// Adds the rows of a stream that name no owner.
    fn add_stream(
        &mut self,
        stream: &str,
        query: &TimelineQuery,
        reader: &mut Reader<'_, '_>,
    ) -> Result<(), StateError> {
        let person = reader.person;
        // Most streams name their owner throughout, so look for ownerless rows before resolving the owner.
        let mut source = Candidates::ownerless(stream, query);
        if source.is_empty(reader.states.timeline)? {
            return Ok(());
        }
        if Category::of_stream(stream).is_some_and(Category::is_one_matter) {
            match reader.whose.bearer(stream)? {
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
                            self.add(about, reader)?;
                        }
                    }
                }
                Bearer::Named(_) | Bearer::Nobody => {}
            }
        }
        self.add(source, reader)
    }

    fn add(
        &mut self,
        mut source: Candidates,
        reader: &mut Reader<'_, '_>,
    ) -> Result<(), StateError> {
        if let Some(key) = source.peek(reader)? {
            self.next.insert(key.clone(), self.sources.len());
            self.sources.push(source);
        }
        Ok(())
    }

    /// Returns the next row.
    pub(super) fn next(
        &mut self,
        reader: &mut Reader<'_, '_>,
    ) -> Result<Option<Candidate>, StateError> {
        let first = match reader.query.order {
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
        if let Some(key) = source.peek(reader)? {
            self.next.insert(key.clone(), index);
        }
        Ok(candidate)
    }
}
