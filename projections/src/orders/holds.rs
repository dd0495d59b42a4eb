//! The holds of an order: times in which it does not proceed.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::fact::OrderFact;
use super::history::OrderHistory;
use super::kind::OrderFactKind;

/// A hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Hold<'h> {
    /// What began it.
    pub set: &'h OrderFact,
    /// What said its present reason and expected release.
    pub last: &'h OrderFact,
    /// How often it was set again while it was open.
    pub set_again: usize,
    /// When it ended, in nanoseconds since the Unix epoch; `None` while it is open.
    pub until: Option<i64>,
    /// What lifted it.
    pub lifted: Option<&'h OrderFact>,
    /// It was lifted before it was set, and ended at once.
    pub lifted_first: bool,
    /// It was open when the order ended.
    pub never_lifted: bool,
    /// It is open, and the day of its expected release has passed.
    pub past_expected_release: bool,
}

/// The holds of an order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Holds<'h> {
    /// Every hold, in the order in which they were set.
    pub all: Vec<Hold<'h>>,
    /// How long the order was held: the union of its holds, in nanoseconds.
    pub nanos: i64,
}

impl<'h> Holds<'h> {
    /// Reads the holds of an order. `ended_at` is when the order ended, `today` the date of the question in the zone of
    /// the dealer.
    #[must_use]
    pub fn of(history: &'h OrderHistory, ended_at: Option<i64>, today: Date) -> Self {
        let mut holds = Self::default();
        // The holds that were lifted and never set so far. What is lifted again after its end is told again.
        let mut lifted_first: BTreeSet<&str> = BTreeSet::new();
        for fact in history.told() {
            let hold_id = fact.row.name.as_str();
            let was_set = holds.all.iter().any(|it| it.set.row.name == hold_id);
            let mut open = holds.all.iter_mut();
            let open = open.find(|it| it.until.is_none() && it.set.row.name == hold_id);
            match (fact.kind(), open) {
                (OrderFactKind::OrderHeld, Some(open)) => {
                    open.last = fact;
                    open.set_again += 1;
                }
                (OrderFactKind::OrderHeld, None) => {
                    let is_lifted = lifted_first.remove(hold_id);
                    holds.all.push(Hold {
                        set: fact,
                        last: fact,
                        set_again: 0,
                        until: is_lifted.then_some(fact.at()),
                        lifted: None,
                        lifted_first: is_lifted,
                        never_lifted: false,
                        past_expected_release: false,
                    });
                }
                (OrderFactKind::OrderHoldLifted, Some(open)) => {
                    open.until = Some(fact.at());
                    open.lifted = Some(fact);
                }
                (OrderFactKind::OrderHoldLifted, None) if !was_set => {
                    lifted_first.insert(hold_id);
                }
                _ => {}
            }
        }
        for hold in &mut holds.all {
            if hold.until.is_none() {
                hold.until = ended_at.map(|end| end.max(hold.set.at()));
                hold.never_lifted = ended_at.is_some();
                let expected: Option<Date> = hold.last.row.date.parse().ok();
                hold.past_expected_release =
                    ended_at.is_none() && expected.is_some_and(|expected| expected < today);
            }
        }
        holds.nanos = holds.union(history.as_of.nearest());
        holds
    }

    /// Whether any is open.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.all.iter().any(|hold| hold.until.is_none())
    }

    fn union(&self, as_of: i64) -> i64 {
        let (mut nanos, mut covered) = (0_i64, i64::MIN);
        for hold in &self.all {
            let from = hold.set.at().max(covered);
            let until = hold.until.unwrap_or(as_of);
            nanos = nanos.saturating_add(until.saturating_sub(from).max(0));
            covered = covered.max(until);
        }
        nanos
    }
}
