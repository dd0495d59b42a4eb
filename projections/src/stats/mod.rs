//! The statistics of published figures: every formula with its source, its bounds and its value for no items.
//!
//! - A figure that cannot be computed is `None`, never NaN: without items, or for a quantile that is not reached.
//! - `z` is the distance of a two-sided interval's ends in standard errors, 1.96 for 95 %. It must be
//!   positive; the sign of a negative one is dropped.
//! - Sums run in a fixed order, and the functions that the standard library leaves to the machine (logarithm,
//!   exponential, error function) come from `libm`, so that the same counts give the same bits everywhere.

mod beta;
mod funnel;
mod mean;
mod nps;
mod proportion;
mod quantile;
mod ratings;
mod shown;
mod shrinkage;
mod time_to_event;

pub use funnel::{Funnel, FunnelStanding};
pub(crate) use mean::{Scale, ScaleSums};
pub use nps::NpsAnswers;
pub use proportion::{Proportion, wilson};
pub use quantile::Quantile;
pub use ratings::{CesAnswers, is_satisfied};
pub use shown::{INTERVAL_FROM, Shown};
pub use shrinkage::{NETWORK_ANSWERS, NETWORK_GROUPS, NpsShrinkage, ProportionShrinkage, Shrunk};
pub use time_to_event::{Bucket, Counts, Curve, End, MedianInterval, Tally, whole_seconds};

/// The standard errors on either side of a 95 % interval: the 0.975 quantile of the normal distribution.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// A figure as it is published, to 1e-6; never -0.
#[must_use]
pub fn rounded(figure: f64) -> f64 {
    (figure * 1e6).round() / 1e6 + 0.0
}

/// An interval that includes both ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// The interval around a centre, cut off at bounds.
    pub(crate) fn around(centre: f64, margin: f64, least: f64, most: f64) -> Self {
        Self {
            low: (centre - margin).clamp(least, most),
            high: (centre + margin).clamp(least, most),
        }
    }

    /// Whether a value lies in it or on one of its ends.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}
