//! Chroma and CENS from the constant-Q transform.

use std::f64::consts::PI;

use multiversion::multiversion;

use crate::descriptors::chroma::N_CHROMA;
use crate::recipe::Recipe;
use crate::signal::cqt_basis::LIFT;
use crate::signal::stft::hann;

/// Frames of the smoothing window, its two zero ends included.
const N_SMOOTH: usize = 43;

/// Steps at which a pitch class's share of the energy counts, a quarter each.
const STEPS: [f64; 4] = [0.4, 0.2, 0.1, 0.05];

/// Chroma of each frame with its largest value scaled to 1: 12 rows. Silence stays 0.
///
/// `chroma`: energy by frame, summed over octaves, times [`LIFT`]. Source: librosa 0.5.0, `feature/spectral.py`, `chroma_cqt`.
pub(crate) fn chroma_cqt(chroma: &[[f32; N_CHROMA]], recipe: Recipe) -> Vec<Vec<f64>> {
    let mut rows = vec![Vec::new(); N_CHROMA];
    for frame in chroma {
        let max = frame.iter().fold(0.0f32, |m, x| m.max(*x));
        let max = divisor(f64::from(max), recipe);
        for (row, x) in rows.iter_mut().zip(frame) {
            row.push(f64::from(*x) / max);
        }
    }
    rows
}

/// Chroma energy normalised statistics: 12 rows.
///
/// Shares of the energy are quantised, smoothed over 43 frames by a Hann window of unit sum (zeros beyond the ends) and
/// scaled to unit length. Source: librosa 0.5.0, `feature/spectral.py`, `chroma_cens` (after Müller & Ewert 2011), in double
/// precision and in scipy's order of additions, because shares are few distinct values and many frames are equal. The
/// `fma` recipe's window is periodic (so not symmetric in time), the `librosa` recipe's symmetric.
pub(crate) fn chroma_cens(chroma: &[[f32; N_CHROMA]], recipe: Recipe) -> Vec<Vec<f64>> {
    let n = chroma.len();
    let window = smoothing_window(recipe);
    let half = N_SMOOTH / 2;
    let mut quantised = vec![vec![0.0; n + 2 * half]; N_CHROMA];
    for (t, frame) in chroma.iter().enumerate() {
        let sum = divisor(frame.iter().map(|x| f64::from(*x)).sum(), recipe);
        for (row, x) in quantised.iter_mut().zip(frame) {
            let share = f64::from(*x) / sum;
            row[half + t] = STEPS.iter().map(|s| if share > *s { 0.25 } else { 0.0 }).sum();
        }
    }
    let mut rows: Vec<Vec<f64>> = quantised.iter().map(|row| smooth(row, &window, n)).collect();
    for t in 0..n {
        let length = rows.iter().map(|r| r[t] * r[t]).sum::<f64>().sqrt();
        if length >= f64::MIN_POSITIVE {
            rows.iter_mut().for_each(|r| r[t] /= length);
        }
    }
    rows
}

/// What a frame of this norm is divided by: the norm, unless it is below the smallest normal number of the reference's
/// arrays. Any sound at all, however faint, counts in the `fma` recipe, whose arrays are of double precision.
///
/// Source: librosa, `util/utils.py`, `normalize` (`threshold=None`, `fill=None`).
fn divisor(norm: f64, recipe: Recipe) -> f64 {
    let smallest = match recipe {
        Recipe::Fma => f64::MIN_POSITIVE,
        Recipe::Librosa => f64::from(f32::MIN_POSITIVE),
    };
    if norm >= smallest * LIFT { norm } else { LIFT }
}

fn smoothing_window(recipe: Recipe) -> Vec<f64> {
    let mut w: Vec<f64> = match recipe {
        Recipe::Fma => hann(N_SMOOTH),
        Recipe::Librosa => (0..N_SMOOTH)
            .map(|i| 0.5 - 0.5 * (2.0 * PI * i as f64 / (N_SMOOTH - 1) as f64).cos())
            .collect(),
    };
    let sum = crate::summary::sums::pairwise_sum(&w);
    w.iter_mut().for_each(|w| *w /= sum);
    w
}

