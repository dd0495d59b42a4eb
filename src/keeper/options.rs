//! The limits of the clock-keeper.

use std::time::Duration;

/// How fast it works. See the [module documentation](super).
#[derive(Debug, Clone, Copy)]
pub struct KeeperOptions {
    /// Events that it records in a second at most.
    pub events_per_second: usize,
    /// The longest time in which it does not look at the clock, which may have jumped.
    pub longest_sleep: Duration,
    /// The shortest time between two rounds: under load it looks at many touchpoints at once.
    pub rest: Duration,
    /// The wait after something failed; doubles up to `retry_up_to`.
    pub retry_from: Duration,
    /// The longest wait after something failed.
    pub retry_up_to: Duration,
    /// Items that are looked at in one round because they have come due, at most.
    pub round_items: usize,
}

impl Default for KeeperOptions {
    fn default() -> Self {
        Self {
            events_per_second: 500,
            longest_sleep: Duration::from_secs(1),
            rest: Duration::from_millis(25),
            retry_from: Duration::from_millis(100),
            retry_up_to: Duration::from_secs(5),
            round_items: 256,
        }
    }
}
