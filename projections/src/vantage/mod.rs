//! Where an answer stands, and for whom: the instant, the position and the viewer of one question, and the states of
//! the read models that it is answered from.

mod error;
mod snapshots;
mod touchpoint_key;
mod viewer;

pub use error::AnswerError;
pub use snapshots::{Snapshots, ViewState};
pub use touchpoint_key::TouchpointKey;
pub use viewer::{DealerScope, Viewer};

use ownerline_proto::time::Instant;

use crate::fold::corrections;
use crate::fold::state::StateError;
use crate::{Position, Validity};

/// The standpoint of one answer. Cheap to copy, and shared by the threads that count for one answer.
#[derive(Clone, Copy)]
pub struct Vantage<'s> {
    /// As it was: what occurred at or before this instant.
    pub as_of: Instant,
    /// When the question is asked. What is planned to be revealed later is hidden, however late `as_of` is.
    pub now: Instant,
    /// As it was known: what was recorded at or before this position, which every snapshot has reached.
    pub known_at: Position,
    /// Who asks.
    pub viewer: &'s Viewer,
    corrections: ViewState<'s>,
    is_cancelled: &'s (dyn Fn() -> bool + Sync),
}

impl<'s> Vantage<'s> {
    /// The standpoint of a question that nobody cancels, asked at `as_of`.
    #[must_use]
    pub fn new(
        snapshots: &Snapshots<'s>,
        as_of: Instant,
        known_at: Position,
        viewer: &'s Viewer,
    ) -> Self {
        Self {
            as_of,
            now: as_of,
            known_at,
            viewer,
            corrections: snapshots.state(corrections::VIEW.name),
            is_cancelled: &|| false,
        }
    }

    /// The same standpoint for a question that is asked at this instant.
    #[must_use]
    pub fn asked_at(self, now: Instant) -> Self {
        Self { now, ..self }
    }

    /// The same standpoint for a caller who may go away: `is_cancelled` is asked now and then while an answer is computed.
    #[must_use]
    pub fn until(self, is_cancelled: &'s (dyn Fn() -> bool + Sync)) -> Self {
        Self {
            is_cancelled,
            ..self
        }
    }

    /// Whether nobody waits for the answer any more.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        (self.is_cancelled)()
    }

    /// [`Self::is_cancelled`] as a function.
    pub fn cancellation(&self) -> &'s (dyn Fn() -> bool + Sync) {
        self.is_cancelled
    }

    /// Which touchpoints are in force from here. Each thread needs its own: what is looked up is remembered in it.
    ///
    /// # Errors
    /// If the state of corrections cannot be read.
    pub fn validity(&self) -> Result<Validity<'s>, StateError> {
        Validity::new(self.corrections, self.known_at)
    }
}
