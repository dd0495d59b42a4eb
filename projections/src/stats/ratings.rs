//! Satisfaction and effort: shares of the top boxes, and the mean of effort.

use super::{Interval, Proportion, Shown};

/// How many ticked which box of "how satisfied are you", the worst first. A scale has at least three.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsatAnswers {
    boxes: Vec<u64>,
}

impl CsatAnswers {
    /// From the number of ticks of every box, the worst first. `None` for fewer than three boxes, of which
    /// the top two would be nearly all.
    #[must_use]
    pub fn new(boxes: Vec<u64>) -> Option<Self> {
        (boxes.len() >= 3).then_some(Self { boxes })
    }

    /// The share of the top two boxes, 0 to 1, with its Wilson interval, as far as it may be shown.
    #[must_use]
    pub fn shown(&self, z: f64) -> Shown {
        shown(top(&self.boxes, 2), z)
    }
}

/// How many ticked which box of "they made it easy for me", 1 to 7, the least easy first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CesAnswers {
    /// Ticks of 1, 2, … 7.
    pub boxes: [u64; 7],
}

impl CesAnswers {
    /// How many answered.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.boxes.iter().sum()
    }

    /// The mean, 1 to 7, as far as it may be shown. Its interval is mean ± z·s/√n with the sample's
    /// variance (n − 1 in the denominator), cut off at 1 and 7.
    #[must_use]
    pub fn mean_shown(&self, z: f64) -> Shown {
        Shown::new(self.n(), self.mean_interval(z), self.mean())
    }

    /// The share of the top three boxes, 0 to 1, with its Wilson interval, as far as it may be shown.
    #[must_use]
    pub fn top_three_shown(&self, z: f64) -> Shown {
        shown(top(&self.boxes, 3), z)
    }

    fn mean(&self) -> Option<f64> {
        let n = self.n();
        (n > 0).then(|| self.moment(|value| value) / n as f64)
    }

    fn mean_interval(&self, z: f64) -> Option<Interval> {
        let mean = self.mean()?;
        let n = self.n() as f64;
        if n < 2.0 {
            return None;
        }
        let squares = self.moment(|value| (value - mean) * (value - mean));
        let error = (squares / (n - 1.0) / n).sqrt();
        Some(Interval::around(mean, z.abs() * error, 1.0, 7.0))
    }

    fn moment(&self, of: impl Fn(f64) -> f64) -> f64 {
        let values = (1..).map(f64::from);
        let ticks = self.boxes.iter().map(|ticks| *ticks as f64);
        values.zip(ticks).map(|(value, n)| n * of(value)).sum()
    }
}

fn top(boxes: &[u64], best: usize) -> Proportion {
    Proportion {
        successes: boxes.iter().rev().take(best).sum(),
        n: boxes.iter().sum(),
    }
}

fn shown(share: Proportion, z: f64) -> Shown {
    Shown::new(share.n, share.interval(z), share.share())
}
