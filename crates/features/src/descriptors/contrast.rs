//! Spectral contrast: how far the peaks of an octave band stand above its valleys.

use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

use crate::descriptors::spectral::bin_hz;
use crate::recipe::N_BINS;
use crate::signal::decibel::power_to_db;
use crate::signal::lanes::{LANES, V, ZERO};

/// Number of bands: 0-200 Hz and six octaves above.
pub(crate) const N_BANDS: usize = 7;

/// Share of a band's bins that count as its peak, and as its valley.
const QUANTILE: f64 = 0.02;

/// Upper edge of the lowest band in Hz.
const F_MIN: f64 = 200.0;

/// Most bins that count in any band (9 in the highest).
const MAX_COUNT: usize = 16;

/// The bins of each band and how many of them count.
pub(crate) struct Bands {
    bins: [Range<usize>; N_BANDS],
    counts: [usize; N_BANDS],
}

impl Bands {
    /// Bands on the bin frequencies of 22,050 Hz. Source: librosa 0.5.0, `feature/spectral.py`, `spectral_contrast`:
    /// bins between the edges inclusive, one more below, the last bin left out except in the highest band, which
    /// reaches to the end; the count is of the band before the last bin is left out.
    pub(crate) fn new() -> Self {
        let mut bins = std::array::from_fn(|_| 0..0);
        let mut counts = [0; N_BANDS];
        for k in 0..N_BANDS {
            let low = if k == 0 {
                0.0
            } else {
                F_MIN * f64::from(1 << (k - 1))
            };
            let high = F_MIN * f64::from(1 << k);
            let inside = |b: &usize| (low..=high).contains(&bin_hz(*b));
            let first = (0..N_BINS).find(inside).unwrap_or(0);
            let last = (0..N_BINS).rev().find(inside).unwrap_or(0);
            let start = if k > 0 { first - 1 } else { first };
            let end = if k == N_BANDS - 1 { N_BINS } else { last + 1 };
            counts[k] = ((QUANTILE * (end - start) as f64).round_ties_even() as usize).max(1);
            bins[k] = start..if k < N_BANDS - 1 { end - 1 } else { end };
        }
        Self { bins, counts }
    }

    /// Mean of the largest and of the smallest magnitudes of every band: `(peaks, valleys)`, each `[7][LANES]`.
    ///
    /// `mag`: magnitudes `[1025][LANES]`, not NaN.
    pub(crate) fn peaks_and_valleys(&self, mag: &[V]) -> ([V; N_BANDS], [V; N_BANDS]) {
        assert_eq!(mag.len(), N_BINS);
        let (mut peaks, mut valleys) = ([ZERO; N_BANDS], [ZERO; N_BANDS]);
        for k in 0..N_BANDS {
            let band = &mag[self.bins[k].clone()];
            (peaks[k], valleys[k]) = match self.counts[k] {
                1 => extremes::<1>(band),
                2 => extremes::<2>(band),
                3 => extremes::<3>(band),
                4 => extremes::<4>(band),
                5 => extremes::<5>(band),
                6 => extremes::<6>(band),
                7 => extremes::<7>(band),
                8 => extremes::<8>(band),
                9 => extremes::<9>(band),
                _ => extremes::<MAX_COUNT>(band),
            };
        }
        (peaks, valleys)
    }
}

/// Means of the `COUNT` largest and smallest values of each lane.
fn extremes<const COUNT: usize>(band: &[V]) -> (V, V) {
    let mut peak = [[f32::NEG_INFINITY; LANES]; COUNT];
    let mut valley = [[f32::INFINITY; LANES]; COUNT];
    match COUNT {
        _ if band.len() < COUNT => {}
        _ => sift(band, &mut peak, &mut valley),
    }
    let mean = |best: &[V; COUNT]| -> V {
        std::array::from_fn(|l| best.iter().rev().map(|v| v[l]).sum::<f32>() / COUNT as f32)
    };
    (mean(&peak), mean(&valley))
}

fn sift<const COUNT: usize>(band: &[V], peak: &mut [V; COUNT], valley: &mut [V; COUNT]) {
    Arch::new().dispatch(Sift { band, peak, valley });
}

