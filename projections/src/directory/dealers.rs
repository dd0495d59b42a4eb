//! The dealers that are registered or that feedback names, by id.

use std::collections::BTreeSet;

use super::DEALER_VIEWS;
use crate::feedback::dealers_named;
use crate::network::{Dealer, Network, refuse_unknown_market};
use crate::{AnswerError, Snapshots, Vantage};

/// Which dealers. Every condition that is set holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DealerFilter {
    /// Of this market.
    pub market: Option<String>,
    /// That carry this brand.
    pub brand: Option<String>,
}

/// A question about which dealers there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DealersQuestion {
    /// Which.
    pub filter: DealerFilter,
    /// The id of the last dealer of the page before.
    pub after: Option<String>,
    /// Dealers of the page at most.
    pub limit: usize,
}

/// A dealer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealerEntry {
    /// Its id.
    pub dealer_id: String,
    /// As registered; `None`: feedback names it, and nobody registered it.
    pub registered: Option<Dealer>,
}

/// One page of dealers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DealersPage {
    /// In the order of their ids.
    pub dealers: Vec<DealerEntry>,
    /// There are more.
    pub more: bool,
}

/// Answers one page of dealers.
///
/// # Errors
/// If no dealer was ever in the market asked for, or a state cannot be read.
pub fn dealers(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    question: &DealersQuestion,
) -> Result<DealersPage, AnswerError> {
    let [network, feedback, _] = DEALER_VIEWS.map(|view| snapshots.state(view));
    let validity = vantage.validity()?;
    let network = Network::load(network, &validity, vantage.as_of)?;
    let mut ids = dealers_named(feedback)?;
    if let Some(market) = &question.filter.market {
        refuse_unknown_market("market", market, &network)?;
    }
    ids.extend(network.dealers().map(|(dealer_id, _)| dealer_id.to_owned()));
    ids.retain(|dealer_id| vantage.viewer.sees_dealer(dealer_id));
    let mut dealers = admitted(ids, &network, vantage, question);
    let more = dealers.len() > question.limit;
    dealers.truncate(question.limit);
    Ok(DealersPage { dealers, more })
}

/// The dealers behind the page before that pass the filter, in the order of their ids.
fn admitted(
    ids: BTreeSet<String>,
    network: &Network,
    vantage: &Vantage<'_>,
    question: &DealersQuestion,
) -> Vec<DealerEntry> {
    let filter = &question.filter;
    let entries = ids.into_iter().map(|dealer_id| DealerEntry {
        registered: network.dealer(&dealer_id, vantage.as_of.nearest()).cloned(),
        dealer_id,
    });
    let passes = |entry: &DealerEntry| {
        let dealer = entry.registered.as_ref();
        let of_market = |market: &String| dealer.is_some_and(|it| it.market == *market);
        let of_brand = |brand: &String| dealer.is_some_and(|it| it.brands.contains(brand));
        let after = question.after.as_ref();
        after.is_none_or(|after| *after < entry.dealer_id)
            && filter.market.as_ref().is_none_or(of_market)
            && filter.brand.as_ref().is_none_or(of_brand)
    };
    entries.filter(passes).collect()
}
