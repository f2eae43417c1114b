//! The `musicnn` front end: 96 log-mel bands of 512-sample frames every 256 samples, at 16 kHz.
//!
//! Source: musicnn 0.1.0, `extractor.py` (`batch_data`) on librosa 0.7: centred frames of the signal mirrored at its ends, a
//! periodic Hann window, the power spectrum, Slaney's mel filters (area-normalised, 0 to 8 kHz), then `log10(1 + 10000 x)`.
//! The same front end feeds Discogs-EffNet and MAEST.
//!
//! In single precision throughout. musicnn rounds the mel power to half precision first, and multiplies it there: what is
//! above 6.55 becomes infinite. That is a fault and not a part of the front end (docs/embeddings.md has what it does to tags).

use std::sync::Arc;

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

/// Rate in Hz.
pub const SAMPLE_RATE: u32 = 16_000;
/// Length of a frame in samples.
pub const N_FFT: usize = 512;
/// Step between frames in samples.
pub const HOP_LENGTH: usize = 256;
/// Number of bands.
pub const N_MELS: usize = 96;

const N_BINS: usize = N_FFT / 2 + 1;

/// Tables of the front end.
pub struct MusicnnMel {
    fft: Arc<dyn Fft<f32>>,
    window: Vec<f32>,
    /// First bin and weights of each band.
    bands: Vec<(usize, Vec<f32>)>,
}

impl Default for MusicnnMel {
    fn default() -> Self {
        Self::new()
    }
}

impl MusicnnMel {
    /// Makes the tables.
    pub fn new() -> Self {
        let window = (0..N_FFT)
            .map(|i| (0.5 - 0.5 * (std::f64::consts::TAU * i as f64 / N_FFT as f64).cos()) as f32)
            .collect();
        Self {
            fft: FftPlanner::new().plan_fft_forward(N_FFT),
            window,
            bands: (0..N_MELS).map(band).collect(),
        }
    }

    /// Log-mel bands of samples at 16 kHz, [`N_MELS`] for each of `1 + n / 256` frames.
    ///
    /// With fewer than 257 samples, which cannot be mirrored, there are no frames.
    pub fn frames(&self, x: &[f32]) -> Vec<f32> {
        let pad = N_FFT / 2;
        if x.len() <= pad {
            return Vec::new();
        }
        let mut padded = Vec::with_capacity(x.len() + N_FFT);
        padded.extend(x[1..=pad].iter().rev());
        padded.extend_from_slice(x);
        padded.extend(x[x.len() - pad - 1..x.len() - 1].iter().rev());
        let n_frames = 1 + x.len() / HOP_LENGTH;
        let mut out = Vec::with_capacity(n_frames * N_MELS);
        let mut spectrum = vec![Complex::default(); N_FFT];
        let mut scratch = vec![Complex::default(); self.fft.get_inplace_scratch_len()];
        let mut power = [[0.0f32; N_BINS]; 2];
        // Two frames at a time: one is the real part, one the imaginary part.
        for first in (0..n_frames).step_by(2) {
            let of = |frame: usize| &padded[frame * HOP_LENGTH..][..N_FFT];
            let second = (first + 1).min(n_frames - 1);
            for (i, ((s, a), b)) in spectrum.iter_mut().zip(of(first)).zip(of(second)).enumerate() {
                *s = Complex::new(a * self.window[i], b * self.window[i]);
            }
            self.fft.process_with_scratch(&mut spectrum, &mut scratch);
            for k in 0..N_BINS {
                let (z, mirrored) = (spectrum[k], spectrum[(N_FFT - k) % N_FFT].conj());
                power[0][k] = (z + mirrored).norm_sqr() / 4.0;
                power[1][k] = (z - mirrored).norm_sqr() / 4.0;
            }
            for power in &power[..if second > first { 2 } else { 1 }] {
                for (first_bin, weights) in &self.bands {
                    let sum: f32 = weights.iter().zip(&power[*first_bin..]).map(|(w, p)| w * p).sum();
                    out.push((10_000.0 * sum + 1.0).log10());
                }
            }
        }
        out
    }
}

