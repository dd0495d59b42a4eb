//! A question about help beyond the sale, and where something counts.

use crate::civil::{CivilCalendar, Period};
use crate::network::Network;

/// The dimension to group by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBy {
    /// The dealer who turned the owner away, helped, or granted goodwill.
    Dealer,
    /// The market that dealer was in then.
    Market,
    /// The brand of the vehicle.
    Brand,
    /// The month, in the zone that dealer was in then, else UTC.
    Month,
}

/// The turn-aways and visits that count: those for which every condition that is set holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// The market of the dealer.
    pub market: Option<String>,
    /// The dealer.
    pub dealer_id: Option<String>,
    /// The brand of the vehicle.
    pub brand: Option<String>,
    /// The period, in the zone that the dealer was in then.
    pub period: Period,
}

/// A question about help beyond the sale.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AssistanceQuestion {
    /// The turn-aways and visits that count.
    pub scope: Scope,
    /// The dimension to group by.
    pub group_by: Option<GroupBy>,
}

/// Where and when something happened, and with which brand of vehicle; empty texts are not known.
#[derive(Clone, Copy)]
pub(super) struct Spot<'s> {
    pub(super) dealer_id: &'s str,
    pub(super) brand: &'s str,
    /// In nanoseconds since the Unix epoch.
    pub(super) at: i64,
}

impl AssistanceQuestion {
    /// Whether something that happened there counts.
    pub(super) fn selects(
        &self,
        spot: Spot<'_>,
        network: &Network,
        calendar: &mut CivilCalendar,
    ) -> bool {
        let is = |wanted: &Option<String>, actual: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == actual)
        };
        let scope = &self.scope;
        is(&scope.dealer_id, spot.dealer_id)
            && is(&scope.brand, spot.brand)
            && is(&scope.market, market(spot, network))
            && scope.period.holds(spot.at, calendar, || {
                network.time_zone(spot.dealer_id, spot.at)
            })
    }

    /// Whether something that happened then may count, as long as only the dealer is known that it names itself, if any. It
    /// takes no look-up, so that most of what does not count is left out at once.
    pub(super) fn may_select(&self, dealer_id: &str, at: i64, network: &Network) -> bool {
        let scope = &self.scope;
        let is = |wanted: &Option<String>, actual: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == actual)
        };
        let spot = Spot {
            dealer_id,
            brand: "",
            at,
        };
        let of_dealer = || {
            dealer_id.is_empty()
                || is(&scope.dealer_id, dealer_id) && is(&scope.market, market(spot, network))
        };
        scope.period.may_hold(at) && of_dealer()
    }

    /// The group in which it counts.
    pub(super) fn key(
        &self,
        spot: Spot<'_>,
        network: &Network,
        calendar: &mut CivilCalendar,
    ) -> Option<String> {
        let key = match self.group_by? {
            GroupBy::Dealer => spot.dealer_id,
            GroupBy::Market => market(spot, network),
            GroupBy::Brand => spot.brand,
            GroupBy::Month => calendar.month(network.time_zone(spot.dealer_id, spot.at), spot.at),
        };
        Some(key.to_owned())
    }
}

fn market<'n>(spot: Spot<'_>, network: &'n Network) -> &'n str {
    let dealer = network.dealer(spot.dealer_id, spot.at);
    dealer.map_or("", |dealer| &dealer.market)
}
