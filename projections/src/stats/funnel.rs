//! Funnel limits: the range in which chance alone puts groups of a size, instead of a ranking.

use super::{Interval, Proportion};

/// The distances within which nineteen of twenty groups lie by chance, and all but two of a thousand.
const WARNING: f64 = 1.96;
const ALARM: f64 = 3.09;

/// Limits around the network's figure for groups of one size, in the figure's unit and cut off at its
/// bounds: centre ± z·SE with z = 1.96 and 3.09 (D. J. Spiegelhalter, "Funnel plots for comparing
/// institutional performance", Statistics in Medicine 24 (2005) 1185–1202).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Funnel {
    /// The network's figure.
    pub centre: f64,
    /// The 95 % limits. A figure outside is worth a look.
    pub warning: Interval,
    /// The 99.8 % limits. A figure outside is hardly chance.
    pub alarm: Interval,
}

/// The position of a group's figure in its funnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunnelStanding {
    /// Below the 99.8 % limit.
    FarBelow,
    /// Below the 95 % limit.
    Below,
    /// Within the limits, and so not distinguishable from the network.
    Within,
    /// Above the 95 % limit.
    Above,
    /// Above the 99.8 % limit.
    FarAbove,
}

impl Funnel {
    pub(super) fn new(centre: f64, error: f64, least: f64, most: f64) -> Self {
        let limits = |z: f64| Interval::around(centre, z * error, least, most);
        Self {
            centre,
            warning: limits(WARNING),
            alarm: limits(ALARM),
        }
    }

    /// The funnel for shares of groups of `n` items around the network's. `None` if either has no items.
    #[must_use]
    pub fn of_share(network: Proportion, n: u64) -> Option<Self> {
        let share = network.share()?;
        let error = (share * (1.0 - share) / n as f64).sqrt();
        (n > 0).then(|| Self::new(share, error, 0.0, 1.0))
    }

    /// The position of a figure.
    #[must_use]
    pub fn standing(&self, figure: f64) -> FunnelStanding {
        match figure {
            figure if figure < self.alarm.low => FunnelStanding::FarBelow,
            figure if figure > self.alarm.high => FunnelStanding::FarAbove,
            figure if figure < self.warning.low => FunnelStanding::Below,
            figure if figure > self.warning.high => FunnelStanding::Above,
            _ => FunnelStanding::Within,
        }
    }
}
