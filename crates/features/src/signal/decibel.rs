//! Power to decibels, with a fast logarithm.

use multiversion::multiversion;

/// Smallest power that is told from silence.
pub(crate) const A_MIN: f32 = 1e-10;

/// Decibels of silence, `10 log10(1e-10)`.
pub(crate) const SILENCE_DB: f32 = -100.0;

/// The same in the `librosa` recipe: numpy's single-precision logarithm (2.4, with AVX-512) misses -10 by a step.
pub(crate) const SILENCE_DB_LIBROSA: f32 = -100.000_01;

/// Range below the loudest value, in dB.
pub(crate) const TOP_DB: f32 = 80.0;

/// `10 log10(max(1e-10, x))` of every value, in place; exactly `silence` at and below 1e-10.
///
/// Relative error of the logarithm below 2e-7. `x` must not be NaN.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+fma", "x86_64+avx2+fma"))]
pub(crate) fn to_db(x: &mut [f32], silence: f32) {
    for x in x {
        *x = db(*x, silence);
    }
}

#[inline(always)]
fn db(x: f32, silence: f32) -> f32 {
    const DB_PER_OCTAVE: f32 = 3.010_3;
    let y = if x > A_MIN { x } else { A_MIN };
    // y = m 2^e with m in [sqrt(1/2), sqrt(2)): the offset moves the cut from 1 to there.
    const SQRT_HALF_BITS: u32 = 0x3f35_04f3;
    let bits = y.to_bits().wrapping_sub(SQRT_HALF_BITS);
    let e = (bits as i32 >> 23) as f32;
    let m = f32::from_bits((bits & 0x007f_ffff).wrapping_add(SQRT_HALF_BITS));
    // log2(m) = 2 / ln 2 * artanh((m - 1) / (m + 1)), as a series in z with |z| < 0.172.
    let z = (m - 1.0) / (m + 1.0);
    let q = z * z;
    let series = ((q * (2.0 / 9.0) + 2.0 / 7.0) * q + 2.0 / 5.0) * q + 2.0 / 3.0;
    let ln = 2.0 * z + z * q * series;
    let out = DB_PER_OCTAVE * (e + ln * std::f32::consts::LOG2_E);
    if x > A_MIN { out } else { silence }
}

/// Decibels of a matrix, limited to 80 dB below its loudest value. Source: librosa 0.5.0, `core/spectrum.py`,
/// `power_to_db` with its defaults (`ref=1`, `amin=1e-10`, `top_db=80`).
pub(crate) fn power_to_db(rows: &mut [Vec<f32>]) {
    let mut loudest = f32::NEG_INFINITY;
    for row in rows.iter_mut() {
        to_db(row, SILENCE_DB);
        loudest = row.iter().fold(loudest, |m, x| m.max(*x));
    }
    for row in rows {
        row.iter_mut().for_each(|x| *x = x.max(loudest - TOP_DB));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_logarithm_equals_the_slow_one() {
        let mut x: Vec<f32> = (0..200_000)
            .map(|i| 1e-10 * 1.000_4f32.powi(i))
            .filter(|x| x.is_finite())
            .collect();
        x.extend([1.0, 2.0, 0.5, std::f32::consts::SQRT_2, f32::MAX, 1e30]);
        let mut got = x.clone();
        to_db(&mut got, SILENCE_DB);
        for (x, g) in x.iter().zip(got) {
            let want = 10.0 * f64::from(x.max(1e-10)).log10();
            assert!(
                (f64::from(g) - want).abs() <= 3e-7 * want.abs() + 2e-6,
                "{x}: {g} instead of {want}"
            );
        }
        let mut low = [0.0, 1e-10, 1e-30, 1.0];
        to_db(&mut low, SILENCE_DB_LIBROSA);
        assert_eq!(
            low.map(f64::from),
            [[-100.000_007_629_394_53; 3].as_slice(), &[0.0]].concat()[..]
        );
    }

    #[test]
    fn the_range_is_limited_below_the_loudest_of_all_rows() {
        let mut rows = vec![vec![1.0, 1e-9], vec![100.0, 0.0]];
        power_to_db(&mut rows);
        assert_eq!(rows[0][1], -60.0);
        assert_eq!(rows[1][1], -60.0);
        assert!((rows[1][0] - 20.0).abs() < 1e-5);
    }
}
