//! A low-pass applied block by block in the frequency domain, in single precision.
//!
//! Single precision on purpose: the rounding noise of these transforms is what a spectrum shows where the filter has
//! emptied it, in the reference as here, and spectral contrast measures exactly such valleys.

use std::f64::consts::PI;
use std::sync::Arc;

use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use crate::kaiser::LowPass;

/// A symmetric low-pass between stuffing with zeros (`up`) and taking every `down`-th sample.
pub(crate) struct OverlapSave {
    up: usize,
    down: usize,
    /// Length of the transform.
    n: usize,
    /// Half-length of the filter.
    half: usize,
    /// Spectrum of the filter, bins 0 to n / (2 down), with all scale factors.
    response: Vec<Complex32>,
    forward: RealFft,
    backward: RealFft,
}

/// Buffers of one signal.
#[derive(Default)]
pub(crate) struct State {
    /// Samples after stuffing; the first is `half` before the first of the next block.
    buf: Vec<f32>,
    packed: Vec<Complex32>,
    spectrum: Vec<Complex32>,
    scratch: Vec<Complex32>,
    n_in: u64,
    n_out: u64,
}

impl OverlapSave {
    /// `up` is 1 or 2; `down` a power of two; `band` the edge of the stop-band as a share of the Nyquist frequency after
    /// stuffing.
    pub(crate) fn new(filter: LowPass, band: f64, up: usize, down: usize) -> Self {
        let half = filter.half(band, down.max(2));
        // Blocks of three to six times the filter's length, as in soxr.
        let n_taps = (2 * half + 1) as f64;
        let n = 1usize << ((n_taps.log2() + 2.77) as u32).max(10);
        // The filter ends at the block's first sample, so that the first outputs are the valid ones. Its own transform is
        // in single precision too: what that rounds off is part of the noise.
        let mut taps = vec![0.0f32; n];
        for i in 0..=2 * half {
            let tap = filter.tap(i.abs_diff(half), band, half);
            taps[(n - 2 * half + i) % n] = (tap * up as f64 * 2.0 / n as f64) as f32;
        }
        let forward = RealFft::forward(n);
        let (mut packed, mut response, mut scratch) = (Vec::new(), Vec::new(), Vec::new());
        forward.transform(&taps, &mut packed, &mut response, &mut scratch);
        response.truncate(n / (2 * down) + 1);
        Self {
            up,
            down,
            n,
            half,
            response,
            forward,
            backward: RealFft::backward(n / down),
        }
    }

    /// Begins a signal.
    pub(crate) fn start(&self, s: &mut State) {
        s.buf.clear();
        s.buf.resize(self.half, 0.0);
        (s.n_in, s.n_out) = (0, 0);
    }

    /// Adds samples and appends the outputs that are complete.
    pub(crate) fn push(&self, s: &mut State, samples: &[f32], out: &mut Vec<f32>) {
        s.n_in += samples.len() as u64;
        if self.up == 1 {
            s.buf.extend_from_slice(samples);
        } else {
            s.buf.extend(
                samples
                    .iter()
                    .flat_map(|x| std::iter::once(*x).chain(std::iter::repeat_n(0.0, self.up - 1))),
            );
        }
        self.blocks(s, out);
    }

    /// Ends the signal: zeros follow. There are `ceil(up n / down)` outputs in all, and `n_more`.
    pub(crate) fn finish(&self, s: &mut State, n_more: usize, out: &mut Vec<f32>) {
        let total = (s.n_in * self.up as u64).div_ceil(self.down as u64) + n_more as u64;
        while s.n_out < total {
            s.buf.resize(s.buf.len().max(self.n), 0.0);
            self.blocks(s, out);
        }
        let excess = (s.n_out - total) as usize;
        out.truncate(out.len().saturating_sub(excess));
        s.n_out = total;
    }

    fn blocks(&self, s: &mut State, out: &mut Vec<f32>) {
        let step = self.n - 2 * self.half;
        let mut at = 0;
        while s.buf.len() - at >= self.n {
            let block = &s.buf[at..at + self.n];
            self.forward
                .transform(block, &mut s.packed, &mut s.spectrum, &mut s.scratch);
            let kept = self.response.len();
            for (z, h) in s.spectrum.iter_mut().zip(&self.response) {
                *z *= *h;
            }
            self.backward
                .invert(&s.spectrum[..kept], &mut s.packed, &mut s.scratch);
            let n_new = step / self.down;
            out.extend(s.packed.iter().flat_map(|z| [z.re, z.im]).take(n_new));
            s.n_out += n_new as u64;
            at += step;
        }
        s.buf.copy_within(at.., 0);
        s.buf.truncate(s.buf.len() - at);
    }
}

/// The transform of real blocks by a complex one of half their length: even samples as real, odd as imaginary parts.
struct RealFft {
    fft: Arc<dyn Fft<f32>>,
    /// `exp(-2 pi i k / n)` for k up to n / 2.
    twiddles: Vec<Complex32>,
}

impl RealFft {
    fn forward(n: usize) -> Self {
        Self::new(n, FftPlanner::new().plan_fft_forward(n / 2))
    }

