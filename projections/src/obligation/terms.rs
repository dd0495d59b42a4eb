//! The terms of one policy version: what is owed by when, ready to be applied to an item.

use std::sync::Arc;

use ownerline_proto::v1::sla_policy::obligation::Kind;

use crate::calendar::{BudgetClock, Pause};

const SECOND: i64 = 1_000_000_000;

/// The term of one kind of obligation.
#[derive(Debug, Clone)]
pub struct Term {
    /// The kind of obligation.
    pub kind: Kind,
    /// The budget in nanoseconds of its clock. At least a second; 0 for the kinds that are owed by a date of their own, of
    /// which each obligation has [its own](Self::by_date).
    pub budget: i64,
    /// The clock of the budget.
    pub clock: BudgetClock,
    /// Shares of the budget at which to warn, between 0 and 1, ascending.
    pub warning_shares: Vec<f64>,
    /// Only a reply by the responsible dealer counts.
    pub responsible_only: bool,
    /// Waiting for the owner stops this clock. Never for the first reply, the acknowledgement, and what is owed by a date
    /// of its own.
    pub pauses_on_owner: bool,
    /// Cases owe it, feedback does not.
    pub cases_only: bool,
}

/// Whether what is owed has a date of its own instead of a budget: a commitment or a task.
#[must_use]
pub fn is_dated(kind: Kind) -> bool {
    matches!(kind, Kind::Commitment | Kind::Task)
}

/// Whether cases owe this kind.
#[must_use]
pub fn is_of_cases(kind: Kind) -> bool {
    CASE_KINDS.contains(&kind)
}

/// The kinds that cases owe.
pub const CASE_KINDS: [Kind; 5] = [
    Kind::ProgressUpdate,
    Kind::Resolution,
    Kind::Acknowledgement,
    Kind::Commitment,
    Kind::Task,
];

/// Whether no waiting for the owner ever stops the clock of this kind.
#[must_use]
pub fn never_pauses(kind: Kind) -> bool {
    let of_a_car = matches!(kind, Kind::OrderProgress | Kind::AlertContact);
    is_dated(kind) || of_a_car || matches!(kind, Kind::FirstReply | Kind::Acknowledgement)
}

impl Term {
    /// The budget in whole seconds.
    #[must_use]
    pub fn budget_seconds(&self) -> i64 {
        self.budget / SECOND
    }

    /// The term of what was promised at `made` (nanoseconds since the Unix epoch) by a date: the time between them is the
    /// budget. What was due before it was made has none, and nothing to warn about.
    #[must_use]
    pub fn by_date(&self, made: i64, due_at: i64) -> Self {
        let budget = due_at.saturating_sub(made).max(0);
        let mut term = Self {
            budget,
            ..self.clone()
        };
        if budget == 0 {
            term.warning_shares.clear();
        }
        term
    }

    /// Returns whether something is in time that used up `spent` nanoseconds of this clock: what is spent by t of t is
    /// within t. Every figure that says "in time", "late" or "beyond the target" rests on this comparison.
    #[must_use]
    pub fn is_within(&self, spent: i128) -> bool {
        spent <= i128::from(self.budget)
    }

    /// The last instant that [is within](Self::is_within) the budget of what began at `start`: the deadline, or where
    /// that falls on a closing or the beginning of a pause, the next opening or the end of the pause. `None` if every
    /// later instant is.
    #[must_use]
    pub fn in_time_until(&self, start: i64, pauses: &[Pause]) -> Option<i64> {
        let exceeded = self.budget.saturating_add(1);
        let first_beyond = self.clock.due(start, exceeded, pauses)?;
        Some(first_beyond.saturating_sub(1))
    }
}

/// The terms of one version of a policy.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The name of the policy.
    pub policy: String,
    /// Its version; 0 is the one that ships with the server.
    pub version: i32,
    /// At most one of each kind. A kind without a term is not owed.
    pub terms: Vec<Term>,
}

impl Terms {
    /// The term of this kind, if it is owed.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Option<&Term> {
        self.terms.iter().find(|term| term.kind == kind)
    }
}

/// The terms that hold for an obligation: those of the policies in force as known at a position, or those of a supposed
/// policy ("what if").
pub trait InForce {
    /// The terms for an obligation that began at `start` (nanoseconds since the Unix epoch) and was owed by this dealer
    /// then. For an empty dealer, which means that none is named, the network's terms hold.
    fn terms(&self, dealer_id: &str, start: i64) -> Arc<Terms>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_up_when_a_pause_begins_is_in_time_until_it_ends() {
        let in_time_until = |budget: i64| {
            let term = Term {
                kind: Kind::Resolution,
                budget: budget * SECOND,
                clock: BudgetClock::Elapsed,
                warning_shares: Vec::new(),
                responsible_only: false,
                pauses_on_owner: true,
                cases_only: false,
            };
            let pause = |from: i64, until: Option<i64>| Pause {
                from: from * SECOND,
                until: until.map(|until| until * SECOND),
            };
            let until = term.in_time_until(0, &[pause(10, Some(20)), pause(25, None)]);
            until.map(|until| until / SECOND)
        };
        assert_eq!(in_time_until(10), Some(20));
        assert_eq!(in_time_until(12), Some(22));
        assert_eq!(in_time_until(15), None);
    }
}
