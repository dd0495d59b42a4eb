//! Waits between attempts to accept connections that the system refuses, so that nothing spins.

use std::io;
use std::time::Duration;

/// The first wait, and the longest.
const WAITS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// The waits of one listener. Says once that connections are refused, and once that they come again.
#[derive(Debug)]
pub struct AcceptBackoff {
    listener: &'static str,
    wait: Option<Duration>,
    refused: u64,
}

impl AcceptBackoff {
    /// For a listener of this name, as the log calls it.
    #[must_use]
    pub fn new(listener: &'static str) -> Self {
        Self {
            listener,
            wait: None,
            refused: 0,
        }
    }

    /// A connection was accepted.
    pub fn accepted(&mut self) {
        if self.wait.take().is_some() {
            let (listener, refused) = (self.listener, std::mem::take(&mut self.refused));
            tracing::info!(listener, refused, "connections are accepted again");
        }
    }

    /// The system refused one, for want of descriptors mostly: how long to wait before the next attempt.
    pub fn refused(&mut self, error: &io::Error) -> Duration {
        let (first, longest) = WAITS;
        self.refused += 1;
        let wait = match self.wait {
            Some(before) => before.saturating_mul(2).min(longest),
            None => {
                let listener = self.listener;
                tracing::warn!(listener, %error, "connection could not be accepted, trying again");
                first
            }
        };
        self.wait = Some(wait);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_connections_are_tried_again_ever_more_slowly() {
        let mut backoff = AcceptBackoff::new("test");
        let error = io::Error::from_raw_os_error(24);
        let waits: Vec<u128> = (0..7)
            .map(|_| backoff.refused(&error).as_millis())
            .collect();
        assert_eq!(waits, [50, 100, 200, 400, 800, 1_000, 1_000]);
        backoff.accepted();
        assert_eq!(backoff.refused(&error).as_millis(), 50);
    }
}
