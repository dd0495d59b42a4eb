//! Names that a filter asks for and that nobody knows, with the nearest ones that somebody does.
//!
//! Zero of a dealer that does not exist looks like the truth about one that does. Never used for owners: whoever asks
//! for one must not be told of others.

use ownerline_projections::Validity;
use ownerline_projections::feedback::{dealers_named, is_dealer_named};
use ownerline_projections::fold::state::StateRead;
use ownerline_projections::network::Network;
use ownerline_proto::time::Instant;

use super::QueryError;
use super::views::unreadable;

/// Names that are suggested at most.
const SUGGESTED: usize = 3;
/// Edits by which a suggested name differs at most, for each three characters of it.
const EDITS: usize = 1;

/// What a filter may name.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Named<'n> {
    /// A dealer.
    pub(super) dealer_id: Option<&'n str>,
    /// A market that dealers are in.
    pub(super) market: Option<&'n str>,
}

/// Refuses the dealer or the market of `filter` that nothing known at a position names.
pub(super) fn refuse_unknown(
    named: Named<'_>,
    network: &dyn StateRead,
    feedback: &dyn StateRead,
    validity: &Validity<'_>,
) -> Result<(), QueryError> {
    // Of any instant: a dealer that is registered later is known all the same.
    let all = || Network::load(network, validity, Instant::MAX).map_err(unreadable);
    if let Some(dealer_id) = named.dealer_id {
        // Almost always it is known, and nobody else has to be read.
        let own = Network::load_dealer(network, validity, Instant::MAX, dealer_id);
        if own.map_err(unreadable)?.told(dealer_id).is_empty() {
            dealer("filter.dealer_id", dealer_id, &all()?, feedback)?;
        }
    }
    match named.market {
        Some(name) => market("filter.market", name, &all()?),
        None => Ok(()),
    }
}

/// Refuses a dealer whom neither a registration nor a feedback names.
pub(super) fn dealer(
    field: &'static str,
    dealer_id: &str,
    network: &Network,
    feedback: &dyn StateRead,
) -> Result<(), QueryError> {
    if !network.told(dealer_id).is_empty()
        || is_dealer_named(feedback, dealer_id).map_err(unreadable)?
    {
        return Ok(());
    }
    let mut known = dealers_named(feedback).map_err(unreadable)?;
    known.extend(network.dealers().map(|(dealer_id, _)| dealer_id.to_owned()));
    Err(unknown(
        field,
        "dealer",
        dealer_id,
        known.iter().map(String::as_str),
    ))
}

/// Refuses a market that no dealer was ever in.
pub(super) fn market(
    field: &'static str,
    market: &str,
    network: &Network,
) -> Result<(), QueryError> {
    let markets = || {
        let told = network.dealers().flat_map(|(_, told)| told);
        told.map(|(_, dealer)| dealer.market.as_str())
    };
    if markets().any(|known| known == market) {
        return Ok(());
    }
    Err(unknown(field, "market", market, markets()))
}

/// The error for a name that is none of the known ones.
pub(super) fn unknown<'n>(
    field: &'static str,
    what: &'static str,
    name: &str,
    known: impl Iterator<Item = &'n str>,
) -> QueryError {
    QueryError::UnknownName {
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