/// The triangle of a band, area-normalised. Source: librosa 0.7, `filters.mel` with `norm=1`.
fn band(i: usize) -> (usize, Vec<f32>) {
    let top = hz_to_mel(f64::from(SAMPLE_RATE) / 2.0);
    let edge = |j: usize| mel_to_hz(top * j as f64 / (N_MELS + 1) as f64);
    let (low, mid, high) = (edge(i), edge(i + 1), edge(i + 2));
    let weight = |k: usize| {
        let f = k as f64 * f64::from(SAMPLE_RATE) / N_FFT as f64;
        let ramp = ((f - low) / (mid - low)).min((high - f) / (high - mid));
        (ramp.max(0.0) * 2.0 / (high - low)) as f32
    };
    let first = (0..N_BINS).find(|k| weight(*k) > 0.0).unwrap_or(0);
    (
        first,
        (first..N_BINS).map(weight).take_while(|w| *w > 0.0).collect(),
    )
}

/// Slaney's mel scale.
fn hz_to_mel(hz: f64) -> f64 {
    match hz < 1000.0 {
        true => hz * 3.0 / 200.0,
        false => 15.0 + (hz / 1000.0).ln() / (6.4f64.ln() / 27.0),
    }
}

fn mel_to_hz(mel: f64) -> f64 {
    match mel < 15.0 {
        true => mel * 200.0 / 3.0,
        false => 1000.0 * (6.4f64.ln() / 27.0 * (mel - 15.0)).exp(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same in double precision, by the definition of the transform.
    fn slowly(x: &[f32], frame: usize) -> Vec<f64> {
        let at = |i: i64| -> f64 {
            let n = x.len() as i64;
            let i = if i < 0 {
                -i
            } else if i >= n {
                2 * (n - 1) - i
            } else {
                i
            };
            f64::from(x[i as usize])
        };
        let start = frame as i64 * 256 - 256;
        let power: Vec<f64> = (0..257)
            .map(|k| {
                let (mut re, mut im) = (0.0, 0.0);
                for j in 0..512 {
                    let angle = std::f64::consts::TAU * (j * k % 512) as f64 / 512.0;
                    let hann = 0.5 - 0.5 * (std::f64::consts::TAU * j as f64 / 512.0).cos();
                    let value = at(start + j as i64) * hann;
                    re += value * angle.cos();
                    im -= value * angle.sin();
                }
                re * re + im * im
            })
            .collect();
        (0..96)
            .map(|i| {
                let top = 15.0 + 27.0 * 8f64.ln() / 6.4f64.ln();
                let f = |j: usize| mel_to_hz(top * j as f64 / 97.0);
                let (low, mid, high) = (f(i), f(i + 1), f(i + 2));
                let sum: f64 = (0..257)
                    .map(|k| {
                        let hz = k as f64 * 31.25;
                        let share = ((hz - low) / (mid - low))
                            .min((high - hz) / (high - mid))
                            .max(0.0);
                        share * 2.0 / (high - low) * power[k]
                    })
                    .sum();
                (1.0 + 10_000.0 * sum).log10()
            })
            .collect()
    }

    #[test]
    fn frames_equal_the_definition() {
        let x: Vec<f32> = (0..2000)
            .map(|i| {
                0.4 * (i as f32 * 0.11).sin()
                    + 0.2 * (i as f32 * 1.7).sin()
                    + ((i * 7919 % 101) as f32 - 50.0) * 1e-4
            })
            .collect();
        for n in [257, 511, 512, 768, 2000] {
            let got = MusicnnMel::new().frames(&x[..n]);
            assert_eq!(got.len(), 96 * (1 + n / 256));
            for frame in 0..=n / 256 {
                for (b, want) in slowly(&x[..n], frame).into_iter().enumerate() {
                    let g = f64::from(got[frame * 96 + b]);
                    assert!(
                        (g - want).abs() < 2e-5,
                        "n {n} frame {frame} band {b}: {g} {want}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_too_short_to_be_mirrored_has_no_frames() {
        for n in [0, 1, 256] {
            assert!(MusicnnMel::new().frames(&vec![0.1; n]).is_empty());
        }
    }
}
