//! Constant-Q against its definition in double precision, librosa 0.5.0's arrays, and tones.

#![allow(clippy::unwrap_used)]

use std::f64::consts::PI;

use rustfft::num_complex::Complex64;

use super::*;
use crate::signal::cqt_basis::LIFT;
use crate::signal::decimate::tests::resampy;
use crate::test_signals::{Noise, signals, stages};

/// All magnitudes `[frame][84]` by the streaming transform.
fn streamed(recipe: Recipe, x: &[f32], rate: u32, tuning: f64, chunk: usize) -> Vec<[f32; N_CQT]> {
    let mut out: Vec<[f32; N_CQT]> = Vec::new();
    let mut counts = [0; N_OCTAVES];
    let mut sink = |octave: usize, start: usize, responses: &[Taps]| {
        out.resize(out.len().max(start + responses.len()), [0.0; N_CQT]);
        assert_eq!(counts[octave], start, "frames come in order");
        counts[octave] += responses.len();
        for (frame, r) in out[start..].iter_mut().zip(responses) {
            let first = N_CQT - N_OCTAVE * (octave + 1);
            for (x, r) in frame[first..].iter_mut().zip(&r[..N_OCTAVE]) {
                *x = (f64::from(*r) / LIFT) as f32;
            }
        }
    };
    let mut cqt = Cqt::default();
    cqt.start(Arc::new(CqtPlan::new(recipe, rate, tuning).unwrap()));
    x.chunks(chunk).for_each(|c| cqt.push(c, &mut sink));
    cqt.finish(&mut sink);
    let n = *counts.iter().min().unwrap();
    out.truncate(n);
    out
}

/// One frame's magnitudes for one octave's filters, straight from the definition: the filter's spectrum without its
/// smallest values, times the conjugate spectrum of the frame.
fn respond_by_definition(
    y: &[f64],
    hop: usize,
    t: usize,
    rate: f64,
    hz: f64,
    n_fft: usize,
    quality: f64,
) -> f64 {
    let length = quality * rate / hz;
    let n = length.ceil() as usize;
    let whole = length.floor();
    let mut filter = vec![Complex64::default(); n_fft];
    let left = (n_fft - n) / 2;
    for i in 0..n {
        let w = if (i as f64) < whole {
            0.5 - 0.5 * (2.0 * PI * i as f64 / whole).cos()
        } else {
            0.0
        };
        filter[left + i] = Complex64::from_polar(w, 2.0 * PI * i as f64 * hz / rate);
    }
    let norm: f64 = filter.iter().map(|f| f.norm()).sum();
    let dft = |x: &dyn Fn(usize) -> Complex64, k: usize| -> Complex64 {
        (0..n_fft)
            .map(|i| x(i) * Complex64::from_polar(1.0, -2.0 * PI * (i * k % n_fft) as f64 / n_fft as f64))
            .sum()
    };
    let spectrum: Vec<Complex64> = (0..=n_fft / 2)
        .map(|k| dft(&|i| filter[i] / norm * length / n_fft as f64, k))
        .collect();
    let mut order: Vec<usize> = (0..spectrum.len()).collect();
    order.sort_by(|a, b| spectrum[*a].norm().total_cmp(&spectrum[*b].norm()));
    let total: f64 = spectrum.iter().map(|s| s.norm()).sum();
    let mut running = 0.0;
    let last = y.len() as i64 - 1;
    let at = |mut i: i64| {
        while !(0..=last).contains(&i) {
            i = if i < 0 { -i } else { 2 * last - i };
        }
        y[i as usize]
    };
    let mut sum = Complex64::default();
    for k in order {
        running += spectrum[k].norm() / total;
        if running >= 0.01 {
            let start = (t * hop) as i64 - n_fft as i64 / 2;
            sum += spectrum[k] * dft(&|i| at(start + i as i64).into(), k).conj();
        }
    }
    sum.norm()
}

