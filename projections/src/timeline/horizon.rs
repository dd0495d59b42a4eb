//! The instant until which an answer holds if nothing more is recorded: a planned reveal changes it by time alone, and so
//! does what is known already and occurs later.

use std::cell::RefCell;

use super::query::TimelineQuery;
use crate::Position;
use crate::fold::turns::Turns;
use crate::sight::Sight;
use ownerline_proto::time::Instant;

/// Collects, while a query is answered for a watch, which touchpoints change the answer at which instants.
///
/// What is planned to be revealed after the question is asked is hidden, even if the answer is as of a later instant.
#[derive(Debug)]
pub(crate) struct Horizon {
    now: Instant,
    turns: Option<RefCell<Turns>>,
}

impl Horizon {
    /// The horizon of a question that is asked once, at this instant.
    pub(super) fn at(now: Instant) -> Self {
        Self { now, turns: None }
    }

    /// The horizon of a watch that looks at this instant.
    pub(super) fn of_watch(now: Instant) -> Self {
        Self {
            now,
            turns: Some(RefCell::default()),
        }
    }

    /// The horizon of another answer at the same instant.
    pub(super) fn anew(&self) -> Self {
        Self::at(self.now)
    }

    /// Whether the touchpoint at this position is visible. If it becomes visible later, notes when.
    pub(super) fn admits(&self, sight: Sight, position: Position, query: &TimelineQuery) -> bool {
        let visible_to = query.filter.visible_to;
        let judged_at = query.as_of.min(self.now);
        if sight.admits(visible_to, judged_at) {
            return true;
        }
        if let Some(from) = sight.visible_from.filter(|from| *from > judged_at)
            && sight.admits(visible_to, from)
        {
            self.turns_at(from.nearest(), position);
        }
        false
    }

    /// Whether turns are collected.
    pub(super) fn is_watched(&self) -> bool {
        self.turns.is_some()
    }

    /// Notes that the touchpoint at this position changes the answer at an instant.
    pub(super) fn turns_at(&self, instant: i64, position: Position) {
        if let Some(turns) = &self.turns {
            turns.borrow_mut().add(instant, position);
        }
    }

    /// Returns the turns that were noted.
    pub(super) fn into_turns(self) -> Turns {
        self.turns.map(RefCell::into_inner).unwrap_or_default()
    }
}
