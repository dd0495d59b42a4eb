//! One page of a dealer's inbox.

use std::collections::BTreeMap;

use super::{Inbox, InboxOrder, Owed, Place, look};
use crate::cases::{self, CaseList, cases_in};
use crate::feedback::fold::VIEW;
use crate::network::{self, FilterNames};
use crate::policy::{Supposed, terms_in_force};
use crate::{AnswerError, Snapshots, Vantage};

/// A question about a dealer's inbox.
#[derive(Debug, Clone, Default)]
pub struct InboxQuestion {
    /// The dealer and the filter.
    pub inbox: Inbox,
    /// The order of the obligations.
    pub order: InboxOrder,
    /// The policy to suppose instead of those in force.
    pub what_if: Option<Supposed>,
    /// The place of the last obligation of the previous page.
    pub after: Option<Place>,
    /// At most this many obligations.
    pub limit: usize,
}

/// One page of an inbox.
#[derive(Debug, Clone, Default)]
pub struct InboxPage {
    /// In the order of the question.
    pub items: Vec<Owed>,
    /// The number of obligations on all pages.
    pub total: u64,
    /// The place of the last of `items`, if more follow.
    pub next: Option<Place>,
}

/// Answers one page of an inbox.
///
/// # Errors
/// If nothing is owed and the dealer is unknown, the supposed SLA cannot be applied, or a state cannot be read.
pub fn answer(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    question: &InboxQuestion,
) -> Result<InboxPage, AnswerError> {
    let terms = terms_in_force(snapshots, vantage, question.what_if.as_ref())?;
    let (mut items, mut total) = (BTreeMap::new(), 0);
    look(snapshots, vantage, &question.inbox, &terms, |owed| {
        total += 1;
        let place = Place::of(&owed, question.order);
        if question.after.as_ref().is_none_or(|after| place > *after) {
            items.insert(place, owed);
            // One more than the page shows that there is a next page.
            if items.len() > question.limit.saturating_add(1) {
                items.pop_last();
            }
        }
    })?;
    if total == 0 && !is_named_by_a_case(snapshots, &question.inbox.dealer_id)? {
        let dealer_id = Some(question.inbox.dealer_id.as_str());
        let names = FilterNames {
            dealer_id: dealer_id.filter(|id| !id.is_empty()),
            market: None,
        };
        let [network, feedback] = [network::VIEW.name, VIEW.name].map(|view| snapshots.state(view));
        names.refuse_unknown(network, feedback, &vantage.validity()?, vantage.viewer)?;
    }
    let mut next = None;
    if items.len() > question.limit {
        items.pop_last();
        next = items.last_key_value().map(|(place, _)| place.clone());
    }
    Ok(InboxPage {
        items: items.into_values().collect(),
        total,
        next,
    })
}

/// Whether a case names a dealer, or was reassigned from or to them.
fn is_named_by_a_case(snapshots: &Snapshots<'_>, dealer_id: &str) -> Result<bool, AnswerError> {
    let state = snapshots.state(cases::VIEW.name);
    let named = cases_in(state, CaseList::Dealer(dealer_id))?;
    Ok(!dealer_id.is_empty() && !named.is_empty())
}