#[test]
fn every_octave_equals_the_definition() {
    let mut noise = Noise(21);
    // Early halving, none, and the slow branch for rates near the highest band.
    for (rate, early) in [(44_100u32, 2), (22_050, 1), (9_000, 1)] {
        let x: Vec<f32> = (0..rate / 4).map(|_| noise.sample() as f32).collect();
        let tuning = 0.13;
        let got = streamed(Recipe::Fma, &x, rate, tuning, 3000);
        let slow_branch = rate == 9_000;
        let mut y: Vec<f64> = x.iter().map(|v| f64::from(*v)).collect();
        let halve = |y: &[f64], gain: f64| -> Vec<f64> {
            let single: Vec<f32> = y.iter().map(|v| *v as f32).collect();
            let mut z: Vec<f64> = resampy(&single, 0.5).iter().map(|v| v * gain).collect();
            z.resize(y.len().div_ceil(2), 0.0);
            z
        };
        if early == 2 {
            y = halve(&y, 2f64.sqrt());
        }
        let effective = f64::from(rate) / f64::from(early);
        let quality = 1.0 / (2f64.powf(1.0 / 12.0) - 1.0);
        let bin_hz = |bin: usize| 440.0 * 2f64.powf((24.0 - 69.0 + bin as f64 + tuning) / 12.0);
        let mut hop = HOP_LENGTH / early as usize;
        for octave in 0..N_OCTAVES {
            let first = N_CQT - N_OCTAVE * (octave + 1);
            // Filters of the octave that the signal's rate stands for: those of the first, or second, are used again.
            let like = if slow_branch { octave.min(1) } else { 0 };
            if octave > like {
                y = halve(&y, 2.0);
                hop /= 2;
            }
            let low = N_CQT - N_OCTAVE * (like + 1);
            let n_fft = ((quality * effective / bin_hz(low)).ceil() as usize).next_power_of_two();
            for k in [0, 5, 11] {
                let length = quality * effective / bin_hz(first + k);
                for t in [0, 1, got.len() / 2, got.len() - 1] {
                    let want = respond_by_definition(&y, hop, t, effective, bin_hz(low + k), n_fft, quality)
                        / length.sqrt();
                    let g = f64::from(got[t][first + k]);
                    assert!(
                        (g - want).abs() < 3e-6 + 1e-4 * want,
                        "{rate} octave {octave} bin {k} frame {t}: {g} {want}"
                    );
                }
            }
        }
    }
}

#[test]
fn magnitudes_equal_librosa_0_5_0() {
    let signals = signals();
    let mut n = 0;
    for (name, stage, t, want) in stages() {
        if stage != "cqt" {
            continue;
        }
        let (_, rate, x) = signals.iter().find(|s| s.0 == name).unwrap();
        let tuning = stages()
            .into_iter()
            .find(|s| s.0 == name && s.1 == "tuning")
            .unwrap()
            .3[0];
        let got = streamed(Recipe::Fma, x, *rate, tuning, 8192);
        for (bin, (g, w)) in got[t].iter().zip(&want).enumerate() {
            assert!(
                (f64::from(*g) - w).abs() < 2e-6 + 1e-5 * w,
                "{name} frame {t} bin {bin}: {g} instead of {w}"
            );
        }
        n += 1;
    }
    assert_eq!(n, 9);
}

#[test]
fn any_chunking_gives_the_same_bits() {
    let mut noise = Noise(4);
    let x: Vec<f32> = (0..30_001).map(|_| noise.sample() as f32).collect();
    for recipe in Recipe::ALL {
        let want = streamed(recipe, &x, 22_050, 0.0, x.len());
        assert_eq!(want.len(), 1 + x.len() / HOP_LENGTH);
        for chunk in [1152, 8192] {
            assert!(
                streamed(recipe, &x, 22_050, 0.0, chunk) == want,
                "{recipe} {chunk}"
            );
        }
    }
}

#[test]
fn tones_are_largest_in_their_own_bin() {
    for recipe in Recipe::ALL {
        for (midi, bin) in [(69, 45), (36, 12), (100, 76)] {
            let hz = 440.0 * 2f64.powf((f64::from(midi) - 69.0) / 12.0);
            let x: Vec<f32> = (0..44_100)
                .map(|i| (2.0 * PI * hz * f64::from(i) / 22_050.0).sin() as f32)
                .collect();
            let frames = streamed(recipe, &x, 22_050, 0.0, 8192);
            let middle = &frames[frames.len() / 2];
            let largest = (0..N_CQT)
                .max_by(|a, b| middle[*a].total_cmp(&middle[*b]))
                .unwrap();
            assert_eq!(largest, bin, "{recipe} {hz} Hz");
        }
    }
}

#[test]
fn rates_below_the_highest_band_are_refused() {
    for recipe in Recipe::ALL {
        assert!(matches!(
            CqtPlan::new(recipe, 8000, 0.0),
            Err(Error::RateTooLow {
                sample_rate: 8000,
                ..
            })
        ));
        assert!(CqtPlan::new(recipe, 8400, 0.0).is_ok());
    }
}

/// Powers of two round nothing, so a sound of 1e-18 has the magnitudes of the loud one, although their squares are beyond single
/// precision.
#[test]
fn faint_sounds_keep_their_magnitudes() {
    let mut noise = Noise(31);
    let loud: Vec<f32> = (0..20_000).map(|_| noise.sample() as f32).collect();
    let factor = 2f32.powi(-60);
    let faint: Vec<f32> = loud.iter().map(|x| x * factor).collect();
    for recipe in Recipe::ALL {
        let want = streamed(recipe, &loud, 22_050, 0.0, 8192);
        let got = streamed(recipe, &faint, 22_050, 0.0, 8192);
        for (t, (g, w)) in got.iter().zip(&want).enumerate() {
            assert_eq!(g.map(|x| x / factor), *w, "{recipe} frame {t}");
        }
    }
}
