//! The events that are due about one item, as known now.

use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::super::{Item, ItemState, Obligation};
use super::levels::add_levels;
use super::matter::{Matter, Then};
use super::notice::{Keeping, NoticesDue};
use super::revision::add_revision;

/// The most withdrawn or bounced replies of one item for which the obligations before them are looked at.
const UNDONE_REPLIES: usize = 64;

/// The events that are due about an item.
#[must_use]
pub fn notices_due(item: &Item, keeping: &Keeping<'_>) -> NoticesDue {
    let state = ItemState::at(item, keeping.in_force, keeping.now);
    let later = item.until(keeping.now.into()).len();
    let mut due = NoticesDue {
        notices: Vec::new(),
        next: item.facts().get(later).map(|fact| fact.occurred_at),
    };
    if let Some(received) = &state.received
        && received.imported
    {
        return NoticesDue::default();
    }
    for obligation in vanished(item, keeping, &state) {
        add_levels_of(item, keeping, &obligation, &mut due);
    }
    let state = Then::of_item(item, state);
    add_notices(item, keeping, &state, |_| Some(keeping.since), &mut due);
    due.sort();
    due
}

/// Adds what is due about the obligations of a state that is of now. Levels of a kind are due from the instant that
/// `since` gives it, if it gives one.
pub(super) fn add_notices(
    matter: &impl Matter,
    keeping: &Keeping<'_>,
    state: &Then,
    since: impl Fn(Kind) -> Option<i64>,
    due: &mut NoticesDue,
) {
    for obligation in &state.obligations {
        let Some(since) = since(obligation.kind) else {
            continue;
        };
        let keeping = Keeping { since, ..*keeping };
        if is_live(matter, obligation) {
            let breach_is_due = add_levels_of(matter, &keeping, obligation, due);
            if !breach_is_due {
                add_revision(matter, &keeping, state, obligation, due);
            }
        }
    }
}

/// Adds the levels of an obligation under the terms it is owed by, if it was reported live.
fn add_levels_of(
    matter: &impl Matter,
    keeping: &Keeping<'_>,
    obligation: &Obligation,
    due: &mut NoticesDue,
) -> bool {
    let terms = keeping
        .in_force
        .terms(&obligation.dealer_at_start, obligation.start);
    let term = terms.of(obligation.kind);
    let term = term.filter(|_| is_live(matter, obligation));
    term.is_some_and(|term| {
        let term = obligation.term(term);
        add_levels(matter, keeping, obligation, &term, due)
    })
}

/// The obligations that existed until a reply was withdrawn or bounced.
fn vanished(item: &Item, keeping: &Keeping<'_>, now: &ItemState) -> Vec<Obligation> {
    let facts = item.until(keeping.now.into()).iter();
    let took_back = facts.filter(|fact| fact.takes_back_a_reply(item.facts()));
    let mut found: Vec<Obligation> = Vec::new();
    for fact in took_back.take(UNDONE_REPLIES) {
        let before = fact.occurred_at.saturating_sub(1);
        for obligation in ItemState::at(item, keeping.in_force, before).obligations {
            let is_known = |it: &Obligation| it.obligation_id == obligation.obligation_id;
            if !now.obligations.iter().any(is_known) && !found.iter().any(is_known) {
                found.push(obligation);
            }
        }
    }
    found
}

/// Whether the touchpoint that opened it was reported live.
fn is_live(matter: &impl Matter, obligation: &Obligation) -> bool {
    matter.is_imported(&obligation.opened_by) == Some(false)
}
