//! Decimation by whole numbers, for the octaves of the constant-Q transform.

use multiversion::multiversion;
use pulp::{Arch, Simd, WithSimd};

use crate::signal::kaiser::{kaiser, sinc};

/// Zero crossings of resampy's `kaiser_fast` on one side.
const FAST_ZEROS: usize = 16;
/// Table entries per zero crossing (2^9).
const FAST_PRECISION: usize = 512;
const FAST_BETA: f64 = 8.555504641634386;
const FAST_ROLLOFF: f64 = 0.85;

/// How the filter behaves at the end of the signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// resampy 0.1.5: the right wing is cut short by the length of the left one, and the last sample of an odd number is
    /// dropped and replaced by a zero.
    Resampy,
    /// Zeros follow.
    Zeros,
}

/// Outputs that are computed side by side.
const BLOCK: usize = 64;

/// Taps that share the samples they are multiplied with; phases are filled up with zeros to a multiple.
const N_TAPS: usize = 32;

/// Streaming decimation by a whole number with a symmetric filter.
///
/// Output `t` is `sum_k taps[|k|] x[factor t + k]`, the signal being zero outside; there are `ceil(n / factor)` outputs.
/// Source: resampy 0.1.5, `interp.pyx`, `resample_f`: at ratios 1/2, 1/4 and 1/8 its interpolated table is read at one
/// phase only. Differs: sums are rounded in another order (single precision in both).
#[derive(Clone)]
pub(crate) struct Decimator {
    factor: usize,
    /// Right wing of the filter, centre first.
    wing: Vec<f32>,
    /// The filter by phase: `phases[p][q]` multiplies sample `factor * (t + q) + p` of the buffer.
    phases: Vec<Vec<f32>>,
    end: End,
    /// Samples from `factor * n_out - half` on.
    buf: Vec<f32>,
    n_in: usize,
    n_out: usize,
    lanes: Vec<f32>,
}

impl Decimator {
    /// resampy's `kaiser_fast` for a ratio of `1 / factor` (2, 4 or 8), its output multiplied by `gain`.
    pub(crate) fn kaiser_fast(factor: usize, gain: f64) -> Self {
        let step = FAST_PRECISION / factor;
        let ratio = 1.0 / factor as f64;
        let wing = (0..FAST_ZEROS * factor)
            .map(|i| {
                let x = (i * step) as f64 / FAST_PRECISION as f64;
                let taper = kaiser(x, FAST_ZEROS as f64, FAST_BETA);
                FAST_ROLLOFF * sinc(FAST_ROLLOFF * x) * taper * ratio * gain
            })
            .collect();
        Self::with_wing(factor, wing, End::Resampy)
    }

    /// Halving that keeps what lies below `edge` and empties what would be mirrored there. `edge`: a share of the sample
    /// rate, at most 1/8.
    pub(crate) fn half_band(edge: f64) -> Self {
        // 130 dB down from 1/2 - edge on (Kaiser's formulas for shape and length).
        const BETA: f64 = 0.1102 * (130.0 - 8.7);
        let width = 0.5 - 2.0 * edge;
        let half = ((130.0 - 7.95) / (14.36 * width) / 2.0).ceil() as usize;
        let wing = (0..=half)
            .map(|k| 0.5 * sinc(0.5 * k as f64) * kaiser(k as f64, half as f64 + 0.5, BETA))
            .collect();
        Self::with_wing(2, wing, End::Zeros)
    }

    fn with_wing(factor: usize, wing: Vec<f64>, end: End) -> Self {
        let wing: Vec<f32> = wing.into_iter().map(|w| w as f32).collect();
        let half = wing.len() - 1;
        let taps: Vec<f32> = (0..=2 * half).map(|j| wing[j.abs_diff(half)]).collect();
        let phases = (0..factor)
            .map(|p| {
                let mut phase: Vec<f32> = taps.iter().skip(p).step_by(factor).copied().collect();
                phase.resize(phase.len().next_multiple_of(N_TAPS), 0.0);
                phase
            })
            .collect();
        let mut d = Self {
            factor,
            wing,
            phases,
            end,
            buf: Vec::new(),
            n_in: 0,
            n_out: 0,
            lanes: Vec::new(),
        };
        d.reset();
        d
    }

    fn half(&self) -> usize {
        self.wing.len() - 1
    }

    pub(crate) fn reset(&mut self) {
        self.buf.clear();
        self.buf.resize(self.half(), 0.0);
        (self.n_in, self.n_out) = (0, 0);
    }

