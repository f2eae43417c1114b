//! The quantile transformation of one column. Source: scikit-learn, `QuantileTransformer`.

use cratedigger_stats::distributions::normal_quantile;

use super::column;
use super::step::Distribution;

/// How near to the smallest or largest landmark a value counts as being it, for normal scores.
const BOUNDS_THRESHOLD: f64 = 1e-7;

/// Landmarks: the values at equal distances of rank. All 0 for a column without values.
pub(super) fn fit(values: &[f64], n_quantiles: usize) -> Vec<f64> {
    let sorted = column::sorted(values);
    let mut landmarks: Vec<f64> = (0..n_quantiles)
        .map(|at| column::quantile(&sorted, place(at, n_quantiles)))
        .collect();
    // Rounding must not make the landmarks descend.
    let mut largest = f64::NEG_INFINITY;
    for landmark in &mut landmarks {
        largest = largest.max(*landmark);
        *landmark = largest;
    }
    landmarks
}

/// The share that belongs to a landmark (numpy, `linspace(0, 1, n)`).
fn place(at: usize, n: usize) -> f64 {
    match n {
        0 | 1 => 0.0,
        n if at + 1 == n => 1.0,
        n => at as f64 * (1.0 / (n - 1) as f64),
    }
}

/// One value; a missing one stays missing.
pub(super) fn apply(value: f64, landmarks: &[f64], output: Distribution) -> f64 {
    let (Some(&first), Some(&last)) = (landmarks.first(), landmarks.last()) else {
        return value;
    };
    if value.is_nan() {
        return value;
    }
    let n = landmarks.len();
    let (low, high) = match output {
        Distribution::Uniform => (value == first, value == last),
        Distribution::Normal => (value - BOUNDS_THRESHOLD < first, value + BOUNDS_THRESHOLD > last),
    };
    // Where landmarks repeat, the mean of the two ends of the step. As in scikit-learn the lower bound wins over the upper.
    let share = if low {
        0.0
    } else if high {
        1.0
    } else {
        let upward = interpolate(value, n, |at| landmarks[at], |at| place(at, n));
        let downward = interpolate(-value, n, |at| -landmarks[n - 1 - at], |at| -place(n - 1 - at, n));
        0.5 * (upward - downward)
    };
    match output {
        Distribution::Uniform => share,
        Distribution::Normal => {
            let bound = BOUNDS_THRESHOLD - f64::EPSILON;
            normal_quantile(share).clamp(normal_quantile(bound), normal_quantile(1.0 - bound))
        }
    }
}

/// Linear interpolation between points with ascending `x` (numpy, `interp`): of points with equal `x` the last counts.
fn interpolate(value: f64, n: usize, x: impl Fn(usize) -> f64, y: impl Fn(usize) -> f64) -> f64 {
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = low + (high - low) / 2;
        if x(middle) <= value {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    match low {
        0 => y(0),
        after if after == n => y(n - 1),
        after => {
            let (x0, y0) = (x(after - 1), y(after - 1));
            (y(after) - y0) / (x(after) - x0) * (value - x0) + y0
        }
    }
}
