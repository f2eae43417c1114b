//! Shelves and a low-pass, in double precision.

use std::f64::consts::{PI, SQRT_2};

use crate::signal::kaiser::{kaiser, sinc};

/// Where the bass ends and the treble begins, in Hz.
const BASS: f64 = 250.0;
const TREBLE: f64 = 4000.0;

/// Taps of the low-pass, and the shape of its window: side lobes of -90 dB.
const N_TAPS: usize = 255;
const BETA: f64 = 8.6;

/// Samples that a tap is multiplied with at a time, which stay in the first-level cache.
const BLOCK: usize = 1024;

/// Coefficients of a filter of second order, `b` over `a` with `a[0]` 1.
struct Biquad {
    b: [f64; 3],
    a: [f64; 2],
}

impl Biquad {
    /// A shelf of slope 1: `gain_db` below (`low`) or above a frequency in Hz, 0 dB on the other side.
    fn shelf(low: bool, frequency: f64, gain_db: f64, rate: f64) -> Self {
        let a = 10f64.powf(gain_db / 40.0);
        let w = 2.0 * PI * frequency / rate;
        let (alpha, root) = (w.sin() / 2.0 * SQRT_2, a.sqrt());
        // A high shelf is a low shelf with the circle of frequencies turned by half.
        let (cos, sign) = match low {
            true => (w.cos(), 1.0),
            false => (-w.cos(), -1.0),
        };
        let (up, down) = (a + 1.0, a - 1.0);
        let scale = up + down * cos + 2.0 * root * alpha;
        Self {
            b: [
                a * (up - down * cos + 2.0 * root * alpha) / scale,
                sign * 2.0 * a * (down - up * cos) / scale,
                a * (up - down * cos - 2.0 * root * alpha) / scale,
            ],
            a: [
                sign * -2.0 * (down + up * cos) / scale,
                (up + down * cos - 2.0 * root * alpha) / scale,
            ],
        }
    }

    /// Transposed direct form II, from rest.
    fn filter(&self, x: &mut [f64]) {
        let ([b0, b1, b2], [a1, a2]) = (self.b, self.a);
        let (mut s1, mut s2) = (0.0, 0.0);
        for x in x {
            let y = b0 * *x + s1;
            s1 = b1 * *x - a1 * y + s2;
            s2 = b2 * *x - a2 * y;
            *x = y;
        }
    }
}

/// Raises the bass by so many dB and lowers the treble by as many. Where the treble begins beyond the middle of the band, it is left.
pub(super) fn tilt(x: &mut [f64], rate: f64, gain_db: f64) {
    Biquad::shelf(true, BASS, gain_db, rate).filter(x);
    if TREBLE < rate / 4.0 {
        Biquad::shelf(false, TREBLE, -gain_db, rate).filter(x);
    }
}

