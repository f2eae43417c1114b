//! The mean of numbers that come in groups, such as what each track gains by another source, with artists as what is independent.

use std::collections::BTreeMap;

use crate::distributions::{ln_two_sided_t, two_sided_t_quantile};
use crate::error::{Result, StatsError, check_level, same_length};
use crate::interval::Interval;
use crate::p_value::PValue;

/// A mean over rows with groups as what is independent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupedMean {
    /// The mean of all rows.
    pub mean: f64,
    /// Its interval.
    pub interval: Interval,
    /// Two-sided, of a mean of 0.
    pub p: PValue,
}

/// The mean `D` of `n` values, with the variance `m / (m - 1) * sum (d_k - D n_k)^2 / n^2` of a ratio between `m` groups, whose
/// values sum up to `d_k` in `n_k` rows, and m - 1 degrees of freedom of Student's t.
///
/// Source: statsmodels 0.15, `OLS` on a constant with `cov_type="cluster"`, `use_t=True`; W. G. Cochran (1977), "Sampling techniques", section 6.3.
///
/// # Errors
/// `ShapeMismatch`; `Empty` with fewer than two groups; `InvalidParameter` for a level outside (0, 1).
pub fn grouped_mean(values: &[f64], groups: &[i64], level: f64) -> Result<GroupedMean> {
    check_level(level)?;
    same_length("groups", values.len(), groups.len())?;
    let mut of_group: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
    for (value, group) in values.iter().zip(groups) {
        let (sum, n) = of_group.entry(*group).or_default();
        *sum += value;
        *n += 1.0;
    }
    if of_group.len() < 2 {
        return Err(StatsError::Empty {
            what: "the list of groups after the first",
        });
    }
    let (m, n) = (of_group.len() as f64, values.len() as f64);
    let mean = of_group.values().map(|(sum, _)| sum).sum::<f64>() / n;
    let squares: f64 = of_group
        .values()
        .map(|(sum, rows)| (sum - mean * rows).powi(2))
        .sum();
    let error = (squares * m / (m - 1.0)).sqrt() / n;
    let half = two_sided_t_quantile(level, m - 1.0) * error;
    let p = match (error > 0.0, mean == 0.0) {
        (true, _) => PValue::from_ln(ln_two_sided_t(mean / error, m - 1.0)),
        // All groups alike: no doubt where that is something.
        (false, false) => PValue::from_ln(f64::NEG_INFINITY),
        (false, true) => PValue::from_ln(0.0),
    };
    Ok(GroupedMean {
        mean,
        interval: Interval {
            low: mean - half,
            high: mean + half,
            level,
        },
        p,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Of statsmodels 0.15.0:
    /// `sm.OLS(d, np.ones(8)).fit(cov_type="cluster", cov_kwds={"groups": g}, use_t=True)`.
    #[test]
    fn mean_interval_and_p_equal_statsmodels() {
        let values = [0.5, -0.25, 1.0, 0.75, 0.0, -0.5, 0.25, 1.5];
        let groups = [1, 1, 2, 2, 2, 3, 4, 4];
        let found = grouped_mean(&values, &groups, 0.95).unwrap();
        assert!((found.mean - 0.40625).abs() < 1e-15);
        assert!(
            (found.interval.low - -0.2902060528347842).abs() < 1e-12,
            "{found:?}"
        );
        assert!(
            (found.interval.high - 1.102706052834784).abs() < 1e-12,
            "{found:?}"
        );
        assert!((found.p.value() - 0.16040930065024014).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn groups_of_one_row_are_a_t_test() {
        // By the textbook: mean 2, standard deviation 1, n 3: t = 2 / (1 / sqrt(3)).
        let found = grouped_mean(&[1.0, 2.0, 3.0], &[5, 6, 7], 0.95).unwrap();
        let t = 2.0 * 3f64.sqrt();
        assert!((found.p.ln() - ln_two_sided_t(t, 2.0)).abs() < 1e-12);
        let half = two_sided_t_quantile(0.95, 2.0) / 3f64.sqrt();
        assert!((found.interval.high - 2.0 - half).abs() < 1e-12);
    }

    #[test]
    fn nothing_and_certainty_are_told_apart() {
        let none = grouped_mean(&[0.0; 4], &[1, 1, 2, 2], 0.95).unwrap();
        assert_eq!((none.mean, none.p.value(), none.interval.low), (0.0, 1.0, 0.0));
        let all = grouped_mean(&[1.0; 4], &[1, 1, 2, 2], 0.95).unwrap();
        assert_eq!((all.mean, all.p.value()), (1.0, 0.0));
        assert!(grouped_mean(&[1.0; 4], &[1; 4], 0.95).is_err());
        assert!(grouped_mean(&[1.0; 4], &[1; 3], 0.95).is_err());
        assert!(grouped_mean(&[1.0; 4], &[1, 1, 2, 2], 1.0).is_err());
    }
}
