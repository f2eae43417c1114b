use cratedigger_matmul::{View, product};
use rayon::prelude::*;

use super::problem::{Problem, Solution};
use crate::methods::kernels::Kernels;
use crate::methods::linear::Cholesky;

/// Rows per product of the Hessian and per partial sum of the gradient; fixed, so that sums do not depend on the
/// number of threads.
const BLOCK: usize = 1024;

/// Newton's method for the squared hinge.
///
/// The objective is quadratic as long as no row crosses its margin, so a Newton step leads to the minimum over the rows
/// that cost something now. Each step changes the Hessian by the rows that crossed their margin only, and ends at the
/// exact minimum along its line; a handful of them is enough.
///
/// Source: Keerthi and DeCoste 2005, "A modified finite Newton method for fast solution of large scale linear SVMs",
/// section 3. Differs: the linear system is solved by a Cholesky factor. The stopping rule is liblinear's: the norm
/// of the gradient against the first one, by `tol` and the share of the smaller side.
pub(super) fn solve(problem: &Problem<'_>, mut hessian: Hessian, tol: f64, max_iter: usize) -> Solution {
    let n_rows = problem.x.n_rows();
    let n_positive = problem.sign.iter().filter(|&&sign| sign > 0.0).count();
    let smaller_side = n_positive.min(n_rows - n_positive).max(1);
    let tol = tol * smaller_side as f64 / n_rows as f64;
    let mut w = vec![0.0; problem.n_weights()];
    let mut margins = vec![0.0; n_rows];
    let mut first_norm = None;
    for n_iter in 0..max_iter {
        let gradient = gradient(problem, &w, &margins);
        let norm = Kernels::new().dot_f64(&gradient, &gradient).sqrt();
        if norm <= tol * *first_norm.get_or_insert(norm) {
            return Solution {
                w,
                n_iter,
                converged: true,
            };
        }
        let costs = |row: usize| {
            if margins[row] < 1.0 {
                problem.cost[row]
            } else {
                0.0
            }
        };
        hessian.set_costs(problem, &(0..n_rows).map(costs).collect::<Vec<_>>());
        let mut direction = hessian.solve(&gradient);
        direction.iter_mut().for_each(|value| *value = -*value);
        let slopes = signed_scores(problem, &direction);
        let step = line_search(problem, &w, &direction, &margins, &slopes);
        w.iter_mut()
            .zip(&direction)
            .for_each(|(w, direction)| *w += step * direction);
        margins
            .iter_mut()
            .zip(&slopes)
            .for_each(|(margin, slope)| *margin += step * slope);
    }
    Solution {
        w,
        n_iter: max_iter,
        converged: false,
    }
}

/// `sign * (w . x)` of every row.
fn signed_scores(problem: &Problem<'_>, w: &[f64]) -> Vec<f64> {
    let kernels = Kernels::new();
    let of_row = |row: usize| problem.sign[row] * problem.score(kernels, row, w);
    (0..problem.x.n_rows())
        .into_par_iter()
        .with_min_len(BLOCK)
        .map(of_row)
        .collect()
}

/// `w - 2 * sum(cost * (1 - margin) * sign * x)` over the rows within their margin.
fn gradient(problem: &Problem<'_>, w: &[f64], margins: &[f64]) -> Vec<f64> {
    let kernels = Kernels::new();
    let blocks: Vec<Vec<f64>> = margins
        .par_chunks(BLOCK)
        .enumerate()
        .map(|(block, margins)| {
            let mut sum = vec![0.0; w.len()];
            for (at, &margin) in margins.iter().enumerate() {
                let row = block * BLOCK + at;
                if margin < 1.0 && problem.cost[row] > 0.0 {
                    let factor = -2.0 * problem.cost[row] * (1.0 - margin) * problem.sign[row];
                    problem.add_scaled(kernels, &mut sum, factor, row);
                }
            }
            sum
        })
        .collect();
    let mut gradient = w.to_vec();
    for block in blocks {
        gradient
            .iter_mut()
            .zip(block)
            .for_each(|(sum, value)| *sum += value);
    }
    gradient
}