    /// Adds samples and appends the outputs that no later sample can change.
    pub(crate) fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        self.buf.extend_from_slice(samples);
        self.n_in += samples.len();
        // Output t needs sample factor t + half; with resampy's cut also the knowledge that the end is not near.
        let margin = match self.end {
            End::Resampy => 2 * self.half() - 1,
            End::Zeros => self.half() + 1,
        };
        let ready = match self.n_in.checked_sub(margin) {
            Some(n) => n / self.factor + 1,
            None => 0,
        };
        if ready > self.n_out {
            self.emit(ready - self.n_out, out);
        }
    }

    /// Ends the signal and appends the remaining outputs.
    pub(crate) fn finish(&mut self, out: &mut Vec<f32>) {
        self.finish_and(0, out);
    }

    /// Ends the signal, followed by zeros, and appends all outputs that are not zero.
    pub(crate) fn ring_out(&mut self, out: &mut Vec<f32>) {
        self.finish_and(self.half() / self.factor, out);
    }

    fn finish_and(&mut self, n_more: usize, out: &mut Vec<f32>) {
        let total = self.n_in.div_ceil(self.factor) + n_more;
        match self.end {
            End::Zeros => {
                self.buf
                    .resize(self.buf.len() + 3 * self.half() + self.factor, 0.0);
                self.emit(total - self.n_out.min(total), out);
            }
            End::Resampy => {
                // `buf` starts at sample factor n_out - half.
                let start = (self.factor * self.n_out) as i64 - self.half() as i64;
                let whole = self.n_in / self.factor;
                for t in self.n_out..whole {
                    let n = self.factor * t;
                    let at = |i: usize| self.buf[(i as i64 - start) as usize];
                    let n_left = (n + 1).min(self.wing.len());
                    let mut y: f32 = (0..n_left).map(|i| self.wing[i] * at(n - i)).sum();
                    // The limit counts from the last index of the left wing: resampy 0.1.5 reuses its loop variable.
                    let limit = (self.n_in as i64 - (n_left as i64 - 1) - n as i64 + 1).max(0) as usize;
                    let n_right = limit.min(self.half()).min(self.n_in - n - 1);
                    y += (0..n_right)
                        .map(|i| self.wing[i + 1] * at(n + i + 1))
                        .sum::<f32>();
                    out.push(y);
                }
                out.resize(out.len() + total - whole.max(self.n_out), 0.0);
                self.n_out = total;
            }
        }
    }

    fn emit(&mut self, n: usize, out: &mut Vec<f32>) {
        let start = out.len();
        let padded = n.next_multiple_of(BLOCK);
        out.resize(start + padded, 0.0);
        for (p, taps) in self.phases.iter().enumerate() {
            // What lies beyond the samples meets outputs that are cut off, or taps that are zero.
            self.lanes.resize(padded + taps.len(), 0.0);
            let known = (self.buf.len() - p.min(self.buf.len())).div_ceil(self.factor);
            let (lanes, beyond) = self.lanes.split_at_mut(known.min(padded + taps.len()));
            every(self.factor, &self.buf[p..], lanes);
            beyond.fill(0.0);
            convolve(&self.lanes, taps, &mut out[start..]);
        }
        out.truncate(start + n);
        self.n_out += n;
        let used = (n * self.factor).min(self.buf.len());
        self.buf.copy_within(used.., 0);
        self.buf.truncate(self.buf.len() - used);
    }
}

/// `out[i] = x[factor i]`.
#[multiversion(targets("x86_64+avx2"))]
fn every(factor: usize, x: &[f32], out: &mut [f32]) {
    if factor == 2 {
        // The usual case, known to the compiler.
        for (i, o) in out.iter_mut().enumerate() {
            *o = x[2 * i];
        }
    } else {
        for (i, o) in out.iter_mut().enumerate() {
            *o = x[factor * i];
        }
    }
}

/// `out[t] += sum_q taps[q] x[t + q]`, in blocks.
fn convolve(x: &[f32], taps: &[f32], out: &mut [f32]) {
    Arch::new().dispatch(Convolve { x, taps, out });
}

struct Convolve<'a> {
    x: &'a [f32],
    taps: &'a [f32],
    out: &'a mut [f32],
}

impl WithSimd for Convolve<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            16 => self.blocks::<S, 4, 2>(simd),
            8 => self.blocks::<S, 8, 4>(simd),
            4 => self.blocks::<S, 16, 8>(simd),
            _ => self.one_by_one(),
        }
    }
}

impl Convolve<'_> {
    /// Without registers to fill: a plain loop, in the same order of additions.
    fn one_by_one(self) {
        for (b, out) in self.out.chunks_exact_mut(BLOCK).enumerate() {
            let x = &self.x[b * BLOCK..b * BLOCK + BLOCK + self.taps.len()];
            for (q, w) in self.taps.iter().enumerate() {
                for (o, x) in out.iter_mut().zip(&x[q..]) {
                    *o += w * x;
                }
            }
        }
    }

    /// `N` registers make up a block of outputs, `G` a group of taps: samples `j` registers further on meet tap `q + g`
    /// registers in output register `j - g`, so that each is loaded once for up to `G` taps.
    #[inline(always)]
    fn blocks<S: Simd, const N: usize, const G: usize>(self, simd: S) {
        let n_lanes = BLOCK / N;
        for (b, out) in self.out.chunks_exact_mut(BLOCK).enumerate() {
            let x = &self.x[b * BLOCK..b * BLOCK + BLOCK + self.taps.len()];
            let out = S::as_mut_simd_f32s(out).0;
            let mut sum: [S::f32s; N] = std::array::from_fn(|i| out[i]);
            for (c, taps) in self.taps.chunks_exact(N_TAPS).enumerate() {
                for q in 0..n_lanes {
                    let w: [S::f32s; G] = std::array::from_fn(|g| simd.splat_f32s(taps[q + g * n_lanes]));
                    let start = c * N_TAPS + q;
                    let x = S::as_simd_f32s(&x[start..start + BLOCK + N_TAPS - n_lanes]).0;
                    for j in 0..N + G - 1 {
                        for g in 0..G {
                            if g <= j && j - g < N {
                                sum[j - g] = simd.mul_add_e_f32s(w[g], x[j], sum[j - g]);
                            }
                        }
                    }
                }
            }
            out.copy_from_slice(&sum);
        }
    }
}

#[cfg(test)]
#[path = "decimate_tests.rs"]
pub(crate) mod tests;
