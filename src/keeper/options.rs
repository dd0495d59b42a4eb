//! The options of the clock-keeper.

use std::time::Duration;

/// The pace of the clock-keeper. See the [module documentation](super).
#[derive(Debug, Clone, Copy)]
pub struct KeeperOptions {
    /// The maximum number of events recorded per second.
    pub events_per_second: usize,
    /// The longest time between two readings of the clock, which may jump.
    pub longest_sleep: Duration,
    /// The shortest time between two rounds. Under load, each round then handles many touchpoints.
    pub rest: Duration,
    /// The first wait after a failure; it doubles up to `retry_up_to`.
    pub retry_from: Duration,
    /// The longest wait after a failure.
    pub retry_up_to: Duration,
    /// The shortest time between two examinations of the cases that wait for their owners, who may write about any matter.
    pub waiting_rest: Duration,
    /// The maximum number of due items examined in one round.
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
            waiting_rest: Duration::from_secs(5),
            round_items: 256,
        }
    }
}
