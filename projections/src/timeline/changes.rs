//! The changes of a timeline between two answers. Nothing is stored between queries, so a caller that gives the basis of
//! its last answer can resume from there.
//!
//! Both answers are walked through side by side, from beginning to end. Whoever also knows which touchpoints touched the
//! answer since the last one has only those rows compared that these can have changed.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::affected::{Affected, Rows, affected};
use super::horizon::Horizon;
use super::merge::{Candidate, Merge};
use super::page::{is_known, row_of};
use super::persons::Person;
use super::query::{TimelineError, TimelineFilter, TimelineOrder, TimelineQuery, TimelineRow};
use super::reach;
use super::reader::Reader;
use super::states::TimelineStates;
use crate::fold::key::is_plain;
use crate::fold::reach::Reach;
use crate::fold::state::StateError;
use crate::person::{PersonLookup, Whose};
use crate::vehicles::odometer::PreviousReadings;
use crate::{HistoryKey, Position, Recorded, Validity, Viewer};
use ownerline_proto::time::Instant;

/// The position and instant that an answer reflects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerBasis {
    /// As it was known: everything recorded at or before this position.
    pub known_at: Position,
    /// As it was: everything that occurred at or before this instant.
    pub as_of: Instant,
}

/// A query about the changes of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangesQuery {
    /// Any id of the person.
    pub owner_id: String,
    /// The part of the timeline.
    pub filter: TimelineFilter,
    /// The basis of the previous answer; `None` if there was none, so that every row is added.
    pub from: Option<AnswerBasis>,
    /// The basis of the new answer.
    pub to: AnswerBasis,
    /// Continue after this key: that of the last change of the previous page.
    pub after: Option<HistoryKey>,
    /// At most this many changes. The caller bounds it.
    pub limit: usize,
}

/// One difference between two answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The row is new on the timeline.
    Added(TimelineRow),
    /// The row differs from before.
    Revised(TimelineRow),
    /// The touchpoint with this key is no longer on the timeline.
    Removed(HistoryKey),
}

impl Change {
    /// The key of the touchpoint concerned.
    #[must_use]
    pub fn key(&self) -> &HistoryKey {
        match self {
            Self::Added(row) | Self::Revised(row) => &row.key,
            Self::Removed(key) => key,
        }
    }
}

/// Changes, in history order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangePage {
    /// At most as many as the limit of the query, unless only what was touched was compared: then all.
    pub changes: Vec<Change>,
    /// Whether more may follow.
    pub more: bool,
    /// Whether everything was compared, or is being compared.
    pub is_whole: bool,
}

/// Answers one page of changes. `touched` are all touchpoints that touched the answer at `from` and were recorded since,
/// and those that turned since; `None` if they are not known, or too many. `reach` is that of the answer at `from`;
/// afterwards it is that of the answer at `to`, and complete after the last page.
///
/// # Errors
/// If the owner is unknown at the new position, too many ids are linked to theirs, or a state cannot be
/// read.
pub fn changes(
    states: TimelineStates<'_>,
    viewer: &Viewer,
    query: &ChangesQuery,
    touched: Option<&[Recorded]>,
    reach: &mut Reach,
) -> Result<ChangePage, TimelineError> {
    let unknown = || TimelineError::UnknownOwner {
        owner_id: query.owner_id.clone(),
        known_at: query.to.known_at,
    };
    if !is_plain(&query.owner_id) {
        return Err(unknown());
    }
    // A watch always looks as of now.
    let horizon = Horizon::of_watch(query.to.as_of);
    let to = Basis::new(states, query, query.to, horizon)?;
    let page = to.read(states, viewer, |now| match query.from {
        Some(from) => {
            let horizon = Horizon::at(query.to.as_of);
            let from = Basis::new(states, query, from, horizon)?;
            from.read(states, viewer, |before| {
                between(before, now, query, touched, reach)
            })
        }
        None => whole(None, now, query, reach),
    })?;
    reach.turns.extend(to.horizon.into_turns());
    page.ok_or_else(unknown)
}

/// Compares what may have changed, or everything. `None` if the owner is unknown.
fn between(
    before: &mut Reader<'_, '_>,
    now: &mut Reader<'_, '_>,
    query: &ChangesQuery,
    touched: Option<&[Recorded]>,
    reach: &mut Reach,
) -> Result<Option<ChangePage>, TimelineError> {
    // Whoever sees some dealers only may have seen the owner's last touchpoint, and then must not know of them.
    if let Some(touched) = touched.filter(|_| query.after.is_none() && now.viewer.sees_network())
        && let Some(affected) = affected(before, now, touched)?
    {
        for touched in touched {
            reach::of_touched(ground(now), touched, reach)?;
        }
        let changes = within(before, now, &affected, reach)?;
        return Ok(Some(ChangePage {
            changes,
            ..ChangePage::default()
        }));
    }
    whole(Some(before), now, query, reach)
}

/// Compares the rows that may have changed.
fn within(
    before: &mut Reader<'_, '_>,
    now: &mut Reader<'_, '_>,
    affected: &Affected,
    reach: &mut Reach,
) -> Result<Vec<Change>, StateError> {
    let mut changes = Vec::new();
    for (instant, rows) in affected {
        let mut old = rows_at(before, *instant, rows)?;
        let new = rows_at(now, *instant, rows)?;
        for key in &rows.keys {
            let (old, new) = (old.remove(key), new.get(key));
            if let Some(row) = new {
                reach::of_row(ground(now), row, &mut reach.footprint)?;
            }
            changes.extend(change(old, new.cloned()));
        }
    }
    Ok(changes)
}

