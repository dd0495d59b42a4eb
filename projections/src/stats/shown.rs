//! What may be shown of a score when few answered.

use super::Interval;

/// Answers below which only their number is shown.
pub const INTERVAL_FROM: u64 = 10;
/// Answers below which the interval is shown without its point.
const POINT_FROM: u64 = 30;

/// A score as it may be shown: below 10 answers their number alone, below 30 the interval without a point,
/// from 30 on both. Only this crate makes one, and what it withholds is not in it.
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

    /// How many answered.
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
