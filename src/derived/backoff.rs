//! Waits between attempts, each twice as long as the one before, up to a bound.

use std::time::Duration;

/// The waits of one fault.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    next: Duration,
    up_to: Duration,
}

impl Backoff {
    /// The first wait and the longest.
    #[must_use]
    pub fn new(from: Duration, up_to: Duration) -> Self {
        Self { next: from, up_to }
    }

    /// How long to wait now.
    pub fn wait(&mut self) -> Duration {
        let wait = self.next;
        self.next = wait.saturating_mul(2).min(self.up_to);
        wait
    }
}
