//! One evaluation of a dealer's inbox: its obligations, and when time alone changes it.

use std::ops::ControlFlow;

use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::looking::{Looking, Turns};
use super::of_cases::look_at_cases;
use super::{Inbox, Owed};
use crate::feedback::fold::VIEW;
use crate::feedback::{OpenScope, items_of_dealer, open_items};
use crate::obligation::terms::InForce;
use crate::obligation::{Item, ItemState, details};
use crate::{AnswerError, Snapshots, Vantage};

/// Passes every obligation of the inbox to `take`, in no order. Returns when it changes even if nothing more is recorded.
///
/// # Errors
/// If a state cannot be read.
pub fn look(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    inbox: &Inbox,
    terms: &dyn InForce,
    mut take: impl FnMut(Owed),
) -> Result<Turns, AnswerError> {
    let mut turns = Turns::default();
    if !vantage.viewer.sees_dealer(&inbox.dealer_id) {
        return Ok(turns);
    }
    let looking = Looking {
        inbox,
        terms,
        as_of: vantage.as_of,
    };
    look_at_feedback(snapshots, vantage, &looking, &mut turns, &mut take)?;
    look_at_cases(snapshots, vantage, &looking, &mut turns, &mut take)?;
    Ok(turns)
}

fn look_at_feedback(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    looking: &Looking<'_>,
    turns: &mut Turns,
    take: &mut impl FnMut(Owed),
) -> Result<(), AnswerError> {
    let (dealer_id, filter) = (&looking.inbox.dealer_id, &looking.inbox.filter);
    let owes = |kind| matches!(kind, Kind::FirstReply | Kind::NextReply | Kind::Resolution);
    if !filter.kinds.is_empty() && !filter.kinds.iter().any(|kind| owes(*kind)) {
        return Ok(());
    }
    let validity = vantage.validity()?;
    let feedback = snapshots.state(VIEW.name);
    let as_of = vantage.as_of;
    let mut visit = |item: Item| {
        take_owed(looking, &item, turns, take);
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
    Ok(())
}

/// Passes the obligations of one item to `take`.
fn take_owed(looking: &Looking<'_>, item: &Item, turns: &mut Turns, take: &mut impl FnMut(Owed)) {
    let as_of = looking.as_of;
    turns.at(item.turns_at(as_of));
    let state = ItemState::at(item, looking.terms, as_of);
    let Some(received) = &state.received else {
        return;
    };
    for detail in details(item, &state, looking.terms, as_of) {
        if detail.obligation.dealer_at_end != looking.inbox.dealer_id {
            continue;
        }
        looking.turns(&detail, turns);
        let owed = Owed {
            feedback_id: item.feedback_id.clone(),
            case_id: String::new(),
            detail,
            owner_id: received.owner_id.clone(),
            channel: received.channel,
            survey: received.survey.clone(),
        };
        if looking.inbox.filter.admits(&owed) {
            take(owed);
        }
    }
}
