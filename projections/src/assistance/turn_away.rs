//! One owner who was turned away, and what became of it.

use std::collections::BTreeMap;

use super::solution::Next;
use crate::network::Network;
use crate::{HistoryKey, Position, Viewer};

/// Whether a vehicle is of a brand that a dealer carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrandOf {
    /// Of another brand.
    Other,
    /// Of a brand that the dealer carries.
    Own,
    /// No brand of the vehicle is known, or none of the dealer.
    NotKnown,
}

impl BrandOf {
    /// Decides by the brands that the dealer carried at an instant (nanoseconds since the Unix epoch), byte for byte.
    pub(super) fn of(network: &Network, dealer_id: &str, at: i64, brand: &str) -> Self {
        let dealer = network.dealer(dealer_id, at);
        let brands = dealer.map_or(&[][..], |dealer| &dealer.brands);
        match (brand, brands) {
            ("", _) | (_, []) => Self::NotKnown,
            (brand, brands) if brands.iter().any(|it| it == brand) => Self::Own,
            _ => Self::Other,
        }
    }
}

/// One owner who was turned away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnedAway {
    /// Its place.
    pub key: HistoryKey,
    /// The visit.
    pub visit_id: String,
    /// The owner, as named or filled in; empty if not known.
    pub owner_id: String,
    /// The vehicle, likewise.
    pub vin: String,
    /// The dealer, likewise.
    pub dealer_id: String,
    /// The brand of the vehicle; empty if not known.
    pub vehicle_brand: String,
    /// Whether the dealer carries it.
    pub brand: BrandOf,
    /// The number of the reason in the contract.
    pub reason: i32,
    /// Whether it endangered anybody.
    pub safety: bool,
    /// Whether the owner was told what to do next.
    pub told_next_step: bool,
    /// Who took the matter up next.
    pub taken_up: Option<Next>,
    /// What solved it.
    pub solution: Option<Next>,
    /// By feedback: whether it names this visit, and the one in which the matter was taken up or solved.
    pub feedback: BTreeMap<String, (bool, bool)>,
}

impl TurnedAway {
    /// The same for a viewer: what another dealer did, whom the viewer may not see, is left out but for its kind.
    pub(super) fn seen_by(mut self, viewer: &Viewer) -> Self {
        if viewer.sees_network() {
            return self;
        }
        for next in [&mut self.taken_up, &mut self.solution] {
            if let Some(next) = next
                .as_mut()
                .filter(|it| !viewer.sees_dealer(&it.dealer_id))
            {
                next.key = HistoryKey {
                    source: String::new(),
                    id: String::new(),
                    position: Position::START,
                    ..next.key.clone()
                };
                next.visit_id.clear();
                next.dealer_id.clear();
            }
        }
        self.feedback
            .retain(|_, (is_of_this_visit, _)| *is_of_this_visit);
        self
    }

    /// Whether a dealer is another than the one who turned the owner away; `None` if either is not known.
    pub(super) fn is_known_other(&self, dealer_id: &str) -> Option<bool> {
        let is_known = !dealer_id.is_empty() && !self.dealer_id.is_empty();
        is_known.then(|| dealer_id != self.dealer_id)
    }
}
