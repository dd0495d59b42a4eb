//! When to warn about an obligation, and what was said already.

use super::{Fact, Item, Obligation, What};
use crate::obligation::terms::Term;

/// One instant at which something is to be said about an obligation.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// The share of the budget that is used up; 1 at the breach.
    pub share: f64,
    /// The target is missed; otherwise it is a warning.
    pub breach: bool,
    /// When: a warning when its share is used up, the breach behind the last instant in time. `None` if its clock does
    /// not get there.
    pub at: Option<i64>,
    /// The obligation was still owed then: what ends at the instant itself is in time.
    pub reached: bool,
    /// It was said under this policy and version.
    pub issued: bool,
    /// (source, id) of the event that said so first.
    pub issued_by: Option<(String, String)>,
}

/// The levels of an obligation under the term it is owed by, in their order. Whether a level that is
/// reached has come is for the asker to compare with its `as_of`; an obligation met later than a level has
/// reached it all the same.
#[must_use]
pub fn levels(item: &Item, obligation: &Obligation, term: &Term) -> Vec<Level> {
    let budget = term.budget();
    let warnings = term.warning_shares.iter().map(|share| (*share, false));
    let all = warnings.chain([(1.0, true)]);
    all.map(|(share, breach)| {
        let (start, pauses) = (obligation.start, &obligation.pauses);
        let at = match breach {
            true => term.in_time_until(start, pauses),
            false => {
                // Budgets are below 2^53 nanoseconds times 1000; the cast saturates.
                let used = (budget as f64 * share).round() as i64;
                term.clock.due(start, used, pauses)
            }
        };
        let ended_at = obligation.outcome.ended_at;
        let mut facts = item.facts().iter();
        let issued = facts.find(|fact| says(fact, obligation, share, breach));
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
fn says(fact: &Fact, obligation: &Obligation, share: f64, breach: bool) -> bool {
    let (policy, version) = &obligation.policy;
    let what = if breach { What::Breached } else { What::Warned };
    fact.what() == what
        && fact.issued.as_ref().is_some_and(|issued| {
            issued.obligation_id == obligation.obligation_id
                && issued.policy == *policy
                && issued.policy_version == *version
                && issued.level.total_cmp(&share).is_eq()
        })
}