/// The recording without what lies above a frequency in Hz, in place and of the same length; unchanged where nothing can lie there.
pub(super) fn low_pass(x: Vec<f64>, rate: f64, frequency: f64) -> Vec<f64> {
    if frequency >= rate / 2.0 {
        return x;
    }
    let half = N_TAPS / 2;
    let cut = 2.0 * frequency / rate;
    let mut taps: Vec<f64> = (0..N_TAPS)
        .map(|k| k as f64 - half as f64)
        .map(|k| cut * sinc(cut * k) * kaiser(k, half as f64, BETA))
        .collect();
    let sum: f64 = taps.iter().sum();
    taps.iter_mut().for_each(|tap| *tap /= sum);
    let mut padded = vec![0.0; half];
    padded.extend_from_slice(&x);
    padded.resize(x.len() + N_TAPS - 1, 0.0);
    let mut out = x;
    for (block, out) in out.chunks_mut(BLOCK).enumerate() {
        out.fill(0.0);
        let start = block * BLOCK;
        for (k, tap) in taps.iter().enumerate() {
            let from = &padded[start + k..start + k + out.len()];
            for (out, x) in out.iter_mut().zip(from) {
                *out += tap * x;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::noise;
    use super::*;

    /// What the script makes the golden values of: two tones and a drift.
    fn signal() -> Vec<f64> {
        (0..3000)
            .map(|i| {
                let t = f64::from(i) / 22_050.0;
                0.4 * (2.0 * PI * 110.0 * t).sin() + 0.3 * (2.0 * PI * 6000.0 * t).sin() + 0.1 * t
            })
            .collect()
    }

    /// `name,index,value`, made by `tests/data/make_perturb.py` with scipy.
    fn golden(name: &str) -> Vec<(usize, f64)> {
        let rows: Vec<_> = include_str!("../../tests/data/perturb.csv")
            .lines()
            .skip(1)
            .filter_map(|line| line.strip_prefix(name)?.strip_prefix(','))
            .map(|rest| {
                let (index, value) = rest.split_once(',').unwrap();
                (index.parse().unwrap(), value.parse().unwrap())
            })
            .collect();
        assert!(rows.len() >= 60, "{name}");
        rows
    }

    fn assert_golden(name: &str, got: &[f64]) {
        for (index, want) in golden(name) {
            assert!(
                (got[index] - want).abs() < 1e-9,
                "{name} {index}: {} {want}",
                got[index]
            );
        }
    }

    #[test]
    fn filters_and_noise_are_those_of_scipy() {
        for (name, gain_db) in [("eq 6", 6.0), ("eq -9", -9.0)] {
            let mut x = signal();
            tilt(&mut x, 22_050.0, gain_db);
            assert_golden(name, &x);
        }
        for (name, frequency) in [("lowpass 4000", 4000.0), ("lowpass 1500", 1500.0)] {
            assert_golden(name, &low_pass(signal(), 22_050.0, frequency));
        }
        let mut x = signal();
        noise::add(&mut x, 20.0, 12_345);
        assert_golden("noise 20", &x);
    }

    /// The gain of a filter at a frequency, by its answer to a long tone.
    fn gain_db(filter: impl Fn(Vec<f64>) -> Vec<f64>, frequency: f64) -> f64 {
        let tone = |i: usize| (2.0 * PI * frequency * i as f64 / 22_050.0).sin();
        let power = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>();
        let x: Vec<f64> = (0..44_100).map(tone).collect();
        let before = power(&x[11_025..33_075]);
        10.0 * (power(&filter(x)[11_025..33_075]) / before).log10()
    }

    #[test]
    fn tones_are_raised_lowered_and_removed() {
        let tilted = |mut x: Vec<f64>| {
            tilt(&mut x, 22_050.0, 6.0);
            x
        };
        assert!((gain_db(tilted, 20.0) - 6.0).abs() < 0.1);
        assert!((gain_db(tilted, 10_900.0) + 6.0).abs() < 0.1);
        assert!(gain_db(tilted, 1000.0).abs() < 0.5);
        let dark = |x| low_pass(x, 22_050.0, 4000.0);
        assert!(gain_db(dark, 3500.0).abs() < 0.001);
        assert!(gain_db(dark, 4500.0) < -80.0);
        // Both sides of the middle of the band, and beyond it.
        let x = signal();
        assert_eq!(low_pass(x.clone(), 22_050.0, 11_025.0), x);
        assert!(low_pass(Vec::new(), 22_050.0, 4000.0).is_empty());
    }

    #[test]
    fn blocks_do_not_show() {
        let x = signal();
        let got = low_pass(x.clone(), 22_050.0, 4000.0);
        // A tap at a time, from an impulse.
        let mut impulse = vec![0.0; 600];
        impulse[300] = 1.0;
        let taps = low_pass(impulse, 22_050.0, 4000.0);
        for i in [0, 1, 127, 1000, 1023, 1024, 1025, 2999] {
            let want: f64 = (0..x.len())
                .filter(|&j| j.abs_diff(i) <= 127)
                .map(|j| x[j] * taps[300 + i - j])
                .sum();
            assert!((got[i] - want).abs() < 1e-12, "{i}");
        }
    }
}
