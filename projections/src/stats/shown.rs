//! The small-n rule: the parts of a score that may be shown.

use super::Interval;

/// The fewest answers for which an interval is shown. Below, only their number is.
pub const INTERVAL_FROM: u64 = 10;
/// The fewest answers for which a point is shown beside its interval.
const POINT_FROM: u64 = 30;

/// A score as far as it may be shown: below 10 answers their number alone, below 30 the interval without a point, from 30
/// on both. Only this crate makes one, and it does not contain what it withholds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shown {
    n: u64,
    interval: Option<Interval>,
    point: Option<f64>,
}

impl Shown {
    pub(crate) fn new(n: u64, interval: Option<Interval>, point: Option<f64>) -> Self {
        Self {
            n,
            interval: interval.filter(|_| n >= INTERVAL_FROM),
            point: point.filter(|_| n >= POINT_FROM),
        }
    }

    /// The number of answers.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The interval, from 10 answers on.
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        self.interval
    }

    /// The score itself, from 30 answers on.
    #[must_use]
    pub fn point(&self) -> Option<f64> {
        self.point
    }
}
