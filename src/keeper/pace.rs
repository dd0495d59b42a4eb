//! How fast: a bound on events in a second, and longer and longer waits while something fails.

use std::fmt::Display;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::options::KeeperOptions;

/// What may be made up for at once after a wait.
const BURST: Duration = Duration::from_millis(50);

/// Lets through at most so many in a second.
pub(super) struct Pace {
    between: Duration,
    next: Instant,
}

impl Pace {
    pub(super) fn new(per_second: usize) -> Self {
        let per_second = u32::try_from(per_second.max(1)).unwrap_or(u32::MAX);
        Self {
            between: Duration::from_secs(1) / per_second,
            next: Instant::now(),
        }
    }

    /// Waits until the next one may go.
    pub(super) async fn wait(&mut self) {
        let earliest = Instant::now()
            .checked_sub(BURST)
            .unwrap_or_else(Instant::now);
        let at = self.next.max(earliest);
        sleep_until(at).await;
        self.next = at + self.between;
    }
}

/// What goes wrong, said once until it is over.
pub(super) struct Trouble {
    from: Duration,
    up_to: Duration,
    wait: Duration,
    is_told: bool,
}

impl Trouble {
    pub(super) fn new(options: &KeeperOptions) -> Self {
        Self {
            from: options.retry_from,
            up_to: options.retry_up_to,
            wait: options.retry_from,
            is_told: false,
        }
    }

    /// Says what failed, if that is new, and waits.
    pub(super) async fn rest(&mut self, failed: &impl Display) {
        if !self.is_told {
            self.is_told = true;
            tracing::warn!(%failed, "obligations are not kept for now, trying again");
        }
        sleep(self.wait).await;
        self.wait = (self.wait * 2).min(self.up_to);
    }

    /// It works.
    pub(super) fn is_over(&mut self) {
        if std::mem::take(&mut self.is_told) {
            tracing::info!("obligations are kept again");
        }
        self.wait = self.from;
    }
}
