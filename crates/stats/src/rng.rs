//! Random numbers of a seed.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The one source of randomness of statistics and models: ChaCha8 from a 64-bit seed.
///
/// Shuffles and uniform numbers are written here rather than taken from `rand`, whose algorithms may change between
/// versions: a seed written into a paper must keep its meaning.
#[derive(Clone)]
pub struct SeededRng(ChaCha8Rng);

impl SeededRng {
    /// The generator of `seed`.
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// One of many independent generators of the same seed, for example one per class.
    pub fn stream(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// Uniform in `0..bound`, without bias (Lemire 2019, "Fast random integer generation in an interval").
    ///
    /// # Panics
    /// Where `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        assert!(bound > 0, "an empty range has no element");
        let bound = bound as u64;
        let mut product = u128::from(self.0.next_u64()) * u128::from(bound);
        if (product as u64) < bound {
            let threshold = bound.wrapping_neg() % bound;
            while (product as u64) < threshold {
                product = u128::from(self.0.next_u64()) * u128::from(bound);
            }
        }
        (product >> 64) as usize
    }

    /// Uniform in `[0, 1)` with 53 random bits.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in `[low, high)`.
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Puts the values into a random order, each order being equally likely (Fisher and Yates).
    pub fn shuffle<T>(&mut self, values: &mut [T]) {
        for last in (1..values.len()).rev() {
            values.swap(last, self.below(last + 1));
        }
    }

    /// `0..n` in random order.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        self.shuffle(&mut order);
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_keeps_its_meaning() {
        assert_eq!(SeededRng::new(0).permutation(8), [7, 2, 1, 6, 0, 4, 3, 5]);
        assert_ne!(
            SeededRng::stream(0, 1).permutation(8),
            SeededRng::stream(0, 2).permutation(8)
        );
    }

    /// Bounds so large that words are thrown away: by the definition, word by word.
    #[test]
    fn no_number_below_a_bound_is_more_likely_than_another() {
        let mut n_thrown_away = 0;
        for bound in [3u64 << 62, (1 << 63) + 1, 1 << 63, 5 << 61, 6] {
            let (mut rng, mut words) = (SeededRng::new(11), ChaCha8Rng::seed_from_u64(11));
            for _ in 0..200 {
                let want = loop {
                    let product = u128::from(words.next_u64()) * u128::from(bound);
                    if product % (1 << 64) >= (1 << 64) % u128::from(bound) {
                        break product >> 64;
                    }
                    n_thrown_away += 1;
                };
                assert_eq!(rng.below(bound as usize) as u128, want, "{bound}");
            }
        }
        assert!(n_thrown_away > 200, "{n_thrown_away}");
    }

    #[test]
    fn a_uniform_number_is_a_unit_one_moved_and_stretched() {
        let (mut rng, mut unit) = (SeededRng::new(5), SeededRng::new(5));
        for (low, high) in [(2.0, 5.0), (-3.0, -1.5), (-1.0, 1.0)] {
            let value = rng.uniform(low, high);
            assert_eq!(value, low + (high - low) * unit.unit());
            assert!((low..high).contains(&value), "{value}");
        }
    }

    #[test]
    fn numbers_are_uniform() {
        let mut rng = SeededRng::new(7);
        let mut counts = [0usize; 6];
        for _ in 0..60_000 {
            counts[rng.below(6)] += 1;
        }
        // Chi-squared with 5 degrees of freedom: 20.5 has a p-value of 0.001.
        let chi2: f64 = counts.iter().map(|&n| (n as f64 - 1e4).powi(2) / 1e4).sum();
        assert!(chi2 < 20.5, "{counts:?}");
        let mean = (0..100_000).map(|_| rng.unit()).sum::<f64>() / 1e5;
        assert!((mean - 0.5).abs() < 0.005, "{mean}");
    }
}
