//! The states of several read models as of one commit, by the names of their views.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::Position;
use crate::fold::state::{ScanOrder, StateError, StateRead, Visit};

/// The state of one view, which several threads may read.
pub type ViewState<'s> = &'s (dyn StateRead + Sync);

/// The states that one answer is computed from.
#[derive(Clone, Default)]
pub struct Snapshots<'s> {
    by_view: BTreeMap<&'static str, (ViewState<'s>, Position)>,
    recorded_until: i64,
}

impl<'s> Snapshots<'s> {
    /// Adds the state of a view, which holds everything up to `position` and nothing after it.
    #[must_use]
    pub fn with(mut self, view: &'static str, state: ViewState<'s>, position: Position) -> Self {
        self.by_view.insert(view, (state, position));
        self
    }

    /// The state of a view. Every read of one that the question does not name among its needs fails.
    #[must_use]
    pub fn state(&self, view: &str) -> ViewState<'s> {
        self.by_view
            .get(view)
            .map_or(&NotNeeded, |(state, _)| *state)
    }

    /// The position that the state of a view reflects; [`Position::START`] for one that the question does not name among its needs.
    #[must_use]
    pub fn position(&self, view: &str) -> Position {
        self.by_view
            .get(view)
            .map_or(Position::START, |(_, position)| *position)
    }

    /// Sets when the last touchpoint of the log was recorded, read after the states were taken.
    #[must_use]
    pub fn with_recorded_until(mut self, instant: i64) -> Self {
        self.recorded_until = instant;
        self
    }

    /// The instant at or before which everything in the states was recorded, in nanoseconds since the Unix epoch.
    #[must_use]
    pub fn recorded_until(&self) -> i64 {
        self.recorded_until
    }

    /// The position that all states have reached.
    #[must_use]
    pub fn reached(&self) -> Position {
        let positions = self.by_view.values().map(|(_, position)| *position);
        positions.min().unwrap_or(Position::START)
    }
}

/// The state of a view that a question forgot to name.
struct NotNeeded;

impl NotNeeded {
    fn error() -> StateError {
        StateError::Unreadable {
            reason: "the question does not name this view among its needs".to_owned(),
        }
    }
}

impl StateRead for NotNeeded {
    fn get(&self, _: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        Err(Self::error())
    }

    fn scan(&self, _: Range<&[u8]>, _: ScanOrder, _: &mut Visit<'_>) -> Result<(), StateError> {
        Err(Self::error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryState;

    #[test]
    fn a_view_that_was_not_named_is_an_error_and_never_empty() {
        let state = MemoryState::default();
        let snapshots = Snapshots::default().with("one", &state, Position(7));
        assert!(snapshots.state("one").get(b"k").unwrap().is_none());
        assert!(snapshots.state("other").get(b"k").is_err());
        let positions = [snapshots.position("one"), snapshots.reached()];
        assert_eq!(positions, [Position(7), Position(7)]);
    }
}