    fn backward(n: usize) -> Self {
        Self::new(n, FftPlanner::new().plan_fft_inverse(n / 2))
    }

    fn new(n: usize, fft: Arc<dyn Fft<f32>>) -> Self {
        let twiddles = (0..=n / 2)
            .map(|k| {
                let (sin, cos) = (-2.0 * PI * k as f64 / n as f64).sin_cos();
                Complex32::new(cos as f32, sin as f32)
            })
            .collect();
        Self { fft, twiddles }
    }

    /// Bins 0 to n / 2 of `block`.
    fn transform(
        &self,
        block: &[f32],
        packed: &mut Vec<Complex32>,
        spectrum: &mut Vec<Complex32>,
        scratch: &mut Vec<Complex32>,
    ) {
        let half = block.len() / 2;
        packed.clear();
        packed.extend(block.chunks_exact(2).map(|x| Complex32::new(x[0], x[1])));
        self.process(packed, scratch);
        spectrum.clear();
        spectrum.extend((0..=half).map(|k| {
            let (a, b) = (packed[k % half], packed[(half - k) % half].conj());
            let (even, odd) = ((a + b) * 0.5, (a - b) * 0.5);
            // odd / i, turned by the twiddle.
            even + self.twiddles[k] * Complex32::new(odd.im, -odd.re)
        }));
    }

    /// The real block, times n / 2, with `spectrum` as its bins 0 to n / 2, packed in pairs.
    fn invert(&self, spectrum: &[Complex32], packed: &mut Vec<Complex32>, scratch: &mut Vec<Complex32>) {
        let half = spectrum.len() - 1;
        packed.clear();
        packed.extend((0..half).map(|k| {
            let real_ends = |k: usize| match k {
                0 => Complex32::new(spectrum[0].re, 0.0),
                k if k == half => Complex32::new(spectrum[half].re, 0.0),
                k => spectrum[k],
            };
            let (a, b) = (real_ends(k), real_ends(half - k).conj());
            let (even, odd) = ((a + b) * 0.5, (a - b) * 0.5 * self.twiddles[k].conj());
            even + Complex32::new(-odd.im, odd.re)
        }));
        self.process(packed, scratch);
    }

    fn process(&self, packed: &mut [Complex32], scratch: &mut Vec<Complex32>) {
        let needed = self.fft.get_inplace_scratch_len();
        if scratch.len() < needed {
            scratch.resize(needed, Complex32::default());
        }
        self.fft.process_with_scratch(packed, scratch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kaiser::{SOXR_FIRST_STAGE, SOXR_ONE_STAGE};
    use crate::test_signals::noise;

    /// The sum by definition, in double precision.
    fn slow(x: &[f32], filter: LowPass, band: f64, up: usize, down: usize) -> Vec<f64> {
        let half = filter.half(band, down.max(2));
        (0..(x.len() * up).div_ceil(down) + 3)
            .map(|t| {
                (0..x.len())
                    .filter(|i| (i * up).abs_diff(t * down) <= half)
                    .map(|i| {
                        f64::from(x[i]) * up as f64 * filter.tap((i * up).abs_diff(t * down), band, half)
                    })
                    .sum()
            })
            .collect()
    }

    #[test]
    fn blocks_equal_the_sum_by_definition() {
        for (filter, band, up, down) in [
            (SOXR_ONE_STAGE, 0.5, 1, 2),
            (SOXR_ONE_STAGE, 0.5, 2, 1),
            (SOXR_FIRST_STAGE, 0.459_375, 1, 1),
            (SOXR_FIRST_STAGE, 0.344_531_25, 2, 1),
            (SOXR_FIRST_STAGE, 0.25, 1, 4),
        ] {
            let plan = OverlapSave::new(filter, band, up, down);
            let mut state = State::default();
            for n in [1, 2, 500, 3001] {
                let x = noise(n, 11);
                let want = slow(&x, filter, band, up, down);
                for chunk in [7, 1000, 5000] {
                    plan.start(&mut state);
                    let mut got = Vec::new();
                    x.chunks(chunk).for_each(|c| plan.push(&mut state, c, &mut got));
                    plan.finish(&mut state, 3, &mut got);
                    assert_eq!(got.len(), want.len(), "{up} {down} n {n} chunk {chunk}");
                    for (t, (g, w)) in got.iter().zip(&want).enumerate() {
                        assert!(
                            (f64::from(*g) - w).abs() < 1e-6,
                            "{up} {down} n {n} chunk {chunk} t {t}: {g} {w}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn silence_stays_silence() {
        let plan = OverlapSave::new(SOXR_ONE_STAGE, 0.5, 1, 2);
        let (mut state, mut out) = (State::default(), Vec::new());
        plan.start(&mut state);
        let mut x = vec![0.0; 20_000];
        x[..3000].copy_from_slice(&noise(3000, 5));
        plan.push(&mut state, &x, &mut out);
        plan.finish(&mut state, 0, &mut out);
        assert!(out[..1500].iter().any(|y| y.abs() > 0.1));
        assert!(out[3000..].iter().all(|y| *y == 0.0));
    }
}
