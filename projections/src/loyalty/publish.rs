//! Turns counts into the figures of the contract. A figure that cannot be computed is absent, never NaN.

use ownerline_proto::v1::loyalty::{Median, Point, Rate};
use ownerline_proto::v1::{Loyalty, LoyaltyOfMake};
use pbjson_types::Duration;

use super::MAKES;
use super::counted::{MakeTallies, SpellTally};
use super::makes::Makes;
use crate::stats::{Curve, Proportion, Quantile, Z_95, rounded};

const DAY: u64 = 86_400;

impl MakeTallies {
    /// Returns the total, the makes in the order of their names, and whether there are more than [`MAKES`]. `lengths` are
    /// whole days.
    pub(super) fn publish(
        mut self,
        makes: &Makes,
        lengths: &[u64],
    ) -> (Loyalty, Vec<LoyaltyOfMake>, bool) {
        let mut groups = Vec::with_capacity(self.makes.len().min(makes.len()));
        for (name, make) in makes.iter() {
            if groups.len() == MAKES {
                break;
            }
            let Some(tally) = self.makes.remove(&make) else {
                continue;
            };
            let loyalty = match make.is_known() {
                true => tally.publish(lengths),
                false => tally.counts(),
            };
            groups.push(LoyaltyOfMake {
                make: name.to_owned(),
                loyalty: Some(loyalty),
            });
        }
        let is_cut = !self.makes.is_empty();
        (self.total.publish(lengths), groups, is_cut)
    }
}

impl SpellTally {
    /// Returns the counts alone, which is all that is published for the unknown make.
    fn counts(&self) -> Loyalty {
        Loyalty {
            owners: self.owners,
            spells: self.spells,
            open: self.open,
            returned: self.decided() + self.undecided,
            same_brand_bought: self.bought,
            same_brand_leased: self.leased,
            same_brand_kind_not_told: self.kind_unspecified,
            other_brand: self.other,
            defected: self.left,
            undecided: self.undecided,
            ..Loyalty::default()
        }
    }

    fn publish(self, lengths: &[u64]) -> Loyalty {
        let counts = self.counts();
        let rate = Proportion {
            successes: self.same(),
            n: self.decided(),
        };
        let (returns, by_make) = (self.returns.curve(), self.by_make.curve());
        let point = |days: &u64| point(&returns, &by_make, *days);
        Loyalty {
            rate: Some(shown(rate)),
            curve: lengths.iter().map(point).collect(),
            median: Some(median(&returns)),
            ..counts
        }
    }
}

fn shown(rate: Proportion) -> Rate {
    let shown = rate.shown(Z_95);
    Rate {
        same_brand: rate.successes,
        returns: shown.n(),
        rate: shown.point().map(rounded),
        low: shown.interval().map(|it| rounded(it.low)),
        high: shown.interval().map(|it| rounded(it.high)),
    }
}

/// Returns a point of the curve. It has no figures after the longest spell, unless everybody is back.
fn point(returns: &Curve, by_make: &Curve, days: u64) -> Point {
    let seconds = days.saturating_mul(DAY);
    let at_risk = returns.at_risk(seconds);
    let without_figures = Point {
        at: Some(duration(seconds)),
        at_risk,
        ..Point::default()
    };
    if at_risk == 0 && returns.survival(seconds) != Some(0.0) {
        return without_figures;
    }
    let interval = returns.survival_interval(seconds, Z_95);
    Point {
        not_returned: returns.survival(seconds).map(rounded),
        low: interval.map(|it| rounded(it.low)),
        high: interval.map(|it| rounded(it.high)),
        same_brand: by_make.awaited_within(seconds).map(rounded),
        other_brand: by_make.competing_within(seconds).map(rounded),
        ..without_figures
    }
}

fn median(returns: &Curve) -> Median {
    let interval = returns.median_interval(Z_95);
    Median {
        at: returns.quantile(Quantile::MEDIAN).map(duration),
        low: interval.and_then(|it| it.low).map(duration),
        high: interval.and_then(|it| it.high).map(duration),
    }
}

fn duration(seconds: u64) -> Duration {
    Duration {
        seconds: i64::try_from(seconds).unwrap_or(i64::MAX),
        nanos: 0,
    }
}
