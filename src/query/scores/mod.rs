//! Scores about what owners say.

use ownerline_projections::Viewer;
use ownerline_projections::scores::{ScoresFigures, ScoresQuestion, answer};

use super::basis::Answer;
use super::basis::Bounds;
use super::error::QueryError;
use super::needs::SCORES;
use super::permits::{CountPermits, Threads};
use super::reads::Reads;

/// Reads scores. Cheap to clone.
#[derive(Clone)]
pub struct ScoreReads {
    reads: Reads,
    permits: CountPermits,
}

impl ScoreReads {
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
        question: ScoresQuestion,
        bounds: &Bounds,
        viewer: &Viewer,
    ) -> Result<Answer<ScoresFigures>, QueryError> {
        // A count over one dealer is small, and does not wait behind those over all.
        let permit = match question.is_of_one_dealer() {
            true => None,
            false => Some(self.permits.acquire().await?),
        };
        let figures = self
            .reads
            .ask(SCORES, bounds, viewer, move |snapshots, vantage| {
                let _permit = permit;
                answer(snapshots, vantage, &question, &Threads)
            });
        figures.await
    }
}
