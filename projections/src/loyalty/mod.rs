//! Loyalty: whether persons come back for another car of the same make. `docs/scores.md` defines each figure and gives
//! the reasons. Loyalty is not about recommending, and no figure of it enters a score of advocacy.
//!
//! All inputs are read once (`gather`). The reports about one person become a list of acquisitions (`acquired`), and
//! these a list of spells (`spell`). Spells are counted by make (`counted`) and published. Earned growth (`growth`) comes
//! from the payments of the last 24 months.

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

/// The default points of the curve in days: one to ten years of 365.25 days, rounded up.
pub const LENGTHS: [u64; 10] = [
    366, 731, 1_096, 1_461, 1_827, 2_192, 2_557, 2_922, 3_288, 3_653,
];

/// The most makes in an answer: those whose names come first.
pub const MAKES: usize = 10_000;

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct LoyaltyFigures {
    /// The figures of all known makes together.
    pub total: Loyalty,
    /// The figures by make, in the order of their names.
    pub groups: Vec<LoyaltyOfMake>,
    /// Whether there are more makes.
    pub groups_cut: bool,
    /// Earned growth.
    pub earned_growth: EarnedGrowth,
    /// Every named make, if the query names one; sorted.
    pub makes: Vec<String>,
    /// Every market of a registration, if the query names one.
    pub markets: BTreeSet<String>,
}

/// Answers loyalty. Gives up with an error once `is_over` says that nobody waits for the answer any more.
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
    let inputs = gather::gather(states, &validity, query, years, is_over)?;
    let tallies = counted::count(&inputs, query);
    let earned_growth = growth::growth(inputs.amounts, &inputs.currencies, years);
    let names = &inputs.makes;
    let (total, groups, groups_cut) = tallies.publish(names, &query.lengths);
    let known_makes = names.iter().filter(|(name, _)| !name.is_empty());
    let makes = match query.scope.make {
        Some(_) => known_makes.map(|(name, _)| name.to_owned()).collect(),
        None => Vec::new(),
    };
    Ok(LoyaltyFigures {
        total,
        groups,
        groups_cut,
        earned_growth,
        makes,
        markets: inputs.markets,
    })
}
