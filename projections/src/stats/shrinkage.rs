//! Figures of small groups, drawn towards the network's as far as chance would explain the difference.
//!
//! Groups are taken as draws from a common distribution around the network's shares: a beta distribution
//! for proportions (J. C. Kleinman, "Proportions with Extraneous Variance: Single and Independent
//! Samples", Journal of the American Statistical Association 68 (1973) 46–54), a Dirichlet distribution for
//! the three shares of NPS (J. E. Mosimann, "On the compound multinomial distribution", Biometrika 49
//! (1962) 65–82). Its *concentration* M says how alike the groups are: a group of n items is drawn
//! M/(M + n) of the way to the network.

use super::nps::POINTS;
use super::{Interval, NpsAnswers, Proportion, beta};

/// As alike as groups are ever taken to be.
const MOST: f64 = 1e6;
/// As different: a distribution needs a positive one.
const LEAST: f64 = 1e-6;

/// How alike groups are, in items: 10⁻⁶ to 10⁶.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Concentration(f64);

impl Concentration {
    /// In items.
    #[must_use]
    pub fn items(self) -> f64 {
        self.0
    }
}

/// How alike groups are, by the method of moments weighted by n, from the counts of J ≥ 2 categories per
/// group; groups without items say nothing.
///
/// With N = Σnᵢ, network shares pⱼ and S = Σⱼ Σᵢ nᵢ(pᵢⱼ − pⱼ)², the weighted variance between k groups,
/// chance alone makes B = (k − 1)·Σⱼ pⱼ(1 − pⱼ) of it. The correlation within groups is
/// ρ = (S − B) / (Σⱼ pⱼ(1 − pⱼ)·(N − Σnᵢ²/N − (k − 1))) (Kleinman 1973, weights nᵢ; with two categories
/// both give the same, so that this is the beta-binomial's estimate too), and M = (1 − ρ)/ρ. Where S ≤ B,
/// or nothing can be told (fewer than two groups, all items alike, one item a group), M is the cap of 10⁶.
#[must_use]
pub fn concentration<const J: usize>(groups: &[[u64; J]]) -> Concentration {
    let mut totals = [0_u64; J];
    let mut count = 0_u64;
    let mut squares = 0.0;
    for group in groups {
        let n: u64 = group.iter().sum();
        if n > 0 {
            count += 1;
            squares += n as f64 * n as f64;
        }
        for (total, items) in totals.iter_mut().zip(group) {
            *total += items;
        }
    }
    let all = totals.iter().sum::<u64>() as f64;
    if count < 2 {
        return Concentration(MOST);
    }
    let shares = totals.map(|total| total as f64 / all);
    let chance: f64 = shares.iter().map(|share| share * (1.0 - share)).sum();
    let between: f64 = groups.iter().map(|group| distance(group, &shares)).sum();
    let free = (count - 1) as f64;
    let excess = between - chance * free;
    let scale = chance * (all - squares / all - free);
    if excess <= 0.0 || scale <= 0.0 {
        return Concentration(MOST);
    }
    let correlation = excess / scale;
    Concentration(((1.0 - correlation) / correlation).clamp(LEAST, MOST))
}

/// n·Σⱼ(pᵢⱼ − pⱼ)²; 0 for a group without items.
fn distance<const J: usize>(group: &[u64; J], shares: &[f64; J]) -> f64 {
    let n = group.iter().sum::<u64>() as f64;
    if n == 0.0 {
        return 0.0;
    }
    let squares = group.iter().zip(shares).map(|(items, share)| {
        let from = *items as f64 / n - share;
        from * from
    });
    n * squares.sum::<f64>()
}

/// A figure drawn towards the network's. It stands on the network's items too, so that it may be shown for
/// groups of any size, and called what it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shrunk {
    /// The expected figure.
    pub expected: f64,
    /// Where the figure lies, given the items: as probable as a normal interval with the same z.
    pub interval: Interval,
    /// Share of the network in it, 0 to 1: M/(M + n).
    pub network_share: f64,
}

/// Beta-binomial shrinkage of proportions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProportionShrinkage {
    mean: f64,
    concentration: Concentration,
}

