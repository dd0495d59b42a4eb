//! The events that are due about one item, as known now.

use super::super::{Item, ItemState, Obligation};
use super::levels::add_levels;
use super::notice::{Keeping, NoticesDue, fact_of};
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
        if is_live(item, &obligation) {
            add_levels(item, keeping, &obligation, &mut due);
        }
    }
    for obligation in &state.obligations {
        if is_live(item, obligation) {
            let breach_is_due = add_levels(item, keeping, obligation, &mut due);
            if !breach_is_due {
                add_revision(item, keeping, &state, obligation, &mut due);
            }
        }
    }
    due.notices.sort_by(|a, b| {
        let by_time = a.occurred_at.cmp(&b.occurred_at);
        by_time.then_with(|| a.id.cmp(&b.id))
    });
    due
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
fn is_live(item: &Item, obligation: &Obligation) -> bool {
    let opener = fact_of(item, &obligation.opened_by);
    opener.is_some_and(|fact| !fact.imported)
}
