//! Loyalty: whether persons come back for another car of the same make. `docs/scores.md` says how each figure is formed
//! and why; it says nothing about recommending, and no figure of it enters a score of advocacy.
//!
//! Everything told about everybody is read once (`gather`); what is told of one person in several ways becomes one
//! list of acquisitions (`acquired`), that a list of spells (`spell`); spells are counted by make and published.
//! Amounts of the last 24 months make earned growth (`growth`) beside it.

mod acquired;
mod amounts;
mod answer;
mod counted;
pub mod fold;
mod gather;
mod growth;
mod makes;
mod publish;
mod query;
mod spell;
mod years;

pub use answer::{LoyaltyQuestion, answer};
pub use fold::VIEW;
pub use query::{LoyaltyQuery, LoyaltyScope, LoyaltyStates};

use std::collections::BTreeSet;

use ownerline_proto::v1::{EarnedGrowth, Loyalty, LoyaltyOfMake};

use crate::Validity;
use crate::fold::state::StateError;

/// Days at which the curve is read if nobody says: one to ten years of 365.25 days, rounded up.
pub const LENGTHS: [u64; 10] = [
    366, 731, 1_096, 1_461, 1_827, 2_192, 2_557, 2_922, 3_288, 3_653,
];

/// Makes that are answered: those whose names come first.
pub const MAKES: usize = 10_000;

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct LoyaltyFigures {
    /// Of every make that is known.
    pub total: Loyalty,
    /// By make, in the order of their names.
    pub groups: Vec<LoyaltyOfMake>,
    /// There are more makes.
    pub groups_cut: bool,
    /// Growth that was not bought.
    pub earned_growth: EarnedGrowth,
    /// Every make that was named, if one is asked for; sorted.
    pub makes: Vec<String>,
    /// Every market that somebody was registered in, if one is asked for.
    pub markets: BTreeSet<String>,
}

/// Answers loyalty. `is_over` is asked now and then: whether nobody waits for the answer any more; then it is given up
/// with an error.
///
/// # Errors
/// If a state cannot be read.
pub fn loyalty(
    states: LoyaltyStates<'_>,
    query: &LoyaltyQuery,
    is_over: &dyn Fn() -> bool,
) -> Result<LoyaltyFigures, StateError> {
    let validity = Validity::for_all(states.corrections, query.known_at)?;
    let years = years::Years::until(query.as_of);
    let gathered = gather::gather(states, &validity, query, years, is_over)?;
    let counted = counted::count(&gathered, query);
    let earned_growth = growth::growth(gathered.amounts, &gathered.currencies, years);
    let names = &gathered.makes;
    let (total, groups, groups_cut) = counted.publish(names, &query.lengths);
    let named = names.iter().filter(|(name, _)| !name.is_empty());
    let makes = match query.scope.make {
        Some(_) => named.map(|(name, _)| name.to_owned()).collect(),
        None => Vec::new(),
    };
    Ok(LoyaltyFigures {
        total,
        groups,
        groups_cut,
        earned_growth,
        makes,
        markets: gathered.markets,
    })
}
