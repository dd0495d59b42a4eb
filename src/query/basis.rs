//! The position and the instant that an answer reflects.

use ownerline_proto::time::Instant;

use super::error::QueryError;
use crate::projector::Required;
use crate::store::{Position, SharedStore};

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

/// The bounds that a request sets for the position and the instant of its answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bounds {
    /// At least everything up to here.
    pub at_least: Option<Position>,
    /// As known when.
    pub known_at: KnownAt,
    /// As it was at this instant; absent: now.
    pub as_of: Option<Instant>,
}

/// The position and the instant that an answer reflects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Basis {
    /// Nothing recorded after this position counts.
    pub known_at: Position,
    /// Nothing that occurred after this instant counts.
    pub as_of: Instant,
    /// When the first page was asked for. What is planned to be revealed later is hidden, however late `as_of` is.
    pub asked_at: Instant,
    /// The request asked for what is known now, so that what was recorded after `known_at` is missing.
    pub may_be_stale: bool,
}

/// A value and the position and instant that it reflects.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    /// The value.
    pub value: T,
    /// What it reflects.
    pub basis: Basis,
    /// The request asked for what is known now, and more was recorded than the answer reflects.
    pub stale: bool,
}

impl<T> Answer<T> {
    /// The same basis with another value.
    pub(super) fn map<U>(self, value: impl FnOnce(T) -> U) -> Answer<U> {
        Answer {
            value: value(self.value),
            basis: self.basis,
            stale: self.stale,
        }
    }
}

/// What to wait for, and the basis as far as it is settled before the read models are looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// The read models must have reached this position.
    reached: Position,
    /// `None`: what the read models have reached.
    known_at: Option<Position>,
    /// `None`: the time at which they are looked at.
    as_of: Option<Instant>,
    /// `None`: the time at which they are looked at.
    asked_at: Option<Instant>,
    may_be_stale: bool,
}

impl Wanted {
    /// What a request asks for.
    ///
    /// # Errors
    /// [`QueryError::BehindEnd`] for positions the log does not have; reading the log may fail.
    pub(super) async fn by(bounds: &Bounds, store: &SharedStore) -> Result<Self, QueryError> {
        let head = store.head().borrow().position;
        let at_least = bounds.at_least.unwrap_or_default();
        if at_least > head {
            return Err(QueryError::BehindEnd { field: "at_least" });
        }
        let known_at = match bounds.known_at {
            KnownAt::Now => None,
            KnownAt::Position(position) if position > head => {
                return Err(QueryError::BehindEnd {
                    field: "known_at.position",
                });
            }
            KnownAt::Position(position) => Some(position),
            KnownAt::Instant(instant) => Some(known_by(store, instant).await?),
        };
        Ok(Self {
            reached: known_at.unwrap_or(at_least).max(at_least),
            known_at,
            as_of: bounds.as_of,
            asked_at: None,
            may_be_stale: known_at.is_none(),
        })
    }

    /// What is known now, as it was at an instant.
    pub(super) fn now(as_of: Instant) -> Self {
        Self {
            reached: Position::START,
            known_at: None,
            as_of: Some(as_of),
            asked_at: None,
            may_be_stale: false,
        }
    }

    /// What was known at a position that the read models reach, as it was at an instant.
    pub(super) fn known(known_at: Position, as_of: Instant) -> Self {
        Self {
            reached: known_at,
            known_at: Some(known_at),
            ..Self::now(as_of)
        }
    }

    /// The basis of an earlier answer.
    pub(super) fn again(basis: Basis) -> Self {
        Self {
            reached: basis.known_at,
            known_at: Some(basis.known_at),
            as_of: Some(basis.as_of),
            asked_at: Some(basis.asked_at),
            may_be_stale: basis.may_be_stale,
        }
    }

    /// What the read models must hold. What was known at a position is answered from whatever has reached it; what is
    /// known now, only from read models that have caught up since they were opened.
    pub(super) fn required(self) -> Required {
        match self.known_at {
            Some(_) => Required::KnownAt(self.reached),
            None => Required::Now(self.reached),
        }
    }

    /// The basis of an answer from read models that have reached a position and are looked at now.
    pub(super) fn basis(self, reached: Position, now: i64) -> Basis {
        Basis {
            known_at: self.known_at.unwrap_or(reached),
            as_of: self.as_of.unwrap_or_else(|| now.into()),
            asked_at: self.asked_at.unwrap_or_else(|| now.into()),
            may_be_stale: self.may_be_stale,
        }
    }
}

impl Basis {
    /// The request asked for what is known now, and more was recorded than this.
    pub(super) fn is_stale(&self, store: &SharedStore) -> bool {
        self.may_be_stale && store.head().borrow().position > self.known_at
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
