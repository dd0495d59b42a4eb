//! From counts to the figures of the contract. A figure that cannot be told is absent, never NaN.

use ownerline_proto::v1::loyalty::{Median, Point, Rate};
use ownerline_proto::v1::{Loyalty, LoyaltyOfMake};
use pbjson_types::Duration;

use super::MAKES;
use super::counted::{Counted, Tallied};
use super::makes::Makes;
use crate::stats::{Curve, Proportion, Quantile, Z_95, rounded};

const DAY: u64 = 86_400;

impl Counted {
    /// The total, the makes in the order of their names, and whether there are more than are answered. `lengths` are
    /// whole days.
    pub(super) fn publish(
        mut self,
        makes: &Makes,
        lengths: &[u64],
    ) -> (Loyalty, Vec<LoyaltyOfMake>, bool) {
        let counted = self.makes.len();
        let mut groups = Vec::with_capacity(counted.min(makes.len()));
        for (name, make) in makes.iter() {
            if groups.len() == MAKES {
                break;
            }
            let Some(tallied) = self.makes.remove(&make) else {
                continue;
            };
            let loyalty = match make.is_known() {
                true => tallied.publish(lengths),
                false => tallied.counts(),
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

impl Tallied {
    /// What is told where the make is not known.
    fn counts(&self) -> Loyalty {
        Loyalty {
            owners: self.owners,
            spells: self.spells,
            open: self.open,
            returned: self.decided() + self.undecided,
            same_brand_bought: self.bought,
            same_brand_leased: self.leased,
            same_brand_kind_not_told: self.kind_not_told,
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

/// Behind the longest spell nothing was seen, unless everybody is back.
fn point(returns: &Curve, by_make: &Curve, days: u64) -> Point {
    let seconds = days.saturating_mul(DAY);
    let at_risk = returns.at_risk(seconds);
    let unseen = Point {
        at: Some(duration(seconds)),
        at_risk,
        ..Point::default()
    };
    if at_risk == 0 && returns.survival(seconds) != Some(0.0) {
        return unseen;
    }
    let interval = returns.survival_interval(seconds, Z_95);
    Point {
        not_returned: returns.survival(seconds).map(rounded),
        low: interval.map(|it| rounded(it.low)),
        high: interval.map(|it| rounded(it.high)),
        same_brand: by_make.awaited_within(seconds).map(rounded),
        other_brand: by_make.competing_within(seconds).map(rounded),
        ..unseen
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
