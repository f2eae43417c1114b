use std::collections::BTreeMap;

use crate::distributions::{two_sided_normal_quantile, two_sided_t_quantile};
use crate::error::{Result, StatsError, check_level, same_length};
use crate::quantile::{Interpolation, quantile};
use crate::rng::SeededRng;

/// Two ends and the probability that an interval made this way holds the true value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The level of confidence, such as 0.95.
    pub level: f64,
}

/// Wilson's interval of a proportion: `n_right` of `n` rows, for an accuracy on rows that are independent of each other.
///
/// Never leaves [0, 1] and is sensible at 0 and at 1. Tracks of one artist resemble each other; an interval that resamples
/// whole artists is wider.
///
/// Source: E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference"; statsmodels,
/// `proportion_confint(method="wilson")`.
///
/// # Errors
/// `Empty` without rows; `InvalidParameter` for more right rows than rows, or a level outside (0, 1).
pub fn wilson_interval(n_right: u64, n: u64, level: f64) -> Result<Interval> {
    check_level(level)?;
    if n == 0 {
        return Err(StatsError::Empty {
            what: "the list of predictions",
        });
    }
    if n_right > n {
        return Err(StatsError::parameter(
            "n_right",
            n_right,
            "must be at most the number of rows",
        ));
    }
    let z = two_sided_normal_quantile(level);
    let n_rows = n as f64;
    let p = n_right as f64 / n_rows;
    let spread = z * z / n_rows;
    let centre = (p + spread / 2.0) / (1.0 + spread);
    let half = z * (p * (1.0 - p) / n_rows + spread / (4.0 * n_rows)).sqrt() / (1.0 + spread);
    Ok(Interval {
        low: if n_right == 0 {
            0.0
        } else {
            (centre - half).max(0.0)
        },
        high: if n_right == n {
            1.0
        } else {
            (centre + half).min(1.0)
        },
        level,
    })
}

/// Student's interval of the mean of fold scores, with the variance corrected for training sets that overlap.
///
/// `test_share`: test rows divided by training rows, 1 / (k - 1) for k folds. The plain interval (a share of 0) takes the
/// folds for independent samples and is too narrow.
///
/// Source: C. Nadeau and Y. Bengio (2003), "Inference for the generalization error", section 4; the t interval is
/// `scipy.stats.t.interval`.
///
/// # Errors
/// `Empty` with fewer than two folds; `InvalidParameter` for a level outside (0, 1) or a negative share.
pub fn fold_interval(fold_scores: &[f64], test_share: f64, level: f64) -> Result<Interval> {
    check_level(level)?;
    let (mean, variance) = mean_and_variance(fold_scores)?;
    let error = corrected_error(variance, fold_scores.len(), test_share)?;
    let half = two_sided_t_quantile(level, (fold_scores.len() - 1) as f64) * error;
    Ok(Interval {
        low: mean - half,
        high: mean + half,
        level,
    })
}

/// Percentile interval of the accuracy over resamples of whole groups, such as artists with all of their tracks.
///
/// `hits`: whether each row was predicted right; `groups`: the group of each row. Groups are drawn with replacement, as many
/// as there are, `n_resamples` times.
///
/// Source: B. Efron and R. Tibshirani (1993), "An introduction to the bootstrap", chapter 13, with clusters resampled as in
/// C. Field and A. Welsh (2007), "Bootstrapping clustered data".
///
/// # Errors
/// `ShapeMismatch`, `Empty`; `InvalidParameter` without resamples or for a level outside (0, 1).
pub fn cluster_interval(
    hits: &[bool],
    groups: &[i64],
    level: f64,
    n_resamples: usize,
    seed: u64,
) -> Result<Interval> {
    check_level(level)?;
    same_length("groups", hits.len(), groups.len())?;
    if hits.is_empty() {
        return Err(StatsError::Empty {
            what: "the list of predictions",
        });
    }
    if n_resamples == 0 {
        return Err(StatsError::parameter("n_resamples", 0, "must be at least 1"));
    }
    let mut of_group = BTreeMap::<i64, (u64, u64)>::new();
    for (&hit, &group) in hits.iter().zip(groups) {
        let (n_right, n) = of_group.entry(group).or_default();
        *n_right += u64::from(hit);
        *n += 1;
    }
    let clusters: Vec<(u64, u64)> = of_group.into_values().collect();
    let mut rng = SeededRng::new(seed);
    let mut resample = || {
        let (mut n_right, mut n) = (0, 0);
        for _ in 0..clusters.len() {
            let (right, all) = clusters[rng.below(clusters.len())];
            n_right += right;
            n += all;
        }
        n_right as f64 / n as f64
    };
    let mut accuracies: Vec<f64> = (0..n_resamples).map(|_| resample()).collect();
    accuracies.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| quantile(&accuracies, share, Interpolation::Nearest).unwrap_or(f64::NAN);
    Ok(Interval {
        low: at((1.0 - level) / 2.0),
        high: at((1.0 + level) / 2.0),
        level,
    })
}

