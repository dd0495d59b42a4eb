//! What else is known of a person: where they belong, and what they drove before.

use super::rows::{Row, Says};
use crate::HistoryKey;

/// What else is known of a person. Empty: not known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Background {
    /// As last registered.
    pub market: String,
    /// As last registered.
    pub tier: String,
    /// The dealer that the last of their evidence names, or its stream.
    pub dealer_id: String,
    /// The brand before: the one kept longest, by the day until which; of equal days the last told.
    pub prior_brand: String,
    /// Its tier.
    pub prior_tier: String,
}

/// Takes what was told about one person in any order.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    background: Background,
    market: Option<HistoryKey>,
    tier: Option<HistoryKey>,
    dealer: Option<HistoryKey>,
    prior: Option<(String, HistoryKey)>,
}

impl Told {
    /// Takes a row of theirs; `dealer_id` as named, or filled in from its stream.
    pub(super) fn take(&mut self, key: &HistoryKey, row: &Row, dealer_id: &str) {
        let into = &mut self.background;
        last(&mut self.dealer, key, dealer_id, &mut into.dealer_id);
        match row.says() {
            Says::OwnerRegistered => {
                last(&mut self.market, key, &row.market, &mut into.market);
                last(&mut self.tier, key, &row.tier, &mut into.tier);
            }
            Says::PriorBrandRecorded => {
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

fn last(known: &mut Option<HistoryKey>, key: &HistoryKey, text: &str, into: &mut String) {
    if !text.is_empty() && known.as_ref().is_none_or(|known| known < key) {
        *known = Some(key.clone());
        text.clone_into(into);
    }
}
