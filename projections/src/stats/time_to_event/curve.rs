//! Kaplan–Meier and Aalen–Johansen from counts per second, with quantiles and a distribution.

use super::{Counts, End};
use crate::stats::Quantile;

/// The rounding error of a survival. A survival that is less above a quantile's share has reached it.
pub(super) const ROUNDING: f64 = 1e-12;

/// The items that ended in one second.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Second {
    seconds: u64,
    counts: Counts,
}

/// The estimates from one second on, until the next step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    pub(super) seconds: u64,
    /// The Kaplan–Meier estimate.
    pub(super) survival: f64,
    /// The sum of Greenwood's formula: Σ d/(r(r − d)).
    pub(super) greenwood: f64,
    /// The Aalen–Johansen estimate of the event.
    awaited: f64,
    /// The Aalen–Johansen estimate of the competing event.
    competing: f64,
}

/// A bar of a bar chart of times: more than `over` seconds, at most `up_to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// Exclusive; `None` for the first bar, which holds zero too.
    pub over: Option<u64>,
    /// Inclusive; `None` for the last bar, which has no end.
    pub up_to: Option<u64>,
    /// The items that ended in it.
    pub counts: Counts,
}

/// The estimates from the times of items. Times are in whole seconds.
///
/// Within a second, items leave in this order: by the event or the competing event, then censored.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    counts: Counts,
    seconds: Vec<Second>,
    /// The seconds in which something ended by either event.
    pub(super) steps: Vec<Step>,
}

impl Curve {
    /// Takes ordered cells.
    pub(super) fn new(cells: impl Iterator<Item = (u64, End, u64)>) -> Self {
        let mut counts = Counts::default();
        let mut seconds: Vec<Second> = Vec::new();
        for (at, end, items) in cells {
            counts.add(end, items);
            match seconds.last_mut().filter(|last| last.seconds == at) {
                Some(last) => last.counts.add(end, items),
                None => {
                    let mut counts = Counts::default();
                    counts.add(end, items);
                    seconds.push(Second {
                        seconds: at,
                        counts,
                    });
                }
            }
        }
        let steps = steps(counts.n(), &seconds);
        Self {
            counts,
            seconds,
            steps,
        }
    }

    /// The number of items by the way they ended.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The number of items at risk at t seconds: those that had not ended before.
    #[must_use]
    pub fn at_risk(&self, seconds: u64) -> u64 {
        let begun = self.seconds.partition_point(|it| it.seconds < seconds);
        let rest = self.seconds.get(begun..).unwrap_or_default();
        rest.iter().map(|it| it.counts.n()).sum()
    }

    /// S(t), the share without the event within t seconds, boundary inclusive, if the competing event never
    /// came: the product limit over the event, where items that ended otherwise or were censored leave unseen (E. L. Kaplan and P. Meier,
    /// "Nonparametric Estimation from Incomplete Observations", Journal of the American Statistical
    /// Association 53 (1958) 457–481). After the last item it stays constant. `None` without items.
    #[must_use]
    pub fn survival(&self, seconds: u64) -> Option<f64> {
        let step = self.step(seconds);
        (self.counts.n() > 0).then(|| step.map_or(1.0, |step| step.survival))
    }

    /// The least t with S(t) ≤ 1 − q; `None` if S never falls that far.
    #[must_use]
    pub fn quantile(&self, q: Quantile) -> Option<u64> {
        let remaining = q.remaining() + ROUNDING;
        let above = self.steps.partition_point(|it| it.survival > remaining);
        Some(self.steps.get(above)?.seconds)
    }

    /// The share with the event within t seconds, 0 to 1, with the competing event ending the wait
    /// (O. O. Aalen and S. Johansen, "An Empirical Transition Matrix for Non-Homogeneous Markov Chains
    /// Based on Censored Observations", Scandinavian Journal of Statistics 5 (1978) 141–150). `None`
    /// without items.
    #[must_use]
    pub fn awaited_within(&self, seconds: u64) -> Option<f64> {
        let step = self.step(seconds);
        (self.counts.n() > 0).then(|| step.map_or(0.0, |step| step.awaited))
    }

    /// The share with the competing event within t seconds, by the same estimate.
    #[must_use]
    pub fn competing_within(&self, seconds: u64) -> Option<f64> {
        let step = self.step(seconds);
        (self.counts.n() > 0).then(|| step.map_or(0.0, |step| step.competing))
    }