/// Nadeau and Bengio's standard error of a mean over folds.
pub(crate) fn corrected_error(variance: f64, n_folds: usize, test_share: f64) -> Result<f64> {
    if !(test_share >= 0.0 && test_share.is_finite()) {
        return Err(StatsError::parameter(
            "test_share",
            test_share,
            "must be finite and at least 0",
        ));
    }
    Ok(((1.0 / n_folds as f64 + test_share) * variance).sqrt())
}

/// Mean and sample variance (`ddof = 1`) of two values or more.
pub(crate) fn mean_and_variance(values: &[f64]) -> Result<(f64, f64)> {
    if values.len() < 2 {
        return Err(StatsError::Empty {
            what: "the list of folds after the first",
        });
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    Ok((mean, variance))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::test_support::{assert_close, floats, golden};

    #[test]
    fn wilsons_interval_equals_statsmodels() {
        for row in golden(include_str!("../tests/golden/tests.json"))["wilson"]
            .as_array()
            .unwrap()
        {
            let row = floats(row);
            let interval = wilson_interval(row[0] as u64, row[1] as u64, row[2]).unwrap();
            assert_close(&[interval.low, interval.high], &row[3..], 1e-12);
        }
    }

    #[test]
    fn wilsons_ends_are_where_the_normal_test_rejects() {
        // Both ends p0 solve |p - p0| = z sqrt(p0 (1 - p0) / n); z of 95 % is 1.959964.
        let interval = wilson_interval(37, 120, 0.95).unwrap();
        for p0 in [interval.low, interval.high] {
            let z = (37.0 / 120.0 - p0).abs() / (p0 * (1.0 - p0) / 120.0).sqrt();
            assert!((z - 1.959963984540054).abs() < 1e-10, "{z}");
        }
        // The ends are exact, whatever the formula rounds to.
        for n in 1..2_000 {
            assert_eq!(wilson_interval(0, n, 0.95).unwrap().low, 0.0, "{n}");
            assert_eq!(wilson_interval(n, n, 0.95).unwrap().high, 1.0, "{n}");
        }
    }

    #[test]
    fn fold_intervals_equal_scipy() {
        for case in golden(include_str!("../tests/golden/tests.json"))["fold_interval"]
            .as_array()
            .unwrap()
        {
            let interval = fold_interval(
                &floats(&case["scores"]),
                case["test_share"].as_f64().unwrap(),
                case["level"].as_f64().unwrap(),
            )
            .unwrap();
            assert_close(&[interval.low, interval.high], &floats(&case["interval"]), 1e-12);
        }
    }

    #[test]
    fn groups_that_agree_within_make_the_interval_wide() {
        // 400 rows, 80 % right. Each row a group: the normal approximation 0.8 +- 1.96 sqrt(0.16 / 400).
        let hits: Vec<bool> = (0..400).map(|row| row % 5 != 0).collect();
        let own: Vec<i64> = (0..400).collect();
        let interval = cluster_interval(&hits, &own, 0.95, 2000, 1).unwrap();
        assert_close(&[interval.low, interval.high], &[0.7608, 0.8392], 0.006);
        // The binomial distribution's own quantiles: 2.5 % are 304 rows, 5 % would be 307.
        let many = cluster_interval(&hits, &own, 0.95, 20_000, 1).unwrap();
        assert_close(&[400.0 * many.low, 400.0 * many.high], &[304.0, 335.5], 3e-3);
        // Ten groups of equal size that are all right or all wrong: 0.8 +- 1.96 sqrt(0.16 / 10).
        let ten: Vec<i64> = (0..400).map(|row| row % 10).collect();
        let wide = cluster_interval(&hits, &ten, 0.95, 2000, 1).unwrap();
        assert_close(&[wide.low, wide.high], &[0.552, 1.0], 0.06);
        assert_eq!(wide, cluster_interval(&hits, &ten, 0.95, 2000, 1).unwrap());
        assert!(cluster_interval(&hits, &ten[1..], 0.95, 2000, 1).is_err());
        assert!(cluster_interval(&[], &[], 0.95, 2000, 1).is_err());
        assert!(cluster_interval(&hits, &ten, 0.95, 0, 1).is_err());
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(wilson_interval(1, 0, 0.95).is_err());
        assert!(wilson_interval(3, 2, 0.95).is_err());
        assert!(wilson_interval(1, 2, 1.0).is_err());
        assert!(fold_interval(&[0.5], 0.25, 0.95).is_err());
        assert!(fold_interval(&[0.5, 0.6], -0.25, 0.95).is_err());
        assert!(fold_interval(&[0.5, 0.6], 0.25, 0.0).is_err());
    }
}
