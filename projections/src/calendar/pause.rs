//! Time that does not count against a budget.

/// A span of time in which a clock stands still, in nanoseconds since the Unix epoch; its end is exclusive. Spans given
/// together are in order and do not overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// The first instant of it.
    pub from: i64,
    /// The instant just after it; `None` if it has not ended.
    pub until: Option<i64>,
}
