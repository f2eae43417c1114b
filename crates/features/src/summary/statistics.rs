//! The seven statistics of a row over its frames, rounded as the reference rounds them.

use multiversion::multiversion;

use crate::recipe::Recipe;
use crate::summary::columns::{Family, Statistic};
use crate::summary::sums::{Order, Real};

/// How the moments of a (nearly) constant row are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConstantRow {
    /// Skewness 0 and kurtosis -3 if the variance is exactly zero (scipy 0.19).
    Zero,
    /// Not a number if the variance is within rounding of zero, as seen from the mean (scipy 1.9 and later).
    NotANumber,
}

/// The arithmetic in which the reference takes the statistics of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arithmetic {
    /// Rows, sums and powers in single precision; in double otherwise.
    is_single: bool,
    order: Order,
    constant: ConstantRow,
}

impl Arithmetic {
    /// That of a recipe's reference.
    ///
    /// librosa 0.5.0 with numpy 1.12 has every family in double precision and in rows. Of librosa 0.11 with numpy 2.4 these are
    /// type and memory layout of the arrays that it returns, at any number of frames.
    pub(crate) fn of(recipe: Recipe, family: Family) -> Self {
        let (is_single, order) = match (recipe, family) {
            (Recipe::Fma, _) => (false, Order::Pairwise),
            (Recipe::Librosa, Family::ChromaCens | Family::Mfcc | Family::Rmse) => (true, Order::Pairwise),
            (Recipe::Librosa, Family::ChromaCqt | Family::ChromaStft) => (true, Order::InTurn),
            (Recipe::Librosa, Family::Tonnetz) => (false, Order::InTurn),
            (Recipe::Librosa, _) => (false, Order::Pairwise),
        };
        Self {
            is_single,
            order,
            constant: match recipe {
                Recipe::Fma => ConstantRow::Zero,
                Recipe::Librosa => ConstantRow::NotANumber,
            },
        }
    }
}

/// Buffers that are reused from row to row.
#[derive(Default)]
pub(crate) struct Scratch {
    row: Vec<f32>,
    single: Buffers<f32>,
    double: Buffers<f64>,
}

#[derive(Default)]
struct Buffers<T: Real> {
    powers: Powers<T>,
    keys: Vec<T::Key>,
}

/// Powers of the deviations from the mean.
#[derive(Default)]
struct Powers<T> {
    squares: Vec<T>,
    cubes: Vec<T>,
    fourths: Vec<T>,
}

/// Kurtosis, maximum, mean, median, minimum, skewness and standard deviation of `row`, in the order of
/// [`Statistic::ALL`]. An empty row gives NaN throughout.
///
/// Source: numpy `mean`, `std`, `median`, `min`, `max` and scipy, `stats/stats.py`, `skew` and `kurtosis` with their defaults
/// (population moments, Fisher), of the versions that `arithmetic` stands for. Sums are numpy's, so that a row that differs from
/// a constant in its last bits only gives what it gives there: in single precision the mean of a constant can miss it.
pub(crate) fn statistics(row: &[f64], arithmetic: Arithmetic, scratch: &mut Scratch) -> [f64; 7] {
    if row.is_empty() {
        return [f64::NAN; Statistic::ALL.len()];
    }
    if !arithmetic.is_single {
        return all_seven(row, arithmetic, &mut scratch.double);
    }
    scratch.row.clear();
    scratch.row.extend(row.iter().map(|x| *x as f32));
    all_seven(&scratch.row, arithmetic, &mut scratch.single)
}

fn all_seven<T: Real>(row: &[T], arithmetic: Arithmetic, buffers: &mut Buffers<T>) -> [f64; 7] {
    let count = T::count(row.len());
    let mean_of = |x: &[T]| arithmetic.order.sum(x) / count;
    let mean = mean_of(row);
    let powers = &mut buffers.powers;
    let (min, max) = raise(row, mean, powers);
    let m2 = mean_of(&powers.squares);
    let m3 = mean_of(&powers.cubes);
    let m4 = mean_of(&powers.fourths);
    let within = T::EPSILON * mean;
    let (skew, kurtosis) = match arithmetic.constant {
        ConstantRow::Zero if m2 == T::ZERO => (0.0, -3.0),
        ConstantRow::NotANumber if m2 <= within * within => (f64::NAN, f64::NAN),
        _ => (
            (m3 / m2.to_three_halves()).wide(),
            (m4 / (m2 * m2) - T::count(3)).wide(),
        ),
    };
    let median = median(row, &mut buffers.keys);
    let std = m2.root();
    [
        kurtosis,
        max.wide(),
        mean.wide(),
        median.wide(),
        min.wide(),
        skew,
        std.wide(),
    ]
}

