//! Tests of two methods on the same rows or the same folds.

use std::collections::BTreeMap;

use crate::distributions::{
    ln_binomial_half, ln_chi_squared_1, ln_two_sided_t, two_sided_normal_quantile, two_sided_t_quantile,
};
use crate::error::{Result, StatsError, check_level, same_length};
use crate::interval::{Interval, corrected_error, mean_and_variance};
use crate::p_value::PValue;

/// McNemar's test: are two methods right on equally many of the same rows?
///
/// Only the rows that one method gets right and the other wrong count. Both tests take rows for independent of each other;
/// [`mcnemar_clustered`] does not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct McNemar {
    /// Rows that both were tested on.
    pub n: u64,
    /// Rows that only the first method gets right.
    pub only_first: u64,
    /// Rows that only the second method gets right.
    pub only_second: u64,
    /// The two-sided binomial test; statsmodels: `mcnemar(exact=True)`.
    pub exact: PValue,
    /// `max(|only_first - only_second| - 1, 0)^2 / (only_first + only_second)`, 0 without such rows.
    pub chi_squared: f64,
    /// Its p-value with one degree of freedom; statsmodels: `mcnemar(exact=False, correction=True)`. Differs: with as many
    /// rows on either side the correction does not turn a difference of 0 into one of 1.
    pub corrected: PValue,
    /// The first accuracy less the second one.
    pub difference: f64,
    /// Interval of the difference (Agresti and Min 2005, "Simple improved confidence intervals for comparing matched
    /// proportions": half a row added to every cell).
    pub interval: Interval,
    /// Effect size: `only_first / only_second`, `None` where the second is never the only one.
    pub odds_ratio: Option<f64>,
    /// Effect size, Cohen's g: the first method's share of the rows that only one gets right, less one half; 0.05 is small,
    /// 0.15 medium, 0.25 large (Cohen 1988, chapter 5). `None` without such rows.
    pub cohens_g: Option<f64>,
}

/// McNemar's test of two methods' predictions of the same rows; the interval of the difference is of the level `level`.
///
/// Source: Q. McNemar (1947), "Note on the sampling error of the difference between correlated proportions or percentages";
/// A. L. Edwards (1948) for the correction; J. Cohen (1988) for g.
///
/// # Errors
/// `ShapeMismatch`, `Empty`; `InvalidParameter` for a level outside (0, 1).
pub fn mcnemar(y_true: &[usize], first: &[usize], second: &[usize], level: f64) -> Result<McNemar> {
    check_level(level)?;
    let (mut only_first, mut only_second) = (0u64, 0u64);
    for (a, b) in hits(y_true, first, second)? {
        only_first += u64::from(a && !b);
        only_second += u64::from(b && !a);
    }
    let n = y_true.len() as u64;
    let discordant = only_first + only_second;
    let fewer = only_first.min(only_second);
    let exact = if 2 * fewer == discordant {
        0.0
    } else {
        std::f64::consts::LN_2 + ln_binomial_half(fewer, discordant)
    };
    let chi_squared = if discordant == 0 {
        0.0
    } else {
        (only_first.abs_diff(only_second) as f64 - 1.0).max(0.0).powi(2) / discordant as f64
    };
    let (a, b, rows) = (only_first as f64 + 0.5, only_second as f64 + 0.5, n as f64 + 2.0);
    let centre = (a - b) / rows;
    let half = two_sided_normal_quantile(level) * (a + b - (a - b).powi(2) / rows).sqrt() / rows;
    Ok(McNemar {
        n,
        only_first,
        only_second,
        exact: PValue::from_ln(exact),
        chi_squared,
        corrected: PValue::from_ln(ln_chi_squared_1(chi_squared)),
        difference: (only_first as f64 - only_second as f64) / n as f64,
        interval: Interval {
            low: (centre - half).max(-1.0),
            high: (centre + half).min(1.0),
            level,
        },
        odds_ratio: (only_second > 0).then(|| only_first as f64 / only_second as f64),
        cohens_g: (discordant > 0).then(|| only_first as f64 / discordant as f64 - 0.5),
    })
}