/// `out[t] = sum_k window[k] x[t + 42 - k]`, in that order.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2", "x86_64+avx2"))]
fn smooth(x: &[f64], window: &[f64], n: usize) -> Vec<f64> {
    let mut out = vec![0.0; n];
    const BLOCK: usize = 32;
    for (b, out) in out.chunks_mut(BLOCK).enumerate() {
        let mut sum = [0.0; BLOCK];
        let m = out.len();
        for (k, w) in window.iter().enumerate() {
            let start = b * BLOCK + N_SMOOTH - 1 - k;
            if m == BLOCK {
                let x = &x[start..start + BLOCK];
                for i in 0..BLOCK {
                    sum[i] += *w * x[i];
                }
            } else {
                for (s, x) in sum.iter_mut().zip(&x[start..start + m]) {
                    *s += *w * *x;
                }
            }
        }
        out.copy_from_slice(&sum[..m]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_class_is_one_and_silence_stays_silent() {
        for recipe in Recipe::ALL {
            let rows = chroma_cqt(&[[0.0; N_CHROMA], std::array::from_fn(|c| c as f32)], recipe);
            assert!(rows.iter().all(|r| r[0] == 0.0));
            assert_eq!(rows[11][1], 1.0);
            assert_eq!(rows[5][1], 5.0 / 11.0);
        }
    }

    #[test]
    fn the_faintest_sound_counts_in_double_precision_only() {
        // Twelve of them are below the smallest normal number of single precision.
        let faint = (0.05 * f64::from(f32::MIN_POSITIVE) * LIFT) as f32;
        let frames = [[faint; N_CHROMA]; 50];
        for (recipe, want) in [(Recipe::Fma, 1.0), (Recipe::Librosa, 0.0)] {
            assert!(
                (chroma_cqt(&frames, recipe)[3][7] - want).abs() < 1e-30,
                "{recipe}"
            );
            let cens = chroma_cens(&frames, recipe)[3][7];
            assert!((cens - want / 12f64.sqrt()).abs() < 1e-12, "{recipe} {cens}");
        }
    }

    #[test]
    fn smoothing_equals_the_convolution() {
        for recipe in Recipe::ALL {
            let w = smoothing_window(recipe);
            assert!((w.iter().sum::<f64>() - 1.0).abs() < 1e-15);
            for n in [1, 5, 31, 32, 33, 100] {
                let x: Vec<f64> = (0..n).map(|i| ((i * 7) % 5) as f64 * 0.25).collect();
                let mut padded = vec![0.0; 21];
                padded.extend(&x);
                padded.resize(n + 42, 0.0);
                let got = smooth(&padded, &w, n);
                for (t, g) in got.iter().enumerate() {
                    let want: f64 = (0..n as i64)
                        .filter_map(|i| {
                            w.get(usize::try_from(t as i64 - i + 21).ok()?)
                                .map(|w| w * x[i as usize])
                        })
                        .sum();
                    assert!((g - want).abs() < 1e-15, "n {n} t {t}");
                }
            }
        }
    }

    #[test]
    fn steps_are_exclusive_and_frames_have_unit_length() {
        // Shares 0.5, 0.3, 0.15, 0.05: values 1, 0.75, 0.5 and 0 (0.05 is not above 0.05).
        let mut frame = [0.0; N_CHROMA];
        frame[..4].copy_from_slice(&[50.0, 30.0, 15.0, 5.0]);
        let rows = chroma_cens(&vec![frame; 60], Recipe::Fma);
        let length = (1.0f64 + 0.75 * 0.75 + 0.25).sqrt();
        for (c, want) in [(0, 1.0), (1, 0.75), (2, 0.5), (3, 0.0), (4, 0.0)] {
            for t in [0, 30, 59] {
                assert!(
                    (rows[c][t] - want / length).abs() < 1e-14,
                    "{c} {t} {}",
                    rows[c][t]
                );
            }
        }
        assert!(
            chroma_cens(&[[0.0; N_CHROMA]; 50], Recipe::Fma)
                .iter()
                .flatten()
                .all(|x| *x == 0.0)
        );
    }
}
