//! The levels of an obligation: when to warn about it, when it is breached, and what was issued already.

use super::{FactKind, Issued, Item, Obligation};
use crate::obligation::terms::Term;
use crate::{Position, TouchpointKey};

/// A share of the budget at which the clock-keeper issues an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// The share of the budget that is used up; 1 at the breach.
    pub share: f64,
    /// The target is missed; otherwise it is a warning.
    pub breach: bool,
    /// When: for a warning, when its share is used up; for the breach, the last instant in time, after which it is due.
    /// `None` if its clock does not get there.
    pub at: Option<i64>,
    /// The obligation was still open then. An end at the instant itself is in time.
    pub reached: bool,
    /// Its event was issued under this policy and version.
    pub issued: bool,
    /// The key of the first such event.
    pub issued_by: Option<TouchpointKey>,
}

/// An event about an obligation that the clock-keeper issued.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IssuedEvent<'e> {
    /// Whether it warns, tells of a breach, or revises an outcome.
    pub(crate) kind: FactKind,
    /// What it says.
    pub(crate) says: &'e Issued,
    /// The source and id of the touchpoint.
    pub(crate) name: (&'e str, &'e str),
    /// Its position in the log.
    pub(crate) position: Position,
}

impl IssuedEvent<'_> {
    /// The key of the touchpoint.
    pub(crate) fn key(&self) -> TouchpointKey {
        TouchpointKey::new(self.name.0, self.name.1)
    }
}

/// The events about the obligations of an item.
pub(super) fn issued_about(item: &Item) -> impl Iterator<Item = IssuedEvent<'_>> + Clone {
    let facts = item.facts().iter();
    facts.filter_map(|fact| {
        Some(IssuedEvent {
            kind: fact.kind(),
            says: fact.issued.as_deref()?,
            name: (item.text(fact.source), &fact.id),
            position: fact.position(),
        })
    })
}

/// The levels of an obligation of an item under the term it is owed by, in order: see `levels_by`.
#[must_use]
pub fn levels(item: &Item, obligation: &Obligation, term: &Term) -> Vec<Level> {
    levels_by(issued_about(item), obligation, term)
}

/// The levels of an obligation under the term it is owed by, in order. A level is reached if the obligation did not end
/// before it; whether its instant has come is for the caller to compare with `as_of`.
pub(crate) fn levels_by<'e>(
    issued: impl Iterator<Item = IssuedEvent<'e>> + Clone,
    obligation: &Obligation,
    term: &Term,
) -> Vec<Level> {
    let budget = term.budget;
    let warnings = term.warning_shares.iter().map(|share| (*share, false));
    let all = warnings.chain([(1.0, true)]);
    all.map(|(share, breach)| {
        let (start, pauses) = (obligation.start, &obligation.pauses);
        let at = match breach {
            true => obligation.outcome.in_time_until,
            false => {
                // Budgets are below 2^53 nanoseconds times 1000; the cast saturates.
                let used = (budget as f64 * share).round() as i64;
                term.clock.due(start, used, pauses)
            }
        };
        let ended_at = obligation.outcome.ended_at;
        let issued = issued
            .clone()
            .find(|event| is_event_of(event, obligation, share, breach));
        Level {
            share,
            breach,
            at,
            reached: at.is_some_and(|at| ended_at.is_none_or(|ended_at| at < ended_at)),
            issued: issued.is_some(),
            issued_by: issued.map(|event| event.key()),
        }
    })
    .collect()
}

/// Whether an event is that of this level.
fn is_event_of(event: &IssuedEvent<'_>, obligation: &Obligation, share: f64, breach: bool) -> bool {
    let (policy, version) = &obligation.policy;
    let kind = if breach {
        FactKind::Breached
    } else {
        FactKind::Warned
    };
    let says = event.says;
    event.kind == kind
        && says.obligation_id == obligation.obligation_id
        && says.policy == *policy
        && says.policy_version == *version
        && says.level.total_cmp(&share).is_eq()
}
