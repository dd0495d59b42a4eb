//! What is simulated.

use crate::calendar::YEAR;

/// What is simulated. The same settings make the same touchpoints on every machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The number of owners.
    pub owners: u64,
    /// The seed of all randomness.
    pub seed: u64,
    /// The length of the period in months of 1/12 year.
    pub months: u32,
    /// The number of dealers in the network; at least one is made.
    pub dealers: u32,
    /// The end of the period, in seconds since the Unix epoch. Everything occurs, and reaches the centre,
    /// before it.
    pub until: i64,
}

impl Settings {
    /// The beginning of the period.
    pub(crate) fn from(&self) -> i64 {
        self.until - i64::from(self.months) * YEAR / 12
    }
}