impl ProportionShrinkage {
    /// From all groups of the network. `None` without items.
    #[must_use]
    pub fn new(groups: &[Proportion]) -> Option<Self> {
        let counts = |it: &Proportion| [it.successes.min(it.n), it.n - it.successes.min(it.n)];
        let groups: Vec<[u64; 2]> = groups.iter().map(counts).collect();
        let network = Proportion {
            successes: groups.iter().map(|[successes, _]| successes).sum(),
            n: groups.iter().flatten().sum(),
        };
        Some(Self {
            mean: network.share()?,
            concentration: concentration(&groups),
        })
    }

    /// The same drawn towards another share: that of a network of which not all groups were told apart.
    #[must_use]
    pub fn towards(self, network: Proportion) -> Self {
        Self {
            mean: network.share().unwrap_or(self.mean),
            ..self
        }
    }

    /// How alike the groups are.
    #[must_use]
    pub fn concentration(&self) -> Concentration {
        self.concentration
    }

    /// A group's share, 0 to 1: the mean of its beta posterior, M·m + successes over M + n, and the
    /// equal-tailed interval of that. Of a group without items: the network's.
    #[must_use]
    pub fn shrunk(&self, group: Proportion, z: f64) -> Shrunk {
        let pull = self.concentration.0;
        let (successes, n) = (group.successes.min(group.n) as f64, group.n as f64);
        let a = pull * self.mean + successes;
        let b = pull * (1.0 - self.mean) + n - successes;
        let expected = a / (a + b);
        // Without variety in the network and the group there is no spread.
        let tail = beta::normal_tail(z.abs());
        let end = |p: f64| beta::quantile(p, a, b).unwrap_or(expected);
        Shrunk {
            expected,
            interval: Interval {
                low: end(tail),
                high: end(1.0 - tail),
            },
            network_share: pull / (pull + n),
        }
    }
}

/// Dirichlet-multinomial shrinkage of NPS.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NpsShrinkage {
    promoters: f64,
    detractors: f64,
    concentration: Concentration,
}

impl NpsShrinkage {
    /// From all groups of the network. `None` without answers.
    #[must_use]
    pub fn new(groups: &[NpsAnswers]) -> Option<Self> {
        let mut network = NpsAnswers::default();
        for group in groups {
            network.merge(group);
        }
        let counts = |it: &NpsAnswers| [it.promoters, it.passives, it.detractors];
        let groups: Vec<[u64; 3]> = groups.iter().map(counts).collect();
        let own = Self {
            promoters: 0.0,
            detractors: 0.0,
            concentration: concentration(&groups),
        };
        (network.n() > 0).then(|| own.towards(&network))
    }

    /// The same drawn towards other answers: those of a network of which not all groups were told apart.
    #[must_use]
    pub fn towards(self, network: &NpsAnswers) -> Self {
        match network.n() {
            0 => self,
            n => Self {
                promoters: network.promoters as f64 / n as f64,
                detractors: network.detractors as f64 / n as f64,
                ..self
            },
        }
    }

    /// How alike the groups are.
    #[must_use]
    pub fn concentration(&self) -> Concentration {
        self.concentration
    }

    /// A group's score in points: promoters less detractors of the mean of its Dirichlet posterior, with
    /// shares p = (M·p₀ + promoters)/(M + n) and d alike. Its variance is (p + d − (p − d)²)/(M + n + 1);
    /// the interval is the normal one of that, cut off at ±100. Of a group without answers: the network's.
    #[must_use]
    pub fn shrunk(&self, group: &NpsAnswers, z: f64) -> Shrunk {
        let pull = self.concentration.0;
        let n = group.n() as f64;
        let share = |network: f64, items: u64| (pull * network + items as f64) / (pull + n);
        let promoters = share(self.promoters, group.promoters);
        let detractors = share(self.detractors, group.detractors);
        let net = promoters - detractors;
        let variance = (promoters + detractors - net * net).max(0.0) / (pull + n + 1.0);
        let margin = POINTS * z.abs() * variance.sqrt();
        Shrunk {
            expected: POINTS * net,
            interval: Interval::around(POINTS * net, margin, -POINTS, POINTS),
            network_share: pull / (pull + n),
        }
    }
}
