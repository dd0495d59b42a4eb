//! The touchpoints that a pack is folded from.

use ownerline_proto::v1::{Subjects, Touchpoint};

use crate::timeline::TimelineRow;
use crate::{Position, Sight};

/// A touchpoint on which something in the pack rests. Ordered like the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fact {
    /// The number of touchpoints folded before it.
    pub turn: u64,
    /// When it occurred, in nanoseconds since the Unix epoch.
    pub occurred_at: i64,
    /// Its position in the log.
    pub position: Position,
}

impl Fact {
    /// The touchpoint of a row, where nothing is folded before it.
    pub(super) fn of(row: &TimelineRow) -> Self {
        Self {
            turn: 0,
            occurred_at: row.key.occurred_at,
            position: row.position,
        }
    }
}

/// One touchpoint in force with its timeline row.
#[derive(Clone, Copy)]
pub(super) struct Entry<'t> {
    pub(super) fact: Fact,
    pub(super) row: &'t TimelineRow,
    pub(super) touchpoint: &'t Touchpoint,
    /// Its own subjects, with those that it inherits from the touchpoint that it corrects; likewise the sight.
    pub(super) subjects: &'t Subjects,
    pub(super) sight: Sight,
}
