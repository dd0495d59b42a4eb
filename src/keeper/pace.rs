//! The pace of the keeper: a bound on events per second, and growing waits while something fails.

use std::fmt::Display;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::options::KeeperOptions;

/// The idle time that a burst may make up for.
const BURST: Duration = Duration::from_millis(50);

/// A limit on events per second.
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

    /// Waits until the next event is allowed.
    pub(super) async fn wait(&mut self) {
        let earliest = Instant::now()
            .checked_sub(BURST)
            .unwrap_or_else(Instant::now);
        let at = self.next.max(earliest);
        sleep_until(at).await;
        self.next = at + self.between;
    }
}

/// The state of a failure, which is logged once until it is over.
pub(super) struct Trouble {
    from: Duration,
    up_to: Duration,
    wait: Duration,
    is_logged: bool,
}

impl Trouble {
    pub(super) fn new(options: &KeeperOptions) -> Self {
        Self {
            from: options.retry_from,
            up_to: options.retry_up_to,
            wait: options.retry_from,
            is_logged: false,
        }
    }

    /// Logs the failure, unless one was logged already, and waits.
    pub(super) async fn rest(&mut self, failed: &impl Display) {
        if !self.is_logged {
            self.is_logged = true;
            tracing::warn!(%failed, "obligations are not kept for now, trying again");
        }
        sleep(self.wait).await;
        self.wait = (self.wait * 2).min(self.up_to);
    }

    /// Ends the failure.
    pub(super) fn is_over(&mut self) {
        if std::mem::take(&mut self.is_logged) {
            tracing::info!("obligations are kept again");
        }
        self.wait = self.from;
    }
}
