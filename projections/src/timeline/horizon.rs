//! The instant until which an answer holds if nothing more is recorded: a planned reveal changes it by time alone.

use std::cell::Cell;

use super::query::TimelineQuery;
use crate::sight::Sight;
use ownerline_proto::time::Instant;

/// Collects, while a query is answered, the earliest instant at which its answer changes.
#[derive(Debug, Default)]
pub(crate) struct Horizon {
    turns_at: Cell<Option<Instant>>,
}

impl Horizon {
    /// Whether a touchpoint is visible. If it becomes visible later, notes when.
    pub(super) fn admits(&self, sight: Sight, query: &TimelineQuery) -> bool {
        let visible_to = query.filter.visible_to;
        if sight.admits(visible_to, query.as_of) {
            return true;
        }
        if let Some(from) = sight.visible_from.filter(|from| *from > query.as_of)
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
