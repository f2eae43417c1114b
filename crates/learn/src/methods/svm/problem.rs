use crate::data::matrix::Matrix;
use crate::methods::kernels::Kernels;

/// One class (`sign` 1) against the others (-1), the loss of row `i` costing `cost[i]`.
pub(super) struct Problem<'a> {
    pub(super) x: &'a Matrix,
    /// Value of the extra feature that carries the intercept; `None` without one.
    pub(super) extra: Option<f64>,
    pub(super) sign: Vec<f64>,
    pub(super) cost: Vec<f64>,
}

impl Problem<'_> {
    /// Number of weights, the intercept's included.
    pub(super) fn n_weights(&self) -> usize {
        self.x.n_cols() + usize::from(self.extra.is_some())
    }

    /// `w . x` of a row, the extra feature included.
    pub(super) fn score(&self, kernels: Kernels, row: usize, w: &[f64]) -> f64 {
        let n_cols = self.x.n_cols();
        kernels.dot(self.x.row(row), &w[..n_cols]) + self.extra.map_or(0.0, |extra| extra * w[n_cols])
    }

    /// `w += a * x` of a row, the extra feature included.
    pub(super) fn add_scaled(&self, kernels: Kernels, w: &mut [f64], a: f64, row: usize) {
        let n_cols = self.x.n_cols();
        kernels.add_scaled(&mut w[..n_cols], a, self.x.row(row));
        if let Some(extra) = self.extra {
            w[n_cols] += a * extra;
        }
    }
}

/// Weights of one problem, the intercept's last.
pub(super) struct Solution {
    pub(super) w: Vec<f64>,
    pub(super) n_iter: usize,
    pub(super) converged: bool,
}
