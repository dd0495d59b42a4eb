//! A recorded touchpoint as the folds see it, decoded once for all views.

use std::sync::Arc;

use ownerline_proto::kind::Kind;
use ownerline_proto::v1::Touchpoint;

use crate::{HistoryKey, Position, Rank};

/// A touchpoint and what the log adds around it.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Its place in the log, from 1.
    pub position: Position,
    /// `<category>-<id>`
    pub stream: Arc<str>,
    /// Its place in the stream, from 0.
    pub revision: u64,
    /// When the log took it, in nanoseconds since the Unix epoch.
    pub recorded_at: i64,
    /// When it happened, in nanoseconds since the Unix epoch.
    pub occurred_at: i64,
    /// The kind of its payload.
    pub kind: &'static Kind,
    /// What was recorded, personal part included.
    pub touchpoint: Touchpoint,
}

impl Recorded {
    /// The rank among touchpoints of its instant.
    #[must_use]
    pub fn rank(&self) -> Rank {
        Rank::of(&self.touchpoint, self.kind.number)
    }

    /// The place in history order.
    #[must_use]
    pub fn key(&self) -> HistoryKey {
        HistoryKey {
            occurred_at: self.occurred_at,
            rank: self.rank(),
            source: self.touchpoint.source.clone(),
            id: self.touchpoint.id.clone(),
            position: self.position,
        }
    }
}
