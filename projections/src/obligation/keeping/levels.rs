//! The warnings and breaches that are due.

use super::super::levels::levels_by;
use super::super::{Level, Obligation, State};
use super::id::level_id;
use super::matter::{Matter, Then};
use super::notice::{Keeping, Notice, NoticeKind, NoticesDue};
use crate::obligation::terms::Term;

/// Adds the levels that are due, and the instant of the next one. Returns whether the breach is among them.
pub(super) fn add_levels(
    matter: &impl Matter,
    keeping: &Keeping<'_>,
    obligation: &Obligation,
    term: &Term,
    due: &mut NoticesDue,
) -> bool {
    let mut breach_is_due = false;
    for level in levels_by(matter.issued(), obligation, term) {
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
        let then = matter.then(keeping.in_force, at);
        if is_open(&then, obligation) {
            breach_is_due |= level.breach;
            due.notices
                .push(level_notice(&then, obligation, &level, at));
        }
    }
    breach_is_due
}

fn is_open(then: &Then, obligation: &Obligation) -> bool {
    let found = then.same(obligation);
    found.is_some_and(|found| found.outcome.state == State::Open)
}

fn level_notice(then: &Then, obligation: &Obligation, level: &Level, at: i64) -> Notice {
    let kind = match level.breach {
        true => NoticeKind::Breached,
        false => NoticeKind::Warned,
    };
    let id = level_id(obligation, level.breach, level.share);
    then.notice(obligation, (id, at, kind, level.share))
}
