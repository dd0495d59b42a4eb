//! The uncertainty of a survival curve: the intervals of S(t) and of its median.

use super::Curve;
use super::curve::{ROUNDING, Step};
use crate::stats::Interval;

/// The survival at the median.
const HALF: f64 = 0.5;

/// The interval of the median, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MedianInterval {
    /// The lower end; `None` if it cannot be computed.
    pub low: Option<u64>,
    /// The upper end; `None` if it is not reached.
    pub high: Option<u64>,
}

impl Curve {
    /// The interval of S(t), 0 to 1: on the scale of ln(−ln S), with the variance of Greenwood,
    /// S^exp(±z·√V/ln S), V = Σ d/(r(r − d)) (M. Greenwood, "The Natural Duration of Cancer", Reports on
    /// Public Health and Medical Subjects 33 (1926); J. D. Kalbfleisch and R. L. Prentice, "The
    /// Statistical Analysis of Failure Time Data", 2nd ed. 2002, section 1.4.1).
    ///
    /// Before the first event S is 1 and so are both ends. `None` without items, and where S is 0: there
    /// the variance has no value.
    #[must_use]
    pub fn survival_interval(&self, seconds: u64, z: f64) -> Option<Interval> {
        let certain = Interval {
            low: 1.0,
            high: 1.0,
        };
        match self.step(seconds) {
            Some(step) => band(step, z),
            None => (self.counts().n() > 0).then_some(certain),
        }
    }

    /// The interval of the median: the times at which a test does not refuse S(t) = ½, on the same scale as
    /// [`Curve::survival_interval`] (R. Brookmeyer and J. Crowley, "A Confidence Interval for the Median
    /// Survival Time", Biometrics 38 (1982) 29–41). From the least t at which the lower end of that
    /// interval is at most ½ to the least at which the upper end is. Where S is 0 there is no interval, so
    /// that a handful of items has no upper end, as an exact test would have none. `None` without items.
    #[must_use]
    pub fn median_interval(&self, z: f64) -> Option<MedianInterval> {
        let most = HALF + ROUNDING;
        let first = |end: fn(Interval) -> f64, steps: &[Step]| {
            let mut bands = steps.iter().map(|step| (step.seconds, band(step, z)));
            let reached = bands.find(|(_, band)| band.is_some_and(|band| end(band) <= most));
            reached.map(|(seconds, _)| seconds)
        };
        // The upper end is not below S: the search for it begins at the median.
        let above = self.steps.partition_point(|it| it.survival > most);
        let below = self.steps.get(above..).unwrap_or_default();
        (self.counts().n() > 0).then(|| MedianInterval {
            low: first(|band| band.low, &self.steps),
            high: first(|band| band.high, below),
        })
    }
}

fn band(step: &Step, z: f64) -> Option<Interval> {
    let survival = step.survival;
    if survival <= 0.0 {
        return None;
    }
    if survival >= 1.0 {
        return Some(Interval {
            low: 1.0,
            high: 1.0,
        });
    }
    let log = libm::log(survival);
    let factor = libm::exp(z.abs() * step.greenwood.sqrt() / -log);
    Some(Interval {
        low: libm::exp(log * factor),
        high: libm::exp(log / factor),
    })
}
