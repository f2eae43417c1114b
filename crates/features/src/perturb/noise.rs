//! White noise, drawn from a seed and the recording.

use std::f64::consts::PI;

/// Numbers of 64 bits (G. Steele, D. Lea and C. Flood 2014, "Fast splittable pseudorandom number generators": SplitMix64).
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In (0, 1).
    fn unit(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Two numbers of the normal distribution (Box and Muller 1958).
    fn normals(&mut self) -> [f64; 2] {
        let radius = (-2.0 * self.unit().ln()).sqrt();
        let (sin, cos) = (2.0 * PI * self.unit()).sin_cos();
        [radius * cos, radius * sin]
    }
}

/// Adds noise whose power is exactly so many dB below that of the recording. Silence stays silent.
pub(super) fn add(x: &mut [f64], below_db: f64, seed: u64) {
    let power = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>();
    let mut draws = SplitMix(seed);
    let mut noise = Vec::with_capacity(x.len() + 1);
    while noise.len() < x.len() {
        noise.extend(draws.normals());
    }
    noise.truncate(x.len());
    let of_noise = power(&noise);
    if of_noise > 0.0 {
        let scale = (power(x) / of_noise / 10f64.powf(below_db / 10.0)).sqrt();
        x.iter_mut().zip(noise).for_each(|(x, noise)| *x += scale * noise);
    }
}

/// A seed of its own for every recording, whatever its file is called.
pub(super) fn seed_of(samples: &[f32], seed: u64) -> u64 {
    let of_samples = samples.iter().fold(SplitMix(seed).next(), |hash, sample| {
        (hash ^ u64::from(sample.to_bits())).wrapping_mul(0x0000_0100_0000_01b3)
    });
    SplitMix(of_samples).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_as_strong_as_it_should_be_and_white() {
        let tone: Vec<f64> = (0..50_000).map(|i| (f64::from(i) * 0.1).sin()).collect();
        for below in [-3.0, 0.0, 20.0, 60.0] {
            let mut x = tone.clone();
            add(&mut x, below, 3);
            let noise: Vec<f64> = x.iter().zip(&tone).map(|(x, tone)| x - tone).collect();
            let power = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>();
            let found = 10.0 * (power(&tone) / power(&noise)).log10();
            assert!((found - below).abs() < 1e-9, "{found} {below}");
            let correlation: f64 = noise.windows(2).map(|two| two[0] * two[1]).sum::<f64>() / power(&noise);
            assert!(correlation.abs() < 0.02, "{correlation}");
        }
        let mut silence = vec![0.0; 9];
        add(&mut silence, 20.0, 3);
        assert_eq!(silence, [0.0; 9]);
        add(&mut [], 20.0, 3);
    }

    #[test]
    fn the_first_numbers_are_those_of_the_paper() {
        // From the authors' program for seed 1234567.
        let mut draws = SplitMix(1_234_567);
        assert_eq!(draws.next(), 6_457_827_717_110_365_317);
        assert_eq!(draws.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn recordings_have_seeds_of_their_own() {
        let (a, b) = ([0.1f32, 0.2], [0.1f32, 0.3]);
        assert_eq!(seed_of(&a, 1), seed_of(&a, 1));
        assert_ne!(seed_of(&a, 1), seed_of(&b, 1));
        assert_ne!(seed_of(&a, 1), seed_of(&a, 2));
    }
}
