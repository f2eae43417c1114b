//! Corrections for many tests at once, on decimal logarithms of p-values, so that none underflows.

/// Holm's step-down correction, which bounds the probability of any false rejection.
///
/// Returns log10 of the corrected p-values in the order given.
/// Source: Holm (1979); the figures of statsmodels' `multipletests(method="holm")`.
pub fn holm_log10(log10_p: &[f64]) -> Vec<f64> {
    let order = ascending(log10_p);
    let mut corrected = vec![0.0; log10_p.len()];
    let mut greatest = f64::NEG_INFINITY;
    for (rank, &test) in order.iter().enumerate() {
        let factor = (log10_p.len() - rank) as f64;
        greatest = f64::max(greatest, (log10_p[test] + factor.log10()).min(0.0));
        corrected[test] = greatest;
    }
    corrected
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

fn ascending(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: &[f64], want: &[f64]) {
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
        close(&holm_log10(&log10_p), &[0.06, 0.2, 0.04, 0.06]);
        // Benjamini-Hochberg: min over later of 4/1 * 0.01, 4/2 * 0.02, 4/3 * 0.03, 0.2.
        close(&benjamini_hochberg_log10(&log10_p), &[0.04, 0.2, 0.04, 0.04]);
        assert!(holm_log10(&[]).is_empty());
        assert_eq!(holm_log10(&[-0.1, -0.1]), [0.0, 0.0]);
        // Far below the least double.
        assert!((holm_log10(&[-5000.0, -1.0])[0] - (-5000.0 + 2_f64.log10())).abs() < 1e-9);
    }
}