/// Keeps the largest values in `peak` (descending) and the smallest in `valley` (ascending) by compare and exchange.
struct Sift<'a, const COUNT: usize> {
    band: &'a [V],
    peak: &'a mut [V; COUNT],
    valley: &'a mut [V; COUNT],
}

impl<const COUNT: usize> WithSimd for Sift<'_, COUNT> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let n_parts = LANES / S::F32_LANES;
        let band = S::as_simd_f32s(self.band.as_flattened()).0;
        let peak = S::as_mut_simd_f32s(self.peak.as_flattened_mut()).0;
        let valley = S::as_mut_simd_f32s(self.valley.as_flattened_mut()).0;
        for part in 0..n_parts {
            // One after the other: both together would not fit into sixteen registers.
            let mut best: [S::f32s; COUNT] = std::array::from_fn(|j| peak[j * n_parts + part]);
            for m in band.chunks_exact(n_parts) {
                let mut x = m[part];
                for b in &mut best {
                    let larger = simd.max_f32s(*b, x);
                    x = simd.min_f32s(*b, x);
                    *b = larger;
                }
            }
            (0..COUNT).for_each(|j| peak[j * n_parts + part] = best[j]);
            let mut best: [S::f32s; COUNT] = std::array::from_fn(|j| valley[j * n_parts + part]);
            for m in band.chunks_exact(n_parts) {
                let mut x = m[part];
                for b in &mut best {
                    let smaller = simd.min_f32s(*b, x);
                    x = simd.max_f32s(*b, x);
                    *b = smaller;
                }
            }
            (0..COUNT).for_each(|j| valley[j * n_parts + part] = best[j]);
        }
    }
}

/// Contrast in dB: each of peak and valley as decibels, no lower than 80 dB below the loudest of its kind.
///
/// `peaks`, `valleys`: `[band][frame]`, replaced by the contrast (`peaks`) and the valley level (`valleys`).
pub(crate) fn to_contrast(peaks: &mut [Vec<f32>], valleys: &mut [Vec<f32>]) {
    power_to_db(peaks);
    power_to_db(valleys);
    for (p, v) in peaks.iter_mut().zip(valleys) {
        for (p, v) in p.iter_mut().zip(v) {
            *p -= *v;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_are_those_of_the_reference() {
        let b = Bands::new();
        // numpy, with librosa 0.5.0's code: sizes of `sub_band` and `idx`.
        let sizes: Vec<usize> = b.bins.iter().map(|r| r.len()).collect();
        assert_eq!(b.bins[0], 0..18);
        assert_eq!(b.bins[N_BANDS - 1].end, N_BINS);
        assert_eq!(b.counts, [1, 1, 1, 2, 3, 6, 9]);
        for k in 1..N_BANDS {
            assert_eq!(b.bins[k].start, b.bins[k - 1].end, "{sizes:?}");
        }
    }

    #[test]
    fn peaks_and_valleys_equal_sorting() {
        let mut state = 7u32;
        let mag: Vec<V> = (0..N_BINS)
            .map(|_| {
                std::array::from_fn(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    ((state >> 20) as f32).sqrt()
                })
            })
            .collect();
        let bands = Bands::new();
        let (peaks, valleys) = bands.peaks_and_valleys(&mag);
        for k in 0..N_BANDS {
            for l in 0..LANES {
                let mut sorted: Vec<f32> = mag[bands.bins[k].clone()].iter().map(|v| v[l]).collect();
                sorted.sort_by(f32::total_cmp);
                let n = bands.counts[k];
                let mean = |x: &[f32]| x.iter().map(|x| f64::from(*x)).sum::<f64>() / x.len() as f64;
                let want = (mean(&sorted[sorted.len() - n..]), mean(&sorted[..n]));
                assert!(
                    (f64::from(peaks[k][l]) - want.0).abs() < 1e-5 * want.0,
                    "band {k} lane {l}"
                );
                assert!(
                    (f64::from(valleys[k][l]) - want.1).abs() < 1e-5 * want.1.max(1.0),
                    "band {k} lane {l}"
                );
            }
        }
    }
}
