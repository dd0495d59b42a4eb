//! What an answer stands on: which position, which instant, and waiting until the read model is there.

use super::QueryError;
use crate::store::{Position, SharedStore};
use ownerline_proto::time::Instant;

/// As known when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KnownAt {
    /// Everything the read model has applied.
    #[default]
    Now,
    /// Up to and including this position.
    Position(Position),
    /// Recorded at or before this instant (nanoseconds since the Unix epoch).
    Instant(i64),
}

/// What a request demands of the basis.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bounds {
    /// At least everything up to here.
    pub at_least: Option<Position>,
    /// As known when.
    pub known_at: KnownAt,
    /// As it was when (nanoseconds since the Unix epoch); absent: now.
    pub as_of: Option<Instant>,
}

/// What an answer stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basis {
    /// Nothing recorded behind it counts.
    pub known_at: Position,
    /// Nothing that occurred after it counts (nanoseconds since the Unix epoch).
    pub as_of: Instant,
    /// Now was asked for, so that what was recorded behind `known_at` is missing.
    pub may_be_stale: bool,
}

impl Basis {
    /// Now was asked for, and more was recorded than it stands on.
    pub(super) fn is_stale(&self, store: &SharedStore) -> bool {
        self.may_be_stale && store.head().borrow().position > self.known_at
    }
}

impl Bounds {
    /// The position the read model must have reached, and the position asked for, if any.
    ///
    /// # Errors
    /// [`QueryError::BehindEnd`] for positions the log does not have; reading the log may fail.
    pub(super) async fn resolve(
        &self,
        store: &SharedStore,
    ) -> Result<(Position, Option<Position>), QueryError> {
        let head = store.head().borrow().position;
        let at_least = self.at_least.unwrap_or_default();
        if at_least > head {
            return Err(QueryError::BehindEnd { field: "at_least" });
        }
        let known_at = match self.known_at {
            KnownAt::Now => None,
            KnownAt::Position(position) if position > head => {
                return Err(QueryError::BehindEnd {
                    field: "known_at.position",
                });
            }
            KnownAt::Position(position) => Some(position),
            KnownAt::Instant(instant) => Some(known_by(store, instant).await?),
        };
        Ok((known_at.unwrap_or(at_least).max(at_least), known_at))
    }
}

/// The last position recorded by an instant. Zeros of a time before the log would look like the truth.
async fn known_by(store: &SharedStore, instant: i64) -> Result<Position, QueryError> {
    let known = store.position_at(instant).await?;
    let head = store.head().borrow().position;
    if known > Position::START || head == Position::START {
        return Ok(known);
    }
    let first = Position(Position::START.0 + 1);
    let first = store.read_positions(vec![first]).await?;
    match first.first() {
        Some(event) => Err(QueryError::BeforeLog {
            begins_at: event.recorded_at,
        }),
        None => Ok(known),
    }
}
