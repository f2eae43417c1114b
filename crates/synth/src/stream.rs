//! Seeded streams of random numbers: one for each artist, album, track or table of constants.
//!
//! A stream depends on the seed, on what it is for and on an index, never on which thread asks or in what order, so that an
//! archive is the same bytes whatever the number of threads.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a stream is for. The numbers are part of the format of a seed: changing one changes every archive.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub(crate) enum Domain {
    /// The plan of artists, albums and tracks.
    Plan = 1,
    /// Which columns are empty for which artist, album.
    Missing = 2,
    /// An artist's texts and numbers.
    Artist = 3,
    /// An album's texts and numbers.
    Album = 4,
    /// A track's texts and numbers.
    Track = 5,
    /// How one artist sounds.
    ArtistSound = 6,
    /// How one album sounds.
    AlbumSound = 7,
    /// How one track sounds.
    TrackSound = 8,
    /// A track's Echonest values.
    Echonest = 9,
    /// The fixed constants of the feature model; used with seed 0.
    World = 10,
    /// The genres that an artist plays.
    ArtistGenres = 11,
    /// The genres of an artist's tracks on one album.
    ReleaseGenres = 12,
    /// A track's genres.
    TrackGenres = 13,
    /// Which clips there are.
    ClipPlan = 14,
    /// An artist's instruments, manner and studio.
    ClipArtist = 15,
    /// The sound of a clip.
    Clip = 16,
    /// What the tables say of clips.
    ClipTables = 17,
}

/// A stream of random numbers (ChaCha with 8 rounds).
pub(crate) struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of `seed` for the item `index` of `domain`.
    pub(crate) fn new(seed: u64, domain: Domain, index: u64) -> Self {
        let mut key = [0u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..12].copy_from_slice(&(domain as u32).to_le_bytes());
        key[12..20].copy_from_slice(&index.to_le_bytes());
        key[20..].copy_from_slice(b"cratedigger\0");
        Self(ChaCha8Rng::from_seed(key))
    }

    /// Uniform in `[0, 1)`, 53 bits.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in `[low, high)`.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Uniform integer in `0..n`; 0 for `n == 0`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        // The bias of the multiplication is below n / 2^64.
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    /// True with probability `p`.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    /// Nearly standard normal: the standardised sum of four uniforms (Irwin-Hall), so within ±3.47 and the same on every
    /// platform. Heavy tails are added where they belong, on purpose.
    pub(crate) fn normal(&mut self) -> f64 {
        let bits = self.0.next_u64();
        let sum = (bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48);
        // Mean 2 * 65535, variance 4 * (65536^2 - 1) / 12.
        (sum as f64 - 131_070.0) * (1.0 / 37_837.227_3)
    }

    /// Log-normal with the given median and standard deviation of the logarithm.
    pub(crate) fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        median * (sigma * self.normal()).exp()
    }

    /// One element of `items`, which must not be empty.
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// An index with probability proportional to its weight; the last index where all weights are 0.
    pub(crate) fn weighted(&mut self, weights: impl Iterator<Item = f64> + Clone) -> usize {
        let total: f64 = weights.clone().sum();
        let mut left = self.uniform() * total;
        let mut last = 0;
        for (i, w) in weights.enumerate() {
            if w > 0.0 {
                last = i;
                if left < w {
                    return i;
                }
                left -= w;
            }
        }
        last
    }

    /// A number of trials up to the first success, at least 1, with mean `mean`.
    pub(crate) fn geometric(&mut self, mean: f64) -> u64 {
        let p = 1.0 / mean.max(1.0);
        let u = 1.0 - self.uniform();
        1 + (u.ln() / (1.0 - p).max(1e-12).ln()).floor().min(1e9) as u64
    }

    /// Puts `items` in random order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

/// Classes dealt out so that their shares come out right: drawing without replacement, weighted by tracks.
///
/// An artist with many tracks takes many of a class at once. Independent draws would let a few prolific artists move the
/// shares of a small archive far from their targets; an urn keeps the order random and the shares close.
pub(crate) struct Urn {
    remaining: Vec<f64>,
}

impl Urn {
    /// An urn for `total` tracks, shared among the classes in proportion to `weights`.
    pub(crate) fn new(weights: &[f64], total: f64) -> Self {
        let sum: f64 = weights.iter().sum();
        let scale = if sum > 0.0 { total / sum } else { 0.0 };
        Self {
            remaining: weights.iter().map(|w| w * scale).collect(),
        }
    }

    /// Draws the class of an item of `size` tracks, with the classes favoured by `bias` (all 1 for none).
    pub(crate) fn draw(
        &mut self,
        stream: &mut Stream,
        size: f64,
        bias: impl Fn(usize) -> f64 + Clone,
    ) -> usize {
        let room = |r: f64| if r >= 0.5 * size { r } else { 0.0 };
        let fits = |i: usize, r: f64| room(r) * bias(i);
        let total: f64 = self.remaining.iter().enumerate().map(|(i, &r)| fits(i, r)).sum();
        let class = if total > 0.0 {
            stream.weighted(self.remaining.iter().enumerate().map(|(i, &r)| fits(i, r)))
        } else {
            // Too large for every class: the one with the most left, the lowest index in a tie.
            let mut best = 0;
            for (i, &r) in self.remaining.iter().enumerate() {
                if r > self.remaining[best] {
                    best = i;
                }
            }
            best
        };
        self.remaining[class] -= size;
        class
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_seed_domain_and_index_and_repeat() {
        let first = |seed, domain, index| Stream::new(seed, domain, index).0.next_u64();
        let base = first(1, Domain::Artist, 2);
        assert_eq!(base, first(1, Domain::Artist, 2));
        assert_ne!(base, first(2, Domain::Artist, 2));
        assert_ne!(base, first(1, Domain::Album, 2));
        assert_ne!(base, first(1, Domain::Artist, 3));
    }

    #[test]
    fn normal_has_mean_0_and_variance_1() {
        let mut s = Stream::new(0, Domain::World, 0);
        let n = 200_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let x = s.normal();
            sum += x;
            squares += x * x;
        }
        assert!((sum / f64::from(n)).abs() < 0.01, "mean {}", sum / f64::from(n));
        assert!(
            (squares / f64::from(n) - 1.0).abs() < 0.02,
            "variance {}",
            squares / f64::from(n)
        );
    }

    #[test]
    fn geometric_has_its_mean() {
        let mut s = Stream::new(0, Domain::World, 1);
        let mean = (0..100_000).map(|_| s.geometric(7.0) as f64).sum::<f64>() / 1e5;
        assert!((mean - 7.0).abs() < 0.15, "{mean}");
        assert_eq!(Stream::new(0, Domain::World, 1).geometric(1.0), 1);
    }

    #[test]
    fn urn_keeps_the_shares_despite_large_items() {
        let mut s = Stream::new(3, Domain::World, 2);
        let sizes: Vec<f64> = (0..400).map(|i| if i < 4 { 60.0 } else { 2.0 }).collect();
        let total: f64 = sizes.iter().sum();
        let mut urn = Urn::new(&[0.5, 0.3, 0.2], total);
        let mut got = [0.0; 3];
        for &size in &sizes {
            got[urn.draw(&mut s, size, |_| 1.0)] += size;
        }
        for (g, want) in got.iter().zip([0.5, 0.3, 0.2]) {
            assert!((g / total - want).abs() < 0.005, "{got:?}");
        }
    }
}
