//! Shrinkage: figures of groups, drawn towards the network's as far as chance explains the difference.
//!
//! The network itself is known only through its groups ([`lattice`]). A figure is therefore the mean of a group's posterior
//! distribution over everything that the network may be, and its interval is the 2.5 to 97.5 % (for z = 1.96) of that
//! distribution. Neither the network's mean nor the likeness of its groups is plugged in as if it were known.

mod axis;
mod lattice;

use super::beta::{Mixture, normal_tail};
use super::nps::POINTS;
use super::{Interval, NpsAnswers, Proportion};
use lattice::{Slice, posterior};

/// The fewest groups with answers for which a network says anything about its groups.
pub const NETWORK_GROUPS: usize = 5;
/// The fewest answers for which a network says anything about its groups.
pub const NETWORK_ANSWERS: u64 = 100;

/// A figure that is drawn towards the network's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shrunk {
    /// The expected figure.
    pub expected: f64,
    /// The interval in which the figure lies, given all items of the network, with the probability of a normal interval
    /// of the same z.
    pub interval: Interval,
    /// The share of the network in it, 0 to 1: the expected M/(M + n).
    pub network_share: f64,
}

/// Shrinkage of a figure that is Σ cⱼ·pⱼ of the shares pⱼ of J categories, with 0 ≤ cⱼ ≤ 1.
#[derive(Debug, Clone, PartialEq)]
struct Shrinkage<const J: usize> {
    slices: Vec<Slice<J>>,
    values: [f64; J],
}

impl<const J: usize> Shrinkage<J> {
    /// Shrinkage by a network; `None` if it has no items.
    fn new(groups: &[[u64; J]], network: Option<[u64; J]>, values: [f64; J]) -> Option<Self> {
        // One more item, spread evenly, so that no share is exactly 0 or 1.
        let mean = network.map(|counts| {
            let n = counts.iter().sum::<u64>() as f64 + 1.0;
            counts.map(|count| (count as f64 + 1.0 / J as f64) / n)
        });
        let slices = posterior(groups, mean);
        (!slices.is_empty()).then_some(Self { slices, values })
    }

    /// The posterior of a group, on the scale of 0 to 1.
    ///
    /// Given m and M, the shares of a group with counts xⱼ of n items are Dirichlet(M·mⱼ + xⱼ): with
    /// μⱼ = (M·mⱼ + xⱼ)/(M + n), the figure has the mean y = Σ cⱼμⱼ and the variance (Σ cⱼ²μⱼ − y²)/(M + n + 1).
    /// For each M the distribution over all m is taken as the beta distribution with its mean and variance
    /// (for shares the quantiles differ from the exact ones by less than 0.002 in the smallest network that is
    /// shown); those of all M are mixed.
    fn shrunk(&self, group: [u64; J], z: f64) -> Shrunk {
        let n = group.iter().sum::<u64>() as f64;
        let mut mixture = Mixture::default();
        let mut network_share = 0.0;
        for Slice { items, means } in &self.slices {
            let (mut weight, mut sum, mut squares) = (0.0, 0.0, 0.0);
            for (shares, probability) in means {
                let (mut mean, mut square) = (0.0, 0.0);
                for ((share, count), value) in shares.iter().zip(group).zip(self.values) {
                    let drawn = (items * share + count as f64) / (items + n);
                    mean += value * drawn;
                    square += value * value * drawn;
                }
                let variance = (square - mean * mean).max(0.0) / (items + n + 1.0);
                weight += probability;
                sum += probability * mean;
                squares += probability * (variance + mean * mean);
            }
            let mean = sum / weight;
            mixture.add(weight, mean, squares / weight - mean * mean);
            network_share += weight * items / (items + n);
        }
        let tail = normal_tail(z.abs());
        Shrunk {
            expected: mixture.mean(),
            interval: Interval {
                low: mixture.quantile(tail),
                high: mixture.quantile(1.0 - tail),
            },
            network_share,
        }
    }
}

/// Beta-binomial shrinkage of proportions.
#[derive(Debug, Clone, PartialEq)]
pub struct ProportionShrinkage(Shrinkage<2>);

impl ProportionShrinkage {
    /// Reads all groups of the network. `None` without items.
    #[must_use]
    pub fn new(groups: &[Proportion]) -> Option<Self> {
        Self::of(groups, None)
    }

    /// Reads some groups of a network whose share is known from all of them.
    #[must_use]
    pub fn within(groups: &[Proportion], network: Proportion) -> Option<Self> {
        Self::of(groups, Some(network))
    }

    fn of(groups: &[Proportion], network: Option<Proportion>) -> Option<Self> {
        let groups: Vec<[u64; 2]> = groups.iter().map(of_share).collect();
        let network = network.as_ref().map(of_share);
        Shrinkage::new(&groups, network, [1.0, 0.0]).map(Self)
    }

    /// The share of a group, 0 to 1; for a group without items, the network's.
    #[must_use]
    pub fn shrunk(&self, group: Proportion, z: f64) -> Shrunk {
        self.0.shrunk(of_share(&group), z)
    }
}

/// The items with the property and those without it.
fn of_share(share: &Proportion) -> [u64; 2] {
    let successes = share.successes.min(share.n);
    [successes, share.n - successes]
}

/// Dirichlet-multinomial shrinkage of NPS.
#[derive(Debug, Clone, PartialEq)]
pub struct NpsShrinkage(Shrinkage<3>);

impl NpsShrinkage {
    /// Reads all groups of the network. `None` without answers.
    #[must_use]
    pub fn new(groups: &[NpsAnswers]) -> Option<Self> {
        Self::of(groups, None)
    }

    /// Reads some groups of a network whose answers are known from all of them.
    #[must_use]
    pub fn within(groups: &[NpsAnswers], network: &NpsAnswers) -> Option<Self> {
        Self::of(groups, Some(network))
    }

    fn of(groups: &[NpsAnswers], network: Option<&NpsAnswers>) -> Option<Self> {
        let groups: Vec<[u64; 3]> = groups.iter().map(of_answers).collect();
        // (1 + p − d)/2: a promoter is 1, a detractor 0.
        Shrinkage::new(&groups, network.map(of_answers), [1.0, 0.0, 0.5]).map(Self)
    }

    /// The score of a group in points, −100 to 100; for a group without answers, the network's.
    #[must_use]
    pub fn shrunk(&self, group: &NpsAnswers, z: f64) -> Shrunk {
        let points = |figure: f64| POINTS * (2.0 * figure - 1.0);
        let shrunk = self.0.shrunk(of_answers(group), z);
        Shrunk {
            expected: points(shrunk.expected),
            interval: Interval {
                low: points(shrunk.interval.low),
                high: points(shrunk.interval.high),
            },
            ..shrunk
        }
    }
}

/// Promoters, detractors, passives.
fn of_answers(answers: &NpsAnswers) -> [u64; 3] {
    [answers.promoters, answers.detractors, answers.passives]
}
