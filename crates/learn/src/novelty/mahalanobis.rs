//! The distance to the nearest class, in the shape that the classes have in common.

use rayon::prelude::*;

use super::ledoit_wolf::ledoit_wolf;
use crate::data::dataset::class_counts;
use crate::data::matrix::Matrix;
use crate::error::{LearnError, Result};
use crate::methods::linear::Cholesky;

/// Class means and the covariance within classes, tied.
///
/// Source: Lee, Lee, Lee and Shin, "A Simple Unified Framework for Detecting Out-of-Distribution Samples and Adversarial Attacks",
/// NeurIPS 2018, equations 1 and 2; the covariance is that of [`ledoit_wolf`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mahalanobis {
    /// The factor `L` of the covariance `L L^T`.
    pub(super) factor: Cholesky,
    /// `L^-1` times the mean of each class that has rows, one after the other.
    pub(super) means: Vec<f64>,
}

impl Mahalanobis {
    /// Of scaled rows.
    pub(super) fn fit(x: &Matrix, y: &[usize], n_classes: usize) -> Result<Self> {
        let (n_rows, n_cols) = (x.n_rows(), x.n_cols());
        let counts = class_counts(y, n_classes);
        let mut means = vec![0.0; n_classes * n_cols];
        for (row, &class) in x.rows().zip(y) {
            let mean = &mut means[class * n_cols..][..n_cols];
            mean.iter_mut()
                .zip(row)
                .for_each(|(mean, value)| *mean += f64::from(*value));
        }
        for (class, &count) in counts.iter().enumerate() {
            means[class * n_cols..][..n_cols]
                .iter_mut()
                .for_each(|mean| *mean /= count.max(1) as f64);
        }
        let centred: Vec<f64> = x
            .rows()
            .zip(y)
            .flat_map(|(row, &class)| {
                let mean = &means[class * n_cols..][..n_cols];
                row.iter().zip(mean).map(|(value, mean)| f64::from(*value) - mean)
            })
            .collect();
        let covariance = ledoit_wolf(&centred, n_rows, n_cols);
        let Some(factor) = Cholesky::new(covariance.values, n_cols) else {
            return Err(alike(n_rows, n_cols));
        };
        let present = (0..n_classes).filter(|&class| counts[class] > 0);
        let means = present
            .flat_map(|class| factor.forward(&means[class * n_cols..][..n_cols]))
            .collect();
        Ok(Self { factor, means })
    }

    /// The squared distance of each row to the nearest class mean.
    pub(super) fn scores(&self, x: &Matrix) -> Vec<f64> {
        let n_cols = x.n_cols();
        let rows = x.as_slice().par_chunks(n_cols.max(1));
        rows.map(|row| {
            let row: Vec<f64> = row.iter().map(|value| f64::from(*value)).collect();
            let whitened = self.factor.forward(&row);
            let means = self.means.chunks_exact(n_cols);
            let distances = means.map(|mean| squared_distance(mean, &whitened));
            distances.fold(f64::INFINITY, f64::min)
        })
        .collect()
    }
}

/// That classes have no shape.
pub(super) fn alike(n_rows: usize, n_cols: usize) -> LearnError {
    LearnError::parameter(
        "x",
        format!("{n_rows} rows of {n_cols} columns"),
        "must differ within classes, or distances in their shape mean nothing",
    )
}

pub(super) fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}
