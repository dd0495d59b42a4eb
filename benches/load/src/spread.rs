//! How latencies are spread, in microseconds.

use std::time::Duration;

use hdrhistogram::Histogram;

use super::BenchError;

/// Longer ones count as this long: ten minutes.
const LONGEST_MICROS: u64 = 600_000_000;

/// Latencies, to three significant digits.
#[derive(Debug)]
pub struct Spread {
    histogram: Histogram<u64>,
}

impl Spread {
    /// None yet.
    ///
    /// # Errors
    /// If there is no memory for them.
    pub fn new() -> Result<Self, BenchError> {
        Ok(Self {
            histogram: Histogram::new_with_bounds(1, LONGEST_MICROS, 3)?,
        })
    }

    /// Adds one.
    pub fn record(&mut self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.histogram.saturating_record(micros);
    }

    /// Adds those of another.
    pub fn add(&mut self, other: &Self) {
        for value in other.histogram.iter_recorded() {
            let (micros, times) = (value.value_iterated_to(), value.count_at_value());
            self.histogram.saturating_record_n(micros, times);
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.histogram.len()
    }

    /// The latency that this share of them does not exceed, in milliseconds; absent if there are none.
    #[must_use]
    pub fn millis(&self, share: f64) -> Option<f64> {
        let micros = self.histogram.value_at_quantile(share);
        (self.count() > 0).then(|| micros as f64 / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_all_that_was_added() {
        let mut spread = Spread::new().unwrap();
        assert_eq!(spread.millis(0.5), None);
        let mut other = Spread::new().unwrap();
        for millis in 1..=50 {
            spread.record(Duration::from_millis(millis));
            other.record(Duration::from_millis(millis + 50));
        }
        spread.add(&other);
        assert_eq!(spread.count(), 100);
        let near = |share: f64, expected: f64| {
            let found = spread.millis(share).unwrap();
            assert!((found - expected).abs() < expected / 500.0, "{found}");
        };
        near(0.5, 50.0);
        near(0.99, 99.0);
        near(1.0, 100.0);
    }
}
