//! Statistics of one column, missing values left out.

use cratedigger_stats::Interpolation;

/// The values that are not missing, in ascending order.
pub(super) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut present: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    present.sort_unstable_by(f64::total_cmp);
    present
}

/// The share `q` of the values lies below (numpy, `percentile(method="linear")`); 0 for an empty column.
pub(super) fn quantile(sorted: &[f64], q: f64) -> f64 {
    cratedigger_stats::quantile(sorted, q, Interpolation::Linear).unwrap_or(0.0)
}

/// Median of the values that are not missing, which are put in another order; 0 for an empty column.
pub(super) fn median(present: &mut [f64]) -> f64 {
    cratedigger_stats::median(present).unwrap_or(0.0)
}

/// Mean and population standard deviation; a deviation within the rounding error of its own computation is 0, and both
/// are 0 for an empty column.
///
/// Source: scikit-learn, `StandardScaler` (`_incremental_mean_and_var`, `_is_constant_feature`).
pub(super) fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let present = || values.iter().copied().filter(|value| !value.is_nan());
    let n = present().count().max(1) as f64;
    let mean = present().sum::<f64>() / n;
    let (mut squares, mut correction) = (0.0, 0.0);
    for value in present() {
        let deviation = value - mean;
        squares += deviation * deviation;
        correction += deviation;
    }
    (mean, deviation(n, mean, squares, correction))
}

/// Standard deviation from the sums of squares and of deviations from the rounded mean; 0 where it is but rounding.
pub(super) fn deviation(n: f64, mean: f64, squares: f64, correction: f64) -> f64 {
    let variance = (squares - correction * correction / n) / n;
    let rounding = n * f64::EPSILON * variance + (n * mean * f64::EPSILON).powi(2);
    match variance <= rounding {
        true => 0.0,
        false => variance.sqrt(),
    }
}
