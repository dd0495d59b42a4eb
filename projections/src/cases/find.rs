//! Finds cases: every case, those of a dealer, an owner, an agent, a vehicle or a feedback, and those that somebody may
//! have to look at.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use ownerline_proto::time::Instant;

use super::head::{every_head, head};
use super::tables::{
    ADVOCATES, DEALERS, FACTS, FEEDBACK, NAME, OWNERS, UNFINISHED, UNFINISHED_TABLE, VEHICLES,
};
use crate::fold::key::is_plain;
use crate::fold::pairs::first_texts;
use crate::fold::state::{StateError, StateRead};
use crate::{Position, Snapshots, Vantage};

/// A list of cases: those whose streams name something at any position, whether that counts or not. Whether a case really
/// belongs to it, its history says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseList<'n> {
    /// A dealer, as subject or in a reassignment.
    Dealer(&'n str),
    /// An owner id.
    Owner(&'n str),
    /// A vehicle.
    Vehicle(&'n str),
    /// An agent who was advocate.
    Advocate(&'n str),
    /// A feedback, as subject or as what the case came from.
    Feedback(&'n str),
}

/// The cases of a list.
///
/// # Errors
/// If the state cannot be read.
pub fn cases_in(state: &dyn StateRead, list: CaseList<'_>) -> Result<BTreeSet<String>, StateError> {
    let (table, name) = match list {
        CaseList::Dealer(name) => (DEALERS, name),
        CaseList::Owner(name) => (OWNERS, name),
        CaseList::Vehicle(name) => (VEHICLES, name),
        CaseList::Advocate(name) => (ADVOCATES, name),
        CaseList::Feedback(name) => (FEEDBACK, name),
    };
    let mut found = BTreeSet::new();
    if is_plain(name) {
        table.seconds_of(state, name, |case_id| {
            found.insert(case_id.to_owned());
        })?;
    }
    Ok(found)
}

/// The positions of the touchpoints, known at a position, that are of the stream of a case or name it: the first in
/// history order, at most `most`.
pub(crate) fn positions_of_case(
    state: &dyn StateRead,
    case_id: &str,
    known_at: Position,
    most: usize,
) -> Result<Vec<Position>, StateError> {
    let mut positions = Vec::new();
    if is_plain(case_id) {
        let rows = FACTS.under(&[case_id]).known_at(known_at);
        rows.until_break(state, |entry| {
            positions.push(entry.position()?);
            Ok(match positions.len() < most {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            })
        })?;
    }
    Ok(positions)
}

/// Visits every case of which a touchpoint is of its stream or names it, at any position, in order of their ids, until the
/// visitor breaks.
///
/// # Errors
/// If the state cannot be read, or the visitor fails.
pub fn every_case(
    state: &dyn StateRead,
    visit: impl FnMut(&str) -> Result<ControlFlow<()>, StateError>,
) -> Result<(), StateError> {
    FACTS.first_texts(state, visit)
}

/// The standpoint from which a case is unfinished, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnfinishedAt {
    /// By everything recorded so far: these cases are listed.
    Now,
    /// As of an instant and as known at a position: for this, a small row of every case is looked at.
    Then {
        /// The instant.
        as_of: Instant,
        /// The position.
        known_at: Position,
    },
}

impl UnfinishedAt {
    /// The standpoint of a question.
    #[must_use]
    pub fn of(snapshots: &Snapshots<'_>, vantage: &Vantage<'_>) -> Self {
        let (as_of, known_at) = (vantage.as_of, vantage.known_at);
        match known_at >= snapshots.position(NAME) && as_of >= snapshots.recorded_until() {
            true => Self::Now,
            false => Self::Then { as_of, known_at },
        }
    }
}

/// The cases that are open, or have a promise or a task that nobody settled. Some that are closed and owe nothing may be
/// among them; no other case is missing.
///
/// # Errors
/// If the state cannot be read.
pub fn unfinished_cases(
    state: &dyn StateRead,
    at: UnfinishedAt,
) -> Result<BTreeSet<String>, StateError> {
    let mut found = BTreeSet::new();
    match at {
        UnfinishedAt::Now => first_texts(state, UNFINISHED_TABLE, |case_id| {
            found.insert(case_id.to_owned());
            Ok(ControlFlow::Continue(()))
        })?,
        UnfinishedAt::Then { as_of, known_at } => every_head(state, |case_id, head| {
            if head.may_be_unfinished_at(as_of, known_at) {
                found.insert(case_id.to_owned());
            }
        })?,
    }
    Ok(found)
}

/// Whether a case is among [`unfinished_cases`].
///
/// # Errors
/// If the state cannot be read.
pub fn is_unfinished(
    state: &dyn StateRead,
    case_id: &str,
    at: UnfinishedAt,
) -> Result<bool, StateError> {
    match at {
        UnfinishedAt::Now => UNFINISHED.contains(state, case_id, ""),
        UnfinishedAt::Then { as_of, known_at } => {
            let head = head(state, case_id)?;
            Ok(head.is_some_and(|head| head.may_be_unfinished_at(as_of, known_at)))
        }
    }
}
