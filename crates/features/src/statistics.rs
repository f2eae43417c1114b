//! The seven statistics of a row over its frames.

use multiversion::multiversion;

use crate::columns::Statistic;

/// How the moments of a (nearly) constant row are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConstantRow {
    /// Skewness 0 and kurtosis -3 if the variance is exactly zero (scipy 0.19).
    Zero,
    /// Not a number if the variance is within rounding of zero, as seen from the mean (scipy 1.9 and later).
    NotANumber,
}

/// Buffers that are reused from row to row.
#[derive(Default)]
pub(crate) struct Scratch {
    squares: Vec<f64>,
    cubes: Vec<f64>,
    fourths: Vec<f64>,
    keys: Vec<i64>,
}

/// Kurtosis, maximum, mean, median, minimum, skewness and standard deviation of `row`, in the order of
/// [`Statistic::ALL`]. An empty row gives NaN throughout.
///
/// Source: numpy 1.12 `mean`, `std`, `median`, `min`, `max` and scipy 0.19, `stats/stats.py`, `skew` and `kurtosis` with
/// their defaults (population moments, Fisher). Sums are numpy's pairwise sums, so that a row that differs from a
/// constant in its last bits only gives what it gives there.
pub(crate) fn statistics(row: &[f64], constant: ConstantRow, scratch: &mut Scratch) -> [f64; 7] {
    let n = row.len();
    if n == 0 {
        return [f64::NAN; Statistic::ALL.len()];
    }
    let count = n as f64;
    let mean = pairwise_sum(row) / count;
    let (min, max) = powers(row, mean, scratch);
    let m2 = pairwise_sum(&scratch.squares) / count;
    let m3 = pairwise_sum(&scratch.cubes) / count;
    let m4 = pairwise_sum(&scratch.fourths) / count;
    let (skew, kurtosis) = match constant {
        ConstantRow::Zero if m2 == 0.0 => (0.0, -3.0),
        ConstantRow::NotANumber if m2 <= (f64::EPSILON * mean).powi(2) => (f64::NAN, f64::NAN),
        _ => (m3 / m2.powf(1.5), m4 / (m2 * m2) - 3.0),
    };
    let median = median(row, &mut scratch.keys);
    [kurtosis, max, mean, median, min, skew, m2.sqrt()]
}

/// Powers of the deviations from the mean into `scratch`; returns minimum and maximum.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2", "x86_64+avx2"))]
fn powers(row: &[f64], mean: f64, scratch: &mut Scratch) -> (f64, f64) {
    for v in [&mut scratch.squares, &mut scratch.cubes, &mut scratch.fourths] {
        v.resize(row.len(), 0.0);
    }
    let (squares, cubes, fourths) = (
        &mut scratch.squares[..row.len()],
        &mut scratch.cubes[..row.len()],
        &mut scratch.fourths[..row.len()],
    );
    for i in 0..row.len() {
        let d = row[i] - mean;
        let q = d * d;
        squares[i] = q;
        cubes[i] = q * d;
        fourths[i] = q * q;
    }
    let (mut min, mut max) = ([f64::INFINITY; 8], [f64::NEG_INFINITY; 8]);
    for part in row.chunks(8) {
        for (l, x) in part.iter().enumerate() {
            min[l] = if *x < min[l] { *x } else { min[l] };
            max[l] = if *x > max[l] { *x } else { max[l] };
        }
    }
    (
        min.into_iter().fold(f64::INFINITY, f64::min),
        max.into_iter().fold(f64::NEG_INFINITY, f64::max),
    )
}

/// numpy's pairwise sum: halves of multiples of eight down to 128 terms, those in eight interleaved sums.
///
/// Source: numpy 1.12, `core/src/umath/loops.c.src`, `pairwise_sum_DOUBLE` (order of additions only).
pub(crate) fn pairwise_sum(x: &[f64]) -> f64 {
    let n = x.len();
    if n < 8 {
        return x.iter().fold(0.0, |s, x| s + x);
    }
    if n <= 128 {
        return block_sum(x);
    }
    let half = n / 2;
    let half = half - half % 8;
    pairwise_sum(&x[..half]) + pairwise_sum(&x[half..])
}

