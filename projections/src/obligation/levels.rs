//! The levels of an obligation: when to warn about it, when it is breached, and what was issued already.

use super::{Fact, FactKind, Item, Obligation};
use crate::TouchpointKey;
use crate::obligation::terms::Term;

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

/// The levels of an obligation under the term it is owed by, in order. A level is reached if the obligation did not end
/// before it; whether its instant has come is for the caller to compare with `as_of`.
#[must_use]
pub fn levels(item: &Item, obligation: &Obligation, term: &Term) -> Vec<Level> {
    let budget = term.budget();
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
        let mut facts = item.facts().iter();
        let issued = facts.find(|fact| is_event_of(fact, obligation, share, breach));
        Level {
            share,
            breach,
            at,
            reached: at.is_some_and(|at| ended_at.is_none_or(|ended_at| at < ended_at)),
            issued: issued.is_some(),
            issued_by: issued.map(|fact| item.key(fact)),
        }
    })
    .collect()
}

/// Whether a fact is the event of this level.
fn is_event_of(fact: &Fact, obligation: &Obligation, share: f64, breach: bool) -> bool {
    let (policy, version) = &obligation.policy;
    let kind = if breach {
        FactKind::Breached
    } else {
        FactKind::Warned
    };
    fact.kind() == kind
        && fact.issued.as_ref().is_some_and(|issued| {
            issued.obligation_id == obligation.obligation_id
                && issued.policy == *policy
                && issued.policy_version == *version
                && issued.level.total_cmp(&share).is_eq()
        })
}
