//! Random draws that are the same on every machine: ChaCha8, integer arithmetic, and libm for the few curves.

use std::f64::consts::TAU;

use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng as _, SeedableRng as _};

/// One stream of random numbers. It does not use the distributions of a library, because those may change with its
/// version, and a seed must always make the same journeys.
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream of one owner, dealer or other purpose for a seed.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut key = [0; 32];
        for (place, byte) in key.iter_mut().zip(seed.to_le_bytes()) {
            *place = byte;
        }
        let mut numbers = ChaCha8Rng::from_seed(key);
        numbers.set_stream(stream);
        Self(numbers)
    }

    /// 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number in [0, 1).
    fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Draws whether something of this probability happens.
    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A number from 0 to `count` − 1, or 0 if `count` is 0.
    pub(crate) fn below(&mut self, count: u64) -> u64 {
        // The high half of the product. Its bias is too small to be measured.
        ((u128::from(self.bits()) * u128::from(count)) >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.saturating_sub(low).max(0).unsigned_abs() + 1;
        low + self.below(width) as i64
    }

    /// An item of a table, each with the same probability.
    pub(crate) fn one_of<'t, T>(&mut self, table: &'t [T]) -> &'t T {
        let index = self.below(table.len() as u64) as usize;
        #[expect(
            clippy::indexing_slicing,
            reason = "the index is below the length; the tables are compiled in and none is empty"
        )]
        &table[index]
    }

    /// A text of a table, each with the same probability.
    pub(crate) fn text(&mut self, table: &[&'static str]) -> &'static str {
        self.one_of::<&'static str>(table)
    }

    /// An item of a table, by weight.
    pub(crate) fn weighted<T: Copy>(&mut self, table: &[(u64, T)]) -> T {
        let total = table.iter().map(|(weight, _)| weight).sum();
        let mut rest = self.below(total);
        for (weight, item) in table {
            match rest.checked_sub(*weight) {
                Some(less) => rest = less,
                None => return *item,
            }
        }
        self.one_of(table).1
    }

    /// The waiting time until the next of independent arrivals with this mean interval.
    pub(crate) fn exponential(&mut self, mean: i64) -> i64 {
        (-libm::log(1.0 - self.unit()) * mean as f64) as i64
    }

    /// A log-normal time with this median; `sigma` is the standard deviation of its logarithm.
    pub(crate) fn heavy_tailed(&mut self, median: i64, sigma: f64) -> i64 {
        (libm::exp(sigma * self.normal()) * median as f64) as i64
    }

    /// A normal number with this mean and standard deviation.
    pub(crate) fn around(&mut self, mean: f64, deviation: f64) -> f64 {
        mean + deviation * self.normal()
    }

    /// A standard normal number, by the Box–Muller transform.
    fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.unit()));
        radius * libm::cos(TAU * self.unit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_means_the_same_numbers_for_ever() {
        let mut chance = Chance::new(7, 42);
        let drawn: Vec<u64> = (0..3).map(|_| chance.bits()).collect();
        let curves = [
            chance.heavy_tailed(1_000_000_000, 1.0),
            chance.exponential(1_000_000_000),
        ];
        insta::assert_snapshot!(format!("{drawn:?} {curves:?}"));
    }

    #[test]
    fn streams_and_seeds_differ() {
        let first = |seed, stream| Chance::new(seed, stream).bits();
        assert_ne!(first(7, 1), first(7, 2));
        assert_ne!(first(7, 1), first(8, 1));
    }

    #[test]
    fn draws_keep_their_bounds_and_weights() {
        let mut chance = Chance::new(1, 1);
        let mut heavy = 0;
        for _ in 0..10_000 {
            assert!((3..=5).contains(&chance.between(3, 5)));
            heavy += u64::from(chance.weighted(&[(9, true), (1, false)]));
        }
        assert!((8_800..9_200).contains(&heavy), "{heavy}");
    }

    #[test]
    fn half_of_a_heavy_tail_lies_below_its_median() {
        let mut chance = Chance::new(1, 2);
        let below = (0..10_000).filter(|_| chance.heavy_tailed(1_000_000, 1.2) < 1_000_000);
        assert!((4_800..5_200).contains(&below.count()));
    }
}
