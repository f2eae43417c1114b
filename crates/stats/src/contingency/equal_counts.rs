use std::f64::consts::LN_10;

use serde::{Deserialize, Serialize};

use crate::distributions::ln_chi_squared_sf;
use crate::multiple::{benjamini_hochberg_log10, holm_log10};

/// Whether counts are all equal: Pearson's chi-squared test against the mean of the counts, `scipy.stats.chisquare`'s default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EqualCountsTest {
    /// What is counted, such as a genre.
    pub label: String,
    /// The counts.
    pub counts: Vec<u64>,
    /// What equality leads to expect of each.
    pub expected: f64,
    /// The sum of (count - expected)² / expected.
    pub statistic: f64,
    /// Counts less one.
    pub dof: u64,
    /// The p-value; 0 where it underflows.
    pub p: f64,
    /// log10 of the p-value.
    pub log10_p: f64,
    /// log10 of the p-value corrected after Holm for all tests of the list.
    pub log10_p_holm: f64,
    /// log10 of the p-value corrected after Benjamini and Hochberg.
    pub log10_p_bh: f64,
}

/// Tests for each list of counts whether they are all equal, and corrects for the number of lists.
///
/// Lists of fewer than two counts, or without any count, are left out.
/// Source: `scipy.stats.chisquare(counts)` of each; corrections by [`holm_log10`] and [`benjamini_hochberg_log10`].
pub fn equal_counts_test(lists: &[(String, Vec<u64>)]) -> Vec<EqualCountsTest> {
    let mut tests: Vec<EqualCountsTest> = lists
        .iter()
        .filter(|(_, counts)| counts.len() > 1 && counts.iter().any(|&n| n > 0))
        .map(|(label, counts)| {
            let expected = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
            let statistic = counts
                .iter()
                .map(|&count| (count as f64 - expected).powi(2) / expected)
                .sum();
            let dof = counts.len() as u64 - 1;
            let log10_p = ln_chi_squared_sf(statistic, dof) / LN_10;
            EqualCountsTest {
                label: label.clone(),
                counts: counts.clone(),
                expected,
                statistic,
                dof,
                p: 10_f64.powf(log10_p),
                log10_p,
                log10_p_holm: log10_p,
                log10_p_bh: log10_p,
            }
        })
        .collect();
    let raw: Vec<f64> = tests.iter().map(|test| test.log10_p).collect();
    let holm = holm_log10(&raw);
    let bh = benjamini_hochberg_log10(&raw);
    for (test, (holm, bh)) in tests.iter_mut().zip(holm.into_iter().zip(bh)) {
        (test.log10_p_holm, test.log10_p_bh) = (holm, bh);
    }
    tests
}
