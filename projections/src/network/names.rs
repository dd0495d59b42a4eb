//! Refuses names in filters that no touchpoint knows, and suggests the nearest known ones.
//!
//! A zero for a dealer that does not exist would look like the truth about one that does. Owners are never suggested:
//! whoever asks for one must not be told about others.

use ownerline_proto::time::Instant;

use super::Network;
use crate::feedback::{dealers_named, is_dealer_named};
use crate::fold::state::StateRead;
use crate::{AnswerError, Validity, Viewer};

/// Names that are suggested at most.
const SUGGESTED: usize = 3;
/// Edits by which a suggested name differs at most, for each three characters of it.
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
    /// Refuses the dealer or the market of `filter` that nothing known at the position names, or that the viewer may
    /// not know of.
    pub(crate) fn refuse_unknown(
        self,
        network: &dyn StateRead,
        feedback: &dyn StateRead,
        validity: &Validity<'_>,
        viewer: &Viewer,
    ) -> Result<(), AnswerError> {
        // Of any instant: a dealer that is registered later is known all the same.
        let all = || Network::load(network, validity, Instant::MAX);
        if let Some(dealer_id) = self.dealer_id {
            // Almost always it is known, and nobody else has to be read.
            let own = Network::load_dealer(network, validity, Instant::MAX, dealer_id)?;
            if own.told(dealer_id).is_empty() || !viewer.sees_dealer(dealer_id) {
                refuse_unknown_dealer("filter.dealer_id", dealer_id, &all()?, feedback, viewer)?;
            }
        }
        match self.market {
            Some(name) => refuse_unknown_market("filter.market", name, &all()?),
            None => Ok(()),
        }
    }
}

/// Refuses a dealer that neither a registration nor a feedback names, or that the viewer may not know of.
pub(crate) fn refuse_unknown_dealer(
    field: &'static str,
    dealer_id: &str,
    network: &Network,
    feedback: &dyn StateRead,
    viewer: &Viewer,
) -> Result<(), AnswerError> {
    let is_known = || -> Result<bool, AnswerError> {
        Ok(!network.told(dealer_id).is_empty() || is_dealer_named(feedback, dealer_id)?)
    };
    if viewer.sees_dealer(dealer_id) && is_known()? {
        return Ok(());
    }
    let mut known = dealers_named(feedback)?;
    known.extend(network.dealers().map(|(dealer_id, _)| dealer_id.to_owned()));
    let seen = known.iter().map(String::as_str);
    let seen = seen.filter(|known| viewer.sees_dealer(known));
    Err(unknown_name(field, "dealer", dealer_id, seen))
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

/// The error for a name that is none of the known ones.
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

/// The known names that differ least, the nearest first.
fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Vec<String> {
    let wanted = name.to_lowercase();
    let most = EDITS.max(wanted.chars().count() / 3);
    let measured = known.filter(|known| !known.is_empty()).map(|known| {
        let edits = strsim::damerau_levenshtein(&wanted, &known.to_lowercase());
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