fn block_sum(x: &[f64]) -> f64 {
    let mut sums: [f64; 8] = std::array::from_fn(|i| x[i]);
    let mut chunks = x[8..].chunks_exact(8);
    for c in &mut chunks {
        for (s, v) in sums.iter_mut().zip(c) {
            *s += v;
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    let total = ((a + b) + (c + d)) + ((e + f) + (g + h));
    chunks.remainder().iter().fold(total, |s, v| s + v)
}

/// Median by selection on integer keys that order like the values.
fn median(row: &[f64], keys: &mut Vec<i64>) -> f64 {
    keys.clear();
    keys.extend(row.iter().map(|x| to_key(*x)));
    let n = keys.len();
    let (low, mid, _) = keys.select_nth_unstable(n / 2);
    let mid = from_key(*mid);
    if n % 2 == 1 {
        return mid;
    }
    let other = low.iter().copied().max().map_or(mid, from_key);
    (other + mid) / 2.0
}

fn to_key(x: f64) -> i64 {
    let bits = x.to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

fn from_key(key: i64) -> f64 {
    f64::from_bits((key ^ (((key >> 63) as u64) >> 1) as i64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(row: &[f64]) -> [f64; 7] {
        statistics(row, ConstantRow::Zero, &mut Scratch::default())
    }

    #[test]
    fn known_answers() {
        // Mean 5, deviations -3 -1 0 4, squares sum 26, cubes 36, fourths 338.
        let m2: f64 = 6.5;
        let got = of(&[2.0, 4.0, 9.0, 5.0]);
        let want = [
            84.5 / (m2 * m2) - 3.0,
            9.0,
            5.0,
            4.5,
            2.0,
            9.0 / m2.powf(1.5),
            m2.sqrt(),
        ];
        for (g, w) in got.iter().zip(want) {
            assert!((g - w).abs() < 1e-15, "{got:?} {want:?}");
        }
        assert_eq!(of(&[7.0; 9]), [-3.0, 7.0, 7.0, 7.0, 7.0, 0.0, 0.0]);
        assert_eq!(of(&[3.0]), [-3.0, 3.0, 3.0, 3.0, 3.0, 0.0, 0.0]);
        assert!(of(&[]).iter().all(|x| x.is_nan()));
        let now = statistics(&[0.1; 10], ConstantRow::NotANumber, &mut Scratch::default());
        assert!(now[0].is_nan() && now[5].is_nan() && now[2] == 0.1);
    }

    #[test]
    fn the_order_of_additions_is_numpys() {
        // numpy 1.12: np.sum of 0.1 * arange(n), printed by float.hex (order matters in the last bits).
        let x: Vec<f64> = (0..1000).map(|i| 0.1 * f64::from(i)).collect();
        let slow = x.iter().sum::<f64>();
        let fast = pairwise_sum(&x);
        assert!((slow - fast).abs() < 1e-8 && (fast - 49_950.0).abs() < 1e-9);
        assert_eq!(pairwise_sum(&x[..7]), x[..7].iter().sum::<f64>());
        let by_hand: f64 = {
            let s: Vec<f64> = (0..8).map(|i| x[i] + x[i + 8]).collect();
            (((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]))) + x[16]
        };
        assert_eq!(pairwise_sum(&x[..17]), by_hand);
    }

    #[test]
    fn the_median_orders_negative_values_and_zeros() {
        for (row, want) in [
            (vec![-1.0, -5.0, 3.0], -1.0),
            (vec![-1.0, -5.0, 3.0, -2.0], -1.5),
            (vec![0.0, -0.0, 1.0, -1.0], 0.0),
            (vec![-7.5], -7.5),
        ] {
            assert_eq!(of(&row)[3], want, "{row:?}");
        }
    }
}