/// McNemar's test for rows that come in groups, such as the tracks of an artist.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClusteredMcNemar {
    /// Groups of rows.
    pub n_groups: u64,
    /// Groups in which one method is right more often than the other.
    pub n_discordant: u64,
    /// The squared difference over its variance between groups; 0 where no group has a difference.
    pub chi_squared: f64,
    /// Two-sided: by all sign flips of the groups' differences where up to [`MAX_FLIPPED`] groups have one, else that of
    /// `chi_squared` with one degree of freedom.
    pub p: PValue,
    /// Interval of the first accuracy less the second one, with groups, not rows, as what is independent.
    pub interval: Interval,
}

/// Groups with a difference whose sign flips are all counted; 2^-1000 is still a normal double.
pub const MAX_FLIPPED: usize = 1_000;

/// The difference of two methods' hits is summed over each group, and groups, not rows, are independent.
///
/// - `p`: if the methods are as good as each other, each group's difference might as well have the other sign; the share of
///   all such flips that sum up to at least as much, either way. With one row in every group this is McNemar's exact test.
/// - `chi_squared` (Obuchowski): with `d_k` the difference of group k of m: `(sum d_k)^2 / (m / (m - 1) * sum d_k^2)`. With
///   many groups that differ it gives the same; with few its p-value is too small (five to none: 0.025 for 0.0625).
/// - `interval`: `D = sum d_k / n`, with the variance `m / (m - 1) * sum (d_k - D n_k)^2 / n^2` of a ratio between groups
///   of `n_k` rows and m - 1 degrees of freedom of Student's t (statsmodels: `OLS` on a constant with `cov_type="cluster"`,
///   `use_t=True`), but never less than the variance that rows alone would have (Agresti and Min's, as in [`mcnemar`]), so
///   that groups without any difference do not make it certain.
///
/// Source: N. A. Obuchowski (1998), "On the comparison of correlated proportions for clustered data", equation 5; E. J. G.
/// Pitman (1937), "Significance tests which may be applied to samples from any populations" for the flips.
///
/// # Errors
/// `ShapeMismatch`, `Empty` with fewer than two groups; `InvalidParameter` for a level outside (0, 1).
pub fn mcnemar_clustered(
    y_true: &[usize],
    first: &[usize],
    second: &[usize],
    groups: &[i64],
    level: f64,
) -> Result<ClusteredMcNemar> {
    check_level(level)?;
    same_length("groups", y_true.len(), groups.len())?;
    let mut of_group: BTreeMap<i64, (i64, u64)> = BTreeMap::new();
    let mut n_discordant_rows = 0;
    for ((a, b), group) in hits(y_true, first, second)?.zip(groups) {
        let (difference, n) = of_group.entry(*group).or_default();
        *difference += i64::from(a) - i64::from(b);
        *n += 1;
        n_discordant_rows += u64::from(a != b);
    }
    let m = of_group.len() as f64;
    if of_group.len() < 2 {
        return Err(StatsError::Empty {
            what: "the list of groups after the first",
        });
    }
    let sum: i64 = of_group.values().map(|(d, _)| d).sum();
    let squares: f64 = of_group.values().map(|&(d, _)| (d as f64).powi(2)).sum();
    let chi_squared = if squares == 0.0 {
        0.0
    } else {
        (sum as f64).powi(2) * (m - 1.0) / (m * squares)
    };
    let sizes: Vec<usize> = of_group
        .values()
        .filter(|(d, _)| *d != 0)
        .map(|(d, _)| d.unsigned_abs() as usize)
        .collect();
    let n = y_true.len() as f64;
    let difference = sum as f64 / n;
    let between: f64 = of_group
        .values()
        .map(|&(d, rows)| (d as f64 - difference * rows as f64).powi(2))
        .sum::<f64>()
        * m
        / (m - 1.0)
        / (n * n);
    let rows = n + 2.0;
    let of_rows = (n_discordant_rows as f64 + 1.0 - (sum as f64).powi(2) / rows) / (rows * rows);
    let half = two_sided_t_quantile(level, m - 1.0) * between.max(of_rows).sqrt();
    Ok(ClusteredMcNemar {
        n_groups: of_group.len() as u64,
        n_discordant: sizes.len() as u64,
        chi_squared,
        p: PValue::from_ln(if sizes.len() > MAX_FLIPPED {
            ln_chi_squared_1(chi_squared)
        } else {
            ln_sign_flips(&sizes, sum.unsigned_abs() as usize)
        }),
        interval: Interval {
            low: (difference - half).max(-1.0),
            high: (difference + half).min(1.0),
            level,
        },
    })
}

