//! The posterior distribution of a network, given its groups, over a lattice: its mean shares, and how alike its groups
//! are.
//!
//! Groups are draws from a Dirichlet distribution around the network's mean shares m, whose concentration M
//! says how alike they are: of J categories, the counts of a group of n items are Dirichlet-multinomial (J. E.
//! Mosimann, "On the compound multinomial distribution", Biometrika 49 (1962) 65–82); with two, beta-binomial.
//! A priori every m is as probable as any other, and so is every
//! B = n₀/(n₀ + M) from 0 to 1, n₀ being the harmonic mean of n: the uniform prior on the share in which a
//! typical group stands for itself (C. L. Christiansen and C. N. Morris, "Hierarchical Poisson Regression
//! Modeling", Journal of the American Statistical Association 92 (1997) 618–632).
//!
//! The lattice has 40 × 24 cells for shares and 24 × 24 × 24 for three categories, judged at their midpoints.
//! The posterior of a large network is far narrower than one such cell would be, and that of a small one has
//! long tails. So the cells are laid four times: first evenly, then half of them evenly and half where the
//! posterior was found (as G. P. Lepage, "A New Algorithm for Adaptive Multidimensional Integration", Journal of
//! Computational Physics 27 (1978) 192–203, lays strata). Nothing here depends on the order of groups.

use std::collections::BTreeMap;

use super::axis::Axis;

/// Cells along each share, and along B, for two categories.
const OF_TWO: (usize, usize) = (40, 24);
/// For three.
const OF_THREE: (usize, usize) = (24, 24);
/// How often the cells are laid.
const ROUNDS: usize = 4;
/// The probability below which a point is left out at the end.
const NEGLIGIBLE: f64 = 1e-12;

/// One concentration and the means that are probable with it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Slice<const J: usize> {
    /// M, in items.
    pub(super) items: f64,
    /// Shares of the categories, and the probability of both together.
    pub(super) means: Vec<([f64; J], f64)>,
}

/// The groups, as far as the likelihood depends on them.
struct Evidence<const J: usize> {
    /// By category.
    counts: [Occurrences; J],
    sizes: Occurrences,
    /// The harmonic mean of n.
    typical: f64,
}

/// How many groups have which count: the same ones say the same.
struct Occurrences(Vec<(f64, f64)>);

impl Occurrences {
    fn of(counts: impl Iterator<Item = u64>) -> Self {
        let mut groups: BTreeMap<u64, u64> = BTreeMap::new();
        for count in counts.filter(|count| *count > 0) {
            *groups.entry(count).or_default() += 1;
        }
        let groups = groups.into_iter();
        Self(groups.map(|(k, of)| (k as f64, of as f64)).collect())
    }

    /// Σ ln(a·(a + 1)·…·(a + k − 1)) over the groups' counts k.
    fn ln_rising(&self, a: f64) -> f64 {
        let start = libm::lgamma(a);
        let rising = self.0.iter();
        rising
            .map(|(k, of)| of * (libm::lgamma(a + k) - start))
            .sum()
    }
}

impl<const J: usize> Evidence<J> {
    /// `None` without items.
    fn of(groups: &[[u64; J]]) -> Option<Self> {
        let sizes = groups.iter().map(|group| group.iter().sum::<u64>());
        let sizes = Occurrences::of(sizes);
        let (mut groups_with_items, mut inverses) = (0.0, 0.0);
        for (n, of) in &sizes.0 {
            groups_with_items += of;
            inverses += of / n;
        }
        let count = |category: usize| {
            let counts = groups.iter();
            Occurrences::of(counts.map(move |group| group.get(category).copied().unwrap_or(0)))
        };
        (groups_with_items > 0.0).then(|| Self {
            counts: std::array::from_fn(count),
            sizes,
            typical: groups_with_items / inverses,
        })
    }

    /// M where a typical group stands for itself by this share.
    fn concentration(&self, own: f64) -> f64 {
        self.typical * (1.0 - own) / own
    }
}

/// A point along the shares.
struct Point<const J: usize> {
    shares: [f64; J],
    /// The cell along each axis; of the last share, which is what the others leave, nothing.
    cells: [usize; J],
    /// The volume of its cell.
    size: f64,
}

/// The cells along each axis. The last share is what the others leave; its axis is not used.
struct Lattice<const J: usize> {
    shares: [Axis; J],
    alike: Axis,
    /// The shares are known: there is one point.
    mean: Option<[f64; J]>,
}

/// The posterior of the network, from the counts of its groups; its probabilities add up to 1. With a `mean`,
/// that is taken as known, and only the concentration is not. Empty without items.
pub(super) fn posterior<const J: usize>(
    groups: &[[u64; J]],
    mean: Option<[f64; J]>,
) -> Vec<Slice<J>> {
    let Some(evidence) = Evidence::of(groups) else {
        return Vec::new();
    };
    let (cells, alike) = if J == 2 { OF_TWO } else { OF_THREE };
    let mut lattice = Lattice {
        shares: std::array::from_fn(|_| Axis::even(cells)),
        alike: Axis::even(alike),
        mean,
    };
    for _ in 1..ROUNDS {
        lattice = lattice.laid_anew(&evidence);
    }
    let (mut slices, _) = lattice.judged(&evidence);
    for slice in &mut slices {
        slice.means.retain(|(_, weight)| *weight > NEGLIGIBLE);
    }
    slices.retain(|slice| !slice.means.is_empty());
    slices
}