    /// The nearest-rank percentile of the items with the event alone. It is *naive*: it ignores items that still
    /// wait or ended otherwise, and is published only beside the other figures. `None` without such items.
    #[must_use]
    pub fn naive_percentile(&self, q: Quantile) -> Option<u64> {
        let rank = q.nearest_rank(self.counts.awaited)?;
        let mut seen = 0;
        let reached = self.seconds.iter().find(|second| {
            seen += second.counts.awaited;
            seen >= rank
        });
        Some(reached?.seconds)
    }

    /// The times of the event, ascending, with how many there were.
    pub fn awaited(&self) -> impl Iterator<Item = (u64, u64)> {
        let seconds = self.seconds.iter();
        let times = seconds.map(|second| (second.seconds, second.counts.awaited));
        times.filter(|(_, items)| *items > 0)
    }

    /// The items by the time at which they ended: up to the first bound, up to the next, …, and beyond the
    /// last. Bounds are inclusive, in seconds and ascending; one that does not ascend is left out.
    #[must_use]
    pub fn buckets(&self, bounds: &[u64]) -> Vec<Bucket> {
        let mut buckets = Vec::with_capacity(bounds.len() + 1);
        let mut rest = self.seconds.iter().peekable();
        let mut over = None;
        for up_to in bounds.iter().copied().map(Some).chain([None]) {
            if up_to.is_some() && up_to <= over {
                continue;
            }
            let mut counts = Counts::default();
            let inside = |it: &&Second| up_to.is_none_or(|up_to| it.seconds <= up_to);
            while let Some(second) = rest.next_if(inside) {
                counts.add(End::Awaited, second.counts.awaited);
                counts.add(End::Competing, second.counts.competing);
                counts.add(End::Censored, second.counts.censored);
            }
            buckets.push(Bucket {
                over,
                up_to,
                counts,
            });
            over = up_to;
        }
        buckets
    }

    /// The estimates at a second, if anything ended by either event until then.
    pub(super) fn step(&self, seconds: u64) -> Option<&Step> {
        let begun = self.steps.partition_point(|it| it.seconds <= seconds);
        self.steps.get(begun.checked_sub(1)?)
    }
}

/// A survival that is a product over stretches in which nobody leaves unseen. Within one the factors
/// shorten to (still there)/(there at its beginning), so that nothing is lost to rounding: without
/// censoring S(t) is one division.
#[derive(Debug, Clone, Copy)]
struct Product {
    /// The survival at the beginning of the stretch.
    base: f64,
    /// Items at risk then.
    from: u64,
}

impl Product {
    fn to(self, left: u64) -> f64 {
        self.base * left as f64 / self.from as f64
    }
}

fn steps(n: u64, seconds: &[Second]) -> Vec<Step> {
    let whole = Product { base: 1.0, from: n };
    // The survival of the event alone, and of both events, which nobody outlives.
    let (mut alone, mut any) = (whole, whole);
    let mut risk = n;
    let mut greenwood = 0.0;
    // What was reached at the beginning of the stretch of `any`, and the items since.
    let (mut shares, mut since) = ([0.0; 2], [0_u64; 2]);
    let mut steps = Vec::new();
    for second in seconds {
        let Counts {
            awaited,
            competing,
            censored,
        } = second.counts;
        let left = risk.saturating_sub(awaited);
        if awaited > 0 {
            greenwood += awaited as f64 / (risk as f64 * left as f64);
        }
        let survival = alone.to(left);
        since = [since[0] + awaited, since[1] + competing];
        let within = [shares[0] + any.to(since[0]), shares[1] + any.to(since[1])];
        if awaited + competing > 0 {
            steps.push(Step {
                seconds: second.seconds,
                survival,
                greenwood,
                awaited: within[0],
                competing: within[1],
            });
        }
        let ended = left.saturating_sub(competing);
        risk = ended.saturating_sub(censored);
        if competing + censored > 0 {
            alone = Product {
                base: survival,
                from: risk,
            };
        }
        if censored > 0 {
            any = Product {
                base: any.to(ended),
                from: risk,
            };
            (shares, since) = (within, [0; 2]);
        }
    }
    steps
}
