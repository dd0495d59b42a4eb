//! All rows of one person, merged into one order: those that name the person, the ownerless rows of the person's
//! matters, and the ownerless rows of the vehicles the person held, while holding them.

use std::collections::BTreeSet;

use ownerline_proto::kind::Category;

use super::candidates::{Candidates, Entry, Origin};
use super::matters::{
    unlisted_streams_of_owner, unlisted_streams_of_vehicle, wide_streams_of_owner,
};
use super::query::{TimelineOrder, TimelineQuery};
use super::reader::Reader;
use super::rows::{OWNED, OWNERLESS, Row};
use crate::HistoryKey;
use crate::fold::state::StateError;
use crate::person::Bearer;

/// A row that belongs to the person and passed the filter.
pub(super) struct Candidate {
    pub key: HistoryKey,
    pub row: Row,
    pub owner_id: String,
}

/// Merges several sources by the keys of their next entries.
#[derive(Default)]
pub(super) struct Merge {
    sources: Vec<Candidates>,
    /// The next key of each source that is not exhausted.
    next: BTreeSet<(HistoryKey, usize)>,
    /// The source whose next key is missing, because its last one was taken.
    taken_from: Option<usize>,
    /// The last ownerless row of a matter: several lists may have the same.
    last_of_matter: Option<HistoryKey>,
}

impl Merge {
    /// Starts at the beginning of a page.
    pub(super) fn start(reader: &Reader<'_, '_>) -> Result<Self, StateError> {
        let (state, query) = (reader.states.timeline, reader.query);
        let mut merge = Self::default();
        if let Some(stream) = &query.filter.stream {
            merge.add(Candidates::named_in(stream, query), reader)?;
            merge.add(Candidates::ownerless(stream, query), reader)?;
            return Ok(merge);
        }
        let mut streams = BTreeSet::new();
        for id in &reader.person.ids {
            merge.add(Candidates::owned(id, query), reader)?;
            for list in Candidates::listed_of_owner(id, query) {
                merge.add(list, reader)?;
            }
            streams.extend(wide_streams_of_owner(state, id)?);
            streams.extend(unlisted_streams_of_owner(state, id)?);
        }
        for (vin, windows) in &reader.person.windows {
            for list in Candidates::listed_of_vehicle(vin, query) {
                merge.add(list, reader)?;
            }
            streams.extend(unlisted_streams_of_vehicle(state, vin)?);
            for window in windows {
                merge.add(Candidates::of_vehicle(vin, window, query), reader)?;
            }
        }
        for stream in streams {
            merge.add(Candidates::ownerless(&stream, query), reader)?;
        }
        Ok(merge)
    }

    /// Like [`Self::start`], for another part of the history, and with the ownerless rows of these streams and vehicles
    /// only.
    pub(super) fn start_within(
        reader: &Reader<'_, '_>,
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
            merge.add(Candidates::ownerless(stream, query), reader)?;
        }
        Ok(merge)
    }

    fn add(&mut self, mut source: Candidates, reader: &Reader<'_, '_>) -> Result<(), StateError> {
        if let Some(key) = source.peek(reader)? {
            self.next.insert((key.clone(), self.sources.len()));
            self.sources.push(source);
        }
        Ok(())
    }

    /// Returns the next row that belongs to the person and passes the filter.
    pub(super) fn next(
        &mut self,
        reader: &mut Reader<'_, '_>,
    ) -> Result<Option<Candidate>, StateError> {
        loop {
            if let Some(index) = self.taken_from.take()
                && let Some(source) = self.sources.get_mut(index)
                && let Some(key) = source.peek(reader)?
            {
                self.next.insert((key.clone(), index));
            }
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
            self.taken_from = Some(index);
            let Some(Entry {
                key,
                row: Some(row),
            }) = source.pop()
            else {
                continue;
            };
            if matches!(source.origin, Origin::List | Origin::Stream(_)) {
                if self.last_of_matter.as_ref() == Some(&key) {
                    continue;
                }
                self.last_of_matter = Some(key.clone());
            }
            if let Some(candidate) = judged(&source.origin, key, row, reader)? {
                return Ok(Some(candidate));
            }
        }
    }
}

/// The row of an entry, if it belongs to the person and passes the filter. Corrections that name no owner may inherit
/// one.
fn judged(
    origin: &Origin,
    key: HistoryKey,
    mut row: Row,
    reader: &mut Reader<'_, '_>,
) -> Result<Option<Candidate>, StateError> {
    let state = reader.states.timeline;
    let owner_id = match origin {
        Origin::Owner(owner_id) => {
            complete(&key, &mut row, reader)?;
            Some(owner_id.clone())
        }
        Origin::NamedIn(stream) => {
            let owner_id = std::mem::take(&mut row.stream);
            row = own_row(OWNED.get(state, [&owner_id], &key)?, &key, &owner_id)?;
            stream.clone_into(&mut row.stream);
            complete(&key, &mut row, reader)?;
            Some(owner_id)
        }
        Origin::Vehicle { vin, owner_id } => {
            vin.clone_into(&mut row.vin);
            let inherited = complete(&key, &mut row, reader)?;
            inherited.is_none().then(|| owner_id.clone())
        }
        Origin::Stream(stream) => {
            stream.clone_into(&mut row.stream);
            owner_of_matter(&key, &mut row, reader)?
        }
        Origin::List => {
            let stream = std::mem::take(&mut row.stream);
            if !reader.admits_stream(&stream) {
                return Ok(None);
            }
            row = own_row(OWNERLESS.get(state, [&stream], &key)?, &key, &stream)?;
            row.stream = stream;
            owner_of_matter(&key, &mut row, reader)?
        }
    };
    let Some(owner_id) = owner_id else {
        return Ok(None);
    };
    let admitted = reader.admits(&key, &row)?;
    Ok(admitted.then_some(Candidate { key, row, owner_id }))
}

/// Fills in what a row leaves out and what it inherits from the touchpoint that it corrects, and returns the inherited
/// owner.
fn complete(
    key: &HistoryKey,
    row: &mut Row,
    reader: &Reader<'_, '_>,
) -> Result<Option<String>, StateError> {
    row.fill_from_stream();
    reader.inherited_owner(key, row)
}

/// The owner of an ownerless row of a stream; `None` if it does not belong to the person.
fn owner_of_matter(
    key: &HistoryKey,
    row: &mut Row,
    reader: &mut Reader<'_, '_>,
) -> Result<Option<String>, StateError> {
    let person = reader.person;
    if let Some(id) = complete(key, row, reader)? {
        return Ok(person.ids.contains(&id).then_some(id));
    }
    if !Category::of_stream(&row.stream).is_some_and(Category::is_one_matter) {
        return Ok(None);
    }
    let window = match reader.whose.bearer(&row.stream)? {
        Bearer::Named(id) => return Ok(person.ids.contains(id).then(|| id.clone())),
        Bearer::Nobody => None,
        Bearer::HeldAt(vin, at) => person.held(vin, *at),
        Bearer::HeldThen => {
            let names = reader.vin_and_dealer(key, row)?;
            person.held(&names.vin, key.occurred_at)
        }
    };
    Ok(window.map(|window| window.owner_id.clone()))
}

/// The row that an entry stands for.
fn own_row(row: Option<Row>, key: &HistoryKey, place: &str) -> Result<Row, StateError> {
    row.ok_or_else(|| StateError::Damaged {
        reason: format!(
            "row of timeline: {} {} is listed, but not under {place}",
            key.source, key.id
        ),
    })
}
