//! Quantiles as whole thousandths, so that ranks are exact.

use std::fmt;

/// A share of items between 0 and 1, exclusive, in thousandths: 500 is the median.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantile(u16);

impl Quantile {
    /// Half of the items.
    pub const MEDIAN: Self = Self(500);
    /// Nine of ten items.
    pub const P90: Self = Self(900);

    /// A quantile of thousandths, 1 to 999.
    #[must_use]
    pub fn from_thousandths(thousandths: u16) -> Option<Self> {
        (1..=999)
            .contains(&thousandths)
            .then_some(Self(thousandths))
    }

    /// 1 − q, the share that remains, rounded once.
    pub(super) fn remaining(self) -> f64 {
        f64::from(1_000 - self.0) / 1_000.0
    }

    /// The nearest rank among `n` ordered items, from 1 on: the least whole number not below q·n
    /// (NIST/SEMATECH e-Handbook of Statistical Methods 7.2.6.2; Hyndman and Fan 1996, definition 1).
    /// `None` for no items.
    #[must_use]
    pub fn nearest_rank(self, n: u64) -> Option<u64> {
        let rank = (u128::from(n) * u128::from(self.0)).div_ceil(1_000);
        u64::try_from(rank).ok().filter(|rank| *rank > 0)
    }
}

impl fmt::Display for Quantile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 % 10 {
            0 => write!(f, "p{}", self.0 / 10),
            tenth => write!(f, "p{}.{tenth}", self.0 / 10),
        }
    }
}
