//! The distribution of latencies.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::error::LoadError;

/// Ten minutes: longer latencies count as this long.
const LONGEST_MICROS: u64 = 600_000_000;

/// The distribution of latencies, in microseconds to three significant digits.
#[derive(Debug)]
pub struct Latencies {
    histogram: Histogram<u64>,
}

impl Latencies {
    /// An empty distribution.
    ///
    /// # Errors
    /// If memory for it cannot be had.
    pub fn new() -> Result<Self, LoadError> {
        Ok(Self {
            histogram: Histogram::new_with_bounds(1, LONGEST_MICROS, 3)?,
        })
    }

    /// Adds one latency.
    pub fn record(&mut self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.histogram.saturating_record(micros);
    }

    /// Adds all latencies of another distribution.
    pub fn add(&mut self, other: &Self) {
        for value in other.histogram.iter_recorded() {
            let (micros, times) = (value.value_iterated_to(), value.count_at_value());
            self.histogram.saturating_record_n(micros, times);
        }
    }

    /// How many latencies were added.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.histogram.len()
    }

    /// The quantile (0 to 1) in milliseconds; `None` if there are no latencies.
    #[must_use]
    pub fn millis(&self, quantile: f64) -> Option<f64> {
        let micros = self.histogram.value_at_quantile(quantile);
        (self.count() > 0).then(|| micros as f64 / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_all_that_was_added() {
        let mut latencies = Latencies::new().unwrap();
        assert_eq!(latencies.millis(0.5), None);
        let mut other = Latencies::new().unwrap();
        for millis in 1..=50 {
            latencies.record(Duration::from_millis(millis));
            other.record(Duration::from_millis(millis + 50));
        }
        latencies.add(&other);
        assert_eq!(latencies.count(), 100);
        let assert_near = |quantile: f64, expected: f64| {
            let millis = latencies.millis(quantile).unwrap();
            assert!((millis - expected).abs() < expected / 500.0, "{millis}");
        };
        assert_near(0.5, 50.0);
        assert_near(0.99, 99.0);
        assert_near(1.0, 100.0);
    }
}
