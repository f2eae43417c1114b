//! Magnitude spectrogram, in tiles of sixteen frames.

use std::f64::consts::PI;
use std::sync::Arc;

use multiversion::multiversion;
use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use crate::framing::{Edges, Framer};
use crate::lanes::{LANES, V, ZERO};
use crate::recipe::{HOP_LENGTH, N_BINS, N_FFT};

/// Length of the complex transform that a real frame is packed into.
const HALF: usize = N_FFT / 2;

/// Distance of packed frames in memory; not a power of two, so that sixteen of them do not share cache sets.
const STRIDE: usize = HALF + 8;

/// The window and the transform, made once and shared.
pub(crate) struct StftPlan {
    fft: Arc<dyn Fft<f32>>,
    window: Vec<f32>,
    /// `exp(-2 pi i k / N_FFT)` for k = 0..=HALF/2.
    twiddles: Vec<Complex32>,
}

impl StftPlan {
    pub(crate) fn new() -> Self {
        let fft = FftPlanner::new().plan_fft_forward(HALF);
        let window = hann(N_FFT).into_iter().map(|w| w as f32).collect();
        let twiddles = (0..=HALF / 2)
            .map(|k| {
                let (sin, cos) = (-2.0 * PI * k as f64 / N_FFT as f64).sin_cos();
                Complex32::new(cos as f32, sin as f32)
            })
            .collect();
        Self {
            fft,
            window,
            twiddles,
        }
    }
}

/// Periodic Hann window of `n` samples: `0.5 - 0.5 cos(2 pi i / n)`. Source: scipy 0.19, `signal/windows.py`, `hann`.
pub(crate) fn hann(n: usize) -> Vec<f64> {
    (0..n)
        .map(|i| 0.5 - 0.5 * (2.0 * PI * i as f64 / n as f64).cos())
        .collect()
}

/// Magnitudes of up to sixteen frames.
pub(crate) struct Tile<'a> {
    /// `[n_bins][LANES]`; lanes from `n_frames` on hold zeros.
    pub(crate) mag: &'a [V],
    /// Number of frames that are real.
    pub(crate) n_frames: usize,
}

/// Streaming short-time Fourier transform: 2048-sample periodic Hann window, hop of 512, centred.
///
/// Magnitudes are single precision, as the complex64 of the reference. Source: librosa 0.5.0, `core/spectrum.py`, `stft`.
/// Differs: the transform itself is single precision (rounding noise near 1e-7 of the frame's level).
pub(crate) struct Stft {
    plan: Arc<StftPlan>,
    framer: Framer,
    packed: Vec<Complex32>,
    scratch: Vec<Complex32>,
    mag: Vec<V>,
}

impl Stft {
    pub(crate) fn new(plan: Arc<StftPlan>, edges: Edges) -> Self {
        let scratch = vec![Complex32::default(); plan.fft.get_inplace_scratch_len()];
        Self {
            plan,
            framer: Framer::new(N_FFT, HOP_LENGTH, edges),
            packed: vec![Complex32::default(); STRIDE * LANES],
            scratch,
            mag: vec![ZERO; N_BINS],
        }
    }

    pub(crate) fn reset(&mut self) {
        self.framer.reset();
    }

