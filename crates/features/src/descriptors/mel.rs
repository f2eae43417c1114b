//! Mel spectrogram and mel-frequency cepstral coefficients.

use std::f64::consts::PI;

use multiversion::multiversion;
use multiversion::target::target_cfg_f;

use crate::recipe::N_FFT;
use crate::signal::lanes::{LANES, V, ZERO, madd};

/// Number of mel bands.
pub const N_MELS: usize = 128;

/// Number of cepstral coefficients.
pub(crate) const N_MFCC: usize = 20;

/// Which filters: librosa's parameters of the same names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct MelShape {
    /// Rate of the samples in Hz.
    pub(crate) sample_rate: u32,
    /// Length of a frame.
    pub(crate) n_fft: usize,
    /// Number of bands.
    pub(crate) n_mels: usize,
    /// Lower edge of the lowest band in Hz.
    pub(crate) f_min: f64,
    /// Upper edge of the highest band in Hz.
    pub(crate) f_max: f64,
}

impl MelShape {
    /// Those of the 518 features: 128 bands from 0 to half the rate.
    pub(crate) fn of_features(sample_rate: u32) -> Self {
        Self {
            sample_rate,
            n_fft: N_FFT,
            n_mels: N_MELS,
            f_min: 0.0,
            f_max: f64::from(sample_rate) / 2.0,
        }
    }
}

/// Triangular filters on Slaney's mel scale, as runs of non-zero weights.
pub(crate) struct MelBank {
    n_bins: usize,
    bands: Vec<Band>,
}

struct Band {
    first: usize,
    weights: Vec<f32>,
}

impl MelBank {
    /// Area-normalised filters.
    ///
    /// Bands narrower than a bin can be empty (at high rates); their power is 0. Source: librosa 0.5.0, `filters.py`,
    /// `mel` (Slaney's formula, `htk=False`).
    pub(crate) fn new(shape: &MelShape) -> Self {
        let (n_mels, n_bins) = (shape.n_mels, shape.n_fft / 2 + 1);
        let (bottom, top) = (hz_to_mel(shape.f_min), hz_to_mel(shape.f_max));
        let edges: Vec<f64> = (0..n_mels + 2)
            .map(|i| mel_to_hz(bottom + i as f64 * ((top - bottom) / (n_mels + 1) as f64)))
            .collect();
        let hz_per_bin = f64::from(shape.sample_rate) / 2.0 / (shape.n_fft / 2) as f64;
        let bands = (0..n_mels)
            .map(|i| {
                let (low, mid, high) = (edges[i], edges[i + 1], edges[i + 2]);
                let weight = |k: usize| {
                    let f = k as f64 * hz_per_bin;
                    let ramp = ((f - low) / (mid - low)).min((high - f) / (high - mid));
                    (ramp.max(0.0) * 2.0 / (high - low)) as f32
                };
                let first = (0..n_bins).find(|k| weight(*k) > 0.0).unwrap_or(0);
                let weights = (first..n_bins).map(weight).take_while(|w| *w > 0.0).collect();
                Band { first, weights }
            })
            .collect();
        Self { n_bins, bands }
    }

    /// Mel power `[n_mels][LANES]` of magnitudes `[n_bins][LANES]`.
    pub(crate) fn apply(&self, mag: &[V], out: &mut [V]) {
        assert!(mag.len() == self.n_bins && out.len() == self.bands.len());
        for (band, o) in self.bands.iter().zip(out) {
            *o = weighted_power(&mag[band.first..band.first + band.weights.len()], &band.weights);
        }
    }

