//! Tuning: how far a recording's pitches lie from the tempered scale on A = 440 Hz.

use multiversion::multiversion;

use crate::recipe::{N_BINS, N_FFT};
use crate::signal::lanes::{LANES, V};

/// Bins of the histogram of deviations, in steps of a cent-th of a semitone.
pub(crate) const N_STEPS: usize = 100;

/// Step that means "in tune".
pub(crate) const IN_TUNE: usize = N_STEPS / 2;

const F_MIN_HZ: f64 = 150.0;
const F_MAX_HZ: f64 = 4000.0;

/// Share of a frame's largest value that a peak must exceed.
const THRESHOLD: f32 = 0.1;

/// Bin that counts for the median but not in the histogram.
const OUTSIDE: u8 = u8::MAX;

/// Deviation of a step, in semitones: -0.5 + step / 100.
pub(crate) fn step_to_tuning(step: usize) -> f64 {
    step as f64 * 0.01 - 0.5
}

/// Collects the spectral peaks of a recording and finds its tuning.
///
/// A peak is a local maximum between 150 and 4000 Hz above a tenth of its frame's largest value, placed by a parabola
/// through its neighbours. The tuning is the left edge of the fullest histogram bin (the lowest of equals) of the
/// deviations of those peaks that are at least as high as the median peak. Source: librosa 0.5.0, `core/pitch.py`,
/// `estimate_tuning`, `piptrack`, `pitch_tuning`; single precision in the reference's places.
pub(crate) struct PeakCollector {
    first: usize,
    last: usize,
    hz_per_bin: f64,
    n_counted: usize,
    heights: Vec<f32>,
    steps: Vec<u8>,
    edges: [f64; N_STEPS + 1],
}

