//! Filters of the constant-Q transform, in the time domain.

use std::f64::consts::PI;
use std::sync::Arc;

use rustfft::FftPlanner;
use rustfft::num_complex::Complex64;

use crate::signal::stft::hann;

/// Bins per octave.
pub(crate) const N_OCTAVE: usize = 12;

/// Share of a filter's L1 norm that may be dropped from its spectrum.
const SPARSITY: f64 = 0.01;

/// What responses are multiplied by: 2^60.
///
/// The tail of a sound that ends in digital silence becomes as small as 1e-37 on its way through seven filters, and only the
/// ratios within a frame count for chroma, however small it is. Lifted by a power of two, which rounds nothing, the products of
/// such samples with the filters stay within the range of single precision.
pub(crate) const LIFT: f64 = (1u64 << 60) as f64;

/// Real and imaginary parts of twelve filters at one point in time, times [`LIFT`].
pub(crate) type Taps = [f32; 2 * N_OCTAVE];

/// Twelve filters of one octave in the time domain.
pub(crate) struct Basis {
    pub(crate) n_fft: usize,
    pub(crate) taps: Vec<Taps>,
}

/// A windowed complex exponential of unit L1 norm.
pub(crate) struct Filter {
    /// Its exact length in samples, by which it is scaled.
    length: f64,
    samples: Vec<Complex64>,
}

impl Filter {
    /// librosa 0.5.0: phase 0 at the first sample, Hann window of `floor(length)` samples among `ceil(length)`.
    /// `frequency` in cycles per sample.
    pub(crate) fn from_start(length: f64, frequency: f64) -> Self {
        let window = hann(length.floor() as usize);
        let samples = (0..length.ceil() as usize)
            .map(|n| {
                let w = window.get(n).copied().unwrap_or(0.0);
                Complex64::from_polar(w, 2.0 * PI * n as f64 * frequency)
            })
            .collect();
        Self { length, samples }.normalized()
    }

    /// librosa 0.11: phase 0 at the centre, samples from `floor(-length / 2)` to below `floor(length / 2)`.
    pub(crate) fn from_centre(length: f64, frequency: f64) -> Self {
        let (first, end) = ((-length / 2.0).floor() as i64, (length / 2.0).floor() as i64);
        let window = hann((end - first) as usize);
        let samples = (first..end)
            .zip(window)
            .map(|(n, w)| Complex64::from_polar(w, 2.0 * PI * n as f64 * frequency))
            .collect();
        Self { length, samples }.normalized()
    }

    fn normalized(mut self) -> Self {
        let norm: f64 = self.samples.iter().map(|s| s.norm()).sum();
        self.samples.iter_mut().for_each(|s| *s /= norm);
        self
    }
}

impl Basis {
    /// `forward`: the response is the sum of spectrum times spectrum (librosa 0.11) rather than times its conjugate
    /// (librosa 0.5.0, whose transform is conjugated): the filters run backwards in time.
    pub(crate) fn new(filters: &[Filter], forward: bool) -> Self {
        let longest = filters.iter().map(|f| f.length).fold(1.0, f64::max);
        let n_fft = (longest.ceil() as usize).next_power_of_two();
        let mut planner = FftPlanner::new();
        let analysis = planner.plan_fft_forward(n_fft);
        let synthesis = if forward {
            Arc::clone(&analysis)
        } else {
            planner.plan_fft_inverse(n_fft)
        };
        let mut taps = vec![[0.0; 2 * N_OCTAVE]; n_fft];
        for (row, filter) in filters.iter().enumerate() {
            let mut spectrum = vec![Complex64::default(); n_fft];
            let left = (n_fft - filter.samples.len()) / 2;
            for (s, x) in spectrum[left..].iter_mut().zip(&filter.samples) {
                *s = x * (filter.length / n_fft as f64);
            }
            analysis.process(&mut spectrum);
            sparsify(&mut spectrum[..=n_fft / 2]);
            spectrum[n_fft / 2 + 1..].fill(Complex64::default());
            synthesis.process(&mut spectrum);
            for (t, g) in taps.iter_mut().zip(&spectrum) {
                t[row] = (g.re * LIFT) as f32;
                t[N_OCTAVE + row] = (g.im * LIFT) as f32;
            }
        }
        Self { n_fft, taps }
    }
}

/// Drops the smallest magnitudes that together make up less than 1 % of the row's L1 norm. Source: librosa 0.5.0,
/// `util/utils.py`, `sparsify_rows`.
pub(crate) fn sparsify(row: &mut [Complex64]) {
    let mut sorted: Vec<f64> = row.iter().map(|x| x.norm()).collect();
    let total: f64 = sorted.iter().sum();
    sorted.sort_by(f64::total_cmp);
    let mut running = 0.0;
    let limit = sorted.iter().copied().find(|m| {
        running += m / total;
        running >= SPARSITY
    });
    for x in row {
        if x.norm() < limit.unwrap_or(0.0) {
            *x = Complex64::default();
        }
    }
}
