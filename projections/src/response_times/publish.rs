//! Turns counts into the figures of the contract. A figure that cannot be computed is absent, never NaN.

use ownerline_proto::v1::response_times::{
    Bookings, Bucket, Incidence, Quantile as WireQuantile, Survival,
};
use ownerline_proto::v1::{ResponseTimeGroup, ResponseTimes, Share};
use pbjson_types::Duration;

use super::Counted;
use super::tallied::{Tallied, Target};
use crate::stats::{Curve, Proportion, Quantile, Z_95, whole_seconds};

/// The ends of the bars of the distribution, in hours. The target is another end.
const BARS: [u64; 9] = [1, 4, 8, 24, 48, 72, 168, 336, 720];
const HOUR: u64 = 3_600;

impl Counted {
    /// The total, the groups sorted by key, and whether there are more groups than are kept. `incidence_at` is in seconds;
    /// with `bookings` those are shown too.
    #[must_use]
    pub fn publish(
        self,
        incidence_at: &[u64],
        bookings: bool,
    ) -> (ResponseTimes, Vec<ResponseTimeGroup>, bool) {
        let is_cut = self.groups.is_cut;
        let groups = self.groups.by_key.into_iter();
        let groups = groups.map(|(key, tallied)| ResponseTimeGroup {
            key,
            times: Some(tallied.publish(incidence_at, bookings)),
        });
        let groups = groups.collect();
        let total = self.total.publish(incidence_at, bookings);
        (total, groups, is_cut)
    }
}

impl Tallied {
    fn publish(mut self, incidence_at: &[u64], bookings: bool) -> ResponseTimes {
        let target = match self.target {
            Target::One(seconds) => u64::try_from(seconds).ok(),
            Target::None | Target::Several => None,
        };
        let curve = std::mem::take(&mut self.times).curve();
        let naive = curve.naive_percentile(Quantile::MEDIAN);
        let in_total = match self.answered_later {
            0 => naive,
            _ => self.naive_in_total(&curve),
        };
        let due = |successes| {
            share(Proportion {
                successes,
                n: self.due,
            })
        };
        let [in_time, late, never] = self.booked;
        ResponseTimes {
            received: self.received,
            due: self.due,
            answered: self.answered,
            in_time: self.in_time,
            in_time_as_known: self.in_time_as_known,
            closed_unanswered: self.closed_unanswered,
            open: self.open,
            open_beyond_target: self.open_beyond_target,
            excluded: self.excluded,
            not_owed: self.not_owed,
            oldest_open: self.oldest_open.map(|it| duration(whole_seconds(it))),
            on_time: Some(due(self.in_time)),
            on_time_as_known: Some(due(self.in_time_as_known)),
            target: target.map(duration),
            quantiles: quantiles(&curve),
            survival_at_target: target.map(|target| survival(&curve, target)),
            incidences: incidences(&curve, target, incidence_at),
            naive_median_of_answered: naive.map(duration),
            distribution: distribution(&curve, target),
            answered_by_others: self.answered_by_others,
            reply_first: self.reply_first,
            reopened: self.reopened,
            answered_in_total: self.answered + self.answered_later,
            naive_median_in_total: in_total.map(duration),
            waited: Some(exactly(self.waited)),
            bookings: bookings.then(|| Bookings {
                in_time: Some(share(in_time)),
                late: Some(share(late)),
                never: Some(share(never)),
            }),
        }
    }

    /// The median of the items that were answered in any episode.
    fn naive_in_total(&mut self, first: &Curve) -> Option<u64> {
        let later = std::mem::take(&mut self.later).curve();
        let mut times: Vec<(u64, u64)> = first.awaited().chain(later.awaited()).collect();
        times.sort_unstable();
        let rank = Quantile::MEDIAN.nearest_rank(self.answered + self.answered_later)?;
        let mut seen = 0;
        let reached = times.iter().find(|(_, items)| {
            seen += items;
            seen >= rank
        });
        Some(reached?.0)
    }
}

/// A sum of times, not rounded, so that the groups add up to the total.
fn exactly(nanoseconds: i128) -> Duration {
    const SECOND: i128 = 1_000_000_000;
    let nanoseconds = nanoseconds.max(0);
    Duration {
        seconds: i64::try_from(nanoseconds / SECOND).unwrap_or(i64::MAX),
        // The remainder is below 10^9 and fits.
        nanos: i32::try_from(nanoseconds % SECOND).unwrap_or_default(),
    }
}

fn duration(seconds: u64) -> Duration {
    Duration {
        seconds: i64::try_from(seconds).unwrap_or(i64::MAX),
        nanos: 0,
    }
}

fn share(proportion: Proportion) -> Share {
    let interval = proportion.interval(Z_95);
    Share {
        count: proportion.successes,
        of: proportion.n,
        share: proportion.share(),
        low: interval.map(|it| it.low),
        high: interval.map(|it| it.high),
    }
}

fn quantiles(curve: &Curve) -> Vec<WireQuantile> {
    let median = curve.median_interval(Z_95);
    let reached = |quantile| curve.quantile(quantile).map(duration);
    vec![
        WireQuantile {
            q: 0.5,
            at: reached(Quantile::MEDIAN),
            low: median.and_then(|it| it.low).map(duration),
            high: median.and_then(|it| it.high).map(duration),
        },
        WireQuantile {
            q: 0.9,
            at: reached(Quantile::P90),
            low: None,
            high: None,
        },
    ]
}

fn survival(curve: &Curve, seconds: u64) -> Survival {
    let interval = curve.survival_interval(seconds, Z_95);
    Survival {
        at: Some(duration(seconds)),
        survival: curve.survival(seconds),
        low: interval.map(|it| it.low),
        high: interval.map(|it| it.high),
    }
}

fn incidences(curve: &Curve, target: Option<u64>, asked: &[u64]) -> Vec<Incidence> {
    let mut instants: Vec<u64> = asked.iter().copied().chain(target).collect();
    instants.sort_unstable();
    instants.dedup();
    let at = |seconds| Incidence {
        at: Some(duration(seconds)),
        answered: curve.awaited_within(seconds),
        closed_unanswered: curve.competing_within(seconds),
    };
    instants.into_iter().map(at).collect()
}

fn distribution(curve: &Curve, target: Option<u64>) -> Vec<Bucket> {
    let bars = BARS.iter().map(|hours| hours * HOUR);
    let mut bounds: Vec<u64> = bars.chain(target).collect();
    bounds.sort_unstable();
    bounds.dedup();
    let buckets = curve.buckets(&bounds).into_iter();
    let bucket = buckets.map(|bucket| Bucket {
        until: bucket.up_to.map(duration),
        answered: bucket.counts.awaited,
    });
    bucket.collect()
}
