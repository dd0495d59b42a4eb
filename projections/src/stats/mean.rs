//! The mean of figures on a bounded scale, with an interval that is not too narrow for few answers.

use super::Interval;
use super::beta::{Mixture, normal_tail};

/// The sums of figures on a scale. Adding them in another order changes nothing but the rounding.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ScaleSums {
    /// The number of figures.
    pub(crate) n: u64,
    /// Their sum.
    pub(crate) sum: f64,
    /// The sum of their squares.
    pub(crate) squares: f64,
}

/// A bounded scale with the moments of one answer that is spread evenly over it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    /// Its ends.
    pub(crate) ends: Interval,
    /// The mean of an even spread.
    pub(crate) mean: f64,
    /// The mean of its squares.
    pub(crate) square: f64,
}

impl Scale {
    /// The scale of every number from `low` to `high`.
    pub(crate) fn continuous(low: f64, high: f64) -> Self {
        Self {
            ends: Interval { low, high },
            mean: f64::midpoint(low, high),
            square: (low * low + low * high + high * high) / 3.0,
        }
    }

    /// The scale of the whole numbers from `low` to `high`.
    pub(crate) fn whole(low: i32, high: i32) -> Self {
        let n = f64::from(high - low + 1);
        let values = || (low..=high).map(f64::from);
        Self {
            ends: Interval {
                low: low.into(),
                high: high.into(),
            },
            mean: values().sum::<f64>() / n,
            square: values().map(|value| value * value).sum::<f64>() / n,
        }
    }

    /// The interval of the mean of such figures; `None` without any.
    ///
    /// The figures are draws from a Dirichlet process over the scale that begins with one answer spread evenly (T. S. Ferguson, "A Bayesian Analysis of Some Nonparametric Problems", The Annals of
    /// Statistics 1 (1973) 209–230): its mean has the mean (m₀ + Σx)/(n + 1) and the variance
    /// ((s₀ + Σx²)/(n + 1) − mean²)/(n + 2), m₀ and s₀ those of the even spread. The interval is that of the beta
    /// distribution, stretched over the scale, with these two. It has a width even where all agree, and where all are at
    /// an end of the scale it reaches that end.
    pub(crate) fn mean_interval(&self, sums: &ScaleSums, z: f64) -> Option<Interval> {
        let ScaleSums { n, sum, squares } = *sums;
        if n == 0 {
            return None;
        }
        let weight = n as f64 + 1.0;
        let mean = (self.mean + sum) / weight;
        let variance = ((self.square + squares) / weight - mean * mean) / (weight + 1.0);
        let Interval { low, high } = self.ends;
        let range = high - low;
        let mixture = Mixture::single((mean - low) / range, variance / (range * range));
        let tail = normal_tail(z.abs());
        let on_scale = |share: f64| low + range * share;
        let plain = sum / n as f64;
        Some(Interval {
            low: match plain <= low {
                true => low,
                false => on_scale(mixture.quantile(tail)),
            },
            high: match plain >= high {
                true => high,
                false => on_scale(mixture.quantile(1.0 - tail)),
            },
        })
    }
}
