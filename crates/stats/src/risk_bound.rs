//! What share of rows may be wrong at most: bounds that hold with a stated confidence.

use crate::distributions::ln_binomial;
use crate::error::{Result, StatsError, check_level, same_length};
use crate::interval::cluster_interval;

/// The largest probability of an error that `n_wrong` errors in `n` independent rows do not speak against: the `b` at which so few errors
/// have probability `1 - confidence`. With probability `confidence` or more the truth is not above it.
///
/// Source: C. J. Clopper and E. S. Pearson (1934), the upper end; Y. Geifman and R. El-Yaniv (2017), "Selective classification for deep
/// neural networks", Lemma 3.1 (the binomial tail inverted); `scipy.stats.beta.ppf(confidence, n_wrong + 1, n - n_wrong)`.
///
/// # Errors
/// `Empty` without rows; `InvalidParameter` for more errors than rows, or a confidence outside (0, 1).
pub fn binomial_upper(n_wrong: u64, n: u64, confidence: f64) -> Result<f64> {
    check_level(confidence)?;
    if n == 0 {
        return Err(StatsError::Empty {
            what: "the list of predictions",
        });
    }
    if n_wrong > n {
        return Err(StatsError::parameter(
            "n_wrong",
            n_wrong,
            "must be at most the number of rows",
        ));
    }
    if n_wrong == n {
        return Ok(1.0);
    }
    // The tail falls as the probability rises; below the share itself it is never that small, but for a low confidence.
    let target = (-confidence).ln_1p();
    let (mut low, mut high) = (0.0, 1.0);
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return Ok(high);
        }
        match ln_binomial(n_wrong, n, middle) > target {
            true => low = middle,
            false => high = middle,
        }
    }
}

/// The same where rows come in groups, such as tracks of artists, and groups are what is independent: the upper end of
/// [`cluster_interval`] of the errors at the level `2 confidence - 1`, which leaves `1 - confidence` above it, but never below
/// [`binomial_upper`], as if rows that are alike told more than rows that are not. `groups`: `None` for independent rows.
///
/// `None` with fewer than [`FEWEST_GROUPS`](crate::FEWEST_GROUPS) groups, which do not tell how much they differ.
///
/// # Errors
/// `Empty`, `ShapeMismatch`; `InvalidParameter` for a confidence outside (0.5, 1).
pub fn risk_bound(wrong: &[bool], groups: Option<&[i64]>, confidence: f64) -> Result<Option<f64>> {
    if !(confidence > 0.5 && confidence < 1.0) {
        return Err(StatsError::parameter(
            "confidence",
            confidence,
            "must be above 0.5 and below 1",
        ));
    }
    let n_wrong = wrong.iter().filter(|&&wrong| wrong).count() as u64;
    let of_rows = binomial_upper(n_wrong, wrong.len() as u64, confidence)?;
    let Some(groups) = groups else {
        return Ok(Some(of_rows));
    };
    same_length("groups", wrong.len(), groups.len())?;
    let of_groups = cluster_interval(wrong, groups, 2.0 * confidence - 1.0)?;
    Ok(of_groups.map(|interval| interval.high.max(of_rows)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::test_support::{assert_close, floats, golden};

    #[test]
    fn upper_ends_equal_scipy() {
        let golden = golden(include_str!("../tests/golden/risk.json"));
        let rows = golden["binomial_upper"].as_array().unwrap();
        assert!(rows.len() >= 20);
        for row in rows {
            let row = floats(row);
            let upper = binomial_upper(row[0] as u64, row[1] as u64, row[2]).unwrap();
            assert!((upper - row[3]).abs() <= 1e-12, "{row:?}: {upper}");
        }
    }

    /// The definition, term by term.
    #[test]
    fn at_the_upper_end_so_few_errors_have_what_is_left_of_the_confidence() {
        for (n_wrong, n, confidence) in [
            (0u64, 1u64, 0.9),
            (0, 20, 0.95),
            (3, 40, 0.99),
            (17, 60, 0.6),
            (59, 60, 0.95),
        ] {
            let p = binomial_upper(n_wrong, n, confidence).unwrap();
            let mut choose = 1.0;
            let mut sum = 0.0;
            for k in 0..=n_wrong {
                sum += choose * p.powi(k as i32) * (1.0 - p).powi((n - k) as i32);
                choose *= (n - k) as f64 / (k + 1) as f64;
            }
            assert_close(&[sum], &[1.0 - confidence], 1e-12);
        }
        assert_eq!(binomial_upper(7, 7, 0.9).unwrap(), 1.0);
    }

    #[test]
    fn rows_that_are_alike_tell_less() {
        let wrong: Vec<bool> = (0..400).map(|row| row % 20 == 0).collect();
        let own: Vec<i64> = (0..400).collect();
        let alike: Vec<i64> = (0..400).map(|row| row % 40).collect();
        let [of_rows, of_own, of_alike] = [None, Some(&own[..]), Some(&alike[..])]
            .map(|groups| risk_bound(&wrong, groups, 0.95).unwrap().unwrap());
        assert_eq!(of_rows, binomial_upper(20, 400, 0.95).unwrap());
        assert!(of_own >= of_rows && of_own < of_rows + 0.01, "{of_own} {of_rows}");
        assert!(of_alike > of_rows + 0.02, "{of_alike} {of_rows}");
        // Beyond it lies what the interval of the level 0.9 leaves on this side.
        let interval = cluster_interval(&wrong, &alike, 0.9).unwrap().unwrap();
        assert_close(&[of_alike], &[interval.high], 1e-12);
        // No error in few rows of few artists is no certainty; of four artists nothing is known.
        let few = risk_bound(&[false; 10], Some(&[1, 1, 2, 2, 3, 3, 4, 4, 5, 5]), 0.95).unwrap();
        assert!(few.unwrap() > 0.25);
        assert_eq!(
            risk_bound(&[false; 8], Some(&[1, 1, 2, 2, 3, 3, 4, 4]), 0.95).unwrap(),
            None
        );
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(binomial_upper(1, 0, 0.9).is_err());
        assert!(binomial_upper(2, 1, 0.9).is_err());
        assert!(binomial_upper(1, 2, 1.0).is_err());
        for confidence in [0.5, 1.0] {
            let refused = risk_bound(&[true], None, confidence).unwrap_err();
            assert!(
                refused.to_string().starts_with("parameter confidence"),
                "{refused}"
            );
        }
        assert!(risk_bound(&[true], Some(&[]), 0.9).is_err());
    }
}
