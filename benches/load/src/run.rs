//! What one run of a load measured.

use std::time::{Duration, Instant};

use crate::error::LoadError;
use crate::latencies::Latencies;

/// How much was done, in what time, and how long each call took.
#[derive(Debug)]
pub struct Run {
    /// The number of touchpoints or calls.
    pub count: u64,
    /// The time they took together.
    pub elapsed: Duration,
    /// The latency of each call, or of each message until its result.
    pub latencies: Latencies,
}

impl Run {
    /// A run of nothing, to add others to.
    ///
    /// # Errors
    /// If memory for the latencies cannot be had.
    pub fn empty() -> Result<Self, LoadError> {
        Ok(Self {
            count: 0,
            elapsed: Duration::ZERO,
            latencies: Latencies::new()?,
        })
    }

    /// A run of calls that ends now: one latency per call.
    pub(crate) fn of_calls(latencies: Latencies, started: Instant) -> Self {
        Self {
            count: latencies.count(),
            elapsed: started.elapsed(),
            latencies,
        }
    }

    /// The number of touchpoints or calls per second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        per_second(self.count, self.elapsed)
    }

    /// Adds the counts, times and latencies of another run.
    pub fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.elapsed += other.elapsed;
        self.latencies.add(&other.latencies);
    }
}

/// A count per second of the time it took.
#[must_use]
pub fn per_second(count: u64, elapsed: Duration) -> f64 {
    // Counts here are far below 2^52.
    count as f64 / elapsed.as_secs_f64().max(1e-9)
}
