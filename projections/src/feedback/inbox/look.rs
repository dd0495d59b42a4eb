//! One evaluation of a dealer's inbox: its obligations, and when time alone changes it.

use std::ops::ControlFlow;

use ownerline_proto::time::Instant;
use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::{Inbox, Owed};
use crate::feedback::fold::VIEW;
use crate::feedback::{OpenScope, items_of_dealer, open_items};
use crate::obligation::terms::InForce;
use crate::obligation::{Item, ItemState, details};
use crate::{AnswerError, Snapshots, Vantage};

/// Nanoseconds to add to the instant at which a share of a budget is reached, so that rounding cannot miss it.
const ROUNDING: i64 = 1_000;

/// Passes every obligation of the inbox to `take`, in no order. Returns the first instant after `vantage.as_of` at
/// which the inbox changes even if nothing more is recorded.
///
/// # Errors
/// If a state cannot be read.
pub fn look(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    inbox: &Inbox,
    terms: &dyn InForce,
    mut take: impl FnMut(Owed),
) -> Result<Option<i64>, AnswerError> {
    let (dealer_id, filter) = (&inbox.dealer_id, &inbox.filter);
    if !vantage.viewer.sees_dealer(dealer_id) {
        return Ok(None);
    }
    let validity = vantage.validity()?;
    let feedback = snapshots.state(VIEW.name);
    let as_of = vantage.as_of;
    let mut turns_at: Option<i64> = None;
    let mut visit = |item: Item| {
        let turns = take_owed(inbox, &item, terms, as_of, &mut take);
        turns_at = turns_at.into_iter().chain(turns).min();
        match vantage.is_cancelled() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    };
    // The view's list of open items reflects everything recorded, so it answers only for now.
    let is_now =
        vantage.known_at == snapshots.position(VIEW.name) && as_of >= snapshots.recorded_until();
    if filter.is_open_only() && is_now {
        let resolutions = filter.kinds.is_empty() || filter.kinds.contains(&Kind::Resolution);
        let scope = match resolutions {
            true => OpenScope::RepliesAndResolutions,
            false => OpenScope::Replies,
        };
        let dealer = Some(dealer_id.as_str());
        open_items(feedback, &validity, dealer, scope, as_of, &mut visit)?;
    } else {
        let always = i64::MIN..i64::MAX;
        items_of_dealer(feedback, &validity, dealer_id, always, &mut visit)?;
    }
    Ok(turns_at)
}

/// Passes the obligations of one item to `take`, and returns when time alone changes them.
fn take_owed(
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
