//! Corrections for many tests at once, on logarithms of p-values, so that none underflows.

use crate::p_value::PValue;

/// Holm's step-down correction: p-values that stay below a level with no more than that probability of any false discovery
/// among all of these tests.
///
/// Returns the corrected p-values in the order given.
/// Source: S. Holm (1979), "A simple sequentially rejective multiple test procedure"; statsmodels,
/// `multipletests(method="holm")`.
pub fn holm(p_values: &[PValue]) -> Vec<PValue> {
    let ln_p: Vec<f64> = p_values.iter().map(|p| p.ln()).collect();
    let corrected = step_down(&ln_p, f64::ln);
    corrected.into_iter().map(PValue::from_ln).collect()
}

/// [`holm`] of decimal logarithms, which tables are written in, and from which the result keeps its last digit.
pub fn holm_log10(log10_p: &[f64]) -> Vec<f64> {
    step_down(log10_p, f64::log10)
}

/// Benjamini's and Hochberg's step-up correction, which bounds the expected share of false ones among the rejections, for
/// independent or positively dependent tests.
///
/// Returns log10 of the corrected p-values in the order given.
/// Source: Benjamini and Hochberg (1995); the figures of statsmodels' `multipletests(method="fdr_bh")`.
pub fn benjamini_hochberg_log10(log10_p: &[f64]) -> Vec<f64> {
    let order = ascending(log10_p);
    let mut corrected = vec![0.0; log10_p.len()];
    let mut least = 0.0_f64;
    for (rank, &test) in order.iter().enumerate().rev() {
        let factor = log10_p.len() as f64 / (rank + 1) as f64;
        least = least.min(log10_p[test] + factor.log10());
        corrected[test] = least;
    }
    corrected
}

/// Holm's correction of logarithms to the base of `log`.
fn step_down(log_p: &[f64], log: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut corrected = vec![0.0; log_p.len()];
    let mut greatest = f64::NEG_INFINITY;
    for (rank, &test) in ascending(log_p).iter().enumerate() {
        let factor = (log_p.len() - rank) as f64;
        greatest = f64::max(greatest, (log_p[test] + log(factor)).min(0.0));
        corrected[test] = greatest;
    }
    corrected
}

fn ascending(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    order
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::test_support::{assert_close, floats, golden, relative};

    fn all_close(got: &[f64], want: &[f64]) {
        assert_eq!(got.len(), want.len());
        for (got, want) in got.iter().zip(want) {
            assert!((got - want.log10()).abs() < 1e-12, "{got} {}", want.log10());
        }
    }

    /// Worked by hand: sorted 0.01, 0.02, 0.03, 0.2.
    #[test]
    fn corrections_by_hand() {
        let log10_p: Vec<f64> = [0.03_f64, 0.2, 0.01, 0.02].iter().map(|p| p.log10()).collect();
        // Holm: 4 * 0.01, 3 * 0.02, then 2 * 0.03 = 0.06, then 0.2.
        all_close(&holm_log10(&log10_p), &[0.06, 0.2, 0.04, 0.06]);
        // Benjamini-Hochberg: min over later of 4/1 * 0.01, 4/2 * 0.02, 4/3 * 0.03, 0.2.
        all_close(&benjamini_hochberg_log10(&log10_p), &[0.04, 0.2, 0.04, 0.04]);
        assert!(holm_log10(&[]).is_empty());
        assert_eq!(holm_log10(&[-0.1, -0.1]), [0.0, 0.0]);
        // Far below the least double.
        assert!((holm_log10(&[-5000.0, -1.0])[0] - (-5000.0 + 2_f64.log10())).abs() < 1e-9);
    }

    #[test]
    fn corrections_are_those_of_statsmodels() {
        let golden = golden(include_str!("../tests/golden/independence.json"));
        let p: Vec<f64> = serde_json::from_value(golden["multiple"]["p"].clone()).unwrap();
        let log10_p: Vec<f64> = p.iter().map(|p| p.log10()).collect();
        for (got, field) in [
            (holm_log10(&log10_p), "holm"),
            (benjamini_hochberg_log10(&log10_p), "fdr_bh"),
        ] {
            for (got, want) in got.iter().zip(golden["multiple"][field].as_array().unwrap()) {
                relative(10_f64.powf(*got), want, field);
            }
        }
    }

    #[test]
    fn holms_correction_equals_statsmodels() {
        for case in golden(include_str!("../tests/golden/tests.json"))["holm"]
            .as_array()
            .unwrap()
        {
            let raw: Vec<PValue> = floats(&case["p"])
                .iter()
                .map(|p| PValue::from_ln(p.ln()))
                .collect();
            let got: Vec<f64> = holm(&raw).iter().map(|p| p.value()).collect();
            assert_close(&got, &floats(&case["adjusted"]), 1e-12);
        }
        assert!(holm(&[]).is_empty());
        // Far below the smallest number it still counts: ln p + ln 2.
        let tiny = holm(&[PValue::from_ln(-5000.0), PValue::from_ln(-0.1)]);
        assert_close(&[tiny[0].ln()], &[-5000.0 + std::f64::consts::LN_2], 1e-12);
    }
}
