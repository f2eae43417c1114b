//! Decimation against resampy's table, and the filters' bands.

use std::f64::consts::PI;

use super::*;
use crate::test_signals::noise;

/// resampy 0.1.5's algorithm with its table and interpolation, in double precision, for any ratio <= 1.
pub(crate) fn resampy(x: &[f32], ratio: f64) -> Vec<f64> {
    let n_table = FAST_ZEROS * FAST_PRECISION + 1;
    let win: Vec<f64> = (0..n_table)
        .map(|i| {
            let t = i as f64 / FAST_PRECISION as f64;
            let taper = kaiser(t, FAST_ZEROS as f64, FAST_BETA);
            taper * FAST_ROLLOFF * sinc(FAST_ROLLOFF * t) * ratio
        })
        .collect();
    let n_out = (x.len() as f64 * ratio) as usize;
    let step = (ratio * FAST_PRECISION as f64) as usize;
    let mut time = 0.0;
    let mut out = Vec::new();
    for _ in 0..n_out {
        let n = time as usize;
        let mut y = 0.0;
        let frac = ratio * (time - n as f64);
        let at = |position: f64, i: usize| {
            let offset = position as usize;
            let eta = position - offset as f64;
            let j = offset + i * step;
            win[j] + eta * (win.get(j + 1).map_or(0.0, |w| w - win[j]))
        };
        let position = frac * FAST_PRECISION as f64;
        let n_left = (n + 1).min((n_table - position as usize) / step);
        for i in 0..n_left {
            y += at(position, i) * f64::from(x[n - i]);
        }
        let position = (ratio - frac) * FAST_PRECISION as f64;
        let limit = x.len() as i64 - (n_left as i64 - 1) - n as i64 + 1;
        let n_right = limit.min(((n_table - position as usize) / step) as i64).max(0) as usize;
        for i in 0..n_right {
            // The original reads past the end of signals shorter than its filter; what lies there counts as zero.
            y += at(position, i) * f64::from(x.get(n + i + 1).copied().unwrap_or(0.0));
        }
        out.push(y);
        time += 1.0 / ratio;
    }
    out
}

#[test]
fn decimation_equals_the_interpolated_table() {
    for factor in [2, 4, 8] {
        for n in [2, 3, 40, 63, 64, 500, 5001] {
            let x = noise(n, 11);
            let mut want = resampy(&x, 1.0 / factor as f64);
            want.resize(n.div_ceil(factor), 0.0);
            for chunk in [1, 100, 5001] {
                let mut d = Decimator::kaiser_fast(factor, 3.0);
                let mut got = Vec::new();
                d.push(&[7.0; 300], &mut got);
                d.reset();
                got.clear();
                x.chunks(chunk).for_each(|c| d.push(c, &mut got));
                d.finish(&mut got);
                assert_eq!(got.len(), want.len());
                for (t, (g, w)) in got.iter().zip(&want).enumerate() {
                    assert!(
                        (f64::from(*g) - 3.0 * w).abs() < 3e-6,
                        "{factor} n {n} chunk {chunk} t {t}: {g} {w}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_half_band_filter_keeps_its_band_and_empties_the_mirrored_one() {
    for edge in [0.03, 0.115, 0.125] {
        for (hz, want) in [
            (0.0, 1.0),
            (0.5 * edge, 1.0),
            (edge, 1.0),
            (0.5 - edge, 0.0),
            (0.5, 0.0),
        ] {
            let x: Vec<f32> = (0..4000)
                .map(|i| (2.0 * PI * hz * f64::from(i)).cos() as f32)
                .collect();
            let (mut d, mut y) = (Decimator::half_band(edge), Vec::new());
            d.push(&x, &mut y);
            d.finish(&mut y);
            let peak = y[100..1900].iter().fold(0.0f32, |m, y| m.max(y.abs()));
            assert!((f64::from(peak) - want).abs() < 1e-4, "{edge} {hz}: {peak}");
        }
    }
}