/// The step to the minimum of the objective along `direction`: the root of its derivative, which is piecewise linear
/// and rises.
fn line_search(problem: &Problem<'_>, w: &[f64], direction: &[f64], margins: &[f64], slopes: &[f64]) -> f64 {
    let kernels = Kernels::new();
    let along = kernels.dot_f64(w, direction);
    let squared = kernels.dot_f64(direction, direction);
    let derivatives = |step: f64| {
        let (mut first, mut second) = (along + step * squared, squared);
        for ((margin, slope), cost) in margins.iter().zip(slopes).zip(&problem.cost) {
            let slack = 1.0 - margin - step * slope;
            if slack > 0.0 {
                first -= 2.0 * cost * slack * slope;
                second += 2.0 * cost * slope * slope;
            }
        }
        (first, second)
    };
    let (first, _) = derivatives(0.0);
    let (mut low, mut high) = (0.0, f64::INFINITY);
    let mut step = 1.0;
    for _ in 0..60 {
        let (slope, curvature) = derivatives(step);
        if slope.abs() <= 1e-12 * first.abs() {
            break;
        }
        if slope < 0.0 {
            low = step;
        } else {
            high = step;
        }
        let newton = step - slope / curvature;
        step = if newton > low && newton < high {
            newton
        } else if high.is_finite() {
            0.5 * (low + high)
        } else {
            2.0 * low
        };
    }
    step
}

/// `1 + 2 * sum(cost * x x^T)`, kept up to date by the rows whose cost changes.
#[derive(Clone)]
pub(super) struct Hessian {
    n_weights: usize,
    values: Vec<f64>,
    costs: Vec<f64>,
}

impl Hessian {
    /// With these costs of the rows.
    pub(super) fn new(problem: &Problem<'_>, costs: &[f64]) -> Self {
        let n_weights = problem.n_weights();
        let mut values = vec![0.0; n_weights * n_weights];
        values
            .iter_mut()
            .step_by(n_weights + 1)
            .for_each(|diagonal| *diagonal = 1.0);
        let mut hessian = Self {
            n_weights,
            values,
            costs: vec![0.0; costs.len()],
        };
        hessian.set_costs(problem, costs);
        hessian
    }

    fn set_costs(&mut self, problem: &Problem<'_>, costs: &[f64]) {
        let changed: Vec<usize> = (0..costs.len())
            .filter(|&row| costs[row] != self.costs[row])
            .collect();
        for rows in changed.chunks(BLOCK) {
            let n_cols = problem.x.n_cols();
            let mut plain = Vec::with_capacity(rows.len() * self.n_weights);
            let mut scaled = Vec::with_capacity(rows.len() * self.n_weights);
            for &row in rows {
                let factor = 2.0 * (costs[row] - self.costs[row]);
                plain.extend(problem.x.row(row).iter().map(|&value| f64::from(value)));
                plain.extend(problem.extra);
                let start = plain.len() - self.n_weights;
                scaled.extend(plain[start..].iter().map(|value| factor * value));
                self.costs[row] = costs[row];
            }
            debug_assert_eq!(
                plain.len(),
                rows.len() * (n_cols + usize::from(problem.extra.is_some()))
            );
            let plain = View::new(&plain, rows.len(), self.n_weights);
            let scaled = View::new(&scaled, rows.len(), self.n_weights);
            for (value, added) in self.values.iter_mut().zip(product(plain.t(), scaled)) {
                *value += added;
            }
        }
    }

    /// The solution of `H x = b`. Where rounding has cost the matrix its positive pivots, its diagonal is raised until
    /// it has them: the direction is still one of descent.
    fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut ridge = 0.0;
        loop {
            let mut values = self.values.clone();
            values
                .iter_mut()
                .step_by(self.n_weights + 1)
                .for_each(|diagonal| *diagonal *= 1.0 + ridge);
            if let Some(factor) = Cholesky::new(values, self.n_weights) {
                return factor.solve(b);
            }
            ridge = if ridge == 0.0 { 1e-12 } else { ridge * 10.0 };
            if ridge > 1.0 {
                return b.to_vec();
            }
        }
    }
}