    /// Bands without a single bin: their power is always 0.
    pub(crate) fn n_empty(&self) -> usize {
        self.bands.iter().filter(|band| band.weights.is_empty()).count()
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+fma", "x86_64+avx2+fma"))]
fn weighted_power(mag: &[V], weights: &[f32]) -> V {
    if target_cfg_f!(target_feature = "fma") {
        weighted_power_body::<true>(mag, weights)
    } else {
        weighted_power_body::<false>(mag, weights)
    }
}

#[inline(always)]
fn weighted_power_body<const FMA: bool>(mag: &[V], weights: &[f32]) -> V {
    let mut sum = ZERO;
    for (m, w) in mag.iter().zip(weights) {
        for l in 0..LANES {
            sum[l] = madd::<FMA>(*w * m[l], m[l], sum[l]);
        }
    }
    sum
}

const HZ_PER_MEL: f64 = 200.0 / 3.0;
const LOG_FROM_HZ: f64 = 1000.0;

/// Slaney's mel scale: linear to 1 kHz, logarithmic above. Source: librosa 0.5.0, `core/time_frequency.py`, `hz_to_mel`.
fn hz_to_mel(hz: f64) -> f64 {
    if hz < LOG_FROM_HZ {
        return hz / HZ_PER_MEL;
    }
    LOG_FROM_HZ / HZ_PER_MEL + (hz / LOG_FROM_HZ).ln() / (6.4f64.ln() / 27.0)
}

fn mel_to_hz(mel: f64) -> f64 {
    let knee = LOG_FROM_HZ / HZ_PER_MEL;
    if mel < knee {
        return HZ_PER_MEL * mel;
    }
    LOG_FROM_HZ * (6.4f64.ln() / 27.0 * (mel - knee)).exp()
}

/// Cepstral coefficients from mel bands in dB.
pub(crate) struct Dct {
    /// `[coefficient][band]`, orthonormal DCT-II.
    basis: Vec<[f64; N_MELS]>,
}

impl Dct {
    /// Source: librosa 0.5.0, `filters.py`, `dct`.
    pub(crate) fn new() -> Self {
        let n = N_MELS as f64;
        let basis = (0..N_MFCC)
            .map(|i| {
                std::array::from_fn(|k| match i {
                    0 => 1.0 / n.sqrt(),
                    _ => (i as f64 * ((2 * k + 1) as f64 * PI / (2.0 * n))).cos() * (2.0 / n).sqrt(),
                })
            })
            .collect();
        Self { basis }
    }

    /// Appends coefficient rows for a tile of mel bands in dB (`[128][LANES]`), frames `0..n_frames` of it.
    ///
    /// Products are added in band order in double precision, not fused: bit for bit the reference's matrix product where one
    /// thread multiplies with the instructions of AVX. All frames of silence are then the same, as many as they are. (With
    /// several threads, or older instructions, OpenBLAS adds in another order at the seams, and the last bits of a few frames
    /// are the whole of the reference's skewness and kurtosis of silence.)
    pub(crate) fn apply(&self, db: &[V], n_frames: usize, rows: &mut [Vec<f64>]) {
        for (basis, row) in self.basis.iter().zip(rows) {
            let sum = dot_in_order(basis, db);
            row.extend_from_slice(&sum[..n_frames]);
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2", "x86_64+avx2"))]
fn dot_in_order(basis: &[f64; N_MELS], db: &[V]) -> [f64; LANES] {
    let mut sum = [0.0f64; LANES];
    for (b, x) in basis.iter().zip(db) {
        for l in 0..LANES {
            sum[l] += *b * f64::from(x[l]);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::N_BINS;

    #[test]
    fn the_scale_is_linear_then_logarithmic_and_inverts() {
        assert!((hz_to_mel(1000.0) - 15.0).abs() < 1e-12);
        assert!((hz_to_mel(200.0) - 3.0).abs() < 1e-12);
        // librosa's own documentation: 440 Hz is 6.6 mel; 6400 Hz is 27 steps above 1 kHz.
        assert!((hz_to_mel(440.0) - 6.6).abs() < 1e-12);
        assert!((hz_to_mel(6400.0) - 42.0).abs() < 1e-12);
        for hz in [0.0, 10.0, 999.0, 1000.0, 1001.0, 22_050.0] {
            assert!((mel_to_hz(hz_to_mel(hz)) - hz).abs() < 1e-9);
        }
    }

    #[test]
    fn runs_of_weights_equal_the_dense_filters() {
        for rate in [22_050u32, 44_100, 48_000, 96_000] {
            let mag: Vec<V> = (0..N_BINS).map(|k| [((k * 37) % 101) as f32; LANES]).collect();
            let mut got = vec![ZERO; N_MELS];
            MelBank::new(&MelShape::of_features(rate)).apply(&mag, &mut got);
            let nyquist = f64::from(rate) / 2.0;
            let top = hz_to_mel(nyquist);
            for (i, g) in got.iter().enumerate() {
                let f = |j: usize| mel_to_hz(top * j as f64 / 129.0);
                let (low, mid, high) = (f(i), f(i + 1), f(i + 2));
                let want: f64 = (0..N_BINS)
                    .map(|k| {
                        let hz = nyquist * k as f64 / 1024.0;
                        let up = (hz - low) / (mid - low);
                        let down = (high - hz) / (high - mid);
                        up.min(down).max(0.0) * 2.0 / (high - low) * f64::from(mag[k][0]).powi(2)
                    })
                    .sum();
                assert!(
                    (f64::from(g[3]) - want).abs() <= 1e-5 * want + 1e-9,
                    "{rate} band {i}: {} {want}",
                    g[3]
                );
            }
        }
    }

    #[test]
    fn a_flat_spectrum_has_only_the_zeroth_coefficient() {
        let mut rows = vec![Vec::new(); N_MFCC];
        Dct::new().apply(&[[-100.0; LANES]; N_MELS], 3, &mut rows);
        assert!((rows[0][2] + 100.0 * 128f64.sqrt()).abs() < 1e-9);
        assert!(rows[1..].iter().flatten().all(|c| c.abs() < 1e-10));
        // A cosine of 3 half periods over the bands is coefficient 3 alone, of size sqrt(128 / 2).
        let wave: Vec<V> = (0..N_MELS)
            .map(|k| [(3.0 * PI * (k as f64 + 0.5) / 128.0).cos() as f32; LANES])
            .collect();
        let mut rows = vec![Vec::new(); N_MFCC];
        Dct::new().apply(&wave, 16, &mut rows);
        for (i, row) in rows.iter().enumerate() {
            assert_eq!(row.len(), 16);
            assert!(
                (row[15] - if i == 3 { 8.0 } else { 0.0 }).abs() < 1e-5,
                "{i}: {}",
                row[15]
            );
        }
    }
}
