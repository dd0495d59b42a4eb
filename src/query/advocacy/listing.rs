//! The name under which a list of advocates is kept: everything that it follows from.

use ownerline_projections::advocacy::{AdvocatesBy, AdvocatesQuery, Measure, Measures};

/// One question, with everything that its answer follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listing([u8; 32]);

impl Listing {
    pub(super) fn of(query: &AdvocatesQuery, measures: &Measures) -> Self {
        let mut hasher = blake3::Hasher::new();
        let mut add = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        let group_by = match query.group_by {
            None => 0,
            Some(AdvocatesBy::Dealer) => 1,
            Some(AdvocatesBy::Market) => 2,
        };
        add(&[group_by]);
        add(query.dealer_id.as_bytes());
        add(query.market.as_bytes());
        add(&query.least_confidence.to_le_bytes());
        add(&(query.limit as u64).to_le_bytes());
        add(&query.as_of.nanos().to_le_bytes());
        add(&query.known_at.0.to_le_bytes());
        let mut add_measure = |measure: &Measure| {
            add(&measure.model.digest());
            // The means follow from the model, the month, and the rest.
            add(&measure.means.month.unwrap_or(i64::MIN).to_le_bytes());
        };
        add_measure(&measures.network);
        for measure in measures.by_market.values() {
            add_measure(measure);
        }
        for market in measures.by_market.keys() {
            add(market.as_bytes());
        }
        Self(*hasher.finalize().as_bytes())
    }
}
