//! Help beyond the sale.

use ownerline_projections::Viewer;
use ownerline_projections::assistance::{AssistanceFigures, AssistanceQuestion, answer};

use super::basis::{Answer, Bounds};
use super::error::QueryError;
use super::needs::ASSISTANCE;
use super::permits::CountPermits;
use super::reads::Reads;

/// Reads help beyond the sale. Cheap to clone.
#[derive(Clone)]
pub struct AssistanceReads {
    reads: Reads,
    permits: CountPermits,
}

impl AssistanceReads {
    /// Reads that share the permits for counts with others.
    #[must_use]
    pub fn new(reads: Reads, permits: CountPermits) -> Self {
        Self { reads, permits }
    }

    /// The figures that are published together.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn get(
        &self,
        question: AssistanceQuestion,
        bounds: &Bounds,
        viewer: &Viewer,
    ) -> Result<Answer<AssistanceFigures>, QueryError> {
        let permit = self.permits.acquire().await?;
        let figures = self
            .reads
            .ask(ASSISTANCE, bounds, viewer, move |snapshots, vantage| {
                let _permit = permit;
                answer(snapshots, vantage, &question)
            });
        figures.await
    }
}
