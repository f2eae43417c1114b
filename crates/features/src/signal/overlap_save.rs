//! A low-pass applied block by block in the frequency domain, in single precision.
//!
//! Single precision on purpose: the rounding noise of these transforms is what a spectrum shows where the filter has
//! emptied it, in the reference as here, and spectral contrast measures exactly such valleys.

use std::f64::consts::PI;
use std::sync::Arc;

use multiversion::multiversion;
use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use crate::signal::kaiser::LowPass;

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
            let start = s.buf.len();
            s.buf.resize(start + samples.len() * self.up, 0.0);
            for (slot, x) in s.buf[start..].iter_mut().step_by(self.up).zip(samples) {
                *slot = *x;
            }
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
            multiply(&mut s.spectrum[..kept], &self.response);
            self.backward
                .invert(&s.spectrum[..kept], &mut s.packed, &mut s.scratch);
            let n_new = step / self.down;
            unpack(&s.packed, n_new, out);
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
        spectrum.resize(half + 1, Complex32::default());
        separate(packed, &self.twiddles, spectrum);
    }

    /// The real block, times n / 2, with `spectrum` as its bins 0 to n / 2, packed in pairs.
    fn invert(&self, spectrum: &[Complex32], packed: &mut Vec<Complex32>, scratch: &mut Vec<Complex32>) {
        packed.resize(spectrum.len() - 1, Complex32::default());
        join(spectrum, &self.twiddles, packed);
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

/// Bins 0 to n / 2 of a real block from the transform of its packed pairs.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2", "x86_64+avx2"))]
fn separate(packed: &[Complex32], twiddles: &[Complex32], spectrum: &mut [Complex32]) {
    let half = packed.len();
    let (mirrored, twiddles) = (&packed[1..], &twiddles[..=half]);
    let bin = |a: Complex32, b: Complex32, w: Complex32| {
        let (even, odd) = ((a + b.conj()) * 0.5, (a - b.conj()) * 0.5);
        // odd / i, turned by the twiddle.
        even + w * Complex32::new(odd.im, -odd.re)
    };
    spectrum[0] = bin(packed[0], packed[0], twiddles[0]);
    spectrum[half] = bin(packed[0], packed[0], twiddles[half]);
    let pairs = packed[1..].iter().zip(mirrored.iter().rev());
    for ((x, (a, b)), w) in spectrum[1..half].iter_mut().zip(pairs).zip(&twiddles[1..]) {
        *x = bin(*a, *b, *w);
    }
}

/// Packed pairs from bins 0 to n / 2, of which the first and the last count as real.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2", "x86_64+avx2"))]
fn join(spectrum: &[Complex32], twiddles: &[Complex32], packed: &mut [Complex32]) {
    let half = packed.len();
    let (spectrum, twiddles) = (&spectrum[..=half], &twiddles[..half]);
    let pair = |a: Complex32, b: Complex32, w: Complex32| {
        let (even, odd) = ((a + b.conj()) * 0.5, (a - b.conj()) * 0.5 * w.conj());
        even + Complex32::new(-odd.im, odd.re)
    };
    let real = |z: Complex32| Complex32::new(z.re, 0.0);
    packed[0] = pair(real(spectrum[0]), real(spectrum[half]), twiddles[0]);
    let pairs = spectrum[1..half].iter().zip(spectrum[1..half].iter().rev());
    for ((z, (a, b)), w) in packed[1..].iter_mut().zip(pairs).zip(&twiddles[1..]) {
        *z = pair(*a, *b, *w);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2", "x86_64+avx2"))]
fn multiply(z: &mut [Complex32], h: &[Complex32]) {
    for (z, h) in z.iter_mut().zip(h) {
        *z *= *h;
    }
}

/// Appends the first `n` of the numbers that are packed in pairs.
fn unpack(packed: &[Complex32], n: usize, out: &mut Vec<f32>) {
    let start = out.len();
    out.resize(start + n, 0.0);
    let (pairs, last) = out[start..].as_chunks_mut::<2>();
    for (pair, z) in pairs.iter_mut().zip(packed) {
        *pair = [z.re, z.im];
    }
    for (x, z) in last.iter_mut().zip(&packed[n / 2..]) {
        *x = z.re;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::kaiser::{SOXR_FIRST_STAGE, SOXR_ONE_STAGE};
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
    fn the_halving_filter_is_flat_in_its_band_and_silent_beyond() {
        let gain = |hz: f64| {
            let x: Vec<f32> = (0..20_000)
                .map(|i| (PI * hz * f64::from(i)).cos() as f32)
                .collect();
            let mut y = Vec::new();
            let plan = OverlapSave::new(SOXR_ONE_STAGE, 0.5, 1, 2);
            let mut state = State::default();
            plan.start(&mut state);
            plan.push(&mut state, &x, &mut y);
            plan.finish(&mut state, 0, &mut y);
            assert_eq!(y.len(), 10_000);
            y[2000..8000].iter().map(|y| f64::from(*y).powi(2)).sum::<f64>() / 3000.0
        };
        // Frequencies in units of the old Nyquist; the cut is at 0.48 of it.
        for pass in [0.01, 0.1, 0.2, 0.45] {
            assert!((gain(pass) - 1.0).abs() < 1e-4, "{pass} {}", gain(pass));
        }
        for stop in [0.501, 0.8, 0.95] {
            assert!(gain(stop) < 1e-11, "{stop} {}", gain(stop));
        }
    }

    #[test]
    fn pairs_are_unpacked_up_to_an_odd_end() {
        let packed = [Complex32::new(1.0, 2.0), Complex32::new(3.0, 4.0)];
        for n in 0..=4 {
            let mut out = vec![0.5];
            unpack(&packed, n, &mut out);
            assert_eq!(out, [0.5, 1.0, 2.0, 3.0, 4.0][..=n]);
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
