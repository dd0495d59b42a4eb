//! The answer about contacts: one page of them, and the totals of the whole selection.

use super::count::count;
use super::fold::VIEW;
use super::page::{ContactsPage, ContactsQuestion};
use super::selection::refuse_unknown;
use crate::network::{self, Network};
use crate::person::{identity, ownership};
use crate::timeline::{self, TimelineQuestion};
use crate::{AnswerError, Snapshots, Vantage};
use crate::{bookings, corrections, feedback, vehicles};

/// The views that contacts are listed from.
pub const CONTACT_VIEWS: [&str; 9] = [
    VIEW.name,
    bookings::VIEW.name,
    timeline::VIEW.name,
    corrections::VIEW.name,
    identity::VIEW.name,
    ownership::VIEW.name,
    vehicles::VIEW.name,
    network::VIEW.name,
    feedback::VIEW.name,
];

/// Answers a question about contacts.
///
/// # Errors
/// If no touchpoint that the viewer may see names the owner, the dealer, the vendor or the agent, too many ids are
/// linked to the owner's, or a state cannot be read.
pub fn answer(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    question: &ContactsQuestion,
) -> Result<ContactsPage, AnswerError> {
    let validity = vantage.validity()?;
    refuse_unknown(snapshots, vantage, &validity, &question.filter)?;
    let states = snapshots.state(network::VIEW.name);
    let network = Network::load(states, &validity, vantage.as_of)?;
    let answer = count(snapshots, vantage, &validity, &network, question)?;
    if answer.totals.with_pack.n == 0
        && let Some(owner_id) = &question.filter.owner_id
    {
        // An owner without contacts is known if there is anything on their timeline.
        let anything = TimelineQuestion {
            owner_id: owner_id.clone(),
            limit: 1,
            ..TimelineQuestion::default()
        };
        timeline::answer(snapshots, vantage, anything)?;
    }
    Ok(answer)
}
