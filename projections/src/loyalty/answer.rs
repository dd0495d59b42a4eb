//! The answer about loyalty: all figures that are published together.

use super::{LoyaltyFigures, LoyaltyQuery, LoyaltyScope, LoyaltyStates, loyalty};
use crate::network::unknown_name;
use crate::{AnswerError, Snapshots, Vantage};

/// A question about loyalty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoyaltyQuestion {
    /// The owners and returns to count.
    pub scope: LoyaltyScope,
    /// The points at which to read the retention curve, in whole days.
    pub lengths: Vec<u64>,
}

/// Answers a question about loyalty.
///
/// # Errors
/// If the scope names an unknown make or market, the viewer may not see the whole network, or a state cannot be read.
pub fn answer(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    question: LoyaltyQuestion,
) -> Result<LoyaltyFigures, AnswerError> {
    if !vantage.viewer.sees_network() {
        return Err(AnswerError::OutOfScope { what: "loyalty" });
    }
    let query = LoyaltyQuery {
        scope: question.scope,
        lengths: question.lengths,
        as_of: vantage.as_of,
        known_at: vantage.known_at,
    };
    let states = LoyaltyStates::of(snapshots);
    let figures = loyalty(states, &query, vantage.cancellation())?;
    refuse_unknown(&query.scope, &figures)?;
    Ok(figures)
}

/// Refuses a make or a market that no touchpoint names.
fn refuse_unknown(scope: &LoyaltyScope, figures: &LoyaltyFigures) -> Result<(), AnswerError> {
    if let Some(make) = &scope.make
        && !figures.makes.contains(make)
    {
        let known = figures.makes.iter().map(String::as_str);
        return Err(unknown_name("filter.make", "make", make, known));
    }
    if let Some(market) = &scope.market
        && !figures.markets.contains(market)
    {
        let known = figures.markets.iter().map(String::as_str);
        return Err(unknown_name("filter.market", "market", market, known));
    }
    Ok(())
}
