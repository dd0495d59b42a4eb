//! The changes of a timeline between two answers, found in one walk through both, side by side. Nothing is stored
//! between queries, so a caller that gives the basis of its last answer can resume from there.

use std::cmp::Ordering;
use std::collections::VecDeque;

use super::horizon::Horizon;
use super::page::read;
use super::query::{TimelineError, TimelineFilter, TimelineOrder, TimelineQuery, TimelineRow};
use super::reach;
use super::states::TimelineStates;
use crate::fold::footprint::Footprint;
use crate::{HistoryKey, Position, Validity, Viewer};
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

/// A page of changes, in history order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangePage {
    /// At most as many as the limit of the query.
    pub changes: Vec<Change>,
    /// Whether more may follow.
    pub more: bool,
    /// The next instant at which the timeline changes even if nothing more is recorded, because something becomes
    /// visible. Later than `to.as_of`; covers the rows read so far.
    pub turns_at: Option<Instant>,
}

/// Answers one page of changes. Adds everything that the new answer depends on to `footprint`, which is complete after
/// the last page.
///
/// # Errors
/// If the owner is unknown at the new position, too many ids are linked to theirs, or a state cannot be
/// read.
pub fn changes(
    states: TimelineStates<'_>,
    viewer: &Viewer,
    query: &ChangesQuery,
    footprint: &mut Footprint,
) -> Result<ChangePage, TimelineError> {
    let mut before = match query.from {
        Some(basis) => Some(Side::new(states, viewer, query, basis)?),
        None => None,
    };
    let mut now = Side::new(states, viewer, query, query.to)?;
    if query.after.is_none() {
        reach::of_person(states, &now.validity, &now.query, footprint)?;
    }
    let mut changes = Vec::new();
    let more = loop {
        if changes.len() == query.limit {
            break true;
        }
        if let Some(side) = &mut before {
            side.fill_known()?;
        }
        now.fill()?;
        let old = before.as_ref().and_then(Side::key);
        let order = match (old, now.key()) {
            (None, None) => break false,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => old.cmp(new),
        };
        let old = (order != Ordering::Greater)
            .then(|| before.as_mut().and_then(Side::pop))
            .flatten();
        let new = (order != Ordering::Less).then(|| now.pop()).flatten();
        if let Some(row) = &new {
            reach::of_row(states, &now.validity, row, footprint)?;
        }
        match (old, new) {
            (Some(old), None) => changes.push(Change::Removed(old.key)),
            (None, Some(new)) => changes.push(Change::Added(new)),
            (Some(old), Some(new)) if old != new => changes.push(Change::Revised(new)),
            _ => {}
        }
    };
    Ok(ChangePage {
        changes,
        more,
        turns_at: now.horizon.turns_at(),
    })
}

/// One of the two answers, read page by page.
struct Side<'s> {
    states: TimelineStates<'s>,
    viewer: &'s Viewer,
    validity: Validity<'s>,
    horizon: Horizon,
    query: TimelineQuery,
    rows: VecDeque<TimelineRow>,
    is_exhausted: bool,
}

impl<'s> Side<'s> {
    fn new(
        states: TimelineStates<'s>,
        viewer: &'s Viewer,
        query: &ChangesQuery,
        basis: AnswerBasis,
    ) -> Result<Self, TimelineError> {
        Ok(Self {
            states,
            viewer,
            validity: Validity::new(states.corrections, basis.known_at)?,
            // A watch is always asked as of now.
            horizon: Horizon::at(query.to.as_of),
            query: TimelineQuery {
                owner_id: query.owner_id.clone(),
                filter: query.filter.clone(),
                order: TimelineOrder::OldestFirst,
                as_of: basis.as_of,
                known_at: basis.known_at,
                after: query.after.clone(),
                limit: query.limit,
            },
            rows: VecDeque::new(),
            is_exhausted: false,
        })
    }

    /// Like [`Self::fill`], but an unknown owner has an empty timeline.
    fn fill_known(&mut self) -> Result<(), TimelineError> {
        match self.fill() {
            Err(TimelineError::UnknownOwner { .. }) => {
                self.is_exhausted = true;
                Ok(())
            }
            filled => filled,
        }
    }

    fn fill(&mut self) -> Result<(), TimelineError> {
        if !self.rows.is_empty() || self.is_exhausted {
            return Ok(());
        }
        let page = read(
            self.states,
            self.viewer,
            &self.validity,
            &self.horizon,
            &self.query,
        )?;
        self.is_exhausted = !page.more;
        if let Some(last) = page.rows.last() {
            self.query.after = Some(last.key.clone());
        }
        self.rows = page.rows.into();
        Ok(())
    }

    fn key(&self) -> Option<&HistoryKey> {
        self.rows.front().map(|row| &row.key)
    }

    fn pop(&mut self) -> Option<TimelineRow> {
        self.rows.pop_front()
    }
}
