//! The instant until which an answer holds if nothing more is recorded: a planned reveal changes it by time alone.

use std::cell::Cell;

use super::query::TimelineQuery;
use crate::sight::Sight;
use ownerline_proto::time::Instant;

/// Collects, while a query is answered, the earliest instant at which its answer changes.
///
/// What is planned to be revealed after the question is asked is hidden, even if the answer is as of a later instant.
#[derive(Debug)]
pub(crate) struct Horizon {
    now: Instant,
    turns_at: Cell<Option<Instant>>,
}

impl Horizon {
    /// The horizon of a question that is asked at this instant.
    pub(super) fn at(now: Instant) -> Self {
        Self {
            now,
            turns_at: Cell::new(None),
        }
    }

    /// The horizon of another answer at the same instant.
    pub(super) fn anew(&self) -> Self {
        Self::at(self.now)
    }

    /// Whether a touchpoint is visible. If it becomes visible later, notes when.
    pub(super) fn admits(&self, sight: Sight, query: &TimelineQuery) -> bool {
        let visible_to = query.filter.visible_to;
        let judged_at = query.as_of.min(self.now);
        if sight.admits(visible_to, judged_at) {
            return true;
        }
        if let Some(from) = sight.visible_from.filter(|from| *from > judged_at)
            && sight.admits(visible_to, from)
        {
            let earlier = self.turns_at.get().is_none_or(|known| from < known);
            if earlier {
                self.turns_at.set(Some(from));
            }
        }
        false
    }

    /// The earliest noted instant.
    pub(super) fn turns_at(&self) -> Option<Instant> {
        self.turns_at.get()
    }
}