    /// Adds samples and hands every full tile to `sink`.
    pub(crate) fn push(&mut self, samples: &[f32], mut sink: impl FnMut(Tile<'_>)) {
        self.framer.push(samples);
        while self.framer.n_ready() >= LANES {
            self.tile(LANES, &mut sink);
        }
    }

    /// Ends the signal and hands the last tiles to `sink`.
    pub(crate) fn finish(&mut self, mut sink: impl FnMut(Tile<'_>)) {
        self.framer.finish();
        loop {
            let n = self.framer.n_ready().min(LANES);
            if n == 0 {
                return;
            }
            self.tile(n, &mut sink);
        }
    }

    fn tile(&mut self, n_frames: usize, sink: &mut impl FnMut(Tile<'_>)) {
        let x = self.framer.pending();
        for (i, z) in self.packed.chunks_exact_mut(STRIDE).enumerate() {
            let z = &mut z[..HALF];
            if i >= n_frames {
                z.fill(Complex32::default());
                continue;
            }
            let frame = &x[i * HOP_LENGTH..i * HOP_LENGTH + N_FFT];
            pack(frame, &self.plan.window, z);
            self.plan.fft.process_with_scratch(z, &mut self.scratch);
        }
        magnitudes(&self.packed, &self.plan.twiddles, &mut self.mag);
        self.framer.consume(n_frames);
        sink(Tile {
            mag: &self.mag,
            n_frames,
        });
    }
}

/// Windows a real frame and packs its even samples as real, its odd samples as imaginary parts.
#[multiversion(targets("x86_64+avx2+fma"))]
fn pack(frame: &[f32], window: &[f32], out: &mut [Complex32]) {
    for ((x, w), z) in frame.chunks_exact(2).zip(window.chunks_exact(2)).zip(out) {
        z.re = x[0] * w[0];
        z.im = x[1] * w[1];
    }
}

/// Magnitudes of the real transforms from sixteen packed ones.
///
/// With `Z` the transform of the packed frame, `E = (Z[k] + conj Z[H-k]) / 2` and `O = (Z[k] - conj Z[H-k]) / 2i` are
/// those of the even and odd samples, and the real frame's is `X[k] = E + w^k O`, `X[H-k] = conj(E - w^k O)`.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+fma", "x86_64+avx2+fma"))]
fn magnitudes(packed: &[Complex32], twiddles: &[Complex32], mag: &mut [V]) {
    for (k, w) in twiddles.iter().enumerate() {
        let mirror = (HALF - k) % HALF;
        let (mut ar, mut ai, mut br, mut bi) = (ZERO, ZERO, ZERO, ZERO);
        for l in 0..LANES {
            let a = packed[l * STRIDE + k];
            let b = packed[l * STRIDE + mirror];
            (ar[l], ai[l], br[l], bi[l]) = (a.re, a.im, b.re, b.im);
        }
        let (mut low, mut high) = (ZERO, ZERO);
        for l in 0..LANES {
            let er = 0.5 * (ar[l] + br[l]);
            let ei = 0.5 * (ai[l] - bi[l]);
            let or = 0.5 * (ai[l] + bi[l]);
            let oi = 0.5 * (br[l] - ar[l]);
            let tr = w.re * or - w.im * oi;
            let ti = w.re * oi + w.im * or;
            let (xr, xi) = (er + tr, ei + ti);
            let (yr, yi) = (er - tr, ei - ti);
            low[l] = (xr * xr + xi * xi).sqrt();
            high[l] = (yr * yr + yi * yi).sqrt();
        }
        mag[k] = low;
        mag[HALF - k] = high;
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Magnitudes of all frames by the textbook sum in double precision: `[frame][bin]`.
    pub(crate) fn spectrogram_by_definition(x: &[f32]) -> Vec<Vec<f64>> {
        let n = x.len() as i64;
        let w = hann(N_FFT);
        let table: Vec<(f64, f64)> = (0..N_FFT)
            .map(|i| (2.0 * PI * i as f64 / N_FFT as f64).sin_cos())
            .collect();
        (0..=x.len() / HOP_LENGTH)
            .map(|t| {
                let frame: Vec<f64> = (0..N_FFT as i64)
                    .map(|j| {
                        let mut i = (t * HOP_LENGTH) as i64 + j - HALF as i64;
                        while !(0..n).contains(&i) {
                            i = if i < 0 { -i } else { 2 * (n - 1) - i };
                        }
                        f64::from(x[i as usize]) * w[j as usize]
                    })
                    .collect();
                (0..N_BINS)
                    .map(|k| {
                        let (mut re, mut im) = (0.0, 0.0);
                        for (j, v) in frame.iter().enumerate() {
                            let (sin, cos) = table[j * k % N_FFT];
                            re += v * cos;
                            im -= v * sin;
                        }
                        re.hypot(im)
                    })
                    .collect()
            })
            .collect()
    }

    /// All frames of the fast transform: `[frame][bin]`.
    pub(crate) fn spectrogram(x: &[f32], chunk: usize) -> Vec<Vec<f32>> {
        let mut stft = Stft::new(Arc::new(StftPlan::new()), Edges::Reflect);
        stft.push(&[1.0; 3000], |_| {});
        stft.reset();
        let mut out: Vec<Vec<f32>> = Vec::new();
        let mut sink = |tile: Tile<'_>| {
            for l in 0..tile.n_frames {
                out.push(tile.mag.iter().map(|v| v[l]).collect());
            }
            assert!(
                tile.mag
                    .iter()
                    .all(|v| v[tile.n_frames..].iter().all(|x| *x == 0.0))
            );
        };
        for part in x.chunks(chunk) {
            stft.push(part, &mut sink);
        }
        stft.finish(&mut sink);
        out
    }

    #[test]
    fn fast_transform_equals_the_sum() {
        let mut state = 1u32;
        let x: Vec<f32> = (0..12_345)
            .map(|i| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                0.2 * (state as f32 / 2f32.powi(31) - 1.0) + 0.6 * (i as f32 * 0.05).sin()
            })
            .collect();
        let want = spectrogram_by_definition(&x);
        for chunk in [12_345, 1152] {
            let got = spectrogram(&x, chunk);
            assert_eq!(got.len(), want.len());
            for (t, (g, w)) in got.iter().zip(&want).enumerate() {
                for (k, (g, w)) in g.iter().zip(w).enumerate() {
                    assert!(
                        (f64::from(*g) - w).abs() < 1e-4,
                        "frame {t} bin {k}: {g} instead of {w}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_sine_on_a_bin_has_a_quarter_of_the_window_beside_it() {
        // A sine of amplitude 1 on bin 100: N/4 there, half of that on both neighbours, nothing elsewhere.
        let x: Vec<f32> = (0..8192)
            .map(|i| (2.0 * PI * 100.0 * f64::from(i) / N_FFT as f64).sin() as f32)
            .collect();
        let frames = spectrogram(&x, 4096);
        assert_eq!(frames.len(), 17);
        for (k, v) in frames[8].iter().enumerate() {
            let want = match k {
                100 => 512.0,
                99 | 101 => 256.0,
                _ => 0.0,
            };
            assert!((v - want).abs() < 1e-3, "bin {k}: {v}");
        }
    }

    #[test]
    fn silence_is_exactly_zero() {
        assert!(
            spectrogram(&[0.0; 3000], 3000)
                .iter()
                .flatten()
                .all(|v| *v == 0.0)
        );
    }
}
