//! What changed in a timeline between two answers: one walk through both, side by side. Nothing has to
//! be kept between questions, so whoever says what they stand on can go on from there.

use std::cmp::Ordering;
use std::collections::VecDeque;

use super::horizon::Horizon;
use super::page::read;
use super::query::{TimelineError, TimelineFilter, TimelineOrder, TimelineQuery, TimelineRow};
use super::reach;
use super::states::TimelineStates;
use crate::fold::footprint::Footprint;
use crate::{HistoryKey, Validity, Viewer};
use ownerline_proto::time::Instant;

/// What an answer stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stand {
    /// As it was known: what was recorded at or before this position.
    pub known_at: u64,
    /// As it was: what occurred at or before this instant, in nanoseconds since the Unix epoch.
    pub as_of: Instant,
}

/// A question about what changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangesQuery {
    /// Whose timeline: any id of theirs.
    pub owner_id: String,
    /// Which part of it.
    pub filter: TimelineFilter,
    /// The answer before; `None`: nothing was answered yet, so that everything is added.
    pub from: Option<Stand>,
    /// The answer now.
    pub to: Stand,
    /// Continue behind this place: that of the last change of the page before.
    pub after: Option<HistoryKey>,
    /// At most this many changes. The caller bounds it.
    pub limit: usize,
}

/// One difference between two answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is on the timeline now.
    Added(TimelineRow),
    /// Something else is said about it now.
    Revised(TimelineRow),
    /// It is on the timeline no more.
    Removed(HistoryKey),
}

impl Change {
    /// The place of the touchpoint that it is about.
    #[must_use]
    pub fn key(&self) -> &HistoryKey {
        match self {
            Self::Added(row) | Self::Revised(row) => &row.key,
            Self::Removed(key) => key,
        }
    }
}

/// Some of the changes, in history order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangePage {
    /// At most as many as asked for.
    pub changes: Vec<Change>,
    /// Whether more may follow.
    pub more: bool,
    /// From when on, in nanoseconds since the Unix epoch, the timeline looks different if nothing more is
    /// recorded, as far as that was seen: something becomes visible. Later than `to.as_of`.
    pub turns_at: Option<Instant>,
}

/// Answers one page of what changed. Everything the new answer depends on is added to `footprint`; after
/// the last page that is complete.
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
        Some(stand) => Some(Side::new(states, viewer, query, stand)?),
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
    dry: bool,
}

impl<'s> Side<'s> {
    fn new(
        states: TimelineStates<'s>,
        viewer: &'s Viewer,
        query: &ChangesQuery,
        stand: Stand,
    ) -> Result<Self, TimelineError> {
        Ok(Self {
            states,
            viewer,
            validity: Validity::new(states.corrections, stand.known_at)?,
            horizon: Horizon::default(),
            query: TimelineQuery {
                owner_id: query.owner_id.clone(),
                filter: query.filter.clone(),
                order: TimelineOrder::OldestFirst,
                as_of: stand.as_of,
                known_at: stand.known_at,
                after: query.after.clone(),
                limit: query.limit,
            },
            rows: VecDeque::new(),
            dry: false,
        })
    }

    /// As [`Self::fill`], where an owner of whom nothing was known has no timeline.
    fn fill_known(&mut self) -> Result<(), TimelineError> {
        match self.fill() {
            Err(TimelineError::UnknownOwner { .. }) => {
                self.dry = true;
                Ok(())
            }
            filled => filled,
        }
    }

    fn fill(&mut self) -> Result<(), TimelineError> {
        if !self.rows.is_empty() || self.dry {
            return Ok(());
        }
        let page = read(
            self.states,
            self.viewer,
            &self.validity,
            &self.horizon,
            &self.query,
        )?;
        self.dry = !page.more;
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