impl<const J: usize> Lattice<J> {
    /// Every point along the shares.
    fn points(&self) -> Vec<Point<J>> {
        if let Some(shares) = self.mean {
            return vec![Point {
                shares,
                cells: [0; J],
                size: 1.0,
            }];
        }
        let mut points = vec![Point {
            shares: [0.0; J],
            cells: [0; J],
            size: 1.0,
        }];
        for (category, axis) in self.shares.iter().enumerate().take(J - 1) {
            let along = points.iter().flat_map(|point| {
                axis.cells()
                    .enumerate()
                    .map(move |(cell, (middle, width))| {
                        let mut shares = point.shares;
                        let mut cells = point.cells;
                        set(&mut shares, category, middle);
                        set(&mut cells, category, cell);
                        Point {
                            shares,
                            cells,
                            size: point.size * width,
                        }
                    })
            });
            points = along.collect();
        }
        for point in &mut points {
            let others: f64 = point.shares.iter().sum();
            set(&mut point.shares, J - 1, 1.0 - others);
        }
        points.retain(|point| point.shares.iter().all(|share| *share > 0.0));
        points
    }

    /// The logarithms of the likelihood of every point with one concentration.
    fn likelihoods(&self, items: f64, points: &[Point<J>], evidence: &Evidence<J>) -> Vec<f64> {
        let mut all = vec![-evidence.sizes.ln_rising(items); points.len()];
        for (category, counts) in evidence.counts.iter().enumerate() {
            // Along an axis many points have the same share.
            let mut known: BTreeMap<usize, f64> = BTreeMap::new();
            let is_axis = category + 1 < J;
            for (ln, point) in all.iter_mut().zip(points) {
                let share = point.shares.get(category).copied().unwrap_or_default();
                let judge = || counts.ln_rising(items * share);
                *ln += match point.cells.get(category).filter(|_| is_axis) {
                    Some(cell) => *known.entry(*cell).or_insert_with(judge),
                    None => judge(),
                };
            }
        }
        all
    }

    /// The probability of every point, and of every cell along each axis.
    fn judged(&self, evidence: &Evidence<J>) -> (Vec<Slice<J>>, Vec<Vec<f64>>) {
        let points = self.points();
        let own: Vec<(f64, f64)> = self.alike.cells().collect();
        let likelihoods: Vec<(f64, f64, Vec<f64>)> = own
            .iter()
            .map(|(own, width)| {
                let items = evidence.concentration(*own);
                (items, *width, self.likelihoods(items, &points, evidence))
            })
            .collect();
        let all = likelihoods.iter().flat_map(|(_, _, of_points)| of_points);
        let most = all.fold(f64::NEG_INFINITY, |most, ln| most.max(*ln));
        let weight =
            |ln: f64, width: f64, point: &Point<J>| libm::exp(ln - most) * width * point.size;
        let mut total = 0.0;
        for (_, width, of_points) in &likelihoods {
            let weights = of_points.iter().zip(&points);
            total += weights
                .map(|(ln, point)| weight(*ln, *width, point))
                .sum::<f64>();
        }
        let mut along: Vec<Vec<f64>> = self.shares.iter().map(Axis::zeros).collect();
        let mut by_alike = self.alike.zeros();
        let mut slices = Vec::with_capacity(likelihoods.len());
        for ((items, width, of_points), alike) in likelihoods.into_iter().zip(&mut by_alike) {
            let mut means = Vec::with_capacity(points.len());
            for (ln, point) in of_points.into_iter().zip(&points) {
                let weight = weight(ln, width, point) / total;
                *alike += weight;
                for (axis, cell) in along.iter_mut().zip(point.cells) {
                    axis.get_mut(cell)
                        .into_iter()
                        .for_each(|sum| *sum += weight);
                }
                means.push((point.shares, weight));
            }
            slices.push(Slice { items, means });
        }
        along.push(by_alike);
        (slices, along)
    }

    /// The same lattice with its cells where this one found probability.
    fn laid_anew(&self, evidence: &Evidence<J>) -> Self {
        let (_, mut along) = self.judged(evidence);
        let alike = along.pop().unwrap_or_default();
        let mut axes = self.shares.iter().zip(along);
        Self {
            shares: std::array::from_fn(|_| match axes.next() {
                Some((axis, found)) => axis.laid_anew(&found),
                None => Axis::even(1),
            }),
            alike: self.alike.laid_anew(&alike),
            mean: self.mean,
        }
    }
}

fn set<T>(values: &mut [T], place: usize, value: T) {
    if let Some(it) = values.get_mut(place) {
        *it = value;
    }
}
