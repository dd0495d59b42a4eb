//! Which contacts are selected, and whether the names in a selection are known.

use super::fold::{Contact, LISTED, VIEW};
use crate::civil::Period;
use crate::network::{FilterNames, unknown_name};
use crate::{AnswerError, Snapshots, Validity, Vantage, feedback, network};

/// The contacts to count. Every condition that is set must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactFilter {
    /// With the person with this id.
    pub owner_id: Option<String>,
    /// Of this dealer.
    pub dealer_id: Option<String>,
    /// By this organisation.
    pub operated_by: Option<String>,
    /// In which this agent took part.
    pub agent_id: Option<String>,
    /// That began in this period, in the zone of their dealer.
    pub period: Period,
}

impl ContactFilter {
    /// The name under which all selected contacts are listed, the narrowest.
    pub(super) fn listed_name(&self) -> Option<String> {
        let names = [
            ('a', &self.agent_id),
            ('o', &self.operated_by),
            ('d', &self.dealer_id),
        ];
        let mut named = names
            .into_iter()
            .filter_map(|(of, name)| Some(format!("{of}{}", name.as_ref()?)));
        named.next()
    }

    /// Whether a contact is one of them, apart from its owner and the period.
    pub(super) fn selects(&self, contact: &Contact) -> bool {
        let dealer_id = self.dealer_id.as_ref();
        let operated_by = self.operated_by.as_ref();
        let agent_id = self.agent_id.as_ref();
        dealer_id.is_none_or(|it| contact.is_of_dealer(it))
            && operated_by.is_none_or(|it| contact.operated_by == *it)
            && agent_id.is_none_or(|it| contact.is_by(it))
    }
}

/// Refuses a dealer, a vendor or an agent that no touchpoint known at the position names, or that the viewer may not know:
/// a zero for a name that does not exist would look like the truth about one that does.
pub(super) fn refuse_unknown(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    validity: &Validity<'_>,
    filter: &ContactFilter,
) -> Result<(), AnswerError> {
    let state = snapshots.state(VIEW.name);
    let is_listed = |of: char, name: &str| -> Result<bool, AnswerError> {
        let rows = LISTED.under(&[&format!("{of}{name}")]);
        Ok(!rows.known_at(vantage.known_at).is_empty(state)?)
    };
    if let Some(dealer_id) = &filter.dealer_id
        && !(vantage.viewer.sees_dealer(dealer_id) && is_listed('d', dealer_id)?)
    {
        let names = FilterNames {
            dealer_id: Some(dealer_id),
            market: None,
        };
        let [network, feedback] =
            [network::VIEW.name, feedback::VIEW.name].map(|view| snapshots.state(view));
        names.refuse_unknown(network, feedback, validity, vantage.viewer)?;
    }
    // Other vendors and agents are not suggested: agents are persons, and a vendor may serve one dealer only.
    let unknown =
        |field, what, name: &str| Err(unknown_name(field, what, name, std::iter::empty()));
    match (&filter.operated_by, &filter.agent_id) {
        (Some(name), _) if !is_listed('o', name)? => {
            unknown("filter.operated_by", "organisation", name)
        }
        (_, Some(name)) if !is_listed('a', name)? => unknown("filter.agent_id", "agent", name),
        _ => Ok(()),
    }
}
