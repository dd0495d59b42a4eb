//! Exponential backoff: waits between attempts, each twice as long as the one before, up to a limit.

use std::time::Duration;

/// The waits after one failure.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    next: Duration,
    up_to: Duration,
}

impl Backoff {
    /// A backoff with this first and this longest wait.
    #[must_use]
    pub fn new(from: Duration, up_to: Duration) -> Self {
        Self { next: from, up_to }
    }

    /// Returns the next wait.
    pub fn wait(&mut self) -> Duration {
        let wait = self.next;
        self.next = wait.saturating_mul(2).min(self.up_to);
        wait
    }
}