/// Those of the rows of one instant that are on the timeline.
fn rows_at(
    reader: &mut Reader<'_, '_>,
    instant: i64,
    rows: &Rows,
) -> Result<BTreeMap<HistoryKey, TimelineRow>, StateError> {
    let mut found = BTreeMap::new();
    let mut query = reader.query.clone();
    let TimelineFilter { from, until, .. } = &mut query.filter;
    if from.is_some_and(|from| instant < from) || until.is_some_and(|until| instant >= until) {
        return Ok(found);
    }
    (*from, *until) = (Some(instant), instant.checked_add(1));
    let mut merge = Merge::start_within(reader, &query, &rows.streams, &rows.vins)?;
    while let Some(candidate) = merge.next(reader)? {
        if rows.keys.contains(&candidate.key) {
            let row = row_of(reader, candidate)?;
            found.insert(row.key.clone(), row);
        }
    }
    Ok(found)
}

/// Compares everything, or goes on with that. `None` if the owner is unknown.
fn whole(
    before: Option<&mut Reader<'_, '_>>,
    now: &mut Reader<'_, '_>,
    query: &ChangesQuery,
    reach: &mut Reach,
) -> Result<Option<ChangePage>, TimelineError> {
    if query.after.is_none() {
        *reach = Reach::default();
        reach::of_person(ground(now), now.query, reach)?;
    }
    let mut before = before.map(Side::start).transpose()?;
    let mut now = Side::start(now)?;
    let mut is_empty = true;
    let mut changes = Vec::new();
    let more = loop {
        let old = before.as_ref().and_then(Side::key);
        let order = match (old, now.key()) {
            (None, None) => break false,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => old.cmp(new),
        };
        if changes.len() == query.limit {
            break true;
        }
        let old = match (&mut before, order) {
            (Some(before), Ordering::Less | Ordering::Equal) => before.next()?,
            _ => None,
        };
        let new = match order {
            Ordering::Less => None,
            Ordering::Equal | Ordering::Greater => now.next()?,
        };
        if let Some(row) = &new {
            reach::of_row(ground(now.reader), row, &mut reach.footprint)?;
            is_empty = false;
        }
        changes.extend(change(old, new));
    };
    let reader = now.reader;
    let (states, viewer) = (reader.states, reader.viewer);
    let (validity, horizon) = (reader.validity, reader.horizon);
    if is_empty && !is_known(states, viewer, validity, horizon, reader.query)? {
        return Ok(None);
    }
    Ok(Some(ChangePage {
        changes,
        more,
        is_whole: true,
    }))
}

/// The difference between a row then and now.
fn change(old: Option<TimelineRow>, new: Option<TimelineRow>) -> Option<Change> {
    match (old, new) {
        (Some(old), None) => Some(Change::Removed(old.key)),
        (None, Some(new)) => Some(Change::Added(new)),
        (Some(old), Some(new)) if old != new => Some(Change::Revised(new)),
        _ => None,
    }
}

/// The states and the question that the reach of an answer is read from.
fn ground<'s>(reader: &Reader<'_, 's>) -> reach::Ground<'s> {
    reach::Ground {
        states: reader.states,
        validity: reader.validity,
        as_of: reader.query.as_of,
    }
}

/// The parts of a reader that belong to one of the two answers.
struct Basis<'s> {
    validity: Validity<'s>,
    horizon: Horizon,
    query: TimelineQuery,
}

impl<'s> Basis<'s> {
    fn new(
        states: TimelineStates<'s>,
        query: &ChangesQuery,
        basis: AnswerBasis,
        horizon: Horizon,
    ) -> Result<Self, TimelineError> {
        Ok(Self {
            validity: Validity::new(states.corrections, basis.known_at)?,
            horizon,
            query: TimelineQuery {
                owner_id: query.owner_id.clone(),
                filter: query.filter.clone(),
                order: TimelineOrder::OldestFirst,
                as_of: basis.as_of,
                known_at: basis.known_at,
                after: query.after.clone(),
                limit: query.limit,
            },
        })
    }

    fn read<T>(
        &self,
        states: TimelineStates<'_>,
        viewer: &Viewer,
        read: impl FnOnce(&mut Reader<'_, '_>) -> Result<T, TimelineError>,
    ) -> Result<T, TimelineError> {
        let (query, validity) = (&self.query, &self.validity);
        let persons = PersonLookup::new(states.identity, validity);
        let person = Person::read(states, validity, &persons, query)?;
        read(&mut Reader {
            states,
            query,
            validity,
            horizon: &self.horizon,
            viewer,
            person: &person,
            whose: Whose::new(states.whose(), validity, &persons, query.as_of),
            readings: PreviousReadings::new(states.vehicles, states.timeline, validity),
        })
    }
}

/// The rows of one of the two answers, one after the other.
struct Side<'r, 'q, 's> {
    reader: &'r mut Reader<'q, 's>,
    merge: Merge,
    next: Option<Candidate>,
}

impl<'r, 'q, 's> Side<'r, 'q, 's> {
    fn start(reader: &'r mut Reader<'q, 's>) -> Result<Self, StateError> {
        let mut merge = Merge::start(reader)?;
        let next = merge.next(reader)?;
        Ok(Self {
            reader,
            merge,
            next,
        })
    }

    fn key(&self) -> Option<&HistoryKey> {
        self.next.as_ref().map(|candidate| &candidate.key)
    }

    fn next(&mut self) -> Result<Option<TimelineRow>, StateError> {
        let next = self.merge.next(self.reader)?;
        let candidate = std::mem::replace(&mut self.next, next);
        candidate
            .map(|candidate| row_of(self.reader, candidate))
            .transpose()
    }
}
