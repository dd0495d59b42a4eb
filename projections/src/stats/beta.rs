//! Quantiles of the beta distribution and the tail of the normal one.
//!
//! Written here because what crates offer either leaves logarithm and exponential to the machine or
//! iterates without a bound: for very large and very small shapes it did not come back. Both iterations
//! here are bounded.

/// Steps of a search: bisection alone reaches 2⁻¹²⁸ in as many, Newton's method needs a handful.
const STEPS: u32 = 128;
/// Terms of the continued fraction, of which it needs about √(a + b): enough for a billion items.
const TERMS: u32 = 200_000;
/// Keeps a denominator from zero.
const TINY: f64 = 1e-300;

/// P(X > z) for a standard normal X, 0 to 1: ½·erfc(z/√2).
pub(super) fn normal_tail(z: f64) -> f64 {
    0.5 * libm::erfc(z / std::f64::consts::SQRT_2)
}

/// The `p` quantile of a beta distribution, 0 to 1: the x at which the regularised incomplete beta function
/// is p. `None` unless both shapes are finite and positive. Newton's method, kept inside a bracket that
/// bisection narrows where a step would leave it.
pub(super) fn quantile(p: f64, a: f64, b: f64) -> Option<f64> {
    if !(a.is_finite() && b.is_finite() && a > 0.0 && b > 0.0) {
        return None;
    }
    let ln_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    let mut x = a / (a + b);
    for _ in 0..STEPS {
        // So close to an end that it is the end.
        if x <= 0.0 || x >= 1.0 {
            break;
        }
        let excess = below(x, a, b, ln_beta) - p;
        if excess > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let ln_density = (a - 1.0) * libm::log(x) + (b - 1.0) * libm::log1p(-x) - ln_beta;
        let newton = x - excess / libm::exp(ln_density);
        let next = if low < newton && newton < high {
            newton
        } else {
            low + (high - low) / 2.0
        };
        let moved = (next - x).abs();
        x = next;
        if moved <= 1e-14 * x {
            break;
        }
    }
    Some(x)
}

/// The regularised incomplete beta function I_x(a, b), 0 to 1, by its continued fraction (NIST Digital
/// Library of Mathematical Functions 8.17.22), on the side of the mean where it converges fast; 0 < x < 1.
fn below(x: f64, a: f64, b: f64, ln_beta: f64) -> f64 {
    let front = libm::exp(a * libm::log(x) + b * libm::log1p(-x) - ln_beta);
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(1.0 - x, b, a) / b
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
