//! Refuses names in filters that no touchpoint mentions, and suggests the nearest known ones.
//!
//! A zero for a dealer that does not exist would look like the truth about one that does. Owners are never suggested,
//! because a query about one owner must not reveal others.

use ownerline_proto::time::Instant;

use super::Network;
use crate::feedback::{dealers_named, is_dealer_named};
use crate::fold::state::StateRead;
use crate::{AnswerError, Validity, Viewer};

/// The most suggested names.
const SUGGESTED: usize = 3;
/// The most edits between a name and a suggestion, for each three characters.
const EDITS: usize = 1;

/// The names in a filter that must be known.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FilterNames<'n> {
    /// A dealer.
    pub(crate) dealer_id: Option<&'n str>,
    /// A market that dealers are in.
    pub(crate) market: Option<&'n str>,
}

impl FilterNames<'_> {
    /// Refuses a dealer or market that no touchpoint known at the position names, or that the viewer may not know.
    pub(crate) fn refuse_unknown(
        self,
        network: &dyn StateRead,
        feedback: &dyn StateRead,
        validity: &Validity<'_>,
        viewer: &Viewer,
    ) -> Result<(), AnswerError> {
        // At any instant: a dealer that is registered later is known all the same.
        let all = || Network::load(network, validity, Instant::MAX);
        if let Some(dealer_id) = self.dealer_id {
            // Almost every dealer is known, so usually no other has to be read.
            let own = Network::load_dealer(network, validity, Instant::MAX, dealer_id)?;
            if own.registrations(dealer_id).is_empty() || !viewer.sees_dealer(dealer_id) {
                refuse_unknown_dealer("filter.dealer_id", dealer_id, &all()?, feedback, viewer)?;
            }
        }
        match self.market {
            Some(name) => refuse_unknown_market("filter.market", name, &all()?),
            None => Ok(()),
        }
    }
}

/// Refuses a dealer that neither a registration nor a feedback names, or that the viewer may not know.
pub(crate) fn refuse_unknown_dealer(
    field: &'static str,
    dealer_id: &str,
    network: &Network,
    feedback: &dyn StateRead,
    viewer: &Viewer,
) -> Result<(), AnswerError> {
    let is_known = || -> Result<bool, AnswerError> {
        Ok(!network.registrations(dealer_id).is_empty() || is_dealer_named(feedback, dealer_id)?)
    };
    if viewer.sees_dealer(dealer_id) && is_known()? {
        return Ok(());
    }
    let mut known = dealers_named(feedback)?;
    known.extend(network.dealers().map(|(dealer_id, _)| dealer_id.to_owned()));
    let visible = known.iter().map(String::as_str);
    let visible = visible.filter(|known| viewer.sees_dealer(known));
    Err(unknown_name(field, "dealer", dealer_id, visible))
}

/// Refuses a market that no dealer was ever in.
pub(crate) fn refuse_unknown_market(
    field: &'static str,
    market: &str,
    network: &Network,
) -> Result<(), AnswerError> {
    let markets = || {
        let registrations = network
            .dealers()
            .flat_map(|(_, registrations)| registrations);
        registrations.map(|(_, dealer)| dealer.market.as_str())
    };
    if markets().any(|known| known == market) {
        return Ok(());
    }
    Err(unknown_name(field, "market", market, markets()))
}

/// Returns the error for a name that is none of the known ones.
#[must_use]
pub fn unknown_name<'n>(
    field: &'static str,
    what: &'static str,
    name: &str,
    known: impl Iterator<Item = &'n str>,
) -> AnswerError {
    AnswerError::UnknownName {
        field,
        what,
        name: name.to_owned(),
        nearest: nearest(name, known),
    }
}

/// Returns the known names that differ least, the nearest first.
fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Vec<String> {
    let lower = name.to_lowercase();
    let most = EDITS.max(lower.chars().count() / 3);
    let measured = known.filter(|known| !known.is_empty()).map(|known| {
        let edits = strsim::damerau_levenshtein(&lower, &known.to_lowercase());
        (edits, known)
    });
    let mut near: Vec<(usize, &str)> = measured.filter(|(edits, _)| *edits <= most).collect();
    near.sort_unstable();
    near.dedup();
    near.truncate(SUGGESTED);
    near.into_iter()
        .map(|(_, known)| known.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_names_come_first_and_far_ones_never() {
        let known = ["dealer-7", "dealer-17", "Dealer-8", "munich", "GB"];
        assert_eq!(
            nearest("dealer-9", known.into_iter()),
            ["Dealer-8", "dealer-7", "dealer-17"]
        );
        assert_eq!(nearest("gb", known.into_iter()), ["GB"]);
        assert!(nearest("somewhere", known.into_iter()).is_empty());
    }
}
