//! The clocks that budgets run by.

use std::sync::Arc;

use ownerline_proto::time::Instant;

use super::{Calendar, Pause, elapsed};

/// How the time of a budget passes. Instants and spans are in nanoseconds; instants count from the Unix epoch.
#[derive(Debug, Clone)]
pub enum BudgetClock {
    /// All time counts.
    Elapsed,
    /// Only the open time of a calendar counts.
    Business(Arc<Calendar>),
}

impl BudgetClock {
    /// The first instant at which `budget` is used up, if it runs from `start` and stands still in `pauses`. Nothing more
    /// is used up while business stays closed or a pause lasts, so that what ends then is still in time: see
    /// [`Term::is_within`](crate::obligation::terms::Term::is_within). `None` if it is never used up, because a pause has
    /// not ended or business does not open any more.
    #[must_use]
    pub fn due(&self, start: i64, budget: i64, pauses: &[Pause]) -> Option<i64> {
        match self {
            Self::Elapsed => elapsed::due(start, budget, pauses),
            Self::Business(calendar) => calendar.due(start, budget, pauses),
        }
    }

    /// The time used up between two instants; 0 if the second is not after the first.
    #[must_use]
    pub fn spent(&self, start: i64, end: Instant, pauses: &[Pause]) -> i128 {
        match self {
            Self::Elapsed => elapsed::spent(start, end, pauses),
            Self::Business(calendar) => calendar.spent(start, end, pauses),
        }
    }
}