impl PeakCollector {
    /// For spectra of a sample rate in Hz. `n_counted` histogram bins of the 100 are used: 99 in librosa 0.5.0 (its last
    /// edge is 0.49), 100 in librosa 0.11.
    pub(crate) fn new(sample_rate: u32, n_counted: usize) -> Self {
        let hz_per_bin = f64::from(sample_rate) / N_FFT as f64;
        let top = F_MAX_HZ.min(f64::from(sample_rate) / 2.0);
        let inside = |k: &usize| (F_MIN_HZ..top).contains(&(*k as f64 * hz_per_bin));
        let first = (1..N_BINS - 1).find(inside).unwrap_or(N_BINS - 1);
        let last = (first..N_BINS - 1)
            .take_while(|k| inside(k))
            .last()
            .map_or(first, |k| k + 1);
        Self {
            first,
            last,
            hz_per_bin,
            n_counted,
            heights: Vec::new(),
            steps: Vec::new(),
            edges: std::array::from_fn(step_to_tuning),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.heights.clear();
        self.steps.clear();
    }

    /// Adds the peaks of a tile.
    ///
    /// `values`: magnitudes or powers `[1025][LANES]`, `max`: the largest of each frame.
    pub(crate) fn add(&mut self, values: &[V], max: &V, n_frames: usize) {
        let threshold = max.map(|m| THRESHOLD * m);
        let real = (1u32 << n_frames) - 1;
        for k in self.first..self.last {
            let (below, at, above) = (&values[k - 1], &values[k], &values[k + 1]);
            let mut found = peak_mask(below, at, above, &threshold) & real;
            while found != 0 {
                let l = found.trailing_zeros() as usize;
                found &= found - 1;
                self.add_peak(k, below[l], at[l], above[l]);
            }
        }
    }

    fn add_peak(&mut self, k: usize, below: f32, at: f32, above: f32) {
        let slope = 0.5 * (above - below);
        let curve = 2.0 * at - above - below;
        let shift = slope / (curve + if curve.abs() < f32::MIN_POSITIVE { 1.0 } else { 0.0 });
        let hz = ((k as f64 + f64::from(shift)) * self.hz_per_bin) as f32;
        if hz <= 0.0 {
            return;
        }
        self.heights.push(at + 0.5 * slope * shift);
        self.steps.push(self.step(hz));
    }

    /// Histogram bin of a frequency's deviation from the nearest semitone.
    fn step(&self, hz: f32) -> u8 {
        let semitones = 12.0 * (hz / 27.5).log2();
        let mut deviation = semitones - semitones.floor();
        if deviation >= 0.5 {
            deviation -= 1.0;
        }
        let d = f64::from(deviation);
        let mut i = ((d + 0.5) * N_STEPS as f64) as usize;
        // The product is rounded: the edges decide.
        if i > 0 && d < self.edges[i] {
            i -= 1;
        } else if d >= self.edges[i + 1] {
            i += 1;
        }
        if i < self.n_counted {
            return i as u8;
        }
        // numpy's last histogram bin includes its right edge.
        if d <= self.edges[self.n_counted] {
            self.n_counted as u8 - 1
        } else {
            OUTSIDE
        }
    }

    /// The tuning as a step (see [`step_to_tuning`]); [`IN_TUNE`] without peaks. The collection is left reordered.
    pub(crate) fn step_of_tuning(&mut self, scratch: &mut Vec<f32>) -> usize {
        if self.heights.is_empty() {
            return IN_TUNE;
        }
        scratch.clear();
        scratch.extend_from_slice(&self.heights);
        let median = median_in_place(scratch);
        let mut counts = [0u32; 256];
        for (h, s) in self.heights.iter().zip(&self.steps) {
            if *h >= median {
                counts[usize::from(*s)] += 1;
            }
        }
        let counts = &counts[..self.n_counted];
        let most = counts.iter().max().copied().unwrap_or(0);
        counts.iter().position(|c| *c == most).unwrap_or(IN_TUNE)
    }
}

/// Median in single precision; the mean of the two middle values of an even number. Reorders `x`, which is not empty.
pub(crate) fn median_in_place(x: &mut [f32]) -> f32 {
    let n = x.len();
    let (low, mid, _) = x.select_nth_unstable_by(n / 2, f32::total_cmp);
    if n % 2 == 1 {
        return *mid;
    }
    let other = low.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    (other + *mid) / 2.0
}

/// One bit for each lane that holds a local maximum above its threshold.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+fma", "x86_64+avx2+fma"))]
fn peak_mask(below: &V, at: &V, above: &V, threshold: &V) -> u32 {
    let mut bits = [0u32; LANES];
    for l in 0..LANES {
        let peak = (at[l] > threshold[l]) & (at[l] > below[l]) & (at[l] >= above[l]);
        bits[l] = u32::from(peak) << l;
    }
    bits.iter().fold(0, |all, b| all | b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::lanes::ZERO;

    fn tuning_of(hz: f64, rate: u32) -> f64 {
        let k = hz / (f64::from(rate) / N_FFT as f64);
        // A parabola around the bin position.
        let values: Vec<V> = (0..N_BINS)
            .map(|i| [(4.0 - (i as f64 - k).powi(2)).max(0.0) as f32; LANES])
            .collect();
        let max = values
            .iter()
            .fold(ZERO, |m, v| std::array::from_fn(|l| m[l].max(v[l])));
        let mut c = PeakCollector::new(rate, N_STEPS - 1);
        c.add(&values, &max, 5);
        assert_eq!(c.heights.len(), 5);
        step_to_tuning(c.step_of_tuning(&mut Vec::new()))
    }

    #[test]
    fn detuned_tones_are_found() {
        for cents in [-45, -20, 0, 13, 48] {
            let hz = 440.0 * 2f64.powf((f64::from(cents) + 0.5) / 1200.0);
            let got = tuning_of(hz, 22_050);
            assert!((got - f64::from(cents) / 100.0).abs() < 1e-9, "{cents}: {got}");
        }
    }

    #[test]
    fn no_peaks_are_in_tune_and_ties_go_to_the_lowest() {
        let mut c = PeakCollector::new(44_100, N_STEPS - 1);
        assert_eq!(step_to_tuning(c.step_of_tuning(&mut Vec::new())), 0.0);
        c.heights = vec![1.0; 4];
        c.steps = vec![70, 20, 20, 70];
        assert_eq!(c.step_of_tuning(&mut Vec::new()), 20);
        // Below the median: not counted.
        c.heights = vec![1.0, 2.0, 3.0];
        c.steps = vec![5, 7, 8];
        assert_eq!(c.step_of_tuning(&mut Vec::new()), 7);
    }

    #[test]
    fn every_deviation_falls_between_its_edges() {
        let c = PeakCollector::new(22_050, N_STEPS);
        for i in 0..20_000 {
            let hz = 150.0 + 0.19 * i as f32;
            let s = usize::from(c.step(hz));
            let mut d = f64::from((12.0 * (hz / 27.5).log2()).rem_euclid(1.0));
            if d >= 0.5 {
                d -= 1.0;
            }
            assert!(
                step_to_tuning(s) <= d && d < step_to_tuning(s + 1),
                "{hz} {d} {s}"
            );
        }
    }

    #[test]
    fn rates_too_low_for_any_bin_collect_nothing() {
        let mut c = PeakCollector::new(200, N_STEPS - 1);
        c.add(&vec![[1.0; LANES]; N_BINS], &[1.0; LANES], 16);
        assert!(c.heights.is_empty());
    }
}