/// `ln P(|S| >= sum)`, where S adds up `sizes` with signs that are fair coins; exact up to rounding.
///
/// With U the sum of the sizes on one side, S is `2 U - total`; the distribution of U grows by one coin at a time, up to the
/// tail that is asked for only.
fn ln_sign_flips(sizes: &[usize], sum: usize) -> f64 {
    if sum == 0 {
        return 0.0;
    }
    let total: usize = sizes.iter().sum();
    let mut tail = vec![0.0; (total - sum) / 2 + 1];
    tail[0] = 1.0;
    let mut reached = 0;
    for &size in sizes {
        reached = (reached + size).min(tail.len() - 1);
        for u in (0..=reached).rev() {
            let moved = if u >= size { tail[u - size] } else { 0.0 };
            tail[u] = 0.5 * (tail[u] + moved);
        }
    }
    let one_side: f64 = tail.iter().sum();
    (std::f64::consts::LN_2 + one_side.ln()).min(0.0)
}

/// The corrected resampled t-test of two methods' scores on the same folds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CorrectedTTest {
    /// Folds.
    pub n_folds: u64,
    /// Mean over the folds of the first score less the second one.
    pub mean_difference: f64,
    /// Interval of the mean difference.
    pub interval: Interval,
    /// The statistic; infinite where all folds differ by the same amount.
    pub t: f64,
    /// Degrees of freedom: folds less one.
    pub df: f64,
    /// Two-sided.
    pub p: PValue,
    /// Effect size, Cohen's d of paired differences: their mean over their standard deviation; `None` where all folds differ
    /// by the same amount.
    pub cohens_d: Option<f64>,
}

/// Student's paired t-test over folds with the variance corrected for training sets that overlap.
///
/// `test_share`: test rows divided by training rows, 1 / (k - 1) for k folds of equal size. Without the correction (a share
/// of 0: `scipy.stats.ttest_rel`) the test finds differences that are none far too often.
///
/// Source: C. Nadeau and Y. Bengio (2003), "Inference for the generalization error", equation 11.
///
/// # Errors
/// `ShapeMismatch`, `Empty` with fewer than two folds; `InvalidParameter`.
pub fn corrected_t_test(
    first: &[f64],
    second: &[f64],
    test_share: f64,
    level: f64,
) -> Result<CorrectedTTest> {
    check_level(level)?;
    same_length("fold scores", first.len(), second.len())?;
    let differences: Vec<f64> = first.iter().zip(second).map(|(a, b)| a - b).collect();
    let (mean, variance) = mean_and_variance(&differences)?;
    let df = (differences.len() - 1) as f64;
    let error = corrected_error(variance, differences.len(), test_share)?;
    let t = if mean == 0.0 { 0.0 } else { mean / error };
    let half = two_sided_t_quantile(level, df) * error;
    Ok(CorrectedTTest {
        n_folds: differences.len() as u64,
        mean_difference: mean,
        interval: Interval {
            low: mean - half,
            high: mean + half,
            level,
        },
        t,
        df,
        p: PValue::from_ln(ln_two_sided_t(t, df)),
        cohens_d: (variance > 0.0).then(|| mean / variance.sqrt()),
    })
}

/// Whether each method is right, row by row.
fn hits<'a>(
    y_true: &'a [usize],
    first: &'a [usize],
    second: &'a [usize],
) -> Result<impl Iterator<Item = (bool, bool)> + 'a> {
    same_length("predicted labels", y_true.len(), first.len())?;
    same_length("predicted labels", y_true.len(), second.len())?;
    if y_true.is_empty() {
        return Err(StatsError::Empty {
            what: "the list of predictions",
        });
    }
    let both = first.iter().zip(second);
    Ok(y_true.iter().zip(both).map(|(y, (a, b))| (a == y, b == y)))
}

#[cfg(test)]
mod tests;
