//! Loyalty: everything about everybody, as of one commit, read once.

use ownerline_projections::Viewer;
use ownerline_projections::loyalty::{LoyaltyFigures, LoyaltyQuestion, answer};

use super::basis::Answer;
use super::basis::Bounds;
use super::error::QueryError;
use super::needs::LOYALTY;
use super::permits::CountPermits;
use super::reads::Reads;

/// Readings that run at once; more wait. Each keeps a core busy for seconds in a large store.
const READINGS: usize = 1;

/// Reads loyalty. Cheap to clone.
#[derive(Clone)]
pub struct LoyaltyReads {
    reads: Reads,
    permits: CountPermits,
}

impl LoyaltyReads {
    /// Reads with permits of their own.
    #[must_use]
    pub fn new(reads: Reads) -> Self {
        let permits = CountPermits::new(READINGS);
        Self { reads, permits }
    }

    /// The figures that are published together.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn get(
        &self,
        question: LoyaltyQuestion,
        bounds: &Bounds,
        viewer: &Viewer,
    ) -> Result<Answer<LoyaltyFigures>, QueryError> {
        let permit = self.permits.acquire().await?;
        let figures = self
            .reads
            .ask(LOYALTY, bounds, viewer, move |snapshots, vantage| {
                let _permit = permit;
                answer(snapshots, vantage, question)
            });
        figures.await
    }
}
