//! Quantiles of mixtures of beta distributions, and the tail of the normal one.
//!
//! This is our own code because the crates that exist either leave logarithm and exponential to the machine or iterate
//! without a bound: for very large and very small shapes they did not return. Both iterations here are bounded.

/// The most steps of a search: bisection alone reaches 2⁻⁶⁴ in as many, Newton's method needs a handful.
const STEPS: u32 = 64;
/// The absolute error of a quantile: figures are published to 1e-6.
const EXACT: f64 = 1e-12;
/// The most terms of the continued fraction. It needs about √(a + b), so that this is enough for a billion items.
const TERMS: u32 = 200_000;
/// A denominator of zero is replaced by this.
const TINY: f64 = 1e-300;
/// The bounds of a + b, that is the least and the greatest certainty of a distribution.
const SIZES: (f64, f64) = (1e-9, 1e12);

/// P(X > z) for a standard normal X, 0 to 1: ½·erfc(z/√2).
pub(super) fn normal_tail(z: f64) -> f64 {
    0.5 * libm::erfc(z / std::f64::consts::SQRT_2)
}

/// A weighted mixture of beta distributions on 0 to 1.
#[derive(Debug, Clone, Default)]
pub(super) struct Mixture {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, Copy)]
struct Part {
    weight: f64,
    a: f64,
    b: f64,
    ln_beta: f64,
}

impl Mixture {
    /// The beta distribution with this mean and variance.
    pub(super) fn single(mean: f64, variance: f64) -> Self {
        let mut mixture = Self::default();
        mixture.add(1.0, mean, variance);
        mixture
    }

    /// Adds the beta distribution with this mean, strictly between 0 and 1, and this variance. Weights add up to 1. A
    /// variance that no beta distribution has is replaced by the nearest possible one.
    pub(super) fn add(&mut self, weight: f64, mean: f64, variance: f64) {
        let size = mean * (1.0 - mean) / variance - 1.0;
        // A variance of 0 makes it infinite; the distribution is then nearly certain.
        let size = if size.is_nan() { SIZES.1 } else { size };
        let size = size.clamp(SIZES.0, SIZES.1);
        let (a, b) = (mean * size, (1.0 - mean) * size);
        if a > 0.0 && b > 0.0 {
            self.parts.push(Part {
                weight,
                a,
                b,
                ln_beta: libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b),
            });
        }
    }

    /// The mean.
    pub(super) fn mean(&self) -> f64 {
        let parts = self.parts.iter();
        parts.map(|it| it.weight * it.a / (it.a + it.b)).sum()
    }

    /// The x, 0 to 1, below which a share `p` lies, to 1e-12. Newton's method, kept inside a bracket that
    /// bisection narrows where a step would leave it.
    pub(super) fn quantile(&self, p: f64) -> f64 {
        let (mut low, mut high) = (0.0_f64, 1.0_f64);
        let mut x = self.mean();
        for _ in 0..STEPS {
            // Close enough to an end to be the end.
            if x <= 0.0 || x >= 1.0 {
                break;
            }
            let (below, density) = self.at(x);
            let excess = below - p;
            if excess > 0.0 {
                high = x;
            } else {
                low = x;
            }
            let newton = x - excess / density;
            let next = if low < newton && newton < high {
                newton
            } else {
                low + (high - low) / 2.0
            };
            let moved = (next - x).abs();
            x = next;
            if moved <= EXACT || high - low <= EXACT {
                break;
            }
        }
        x.clamp(0.0, 1.0)
    }

    /// The distribution function and the density at 0 < x < 1.
    fn at(&self, x: f64) -> (f64, f64) {
        let (ln_x, ln_rest) = (libm::log(x), libm::log1p(-x));
        let mut sums = (0.0, 0.0);
        for part in &self.parts {
            let front = libm::exp(part.a * ln_x + part.b * ln_rest - part.ln_beta);
            sums.0 += part.weight * part.below(x, front);
            sums.1 += part.weight * front / (x * (1.0 - x));
        }
        sums
    }
}

impl Part {
    /// The regularised incomplete beta function I_x(a, b), 0 to 1, by its continued fraction (NIST Digital
    /// Library of Mathematical Functions 8.17.22), on the side of the mean where it converges fast;
    /// `front` is x^a·(1 − x)^b/B(a, b).
    fn below(&self, x: f64, front: f64) -> f64 {
        let Self { a, b, .. } = *self;
        if x < (a + 1.0) / (a + b + 2.0) {
            front * fraction(x, a, b) / a
        } else {
            1.0 - front * fraction(1.0 - x, b, a) / b
        }
    }
}

/// The continued fraction, from the front (W. J. Lentz, Applied Optics 15 (1976) 668–671; I. J. Thompson
/// and A. R. Barnett, Journal of Computational Physics 64 (1986) 490–509).
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for term in 1..=TERMS {
        let m = f64::from(term);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        value *= d * c;
        if (d * c - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    value
}
