//! Magnitude spectrogram, in tiles of sixteen frames.

use std::f64::consts::PI;
use std::sync::Arc;

use multiversion::multiversion;
use rustfft::num_complex::{Complex32, Complex64};
use rustfft::{Fft, FftPlanner};

use crate::signal::framing::{Edges, Framer};
use crate::signal::lanes::{LANES, V, ZERO};
use crate::signal::untangle::{magnitudes, stride};

/// Tiles whose magnitudes are kept for a second pass (17 MiB).
pub(crate) const MAX_KEPT_TILES: usize = 256;

/// The window and the transform, made once and shared.
pub(crate) struct StftPlan {
    n_fft: usize,
    fft: Arc<dyn Fft<f32>>,
    window: Vec<f32>,
    /// The same in double precision, for single frames.
    precise_fft: Arc<dyn Fft<f64>>,
    precise_window: Vec<f64>,
    /// `exp(-2 pi i k / n_fft)` for k = 0..=n_fft/4.
    twiddles: Vec<Complex32>,
}

impl StftPlan {
    /// Frames of `n_fft` samples, a multiple of 16.
    pub(crate) fn new(n_fft: usize) -> Self {
        let fft = FftPlanner::new().plan_fft_forward(n_fft / 2);
        let precise_fft = FftPlanner::new().plan_fft_forward(n_fft);
        let precise_window = hann(n_fft);
        let window = precise_window.iter().map(|w| *w as f32).collect();
        let twiddles = (0..=n_fft / 4)
            .map(|k| {
                let (sin, cos) = (-2.0 * PI * k as f64 / n_fft as f64).sin_cos();
                Complex32::new(cos as f32, sin as f32)
            })
            .collect();
        Self {
            n_fft,
            fft,
            window,
            precise_fft,
            precise_window,
            twiddles,
        }
    }

    /// Magnitudes of one frame, transformed in double precision and then rounded to single as in the reference.
    pub(crate) fn precise_magnitudes(&self, frame: &[f32]) -> Vec<f32> {
        let mut z: Vec<Complex64> = frame
            .iter()
            .zip(&self.precise_window)
            .map(|(x, w)| Complex64::new(f64::from(*x) * w, 0.0))
            .collect();
        self.precise_fft.process(&mut z);
        rounded_magnitudes(&z[..self.n_bins()])
    }

    /// Non-negative frequency bins of a frame.
    fn n_bins(&self) -> usize {
        self.n_fft / 2 + 1
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
    /// Samples from the first frame on; frame `l` starts at `l * hop_length`.
    samples: &'a [f32],
    n_fft: usize,
    hop_length: usize,
}

impl Tile<'_> {
    /// Samples of one of the real frames.
    pub(crate) fn frame(&self, l: usize) -> &[f32] {
        &self.samples[l * self.hop_length..l * self.hop_length + self.n_fft]
    }
}

/// Streaming short-time Fourier transform: periodic Hann window, centred frames.
///
/// Magnitudes are single precision, as the complex64 of the reference. Source: librosa 0.5.0, `core/spectrum.py`, `stft`.
/// Differs: the transform itself is single precision (rounding noise near 1e-8 of the frame's Euclidean norm).
pub(crate) struct Stft {
    plan: Arc<StftPlan>,
    hop_length: usize,
    framer: Framer,
    packed: Vec<Complex32>,
    scratch: Vec<Complex32>,
    mag: Vec<V>,
    /// Tiles of this signal, if they are kept; the memory behind them is that of earlier signals.
    kept: Vec<V>,
    n_tiles: usize,
    keep: bool,
}

impl Stft {
    pub(crate) fn new(plan: Arc<StftPlan>, hop_length: usize, edges: Edges) -> Self {
        let scratch = vec![Complex32::default(); plan.fft.get_inplace_scratch_len()];
        Self {
            hop_length,
            framer: Framer::new(plan.n_fft, hop_length, edges),
            packed: vec![Complex32::default(); stride(plan.n_fft / 2) * LANES],
            scratch,
            mag: vec![ZERO; plan.n_bins()],
            kept: Vec::new(),
            n_tiles: 0,
            keep: false,
            plan,
        }
    }

    /// Begins a signal. With `keep`, the tiles of short signals can be had again from [`Self::kept`].
    pub(crate) fn start(&mut self, keep: bool) {
        self.framer.reset();
        self.n_tiles = 0;
        self.keep = keep;
    }

