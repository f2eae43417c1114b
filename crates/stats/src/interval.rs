use std::collections::BTreeMap;

use crate::distributions::{two_sided_normal_quantile, two_sided_t_quantile};
use crate::error::{Result, StatsError, check_level, same_length};

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
/// Never leaves [0, 1] and is sensible at 0 and at 1. Tracks of one artist resemble each other: see [`cluster_interval`].
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
    let (low, high) = wilson(
        n_right as f64 / n as f64,
        n as f64,
        two_sided_normal_quantile(level),
    );
    Ok(Interval { low, high, level })
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

/// Fewest groups that [`cluster_interval`] takes for enough to tell how much they differ.
pub const FEWEST_GROUPS: usize = 5;

/// Interval of the accuracy with whole groups, such as artists with all of their tracks, as what is independent; `None` with
/// fewer than [`FEWEST_GROUPS`] groups.
///
/// `hits`: whether each row was predicted right; `groups`: the group of each row.
///
/// Wilson's interval of as many independent rows as tell as much, with Student's t:
///
/// - the variance of the accuracy is that of the jackknife over groups (a group with many rows moves the accuracy towards
///   itself, which this undoes), after one right and one wrong group of half the mean size were added, so that groups which are
///   all right do not seem to be alike for certain;
/// - divided by the variance that independent rows would have, and not below 1, it is the design effect; so many rows count as
///   one;
/// - t has `(sum n_k)² / sum n_k² - 1` degrees of freedom and at least one: `n_k` the rows of group k, so that many small groups
///   beside a large one do not count as many.
///
/// The accuracy itself is always inside; the ends never leave [0, 1].
///
/// Source: E. B. Wilson (1927); E. L. Korn and B. I. Graubard (1998), "Confidence intervals for proportions with small
/// expected number of positive counts estimated from survey data", for the effective number; L. Kish (1965), "Survey
/// sampling", for that of groups of unequal size; coverage: `scripts/coverage_accuracy.py`.
///
/// # Errors
/// `ShapeMismatch`, `Empty`; `InvalidParameter` for a level outside (0, 1).
pub fn cluster_interval(hits: &[bool], groups: &[i64], level: f64) -> Result<Option<Interval>> {
    check_level(level)?;
    same_length("groups", hits.len(), groups.len())?;
    if hits.is_empty() {
        return Err(StatsError::Empty {
            what: "the list of predictions",
        });
    }
    let mut of_group = BTreeMap::<i64, (f64, f64)>::new();
    for (&hit, &group) in hits.iter().zip(groups) {
        let (n_right, n) = of_group.entry(group).or_default();
        *n_right += f64::from(u8::from(hit));
        *n += 1.0;
    }
    if of_group.len() < FEWEST_GROUPS {
        return Ok(None);
    }
    let mut clusters: Vec<(f64, f64)> = of_group.into_values().collect();
    let n: f64 = clusters.iter().map(|(_, n)| n).sum();
    let n_right: f64 = clusters.iter().map(|(right, _)| right).sum();
    let effective_groups = n * n / clusters.iter().map(|(_, n)| n * n).sum::<f64>();
    let half = 0.5 * n / clusters.len() as f64;
    clusters.extend([(half, half), (0.0, half)]);
    let t = two_sided_t_quantile(level, (effective_groups - 1.0).max(1.0));
    let effective_rows = n / design_effect(&clusters).max(1.0);
    let (low, high) = wilson(n_right / n, effective_rows, t);
    Ok(Some(Interval { low, high, level }))
}

/// The jackknife's variance of the share of right rows over groups of `(right, all)` rows, as a multiple of that of independent
/// rows.
fn design_effect(clusters: &[(f64, f64)]) -> f64 {
    let m = clusters.len() as f64;
    let n: f64 = clusters.iter().map(|(_, n)| n).sum();
    let share = clusters.iter().map(|(right, _)| right).sum::<f64>() / n;
    let without =
        |&(right, of_group): &(f64, f64)| ((right - share * of_group) / (1.0 - of_group / n)).powi(2);
    let variance = (m - 1.0) / m * clusters.iter().map(without).sum::<f64>() / (n * n);
    variance * n / (share * (1.0 - share))
}

