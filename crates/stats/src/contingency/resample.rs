//! Tests that treat a group, such as an artist with all tracks, as one thing.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::counts::{against_others, statistic};
use crate::distributions::Hypergeometric;
use crate::quantile::{Interpolation, quantile};
use crate::rng::SeededRng;

/// A group, such as an artist, or one thing whose group is not known: a row, such as a continent, and counts by columns, such
/// as genres.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The row.
    pub row: usize,
    /// What is counted in each column.
    pub counts: Vec<u64>,
}

/// A permutation test of independence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Permutation {
    /// The things that were shuffled.
    pub n_units: u64,
    /// Shuffles.
    pub n_permutations: u64,
    /// The statistic of the data.
    pub statistic: f64,
    /// The mean of the statistic over the shuffles: what the dependence within groups alone gives.
    pub mean_statistic: f64,
    /// Its variance over the shuffles.
    pub variance_statistic: f64,
    /// Its median.
    pub median_statistic: f64,
    /// Its 0.95 quantile.
    pub q95_statistic: f64,
    /// Shuffles whose statistic is at least that of the data.
    pub n_at_least: u64,
    /// (1 + `n_at_least`) / (1 + `n_permutations`): the data count as one of the shuffles (Phipson and Smyth 2010).
    pub p: f64,
    /// log10 of the p-value; it cannot be less than that of 1 / (1 + `n_permutations`).
    pub log10_p: f64,
}

/// Shuffles the rows among the units, each with all its counts, and compares Pearson's statistic: of the whole table, and
/// for each column that of the column against all others.
///
/// Replicate `k` uses stream `k` of the seed's generator, so that the result does not depend on the number of threads.
/// `None` without units.
pub fn permutation_test(
    units: &[Unit],
    n_rows: usize,
    n_permutations: usize,
    seed: u64,
) -> Option<(Permutation, Vec<Permutation>)> {
    let n_columns = units.first()?.counts.len();
    let rows: Vec<usize> = units.iter().map(|unit| unit.row).collect();
    let of = |rows: &[usize]| {
        let mut table = vec![vec![0; n_columns]; n_rows];
        for (unit, &row) in units.iter().zip(rows) {
            add(&mut table[row], &unit.counts);
        }
        let mut statistics = vec![statistic(&table)];
        statistics.extend((0..n_columns).map(|column| statistic(&against_others(&table, column))));
        statistics
    };
    let observed = of(&rows);
    let shuffled: Vec<Vec<f64>> = (0..n_permutations as u64)
        .into_par_iter()
        .map_init(
            || rows.clone(),
            |shuffled, replicate| {
                shuffled.copy_from_slice(&rows);
                SeededRng::stream(seed, replicate).shuffle(shuffled);
                of(shuffled)
            },
        )
        .collect();
    let mut tests = (0..=n_columns).map(|k| {
        let null = shuffled.iter().map(|statistics| statistics[k]).collect();
        Permutation::new(units.len(), observed[k], null)
    });
    let whole = tests.next()?;
    Some((whole, tests.collect()))
}

impl Permutation {
    fn new(n_units: usize, observed: f64, mut null: Vec<f64>) -> Self {
        // Sums in another order may differ in their last digits: what is equal counts as equal.
        let limit = observed * (1.0 - 1e-12);
        let n_at_least = null.iter().filter(|&&value| value >= limit).count() as u64;
        null.sort_unstable_by(f64::total_cmp);
        let n = null.len().max(1) as f64;
        let mean = null.iter().sum::<f64>() / n;
        let squares = null.iter().map(|value| (value - mean).powi(2));
        let p = (1 + n_at_least) as f64 / (1 + null.len()) as f64;
        Self {
            n_units: n_units as u64,
            n_permutations: null.len() as u64,
            statistic: observed,
            mean_statistic: mean,
            variance_statistic: squares.sum::<f64>() / (n - 1.0).max(1.0),
            median_statistic: of_sorted(&null, 0.5),
            q95_statistic: of_sorted(&null, 0.95),
            n_at_least,
            p,
            log10_p: p.log10(),
        }
    }
}

/// Shuffles single things among the cells of a table with these sums of rows and columns, and compares Pearson's statistic:
/// [`permutation_test`] where every unit is one thing, drawn cell by cell, which takes the time of the table alone.
///
/// Source: R `chisq.test(simulate.p.value = TRUE)`; W. M. Patefield (1981), algorithm AS 159, for the distribution. `None` for a
/// table without anything.
pub fn shuffled_table(observed: &[Vec<u64>], n_permutations: usize, seed: u64) -> Option<Permutation> {
    let of_rows: Vec<u64> = observed.iter().map(|row| row.iter().sum()).collect();
    let n_columns = observed.first()?.len();
    let of_columns: Vec<u64> = (0..n_columns)
        .map(|column| observed.iter().map(|row| row[column]).sum())
        .collect();
    let n: u64 = of_rows.iter().sum();
    if n == 0 {
        return None;
    }
    let null = (0..n_permutations as u64)
        .into_par_iter()
        .map(|replicate| {
            // Other streams than those of shuffled units.
            let mut rng = SeededRng::stream(seed, replicate | 1 << 63);
            statistic(&random_table(&of_rows, &of_columns, &mut rng))
        })
        .collect();
    Some(Permutation::new(n as usize, statistic(observed), null))
}

/// A table of these sums in which every thing's column is as likely with every row.
fn random_table(of_rows: &[u64], of_columns: &[u64], rng: &mut SeededRng) -> Vec<Vec<u64>> {
    let mut left = of_columns.to_vec();
    let row = |&of_row: &u64| {
        let (mut n_drawn, mut n_left) = (of_row, left.iter().sum::<u64>());
        let cell = |in_column: &mut u64| {
            n_left -= *in_column;
            let drawn = Hypergeometric {
                n_good: *in_column,
                n_bad: n_left,
                n_drawn,
            }
            .draw(rng);
            *in_column -= drawn;
            n_drawn -= drawn;
            drawn
        };
        left.iter_mut().map(cell).collect()
    };
    of_rows.iter().map(row).collect()
}

pub(super) fn add(row: &mut [u64], counts: &[u64]) {
    for (cell, count) in row.iter_mut().zip(counts) {
        *cell += count;
    }
}

/// 0 without values.
fn of_sorted(values: &[f64], q: f64) -> f64 {
    quantile(values, q, Interpolation::LinearFromBelow).unwrap_or(0.0)
}