    /// All tiles of the signal, `[tile][n_bins]`, unless they were not kept or were too many.
    pub(crate) fn kept(&self) -> Option<&[V]> {
        (self.keep && self.n_tiles <= MAX_KEPT_TILES).then(|| &self.kept[..self.n_tiles * self.plan.n_bins()])
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
        let (n_fft, n_bins, hop_length) = (self.plan.n_fft, self.plan.n_bins(), self.hop_length);
        let half = n_fft / 2;
        let x = self.framer.pending();
        for (i, z) in self.packed.chunks_exact_mut(stride(half)).enumerate() {
            let z = &mut z[..half];
            if i >= n_frames {
                z.fill(Complex32::default());
                continue;
            }
            let frame = &x[i * hop_length..i * hop_length + n_fft];
            pack(frame, &self.plan.window, z);
            self.plan.fft.process_with_scratch(z, &mut self.scratch);
        }
        let mut mag = self.mag.as_mut_slice();
        if self.keep && self.n_tiles < MAX_KEPT_TILES {
            let slot = self.n_tiles * n_bins;
            if self.kept.len() < slot + n_bins {
                self.kept.resize(slot + n_bins, ZERO);
            }
            mag = &mut self.kept[slot..slot + n_bins];
        }
        self.n_tiles += 1;
        magnitudes(&self.packed, &self.plan.twiddles, mag);
        sink(Tile {
            mag,
            n_frames,
            samples: x,
            n_fft,
            hop_length,
        });
        self.framer.consume(n_frames);
    }
}

/// Magnitudes of values that are rounded to single precision first; as exact as the C library's `hypotf`.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2", "x86_64+avx2"))]
fn rounded_magnitudes(z: &[Complex64]) -> Vec<f32> {
    let square = |x: f64| f64::from(x as f32) * f64::from(x as f32);
    z.iter()
        .map(|z| (square(z.re) + square(z.im)).sqrt() as f32)
        .collect()
}

/// Windows a real frame and packs its even samples as real, its odd samples as imaginary parts.
#[multiversion(targets("x86_64+avx2+fma"))]
fn pack(frame: &[f32], window: &[f32], out: &mut [Complex32]) {
    for ((x, w), z) in frame.chunks_exact(2).zip(window.chunks_exact(2)).zip(out) {
        z.re = x[0] * w[0];
        z.im = x[1] * w[1];
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::recipe::{HOP_LENGTH, N_BINS, N_FFT};

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
                        let mut i = (t * HOP_LENGTH) as i64 + j - (N_FFT / 2) as i64;
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
        let mut stft = Stft::new(Arc::new(StftPlan::new(N_FFT)), HOP_LENGTH, Edges::Reflect);
        stft.push(&[1.0; 3000], |_| {});
        stft.start(true);
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
        let kept = stft.kept().unwrap_or_default();
        for (t, frame) in out.iter().enumerate() {
            assert!(
                frame
                    .iter()
                    .enumerate()
                    .all(|(k, x)| kept[t / LANES * N_BINS + k][t % LANES] == *x)
            );
        }
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
    fn magnitudes_equal_librosa_0_5_0() {
        let signals = crate::test_signals::signals();
        let mut n = 0;
        for (name, stage, t, want) in crate::test_signals::stages() {
            if stage != "stft" {
                continue;
            }
            let Some((_, _, x)) = signals.iter().find(|s| s.0 == name) else {
                panic!("{name}")
            };
            let got = &spectrogram(x, 8192)[t];
            assert_eq!(want.len(), N_BINS.div_ceil(5));
            let norm = got.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
            for (k, (g, w)) in got.iter().step_by(5).zip(&want).enumerate() {
                assert!(
                    (f64::from(*g) - w).abs() < 1e-7 * (norm + w),
                    "{name} frame {t} bin {}: {g} instead of {w}",
                    5 * k
                );
            }
            n += 1;
        }
        assert_eq!(n, 9);
    }

    #[test]
    fn long_signals_are_not_kept() {
        let mut stft = Stft::new(Arc::new(StftPlan::new(N_FFT)), HOP_LENGTH, Edges::Zero);
        for (n_frames, keep, want) in [
            (40, true, true),
            (40, false, false),
            (MAX_KEPT_TILES * LANES + 1, true, false),
        ] {
            stft.start(keep);
            let mut n = 0;
            stft.push(&vec![0.5; n_frames * HOP_LENGTH - 1], |t| n += t.n_frames);
            stft.finish(|t| n += t.n_frames);
            assert_eq!(n, n_frames);
            assert_eq!(stft.kept().is_some(), want);
        }
    }

    #[test]
    fn precise_magnitudes_equal_the_sum() {
        let x: Vec<f32> = (0..5000).map(|i| (i as f32 * 0.3).sin() + 0.3).collect();
        let want = spectrogram_by_definition(&x);
        let got = StftPlan::new(N_FFT).precise_magnitudes(&x[2048 - 1024..2048 + 1024]);
        for (g, w) in got.iter().zip(&want[4]) {
            assert!(
                (f64::from(*g) - w).abs() < 1e-7 * w.max(1e-3),
                "{g} instead of {w}"
            );
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
