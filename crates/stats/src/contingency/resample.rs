//! Tests that treat a group, such as an artist with all tracks, as one thing.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::counts::{against_others, statistic};
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
    /// The median of the statistic over the shuffles: what the dependence within groups alone gives.
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

/// An interval of Cramér's V over resampled units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bootstrap {
    /// Resamples.
    pub n_resamples: u64,
    /// The 0.025 quantile.
    pub low: f64,
    /// The 0.975 quantile.
    pub high: f64,
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
        let p = (1 + n_at_least) as f64 / (1 + null.len()) as f64;
        Self {
            n_units: n_units as u64,
            n_permutations: null.len() as u64,
            statistic: observed,
            median_statistic: of_sorted(&null, 0.5),
            q95_statistic: of_sorted(&null, 0.95),
            n_at_least,
            p,
            log10_p: p.log10(),
        }
    }
}

/// Draws as many units as there are, with replacement, and takes the 95 % percentile interval of Cramér's V.
///
/// `None` without units.
pub fn bootstrap_cramers_v(
    units: &[Unit],
    n_rows: usize,
    n_resamples: usize,
    seed: u64,
) -> Option<Bootstrap> {
    let n_columns = units.first()?.counts.len();
    let mut values: Vec<f64> = (0..n_resamples as u64)
        .into_par_iter()
        .map(|replicate| {
            // Other streams than those of the permutations.
            let mut rng = SeededRng::stream(seed, replicate | 1 << 63);
            let mut table = vec![vec![0; n_columns]; n_rows];
            for _ in units {
                let unit = &units[rng.below(units.len())];
                add(&mut table[unit.row], &unit.counts);
            }
            cramers_v(&table)
        })
        .collect();
    values.sort_unstable_by(f64::total_cmp);
    Some(Bootstrap {
        n_resamples: n_resamples as u64,
        low: of_sorted(&values, 0.025),
        high: of_sorted(&values, 0.975),
    })
}

/// Cramér's V of a table; 0 where fewer than two rows or columns hold anything.
fn cramers_v(table: &[Vec<u64>]) -> f64 {
    let n_rows = table.iter().filter(|row| row.iter().any(|&n| n > 0)).count();
    let n_columns = (0..table[0].len())
        .filter(|&c| table.iter().any(|row| row[c] > 0))
        .count();
    let smaller = n_rows.min(n_columns);
    if smaller < 2 {
        return 0.0;
    }
    let n = table.iter().flatten().sum::<u64>() as f64;
    (statistic(table) / (n * (smaller - 1) as f64)).sqrt()
}

fn add(row: &mut [u64], counts: &[u64]) {
    for (cell, count) in row.iter_mut().zip(counts) {
        *cell += count;
    }
}

/// 0 without values.
fn of_sorted(values: &[f64], q: f64) -> f64 {
    quantile(values, q, Interpolation::LinearFromBelow).unwrap_or(0.0)
}
