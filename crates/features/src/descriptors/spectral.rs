//! RMS, centroid, bandwidth and roll-off of a magnitude spectrum.

use multiversion::multiversion;
use multiversion::target::target_cfg_f;

use crate::recipe::{N_BINS, N_FFT, NOMINAL_RATE};
use crate::signal::lanes::{LANES, V, ZERO, madd};

/// Share of the magnitude below the roll-off frequency.
const ROLL_PERCENT: f32 = 0.85;

/// Bins that are summed in single precision before they are added to the total: 25 blocks of 41.
const BLOCK: usize = 41;

/// Which of the two definitions of RMS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RmsScale {
    /// Root of the mean squared magnitude over the bins. Source: librosa 0.5.0, `feature/spectral.py`, `rmse(S=...)`.
    Bins,
    /// Of the windowed frame's samples (Parseval). Source: librosa 0.11.0, `feature/spectral.py`, `rms(S=...)`.
    Samples,
}

/// Four descriptors of each frame of a tile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Root mean square.
    pub(crate) rms: V,
    /// Centre of gravity in Hz; 0 for silence.
    pub(crate) centroid: V,
    /// Standard deviation around the centroid in Hz; 0 for silence.
    pub(crate) bandwidth: V,
    /// Lowest bin, in Hz, at which the running sum reaches 85 % of the whole; 0 for silence.
    pub(crate) rolloff: V,
    /// Largest magnitude.
    pub(crate) max: V,
    /// Euclidean norm of the magnitudes.
    pub(crate) norm: V,
}

/// Frequency of a bin at the nominal 22,050 Hz, in Hz.
pub(crate) fn bin_hz(k: usize) -> f64 {
    k as f64 * f64::from(NOMINAL_RATE) / N_FFT as f64
}

