//! Zero crossings.

use multiversion::multiversion;

use crate::recipe::{HOP_LENGTH, N_FFT};

/// Values this close to zero count as zero, which is positive.
const THRESHOLD: f32 = 1e-10;

/// Hops per frame.
const N_BLOCKS: usize = N_FFT / HOP_LENGTH;

/// Streaming zero-crossing rate: the share of the 2048 samples of a frame that differ in sign from the one before.
///
/// The signal is extended by its end values. Source: librosa 0.5.0, `feature/spectral.py`, `zero_crossing_rate`, and
/// `core/audio.py`, `zero_crossings` (`threshold=1e-10`, `zero_pos=True`, the first sample of a frame never counts).
pub(crate) struct ZeroCrossings {
    /// Crossings in each hop of the padded signal, and whether the hop's first sample is one.
    hops: Vec<(u16, bool)>,
    count: u16,
    first: bool,
    /// Samples in the open hop.
    filled: usize,
    n_samples: usize,
    last: f32,
}

impl ZeroCrossings {
    pub(crate) fn new() -> Self {
        let mut z = Self {
            hops: Vec::new(),
            count: 0,
            first: false,
            filled: 0,
            n_samples: 0,
            last: 0.0,
        };
        z.reset();
        z
    }

    pub(crate) fn reset(&mut self) {
        self.hops.clear();
        // Half a frame of copies of the first sample: no crossings.
        self.hops.resize(N_BLOCKS / 2, (0, false));
        (self.count, self.first, self.filled, self.n_samples) = (0, false, 0, 0);
    }

    pub(crate) fn push(&mut self, mut samples: &[f32]) {
        if let (0, Some(x)) = (self.n_samples, samples.first()) {
            self.last = *x;
        }
        self.n_samples += samples.len();
        while !samples.is_empty() {
            let (part, rest) = samples.split_at(samples.len().min(HOP_LENGTH - self.filled));
            let crossing = is_negative(part[0]) != is_negative(self.last);
            if self.filled == 0 {
                self.first = crossing;
            }
            self.count += u16::from(crossing) + count_crossings(part);
            self.filled += part.len();
            self.last = part[part.len() - 1];
            if self.filled == HOP_LENGTH {
                self.close();
            }
            samples = rest;
        }
    }

    fn close(&mut self) {
        self.hops.push((self.count, self.first));
        (self.count, self.first, self.filled) = (0, false, 0);
    }

    /// Ends the signal and appends the rate of every frame to `out`.
    pub(crate) fn finish(&mut self, out: &mut Vec<f64>) {
        let n_frames = 1 + self.n_samples / HOP_LENGTH;
        self.close();
        self.hops.resize(n_frames + N_BLOCKS, (0, false));
        out.extend(self.hops.windows(N_BLOCKS).take(n_frames).map(|w| {
            let sum: u32 = w.iter().map(|(n, _)| u32::from(*n)).sum();
            f64::from(sum - u32::from(w[0].1)) / N_FFT as f64
        }));
    }
}

#[inline(always)]
fn is_negative(x: f32) -> bool {
    x < -THRESHOLD
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+fma", "x86_64+avx2+fma"))]
fn count_crossings(x: &[f32]) -> u16 {
    x.iter()
        .zip(&x[1..])
        .map(|(a, b)| u32::from(is_negative(*a) != is_negative(*b)))
        .sum::<u32>() as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_definition(x: &[f32]) -> Vec<f64> {
        let pad = N_FFT / 2;
        let mut padded = vec![x[0]; pad];
        padded.extend_from_slice(x);
        padded.extend(vec![x[x.len() - 1]; pad]);
        let negative: Vec<bool> = padded
            .iter()
            .map(|v| {
                if v.abs() <= 1e-10 {
                    false
                } else {
                    v.is_sign_negative()
                }
            })
            .collect();
        (0..=x.len() / HOP_LENGTH)
            .map(|t| {
                let frame = &negative[t * HOP_LENGTH..t * HOP_LENGTH + N_FFT];
                frame.windows(2).filter(|w| w[0] != w[1]).count() as f64 / N_FFT as f64
            })
            .collect()
    }

    #[test]
    fn any_chunking_equals_the_definition() {
        let mut state = 5u32;
        let x: Vec<f32> = (0..9000)
            .map(|i| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if i % 5 == 0 {
                    -0.0
                } else {
                    state as f32 / 2f32.powi(31) - 1.0
                }
            })
            .collect();
        for n in [1, 511, 512, 513, 1024, 2048, 9000] {
            for chunk in [1, 100, 512, 1152, 9000] {
                let mut z = ZeroCrossings::new();
                z.push(&[-1.0, 1.0]);
                z.reset();
                x[..n].chunks(chunk).for_each(|c| z.push(c));
                let mut got = Vec::new();
                z.finish(&mut got);
                assert_eq!(got, by_definition(&x[..n]), "n {n} chunk {chunk}");
            }
        }
    }
}
