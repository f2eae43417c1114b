//! A covariance that can be inverted however few the rows are.

use cratedigger_matmul::{View, product};

/// A covariance matrix drawn towards a multiple of the identity.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariance {
    /// `n_cols * n_cols` values, row after row.
    pub values: Vec<f64>,
    /// How far it was drawn, 0 to 1.
    pub shrinkage: f64,
}

/// The covariance of rows whose columns have mean 0, shrunk as Ledoit and Wolf found best.
///
/// `x`: `n_rows * n_cols` values, row after row.
///
/// Source: Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", J. Multivariate Analysis 88 (2004);
/// scikit-learn 1.9, `LedoitWolf(assume_centered=True)`.
///
/// # Panics
/// Where `x` has no row or another length.
pub fn ledoit_wolf(x: &[f64], n_rows: usize, n_cols: usize) -> Covariance {
    assert!(n_rows > 0 && x.len() == n_rows * n_cols, "{} values", x.len());
    let (n, p) = (n_rows as f64, n_cols as f64);
    let mut values = product(View::new(x, n_rows, n_cols).t(), View::new(x, n_rows, n_cols));
    values.iter_mut().for_each(|value| *value /= n);
    let trace: f64 = (0..n_cols).map(|column| values[column * n_cols + column]).sum();
    let mu = trace / p;
    // Sums of fourth powers and of squared covariances.
    let fourth: f64 = x
        .chunks_exact(n_cols.max(1))
        .map(|row| row.iter().map(|value| value * value).sum::<f64>().powi(2))
        .sum();
    let squared: f64 = values.iter().map(|value| value * value).sum();
    let delta = (squared - 2.0 * mu * trace + p * mu * mu) / p;
    let beta = ((fourth / n - squared) / (p * n)).min(delta);
    let shrinkage = if beta == 0.0 { 0.0 } else { beta / delta };
    values.iter_mut().for_each(|value| *value *= 1.0 - shrinkage);
    for column in 0..n_cols {
        values[column * n_cols + column] += shrinkage * mu;
    }
    Covariance { values, shrinkage }
}
