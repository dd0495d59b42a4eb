//! The computation of the brand means.

use super::everybody::{EvidenceVisitor, Piece, read};
use super::ledger::Ledger;
use super::means::Means;
use super::model::Model;
use super::rows::Row;
use super::states::AdvocacyStates;
use crate::fold::state::StateError;
use crate::{HistoryKey, Position};

/// Adds up the evidence of all persons as if it were one person's.
struct BrandSum<'m>(Ledger<'m>);

impl EvidenceVisitor for BrandSum<'_> {
    const NEEDS_PERSONS: bool = false;

    fn row(&mut self, _: &HistoryKey, _: &Row, _: &str, _: &[u32]) {}

    fn piece(&mut self, piece: &Piece<'_>, _: &[u32]) {
        self.0.add(piece, &[0]);
    }
}

/// Computes the means at `month`, the start of a month in UTC, from everything recorded by then: `known_at` is the last
/// position that the log recorded at or before that instant. A touchpoint counts once, however many persons it belongs
/// to, and not if it belongs to nobody. Reads all evidence once.
///
/// # Errors
/// If a state cannot be read.
pub fn means(
    states: AdvocacyStates<'_>,
    model: &Model,
    month: i64,
    known_at: Position,
) -> Result<Means, StateError> {
    if known_at == Position::START {
        return Ok(Means::none());
    }
    let mut sum = BrandSum(Ledger::new(model, month.into()));
    read(states, model, known_at, month.into(), &mut sum)?;
    let totals = sum.0.totals(1).pop().unwrap_or_default();
    let mut means = totals.values;
    for (mean, weight) in means.iter_mut().zip(totals.weights) {
        *mean = if weight > 0.0 { *mean / weight } else { 0.0 };
    }
    Ok(Means::new(month, means, totals.weights))
}
