use std::f64::consts::LN_10;

use serde::{Deserialize, Serialize};

use super::counts::{margins, statistic};
use crate::distributions::{ln_chi_squared_sf, noncentrality};
use crate::multiple::holm_log10;

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
    /// log10 of the two-sided p-values of `residuals`, corrected after Holm for the number of cells.
    pub residuals_log10_p_holm: Vec<Vec<f64>>,
    /// All counts together.
    pub n: u64,
    /// The sum of (observed - expected)² / expected, without Yates' correction.
    pub statistic: f64,
    /// (rows - 1) (columns - 1).
    pub dof: u64,
    /// The p-value; 0 where it is less than the least positive double.
    pub p: f64,
    /// The decimal logarithm of the p-value, which never underflows.
    pub log10_p: f64,
    /// Cramér's V: sqrt(statistic / (n (min(rows, columns) - 1))), 0 for no and 1 for a complete dependence.
    pub cramers_v: f64,
    /// The 95 % interval of V by the noncentral chi-squared distribution; it takes the counted things as independent.
    pub cramers_v_low: f64,
    /// Its upper end.
    pub cramers_v_high: f64,
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
/// Source: Pearson (1900); the figures of `scipy.stats.chi2_contingency(counts, correction=False)`, the residuals of
/// statsmodels' `Table.standardized_resids`.
pub fn contingency_test(rows: &[String], columns: &[String], counts: &[Vec<u64>]) -> Option<ContingencyTest> {
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
    let of_residuals: Vec<f64> = residuals
        .iter()
        .flatten()
        .map(|z| ln_chi_squared_sf(z * z, 1) / LN_10)
        .collect();
    let corrected = holm_log10(&of_residuals);
    let n_below = expected
        .iter()
        .flatten()
        .filter(|&&expected| expected < 5.0)
        .count() as u64;
    let (low, high) = noncentrality(statistic, dof, 0.95);
    let to_v = |chi_squared: f64| (chi_squared / (n * smaller)).sqrt().min(1.0);
    Some(ContingencyTest {
        rows: row_kept.iter().map(|&r| rows[r].clone()).collect(),
        columns: column_kept.iter().map(|&c| columns[c].clone()).collect(),
        residuals_log10_p_holm: corrected.chunks(column_kept.len()).map(<[f64]>::to_vec).collect(),
        warning: (n_below > 0).then(|| {
            format!(
                "{n_below} of {} cells are expected to hold fewer than five: the p-value is only roughly right there.",
                residuals.len() * column_kept.len()
            )
        }),
        observed,
        expected,
        residuals,
        n: n as u64,
        statistic,
        dof,
        p: 10_f64.powf(log10_p),
        log10_p,
        cramers_v: to_v(statistic),
        cramers_v_low: to_v(low),
        cramers_v_high: to_v(high),
        n_expected_below_5: n_below,
    })
}
