//! Positions in the log.

use std::fmt;

/// A place in the log. The first touchpoint has position 1; [`Position::START`] (0) is before it.
///
/// Inside the process only: across the API a position is an opaque string that carries the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position(pub u64);

impl Position {
    /// Before the first touchpoint.
    pub const START: Self = Self(0);
    /// After every touchpoint that will ever be recorded.
    pub const MAX: Self = Self(u64::MAX);
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
