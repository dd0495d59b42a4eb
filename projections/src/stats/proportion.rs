//! Proportions with the Wilson interval.

use super::{Interval, Shown};

/// A number of items out of all: for example the due items that were answered in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Proportion {
    /// The items with the property; at most `n`.
    pub successes: u64,
    /// All items.
    pub n: u64,
}

impl Proportion {
    /// The share, 0 to 1; `None` without items.
    #[must_use]
    pub fn share(self) -> Option<f64> {
        (self.n > 0).then(|| self.successes.min(self.n) as f64 / self.n as f64)
    }

    /// The interval of [`wilson`].
    #[must_use]
    pub fn interval(self, z: f64) -> Option<Interval> {
        wilson(self.successes, self.n, z)
    }

    /// The share with its interval, as far as it may be shown.
    #[must_use]
    pub fn shown(self, z: f64) -> Shown {
        Shown::new(self.n, self.interval(z), self.share())
    }

    /// Counts one more item.
    pub fn add(&mut self, has_it: bool) {
        self.successes += u64::from(has_it);
        self.n += 1;
    }

    /// Adds the items of another group.
    pub fn merge(&mut self, other: &Self) {
        self.successes += other.successes;
        self.n += other.n;
    }
}

/// The score interval of a proportion, within 0 to 1; `None` for `n` = 0. More successes than items count
/// as all.
///
/// E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the
/// American Statistical Association 22 (1927) 209–212, without continuity correction:
/// (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n).
#[must_use]
pub fn wilson(successes: u64, n: u64, z: f64) -> Option<Interval> {
    let share = Proportion { successes, n }.share()?;
    let n_items = n as f64;
    let z = z.abs();
    let square = z * z;
    let scale = 1.0 + square / n_items;
    let centre = (share + square / (2.0 * n_items)) / scale;
    let spread = share * (1.0 - share) / n_items + square / (4.0 * n_items * n_items);
    let mut interval = Interval::around(centre, z * spread.sqrt() / scale, 0.0, 1.0);
    // Ends that are exact, free of intermediate rounding.
    if successes == 0 {
        interval.low = 0.0;
    }
    if successes >= n {
        interval.high = 1.0;
    }
    Some(interval)
}
