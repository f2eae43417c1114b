use std::f64::consts::LN_10;

use serde::{Deserialize, Serialize};

use super::counts::{margins, statistic};
use super::resample::{Permutation, shuffled_table};
use crate::distributions::{Hypergeometric, ln_chi_squared_sf};
use crate::multiple::holm_log10;

/// What a cell must be expected to hold for the chi-squared distribution to serve (Cochran 1952).
const FEW: f64 = 5.0;

/// Tables that are drawn where cells are expected to hold too few.
pub const N_RANDOM_TABLES: usize = 9_999;

/// Pearson's chi-squared test of independence on a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContingencyTest {
    /// What the rows are. Rows and columns without any count are left out.
    pub rows: Vec<String>,
    /// What the columns are.
    pub columns: Vec<String>,
    /// The counts, by rows.
    pub observed: Vec<Vec<u64>>,
    /// The counts that independence would lead to expect.
    pub expected: Vec<Vec<f64>>,
    /// Adjusted standardised residuals: (observed - expected) / sqrt(expected (1 - row share) (1 - column share)); near
    /// standard normal where rows and columns are independent (Agresti, Categorical Data Analysis, 3.3.1).
    pub residuals: Vec<Vec<f64>>,
    /// log10 of the two-sided p-values of the cells, corrected after Holm for their number: of `residuals`, or where a cell, its
    /// row, its column or the rest is expected to hold fewer than five, by Fisher's exact test.
    pub residuals_log10_p_holm: Vec<Vec<f64>>,
    /// All counts together.
    pub n: u64,
    /// The sum of (observed - expected)² / expected, without Yates' correction.
    pub statistic: f64,
    /// (rows - 1) (columns - 1).
    pub dof: u64,
    /// The p-value by the chi-squared distribution, which is far off where cells are expected to hold few; 0 where it is less than
    /// the least positive double.
    pub p: f64,
    /// Its decimal logarithm, which never underflows.
    pub log10_p: f64,
    /// Random tables with the same sums of rows and columns, where a cell is expected to hold fewer than five; `null` elsewhere.
    pub monte_carlo: Option<Permutation>,
    /// Cramér's V: sqrt(statistic / (n (min(rows, columns) - 1))), 1 for a complete dependence and above 0 by chance alone.
    pub cramers_v: f64,
    /// Cells that are expected to hold fewer than five.
    pub n_expected_below_5: u64,
    /// What to beware of; `null` where nothing is.
    pub warning: Option<String>,
}

/// Tests whether the rows and columns of `counts` are independent.
///
/// `counts[row][column]`. Rows and columns that are empty throughout are left out. `None` where fewer than two rows or
/// columns are left.
///
/// `seed`: of the [`N_RANDOM_TABLES`] tables that are drawn where a cell is expected to hold fewer than five.
///
/// Source: Pearson (1900); the figures of `scipy.stats.chi2_contingency(counts, correction=False)`, the residuals of
/// statsmodels' `Table.standardized_resids`.
pub fn contingency_test(
    rows: &[String],
    columns: &[String],
    counts: &[Vec<u64>],
    seed: u64,
) -> Option<ContingencyTest> {
    let row_kept: Vec<usize> = (0..rows.len())
        .filter(|&r| counts[r].iter().any(|&n| n > 0))
        .collect();
    let column_kept: Vec<usize> = (0..columns.len())
        .filter(|&c| counts.iter().any(|row| row[c] > 0))
        .collect();
    if row_kept.len() < 2 || column_kept.len() < 2 {
        return None;
    }
    let observed: Vec<Vec<u64>> = row_kept
        .iter()
        .map(|&r| column_kept.iter().map(|&c| counts[r][c]).collect())
        .collect();
    let (row_sums, column_sums, n) = margins(&observed);
    let expected: Vec<Vec<f64>> = row_sums
        .iter()
        .map(|&row| column_sums.iter().map(|&column| row * column / n).collect())
        .collect();
    let statistic = statistic(&observed);
    let smaller = (row_kept.len().min(column_kept.len()) - 1) as f64;
    let dof = (row_kept.len() as u64 - 1) * (column_kept.len() as u64 - 1);
    let log10_p = ln_chi_squared_sf(statistic, dof) / LN_10;
    let residuals: Vec<Vec<f64>> = (0..row_kept.len())
        .map(|r| {
            (0..column_kept.len())
                .map(|c| {
                    let spread = expected[r][c] * (1.0 - row_sums[r] / n) * (1.0 - column_sums[c] / n);
                    (observed[r][c] as f64 - expected[r][c]) / spread.sqrt()
                })
                .collect()
        })
        .collect();
    let of_cell = |(r, c): (usize, usize)| {
        let (row, column) = (row_sums[r], column_sums[c]);
        let least = row.min(n - row) * column.min(n - column) / n;
        let ln_p = if least < FEW {
            let cell = Hypergeometric {
                n_good: column as u64,
                n_bad: (n - column) as u64,
                n_drawn: row as u64,
            };
            cell.ln_two_sided(observed[r][c])
        } else {
            ln_chi_squared_sf(residuals[r][c].powi(2), 1)
        };
        ln_p / LN_10
    };
    let n_columns = column_kept.len();
    let of_residuals: Vec<f64> = (0..row_kept.len() * n_columns)
        .map(|cell| of_cell((cell / n_columns, cell % n_columns)))
        .collect();
    let corrected = holm_log10(&of_residuals);
    let n_below = expected
        .iter()
        .flatten()
        .filter(|&&expected| expected < FEW)
        .count() as u64;
    Some(ContingencyTest {
        rows: row_kept.iter().map(|&r| rows[r].clone()).collect(),
        columns: column_kept.iter().map(|&c| columns[c].clone()).collect(),
        residuals_log10_p_holm: corrected.chunks(column_kept.len()).map(<[f64]>::to_vec).collect(),
        warning: (n_below > 0).then(|| {
            format!(
                "{n_below} of {} cells are expected to hold fewer than five, so that p is that of {N_RANDOM_TABLES} random tables \
                 with the same sums.",
                residuals.len() * n_columns
            )
        }),
        monte_carlo: if n_below > 0 {
            shuffled_table(&observed, N_RANDOM_TABLES, seed)
        } else {
            None
        },
        observed,
        expected,
        residuals,
        n: n as u64,
        statistic,
        dof,
        p: 10_f64.powf(log10_p),
        log10_p,
        cramers_v: (statistic / (n * smaller)).sqrt().min(1.0),
        n_expected_below_5: n_below,
    })
}

impl ContingencyTest {
    /// log10 of the p-value to go by: that of random tables where there are any, else that of the chi-squared distribution.
    pub fn log10_p_to_go_by(&self) -> f64 {
        self.monte_carlo
            .as_ref()
            .map_or(self.log10_p, |random| random.log10_p)
    }
}
