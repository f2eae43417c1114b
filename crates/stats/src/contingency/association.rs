//! How strongly rows and columns depend on each other, with groups as what is independent.

use serde::{Deserialize, Serialize};

use super::counts::statistic;
use super::resample::{Permutation, Unit, add};
use crate::distributions::noncentrality;

/// Cramér's V of a table, with what chance alone gives taken off, and its interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Association {
    /// Things counted in the table.
    pub n: u64,
    /// Cramér's V as it is counted: above 0 by chance alone.
    pub cramers_v: f64,
    /// Cramér's V of which what shuffled units give on average is taken off (Bergsma 2013).
    pub corrected: f64,
    /// The lower end of the 95 % interval of the true V.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Cramér's V, as it is counted, of the median shuffle: what no dependence at all would look like.
    pub shuffled: f64,
}

/// Cramér's V of the table that the units make together; `shuffled`: the units' [`permutation_test`](super::permutation_test)
/// of the whole table.
///
/// With `m` the mean and `s²` the variance of Pearson's statistic X² over shuffles of the units, whose `n` things fill `r` rows
/// and `c` columns:
///
/// - X² is near `a` times a noncentral chi-squared variable of `d` degrees of freedom, where `d = min(2 m² / s², (r - 1)(c - 1))`
///   and `a = m / d`: Rao's and Scott's correction of the second order, with its two moments from the shuffles;
/// - the correction takes `m / n` off X² / n, which is Bergsma's `(r - 1)(c - 1) / (n - 1)` where every unit is one thing;
/// - the interval is that of the noncentrality (Steiger 2004), so that the corrected V is always inside;
/// - all three are divided by Bergsma's corrected number of rows or columns.
///
/// `None` where the units fill fewer than two rows or columns.
///
/// Source: W. Bergsma (2013), "A bias-correction for Cramér's V and Tschuprow's T"; J. N. K. Rao and A. J. Scott (1981), "The
/// analysis of categorical data from complex sample surveys"; coverage: `scripts/coverage_cramers_v.py`.
pub fn association(units: &[Unit], n_rows: usize, shuffled: &Permutation) -> Option<Association> {
    let mut table = vec![vec![0; units.first()?.counts.len()]; n_rows];
    for unit in units {
        add(&mut table[unit.row], &unit.counts);
    }
    association_of_table(&table, shuffled)
}

/// [`association`] of a table of single things; `shuffled`: [`shuffled_table`](super::shuffled_table).
pub fn association_of_table(table: &[Vec<u64>], shuffled: &Permutation) -> Option<Association> {
    let rows = table.iter().filter(|row| row.iter().any(|&n| n > 0)).count() as f64;
    let n_columns = table.first().map_or(0, Vec::len);
    let columns = (0..n_columns)
        .filter(|&c| table.iter().any(|row| row[c] > 0))
        .count() as f64;
    if rows < 2.0 || columns < 2.0 {
        return None;
    }
    let n = table.iter().flatten().sum::<u64>();
    let (things, observed) = (n as f64, statistic(table));
    let (mean, variance) = (shuffled.mean_statistic, shuffled.variance_statistic);
    let of_table = (rows - 1.0) * (columns - 1.0);
    let dof = if variance > 0.0 {
        of_table.min(2.0 * mean * mean / variance)
    } else {
        of_table
    };
    // Without any chance in the shuffles there is nothing to take off, and nothing to tell how sure V is.
    if mean <= 0.0 || dof <= 0.0 {
        return None;
    }
    let scale = mean / dof;
    let (low, high) = noncentrality(observed / scale, dof, 0.95);
    let smaller = rows.min(columns) - 1.0;
    let corrected_smaller = {
        let of = |k: f64| k - 1.0 - (k - 1.0).powi(2) * mean / things / of_table;
        of(rows).min(of(columns))
    };
    let corrected = |chi_squared: f64| {
        let phi_squared = chi_squared.max(0.0) / things;
        if phi_squared == 0.0 {
            0.0
        } else if phi_squared < corrected_smaller {
            (phi_squared / corrected_smaller).sqrt()
        } else {
            1.0
        }
    };
    let plain = |chi_squared: f64| (chi_squared / things / smaller).sqrt().min(1.0);
    Some(Association {
        n,
        cramers_v: plain(observed),
        corrected: corrected(observed - mean),
        low: corrected(low * scale),
        high: corrected(high * scale),
        shuffled: plain(shuffled.median_statistic),
    })
}