/// RMS, centroid, bandwidth and roll-off of every frame of a tile.
///
/// `mag`: magnitudes `[1025][LANES]`, finite and >= 0. Frequencies are those of 22,050 Hz whatever the file's rate,
/// because the reference was handed a spectrogram without its rate. Source: librosa 0.5.0, `feature/spectral.py`,
/// `spectral_centroid`, `spectral_bandwidth`, `spectral_rolloff`, `rmse`. Differs: sums in blocks of single precision
/// where the reference has double (relative difference near 1e-7); the running sum of the roll-off is in the
/// reference's order and precision.
pub(crate) fn shape(mag: &[V], scale: RmsScale) -> Shape {
    assert_eq!(mag.len(), N_BINS);
    shape_kernel(mag, scale)
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+fma", "x86_64+avx2+fma"))]
fn shape_kernel(mag: &[V], scale: RmsScale) -> Shape {
    const { assert!(N_BINS.is_multiple_of(BLOCK)) };
    if target_cfg_f!(target_feature = "fma") {
        shape_body::<true>(mag, scale)
    } else {
        shape_body::<false>(mag, scale)
    }
}

#[inline(always)]
fn shape_body<const FMA: bool>(mag: &[V], scale: RmsScale) -> Shape {
    let step = (f64::from(NOMINAL_RATE) / N_FFT as f64) as f32;
    let (mut sum, mut weighted, mut squares, mut running, mut max) = (ZERO, ZERO, ZERO, ZERO, ZERO);
    for (b, block) in mag.chunks_exact(BLOCK).enumerate() {
        let (mut s, mut w, mut q) = (ZERO, ZERO, ZERO);
        for (j, m) in block.iter().enumerate() {
            let f = (b * BLOCK + j) as f32 * step;
            for l in 0..LANES {
                running[l] += m[l];
                s[l] += m[l];
                w[l] = madd::<FMA>(m[l], f, w[l]);
                q[l] = madd::<FMA>(m[l], m[l], q[l]);
                max[l] = if m[l] > max[l] { m[l] } else { max[l] };
            }
        }
        for l in 0..LANES {
            sum[l] += s[l];
            weighted[l] += w[l];
            squares[l] += q[l];
        }
    }
    let mut centroid = ZERO;
    let mut threshold = ZERO;
    let mut norm = ZERO;
    for l in 0..LANES {
        // librosa's `normalize` leaves a column alone whose norm is below the smallest normal number.
        norm[l] = if sum[l] < f32::MIN_POSITIVE { 1.0 } else { sum[l] };
        centroid[l] = weighted[l] / norm[l];
        threshold[l] = ROLL_PERCENT * running[l];
    }
    let (mut spread, mut again, mut below) = (ZERO, ZERO, ZERO);
    for (b, block) in mag.chunks_exact(BLOCK).enumerate() {
        let mut s = ZERO;
        for (j, m) in block.iter().enumerate() {
            let f = (b * BLOCK + j) as f32 * step;
            for l in 0..LANES {
                let d = f - centroid[l];
                s[l] = madd::<FMA>(m[l] * d, d, s[l]);
                again[l] += m[l];
                below[l] += if again[l] < threshold[l] { 1.0 } else { 0.0 };
            }
        }
        for l in 0..LANES {
            spread[l] += s[l];
        }
    }
    let (mut rms, mut bandwidth, mut rolloff) = (ZERO, ZERO, ZERO);
    for l in 0..LANES {
        bandwidth[l] = (spread[l] / norm[l]).sqrt();
        rolloff[l] = below[l] * step;
        rms[l] = match scale {
            RmsScale::Bins => (squares[l] / N_BINS as f32).sqrt(),
            RmsScale::Samples => {
                let ends = mag[0][l] * mag[0][l] + mag[N_BINS - 1][l] * mag[N_BINS - 1][l];
                (2.0 * (squares[l] - 0.5 * ends) / (N_FFT * N_FFT) as f32).sqrt()
            }
        };
    }
    Shape {
        rms,
        centroid,
        bandwidth,
        rolloff,
        max,
        norm: squares.map(f32::sqrt),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random_tile(seed: u32) -> Vec<V> {
        let mut state = seed;
        (0..N_BINS)
            .map(|k| {
                std::array::from_fn(|l| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 8) as f32 * (l as f32 + 1.0) / (1.0 + k as f32)
                })
            })
            .collect()
    }

    #[test]
    fn descriptors_equal_the_sums_in_double_precision() {
        let mut mag = random_tile(3);
        mag.iter_mut().for_each(|v| v[5] = 0.0);
        for scale in [RmsScale::Bins, RmsScale::Samples] {
            let got = shape(&mag, scale);
            for l in 0..LANES {
                let m: Vec<f64> = mag.iter().map(|v| f64::from(v[l])).collect();
                let total: f64 = m.iter().sum();
                let norm = if total == 0.0 { 1.0 } else { total };
                let centroid = m.iter().enumerate().map(|(k, m)| m * bin_hz(k)).sum::<f64>() / norm;
                let bandwidth = (m
                    .iter()
                    .enumerate()
                    .map(|(k, m)| m * (bin_hz(k) - centroid).powi(2))
                    .sum::<f64>()
                    / norm)
                    .sqrt();
                let rms = match scale {
                    RmsScale::Bins => (m.iter().map(|m| m * m).sum::<f64>() / 1025.0).sqrt(),
                    RmsScale::Samples => {
                        let all: f64 = m.iter().map(|m| 2.0 * m * m).sum();
                        ((all - m[0] * m[0] - m[1024] * m[1024]) / 2048f64.powi(2)).sqrt()
                    }
                };
                let mut running = 0f32;
                let whole = mag.iter().fold(0f32, |s, v| s + v[l]);
                let bin = mag.iter().position(|v| {
                    running += v[l];
                    running >= 0.85 * whole
                });
                let close = |got: f32, want: f64| (f64::from(got) - want).abs() <= 2e-6 * want.abs();
                assert!(close(got.centroid[l], centroid), "{} {centroid}", got.centroid[l]);
                assert!(
                    close(got.bandwidth[l], bandwidth),
                    "{} {bandwidth}",
                    got.bandwidth[l]
                );
                assert!(close(got.rms[l], rms), "{} {rms}", got.rms[l]);
                assert!(
                    close(got.rolloff[l], bin_hz(bin.unwrap_or(0))),
                    "{} {bin:?}",
                    got.rolloff[l]
                );
                assert_eq!(f64::from(got.max[l]), m.iter().copied().fold(0.0, f64::max));
            }
        }
    }

    #[test]
    fn a_single_bin_is_its_own_centroid_without_bandwidth() {
        let mut mag = vec![ZERO; N_BINS];
        mag[100] = [3.0; LANES];
        let s = shape(&mag, RmsScale::Bins);
        assert!((f64::from(s.centroid[0]) - bin_hz(100)).abs() < 1e-3);
        assert!(s.bandwidth[0] < 1e-3);
        assert!((f64::from(s.rolloff[0]) - bin_hz(100)).abs() < 1e-3);
        assert!((s.rms[0] - 3.0 / 1025f32.sqrt()).abs() < 1e-6);
    }
}
