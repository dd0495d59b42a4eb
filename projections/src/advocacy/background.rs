//! The background of a person: market, tier, dealer and previous brand.

use super::rows::{Row, RowKind};
use crate::HistoryKey;

/// The background of a person. Empty texts are unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Background {
    /// The market, as last registered.
    pub market: String,
    /// The tier, as last registered.
    pub tier: String,
    /// The dealer of their last evidence, as named there or filled in from its stream.
    pub dealer_id: String,
    /// The previous brand: the one with the latest `until`; if several have the same, the last in history order.
    pub prior_brand: String,
    /// The tier of the previous brand.
    pub prior_tier: String,
}

/// Collects the background of one person from rows in any order.
#[derive(Debug, Clone, Default)]
pub(super) struct BackgroundBuilder {
    background: Background,
    market: Option<HistoryKey>,
    tier: Option<HistoryKey>,
    dealer: Option<HistoryKey>,
    prior: Option<(String, HistoryKey)>,
}

impl BackgroundBuilder {
    /// Adds a row of the person; `dealer_id` as named, or filled in from its stream.
    pub(super) fn add(&mut self, key: &HistoryKey, row: &Row, dealer_id: &str) {
        let into = &mut self.background;
        keep_last(&mut self.dealer, key, dealer_id, &mut into.dealer_id);
        match row.kind() {
            RowKind::OwnerRegistered => {
                keep_last(&mut self.market, key, &row.market, &mut into.market);
                keep_last(&mut self.tier, key, &row.tier, &mut into.tier);
            }
            RowKind::PriorBrandRecorded => {
                let place = (row.until.clone(), key.clone());
                if self.prior.as_ref().is_none_or(|known| *known < place) {
                    row.brand.clone_into(&mut into.prior_brand);
                    row.tier.clone_into(&mut into.prior_tier);
                    self.prior = Some(place);
                }
            }
            _ => {}
        }
    }

    pub(super) fn finish(self) -> Background {
        self.background
    }
}

fn keep_last(known: &mut Option<HistoryKey>, key: &HistoryKey, text: &str, into: &mut String) {
    if !text.is_empty() && known.as_ref().is_none_or(|known| known < key) {
        *known = Some(key.clone());
        text.clone_into(into);
    }
}