/// Powers of the deviations from the mean; returns minimum and maximum.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2", "x86_64+avx2"))]
fn raise<T: Real>(row: &[T], mean: T, powers: &mut Powers<T>) -> (T, T) {
    for v in [&mut powers.squares, &mut powers.cubes, &mut powers.fourths] {
        v.resize(row.len(), T::ZERO);
    }
    let (squares, cubes, fourths) = (
        &mut powers.squares[..row.len()],
        &mut powers.cubes[..row.len()],
        &mut powers.fourths[..row.len()],
    );
    for i in 0..row.len() {
        let d = row[i] - mean;
        let q = d * d;
        squares[i] = q;
        cubes[i] = q * d;
        fourths[i] = q * q;
    }
    let (mut min, mut max) = ([T::INFINITY; 8], [T::INFINITY.negative(); 8]);
    for part in row.chunks(8) {
        for (l, x) in part.iter().enumerate() {
            min[l] = if *x < min[l] { *x } else { min[l] };
            max[l] = if *x > max[l] { *x } else { max[l] };
        }
    }
    (
        min.into_iter()
            .fold(T::INFINITY, |a, b| if b < a { b } else { a }),
        max.into_iter()
            .fold(T::INFINITY.negative(), |a, b| if b > a { b } else { a }),
    )
}

/// Median by selection on integer keys that order like the values.
fn median<T: Real>(row: &[T], keys: &mut Vec<T::Key>) -> T {
    keys.clear();
    keys.extend(row.iter().map(|x| x.to_key()));
    let n = keys.len();
    let (low, mid, _) = keys.select_nth_unstable(n / 2);
    let mid = T::from_key(*mid);
    if n % 2 == 1 {
        return mid;
    }
    let other = low.iter().copied().max().map_or(mid, T::from_key);
    (other + mid) / T::count(2)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const FMA: Arithmetic = Arithmetic {
        is_single: false,
        order: Order::Pairwise,
        constant: ConstantRow::Zero,
    };

    fn of(row: &[f64]) -> [f64; 7] {
        statistics(row, FMA, &mut Scratch::default())
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
        let centroid = Arithmetic::of(Recipe::Librosa, Family::SpectralCentroid);
        let now = statistics(&[0.1; 10], centroid, &mut Scratch::default());
        assert!(now[0].is_nan() && now[5].is_nan() && now[2] == 0.1);
    }

    /// Rows of noise, and constants, at many lengths: numpy's and scipy's statistics of single-precision arrays in both layouts.
    #[test]
    fn single_precision_equals_numpy_and_scipy() {
        let text = std::fs::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/data/librosa_statistics.csv"
        ))
        .unwrap();
        let mut scratch = Scratch::default();
        let (mut n_compared, mut n_missed) = (0, 0);
        for line in text.lines() {
            let fields: Vec<&str> = line.split(',').collect();
            let number = |i: usize| fields[i].parse::<f32>().unwrap();
            let (n, spread, offset) = (number(1) as usize, number(2), number(3));
            let row: Vec<f64> = crate::test_signals::noise(n, 21)
                .iter()
                .map(|x| f64::from(*x * spread + offset))
                .collect();
            let family = match fields[0] {
                "C" => Family::Mfcc,
                _ => Family::ChromaCqt,
            };
            let got = statistics(&row, Arithmetic::of(Recipe::Librosa, family), &mut scratch);
            for (s, g) in Statistic::ALL.iter().zip(got) {
                let w = f64::from(number(4 + *s as usize));
                let close = match s {
                    // numpy's power is not rounded to the nearest number.
                    Statistic::Skew | Statistic::Kurtosis => (g - w).abs() <= 3e-7 * (1.0 + w.abs()),
                    _ => g == w,
                };
                assert!(
                    close || (g.is_nan() && w.is_nan()),
                    "{line}: {s:?} {g} instead of {w}"
                );
            }
            n_compared += 1;
            n_missed += usize::from(spread == 0.0 && got[6] != 0.0);
        }
        assert!(n_compared > 150 && n_missed > 10, "{n_compared} {n_missed}");
    }

    /// Constants at all lengths up to 2000: where numpy's mean misses them by so much that scipy gives a skewness.
    #[test]
    fn constants_have_a_skewness_where_numpy_misses_their_mean() {
        let text = std::fs::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/data/librosa_constants.csv"
        ))
        .unwrap();
        let (mut scratch, mut n_numbers) = (Scratch::default(), 0);
        for line in text.lines() {
            let fields: Vec<&str> = line.split(',').collect();
            let constant = f64::from(fields[1].parse::<f32>().unwrap());
            let family = match fields[0] {
                "C" => Family::Mfcc,
                _ => Family::ChromaCqt,
            };
            let mut want = [f64::NAN; 2001];
            for run in &fields[2..] {
                let (lengths, skew) = run.split_once(':').unwrap();
                let (first, last) = lengths.split_once('-').unwrap();
                want[first.parse().unwrap()..=last.parse().unwrap()].fill(skew.parse().unwrap());
            }
            for (n, w) in want.iter().enumerate().skip(1) {
                let got = statistics(
                    &vec![constant; n],
                    Arithmetic::of(Recipe::Librosa, family),
                    &mut scratch,
                );
                assert!(
                    (got[5] - w).abs() < 1e-5 || (got[5].is_nan() && w.is_nan()),
                    "{line:.30} {n}: {} instead of {w}",
                    got[5]
                );
                n_numbers += usize::from(!w.is_nan());
            }
        }
        assert!(n_numbers > 1000, "{n_numbers}");
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
