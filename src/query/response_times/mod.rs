//! Response times: how long owners wait for an answer.

use ownerline_projections::Viewer;
use ownerline_projections::response_times::{ResponseTimeFigures, ResponseTimeQuestion, answer};

use super::basis::Answer;
use super::basis::Bounds;
use super::error::QueryError;
use super::needs::{RESPONSE_TIMES, RESPONSE_TIMES_OF_OTHERS, RESPONSE_TIMES_WITH_BOOKINGS};
use super::permits::{CountPermits, Threads};
use super::reads::Reads;

/// Reads response times. Cheap to clone.
#[derive(Clone)]
pub struct ResponseTimeReads {
    reads: Reads,
    permits: CountPermits,
}

impl ResponseTimeReads {
    /// Reads that share the permits for counts with others.
    #[must_use]
    pub fn new(reads: Reads, permits: CountPermits) -> Self {
        Self { reads, permits }
    }

    /// The figures that are published together.
    ///
    /// # Errors
    /// See [`QueryError`]; [`QueryError::Supposed`] if the supposed policy cannot be used.
    pub async fn get(
        &self,
        question: ResponseTimeQuestion,
        bounds: &Bounds,
        viewer: &Viewer,
    ) -> Result<Answer<ResponseTimeFigures>, QueryError> {
        // A count over one dealer is small, and does not wait behind those over all.
        let permit = match question.is_of_one_dealer() {
            true => None,
            false => Some(self.permits.acquire().await?),
        };
        let question = ResponseTimeQuestion {
            asked_at: self.reads.clock.now(),
            ..question
        };
        let needs = match question.with_bookings {
            true => RESPONSE_TIMES_WITH_BOOKINGS,
            false if question.is_of_other_kind() => RESPONSE_TIMES_OF_OTHERS,
            false => RESPONSE_TIMES,
        };
        let figures = self
            .reads
            .ask(needs, bounds, viewer, move |snapshots, vantage| {
                let _permit = permit;
                answer(snapshots, vantage, &question, &Threads)
            });
        figures.await
    }
}
