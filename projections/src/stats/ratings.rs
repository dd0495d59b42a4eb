//! Satisfaction and effort: shares of the top boxes, and the mean of effort.

use super::{Interval, Proportion, Scale, ScaleSums, Shown};

/// The number of top boxes that mean satisfied.
const CSAT_BOXES: i64 = 2;

/// Whether an answer ticks one of the top two boxes of a scale, so that answers on scales of different lengths
/// can be counted together. `None` for a value outside the scale, and for scales of fewer than three boxes.
#[must_use]
pub fn is_satisfied(answer: i32, min: i32, max: i32) -> Option<bool> {
    let (answer, min, max) = (i64::from(answer), i64::from(min), i64::from(max));
    let is_told = (min..=max).contains(&answer) && max - min >= 2;
    is_told.then(|| answer > max - CSAT_BOXES)
}

/// The ticks of every box of "they made it easy for me", 1 to 7, the least easy first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CesAnswers {
    /// The ticks of 1, 2, … 7.
    pub boxes: [u64; 7],
}

impl CesAnswers {
    /// The number of answers.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.boxes.iter().sum()
    }

    /// The mean, 1 to 7, as far as it may be shown, with the interval of `Scale::mean_interval`.
    #[must_use]
    pub fn mean_shown(&self, z: f64) -> Shown {
        Shown::new(self.n(), self.mean_interval(z), self.mean())
    }

    /// Counts one more answer. A value outside 1 to 7 is no answer.
    pub fn add(&mut self, answer: i32) {
        let index = usize::try_from(answer)
            .ok()
            .and_then(|it| it.checked_sub(1));
        if let Some(ticks) = index.and_then(|index| self.boxes.get_mut(index)) {
            *ticks += 1;
        }
    }

    /// Adds the counts of another group.
    pub fn merge(&mut self, other: &Self) {
        for (own, other) in self.boxes.iter_mut().zip(other.boxes) {
            *own += other;
        }
    }

    /// The answers in one of the top three boxes, out of all.
    #[must_use]
    pub fn top_three(&self) -> Proportion {
        Proportion {
            successes: self.boxes.iter().rev().take(3).sum(),
            n: self.n(),
        }
    }

    fn mean(&self) -> Option<f64> {
        let n = self.n();
        (n > 0).then(|| self.moment(|value| value) / n as f64)
    }

    fn mean_interval(&self, z: f64) -> Option<Interval> {
        let sums = ScaleSums {
            n: self.n(),
            sum: self.moment(|value| value),
            squares: self.moment(|value| value * value),
        };
        Scale::whole(1, 7).mean_interval(&sums, z)
    }

    fn moment(&self, of: impl Fn(f64) -> f64) -> f64 {
        let values = (1..).map(f64::from);
        let ticks = self.boxes.iter().map(|ticks| *ticks as f64);
        values.zip(ticks).map(|(value, n)| n * of(value)).sum()
    }
}
