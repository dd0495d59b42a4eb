//! One look into a dealer's inbox: which items may count, what is owed for each, and when time changes it.

use std::ops::ControlFlow;

use ownerline_projections::feedback::{Asked, items_of_dealer, open_items};
use ownerline_projections::obligation::terms::InForce;
use ownerline_projections::obligation::{Item, ItemState, details};
use ownerline_proto::time::Instant;
use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::{Inbox, Owed};
use crate::query::QueryError;
use crate::query::basis::Basis;
use crate::query::obligation_views::{ObligationViews, unreadable};
use crate::store::Head;

/// A share of a budget is reached a rounding error later than the clock says.
const ROUNDING: i64 = 1_000;

/// Gives `take` every obligation of the inbox, in no order, and answers the first instant behind
/// `basis.as_of` at which time alone changes the inbox, by what is recorded. `head` is one that the log
/// had after the views were taken.
pub(super) fn look(
    views: &ObligationViews,
    inbox: &Inbox,
    terms: &dyn InForce,
    basis: &Basis,
    head: Head,
    mut take: impl FnMut(Owed),
) -> Result<Option<i64>, QueryError> {
    let validity = views.validity(basis.known_at)?;
    let (dealer_id, filter) = (&inbox.dealer_id, &inbox.filter);
    let mut turns_at: Option<i64> = None;
    let mut visit = |item: Item| {
        let found = of_item(inbox, &item, terms, basis.as_of, &mut take);
        turns_at = turns_at.into_iter().chain(found).min();
        ControlFlow::Continue(())
    };
    // What the view keeps of what is open says how everything that is recorded leaves it.
    let is_now = basis.known_at == views.feedback_reached() && basis.as_of >= head.recorded_at;
    let read = if filter.is_open_only() && is_now {
        let resolutions = filter.kinds.is_empty() || filter.kinds.contains(&Kind::Resolution);
        let asked = match resolutions {
            true => Asked::RepliesAndResolutions,
            false => Asked::Replies,
        };
        let dealer = Some(dealer_id.as_str());
        let state = views.feedback();
        open_items(state, &validity, dealer, asked, basis.as_of, &mut visit)
    } else {
        let ever = i64::MIN..i64::MAX;
        items_of_dealer(views.feedback(), &validity, dealer_id, ever, &mut visit)
    };
    read.map_err(unreadable)?;
    Ok(turns_at)
}

/// What is owed for one item, and when time changes something about it.
fn of_item(
    inbox: &Inbox,
    item: &Item,
    terms: &dyn InForce,
    as_of: Instant,
    take: &mut impl FnMut(Owed),
) -> Option<i64> {
    let turns_at = item.turns_at(as_of);
    let state = ItemState::at(item, terms, as_of);
    let Some(received) = &state.received else {
        return turns_at;
    };
    let mut first = turns_at;
    for detail in details(item, &state, terms, as_of) {
        if detail.obligation.dealer_at_end != inbox.dealer_id {
            continue;
        }
        let passes = inbox.filter.min_share.and_then(|share| {
            let at = detail.uses_up(share)?.saturating_add(ROUNDING);
            (at > as_of).then_some(at)
        });
        let turns = [first, detail.turns_at(as_of), passes];
        first = turns.into_iter().flatten().min();
        let owed = Owed {
            feedback_id: item.feedback_id.clone(),
            detail,
            owner_id: received.owner_id.clone(),
            channel: received.channel,
            survey: received.survey.clone(),
        };
        if inbox.filter.admits(&owed) {
            take(owed);
        }
    }
    first
}
