//! The warnings and breaches that are due.

use super::super::{Item, ItemState, Level, Obligation, State, levels};
use super::id::level_id;
use super::notice::{Keeping, Notice, NoticeKind, NoticesDue, notice, same};

/// Adds the levels that are due, and the instant of the next one. Returns whether the breach is among them.
pub(super) fn add_levels(
    item: &Item,
    keeping: &Keeping<'_>,
    obligation: &Obligation,
    due: &mut NoticesDue,
) -> bool {
    let (dealer_id, start) = (&obligation.dealer_at_start, obligation.start);
    let terms = keeping.in_force.terms(dealer_id, start);
    let Some(term) = terms.of(obligation.kind) else {
        return false;
    };
    let mut breach_is_due = false;
    for level in levels(item, obligation, term) {
        let Some(at) = level.at else {
            continue;
        };
        // An end at the deadline itself is in time.
        let from = at.saturating_add(i64::from(level.breach));
        if from > keeping.now {
            if obligation.outcome.state == State::Open {
                due.wakes(from);
            }
            continue;
        }
        if at < keeping.since || level.issued {
            continue;
        }
        let then = ItemState::at(item, keeping.in_force, at);
        if is_open(&then, obligation) {
            breach_is_due |= level.breach;
            let notice = level_notice(item, &then, obligation, &level, at);
            due.notices.push(notice);
        }
    }
    breach_is_due
}

fn is_open(state: &ItemState, obligation: &Obligation) -> bool {
    let found = same(state, obligation);
    found.is_some_and(|found| found.outcome.state == State::Open)
}

fn level_notice(
    item: &Item,
    then: &ItemState,
    obligation: &Obligation,
    level: &Level,
    at: i64,
) -> Notice {
    let kind = match level.breach {
        true => NoticeKind::Breached,
        false => NoticeKind::Warned,
    };
    let id = level_id(obligation, level.breach, level.share);
    notice(item, then, obligation, (id, at, kind, level.share))
}
