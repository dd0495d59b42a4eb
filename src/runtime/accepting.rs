//! The waits between attempts to accept connections while the system refuses them.

use std::io;
use std::time::Duration;

/// The first and the longest wait.
const WAITS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// The waits of one listener. Logs once that connections are refused, and once that they are accepted again.
#[derive(Debug)]
pub struct AcceptBackoff {
    listener: &'static str,
    wait: Option<Duration>,
    refused: u64,
}

impl AcceptBackoff {
    /// The waits of a listener, with its name for the log.
    #[must_use]
    pub fn new(listener: &'static str) -> Self {
        Self {
            listener,
            wait: None,
            refused: 0,
        }
    }

    /// Notes that a connection was accepted.
    pub fn accepted(&mut self) {
        if self.wait.take().is_some() {
            let (listener, refused) = (self.listener, std::mem::take(&mut self.refused));
            tracing::info!(listener, refused, "connections are accepted again");
        }
    }

    /// Notes that the system refused a connection, usually for lack of file descriptors. Returns how long to wait
    /// before the next attempt.
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