/// Wilson's interval of a share `p` of `n` rows, `n` not necessarily whole, with `z` standard errors to either side.
fn wilson(p: f64, n: f64, z: f64) -> (f64, f64) {
    let spread = z * z / n;
    let centre = (p + spread / 2.0) / (1.0 + spread);
    let half = z * (p * (1.0 - p) / n + spread / (4.0 * n)).sqrt() / (1.0 + spread);
    // The ends are exact, whatever the formula rounds to.
    let low = if p <= 0.0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if p >= 1.0 { 1.0 } else { (centre + half).min(1.0) };
    (low, high)
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
    use crate::rng::SeededRng;
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
    fn intervals_over_groups_are_those_of_numpy_and_scipy() {
        let golden = golden(include_str!("../tests/golden/tests.json"));
        let cases = golden["cluster_interval"].as_array().unwrap();
        assert!(cases.len() >= 6);
        for case in cases {
            let (mut hits, mut groups) = (Vec::new(), Vec::new());
            for (group, rows) in case["groups"].as_array().unwrap().iter().enumerate() {
                let rows = floats(rows);
                hits.extend((0..rows[1] as usize).map(|row| row < rows[0] as usize));
                groups.resize(hits.len(), group as i64);
            }
            let interval = cluster_interval(&hits, &groups, case["level"].as_f64().unwrap())
                .unwrap()
                .unwrap();
            assert_close(&[interval.low, interval.high], &floats(&case["interval"]), 1e-10);
        }
    }

    #[test]
    fn groups_that_agree_within_make_the_interval_wide() {
        let held = |interval: Interval| interval.low < 0.8 && 0.8 < interval.high;
        // 400 rows, 80 % right. Each row a group: nearly Wilson's interval.
        let hits: Vec<bool> = (0..400).map(|row| row % 5 != 0).collect();
        let own: Vec<i64> = (0..400).collect();
        let interval = cluster_interval(&hits, &own, 0.95).unwrap().unwrap();
        let wilson = wilson_interval(320, 400, 0.95).unwrap();
        assert_close(&[interval.low, interval.high], &[wilson.low, wilson.high], 1e-3);
        // Ten groups of equal size that are all right or all wrong: about that of 8 of 10 rows.
        let ten: Vec<i64> = (0..400).map(|row| row % 10).collect();
        let wide = cluster_interval(&hits, &ten, 0.95).unwrap().unwrap();
        let of_ten = wilson_interval(8, 10, 0.95).unwrap();
        assert!(
            wide.low < of_ten.low && wide.high > 0.94 && held(wide),
            "{wide:?}"
        );
        // The order of rows and the names of groups change nothing.
        let (mut back, mut names) = (hits.clone(), ten.clone());
        back.reverse();
        names.reverse();
        names.iter_mut().for_each(|name| *name = 3 - 7 * *name);
        let again = cluster_interval(&back, &names, 0.95).unwrap().unwrap();
        assert_close(&[again.low, again.high], &[wide.low, wide.high], 1e-12);
        // A higher level is wider.
        let wider = cluster_interval(&hits, &ten, 0.99).unwrap().unwrap();
        assert!(wider.low < wide.low && wider.high > wide.high);
        assert!(cluster_interval(&hits, &ten[1..], 0.95).is_err());
        assert!(cluster_interval(&[], &[], 0.95).is_err());
        assert!(cluster_interval(&hits, &ten, 1.0).is_err());
    }

    #[test]
    fn few_groups_have_no_interval_and_groups_alike_no_certain_one() {
        let hits: Vec<bool> = (0..200).map(|row| row % 20 != 0).collect();
        let of = |n: i64| {
            let groups: Vec<i64> = (0..200).map(|row| row % n).collect();
            cluster_interval(&hits, &groups, 0.95).unwrap()
        };
        assert!((1..5).all(|n| of(n).is_none()));
        // Five groups with the same share right: once 0.95 to 0.95.
        let few = of(5).unwrap();
        assert!(few.low < 0.9 && few.high > 0.96 && few.high < 1.0, "{few:?}");
        // All right: 1, and how far below depends on the groups, not on their rows.
        let right = |rows: usize| {
            let groups: Vec<i64> = (0..5 * rows as i64).map(|row| row % 5).collect();
            cluster_interval(&vec![true; 5 * rows], &groups, 0.95)
                .unwrap()
                .unwrap()
        };
        assert_eq!(right(1).high, 1.0);
        assert!(right(1000).low < 0.7, "{:?}", right(1000));
    }

    /// 400 draws of artists whose tracks are alike (correlation 0.3), 60 to 90 % right: how often the truth is inside. A
    /// percentile bootstrap has 0.69 with 5 artists and 0.82 with 12; of a coverage of 0.95, 0.91 is 3.6 standard errors away.
    #[test]
    fn the_truth_is_inside_as_often_as_said() {
        for n_artists in [5, 12, 40] {
            let mut rng = SeededRng::new(n_artists as u64);
            let mut held = 0;
            for draw in 0..400 {
                let truth = [0.6, 0.8, 0.9][draw % 3];
                let (mut hits, mut groups) = (Vec::new(), Vec::new());
                for artist in 0..n_artists {
                    // With probability 0.55 a track does as the artist's first one: correlation 0.55² = 0.3.
                    let first = rng.unit() < truth;
                    for _ in 0..1 + rng.below(20) {
                        let own = rng.unit() < truth;
                        hits.push(if rng.unit() < 0.3_f64.sqrt() { first } else { own });
                        groups.push(artist);
                    }
                }
                let interval = cluster_interval(&hits, &groups, 0.95).unwrap().unwrap();
                held += u32::from(interval.low <= truth && truth <= interval.high);
            }
            let coverage = f64::from(held) / 400.0;
            assert!((0.91..=1.0).contains(&coverage), "{n_artists}: {coverage}");
        }
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
