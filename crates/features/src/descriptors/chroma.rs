//! Chroma from the power spectrogram.

use pulp::{Arch, Simd, WithSimd};

use crate::recipe::{N_BINS, N_FFT, NOMINAL_RATE};
use crate::signal::lanes::{LANES, V, ZERO};

/// Pitch classes, from C.
pub(crate) const N_CHROMA: usize = 12;

/// Gaussian filters from frequency bins to pitch classes.
pub(crate) struct ChromaBank {
    /// `[bin][pitch class]`.
    weights: Vec<[f32; N_CHROMA]>,
}

impl ChromaBank {
    /// Filters for 22,050 Hz with A at `440 * 2^(tuning / 12)` Hz.
    ///
    /// Source: librosa 0.5.0, `filters.py`, `chroma` (after Ellis 2007): a bump of two semitones' or a bin's width on
    /// each pitch class, every bin's weights of unit length, a Gaussian over octaves around the fifth, rolled to C.
    pub(crate) fn new(tuning: f64) -> Self {
        let a440 = 440.0 * 2f64.powf(tuning / 12.0);
        let semitone =
            |k: usize| 12.0 * (k as f64 * f64::from(NOMINAL_RATE) / N_FFT as f64 / (a440 / 16.0)).log2();
        // The 0 Hz bin is placed one and a half octaves below the first.
        let position = |k: usize| if k == 0 { semitone(1) - 18.0 } else { semitone(k) };
        let weights = (0..N_BINS)
            .map(|k| {
                let p = position(k);
                let width = (position(k + 1) - p).max(1.0);
                let bump: [f64; N_CHROMA] = std::array::from_fn(|c| {
                    let d = (p - c as f64 + 6.0 + 120.0).rem_euclid(12.0) - 6.0;
                    (-0.5 * (2.0 * d / width).powi(2)).exp()
                });
                let length = bump.iter().map(|b| b * b).sum::<f64>().sqrt();
                let octave = (-0.5 * ((p / 12.0 - 5.0) / 2.0).powi(2)).exp();
                // The first filter is A; C is the fourth.
                std::array::from_fn(|c| (bump[(c + 3) % N_CHROMA] / length * octave) as f32)
            })
            .collect();
        Self { weights }
    }

    /// Chroma `[12][LANES]` of magnitudes `[1025][LANES]`, the largest of each frame scaled to 1; silence stays 0.
    pub(crate) fn apply(&self, mag: &[V]) -> [V; N_CHROMA] {
        assert_eq!(mag.len(), self.weights.len());
        let mut chroma = project(&self.weights, mag);
        for l in 0..LANES {
            let max = chroma.iter().fold(0.0f32, |m, c| m.max(c[l]));
            // The reference's threshold is that of double precision: any value above zero is scaled.
            if max > 0.0 {
                chroma.iter_mut().for_each(|c| c[l] /= max);
            }
        }
        chroma
    }
}

fn project(weights: &[[f32; N_CHROMA]], mag: &[V]) -> [V; N_CHROMA] {
    let mut out = [ZERO; N_CHROMA];
    Arch::new().dispatch(Project {
        weights,
        mag,
        out: &mut out,
    });
    out
}

/// Weighted sums of powers, twelve side by side in registers.
struct Project<'a> {
    weights: &'a [[f32; N_CHROMA]],
    mag: &'a [V],
    out: &'a mut [V; N_CHROMA],
}

impl WithSimd for Project<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        // Sums of single precision over blocks, so that rounding does not grow with the number of bins.
        const BLOCK: usize = 128;
        let n_parts = LANES / S::F32_LANES;
        let mag = S::as_simd_f32s(self.mag.as_flattened()).0;
        let out = S::as_mut_simd_f32s(self.out.as_flattened_mut()).0;
        for part in 0..n_parts {
            let mut total = [simd.splat_f32s(0.0); N_CHROMA];
            for (weights, mag) in self.weights.chunks(BLOCK).zip(mag.chunks(BLOCK * n_parts)) {
                let mut sum = [simd.splat_f32s(0.0); N_CHROMA];
                for (w, m) in weights.iter().zip(mag.chunks_exact(n_parts)) {
                    let power = simd.mul_f32s(m[part], m[part]);
                    for c in 0..N_CHROMA {
                        sum[c] = simd.mul_add_e_f32s(simd.splat_f32s(w[c]), power, sum[c]);
                    }
                }
                for c in 0..N_CHROMA {
                    total[c] = simd.add_f32s(total[c], sum[c]);
                }
            }
            for c in 0..N_CHROMA {
                out[c * n_parts + part] = total[c];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tones_land_on_their_pitch_class() {
        let bank = ChromaBank::new(0.0);
        // A4, C5, E6 as single bins.
        for (hz, class) in [(440.0, 9), (523.25, 0), (1318.5, 4)] {
            let k = (hz * N_FFT as f64 / f64::from(NOMINAL_RATE)).round() as usize;
            let mut mag = vec![ZERO; N_BINS];
            mag[k] = [2.0; LANES];
            let chroma = bank.apply(&mag);
            for l in [0, LANES - 1] {
                assert_eq!(chroma[class][l], 1.0, "{hz}");
                assert!((0..N_CHROMA).filter(|c| *c != class).all(|c| chroma[c][l] < 1.0));
            }
        }
        assert!(
            bank.apply(&vec![ZERO; N_BINS])
                .iter()
                .flatten()
                .all(|c| *c == 0.0)
        );
    }

    #[test]
    fn every_bin_has_the_weight_of_its_octave() {
        for tuning in [-0.5, 0.0, 0.3] {
            let bank = ChromaBank::new(tuning);
            let a440 = 440.0 * 2f64.powf(tuning / 12.0);
            for k in 1..N_BINS {
                let length = bank.weights[k]
                    .iter()
                    .map(|w| f64::from(*w).powi(2))
                    .sum::<f64>()
                    .sqrt();
                let octave = (k as f64 * 22_050.0 / 2048.0 / (a440 / 16.0)).log2();
                assert!(
                    (length - (-0.125 * (octave - 5.0).powi(2)).exp()).abs() < 1e-6,
                    "bin {k}"
                );
            }
        }
    }

    #[test]
    fn the_projection_equals_the_sum_in_double_precision() {
        let bank = ChromaBank::new(0.12);
        let mag: Vec<V> = (0..N_BINS)
            .map(|k| [((k * 7919) % 1009) as f32 / (k + 1) as f32; LANES])
            .collect();
        let got = project(&bank.weights, &mag);
        for c in 0..N_CHROMA {
            let want: f64 = (0..N_BINS)
                .map(|k| f64::from(bank.weights[k][c]) * f64::from(mag[k][3]).powi(2))
                .sum();
            assert!((f64::from(got[c][3]) - want).abs() < 2e-6 * want);
        }
    }
}
