use super::parameters::{LinearSvc, SvmLoss};
use super::problem::{Problem, Solution};
use crate::methods::kernels::Kernels;
use cratedigger_stats::rng::SeededRng;

/// Dual coordinate descent with shrinking.
///
/// The dual problem has one variable `alpha` per row, between 0 and an upper bound (the cost for the hinge, none for
/// the squared hinge), and `w = sum(alpha * sign * x)`. Each step sets one variable to its best value. A variable that
/// sits at a bound and whose gradient points far outside is left out until the rest has converged.
///
/// Source: Hsieh, Chang, Lin, Keerthi and Sundararajan 2008, "A dual coordinate descent method for large-scale linear
/// SVM", algorithm 3.
pub(super) fn solve(problem: &Problem<'_>, parameters: &LinearSvc, class: u64) -> Solution {
    let kernels = Kernels::new();
    let n_rows = problem.x.n_rows();
    let mut rng = SeededRng::stream(parameters.seed, class);
    // The squared hinge adds 1 / (2 C) to the diagonal of the quadratic form.
    let (diagonal, upper): (Vec<f64>, Vec<f64>) = match parameters.loss {
        SvmLoss::SquaredHinge => problem
            .cost
            .iter()
            .map(|cost| (0.5 / cost, f64::INFINITY))
            .unzip(),
        SvmLoss::Hinge => problem.cost.iter().map(|&cost| (0.0, cost)).unzip(),
    };
    let curvature: Vec<f64> = (0..n_rows)
        .map(|row| {
            let squares: f64 = problem
                .x
                .row(row)
                .iter()
                .map(|&value| f64::from(value).powi(2))
                .sum();
            squares + problem.extra.map_or(0.0, |extra| extra * extra) + diagonal[row]
        })
        .collect();

    let all: Vec<usize> = (0..n_rows)
        .filter(|&row| problem.cost[row] > 0.0 && curvature[row] > 0.0)
        .collect();
    let mut active = all.clone();
    let mut alpha = vec![0.0; n_rows];
    let mut w = vec![0.0; problem.n_weights()];
    let (mut shrink_above, mut shrink_below) = (f64::INFINITY, f64::NEG_INFINITY);
    for n_iter in 1..=parameters.max_iter {
        rng.shuffle(&mut active);
        let (mut largest, mut smallest) = (f64::NEG_INFINITY, f64::INFINITY);
        let mut kept = Vec::with_capacity(active.len());
        for &row in &active {
            let sign = problem.sign[row];
            let gradient = sign * problem.score(kernels, row, &w) - 1.0 + diagonal[row] * alpha[row];
            let projected = if alpha[row] == 0.0 {
                if gradient > shrink_above {
                    continue;
                }
                gradient.min(0.0)
            } else if alpha[row] == upper[row] {
                if gradient < shrink_below {
                    continue;
                }
                gradient.max(0.0)
            } else {
                gradient
            };
            kept.push(row);
            largest = largest.max(projected);
            smallest = smallest.min(projected);
            if projected.abs() > 1e-12 {
                let before = alpha[row];
                alpha[row] = (before - gradient / curvature[row]).clamp(0.0, upper[row]);
                problem.add_scaled(kernels, &mut w, (alpha[row] - before) * sign, row);
            }
        }
        let shrunk = kept.len() < all.len();
        active = kept;
        if active.is_empty() || largest - smallest <= parameters.tol {
            if !shrunk {
                return Solution {
                    w,
                    n_iter,
                    converged: true,
                };
            }
            active.clone_from(&all);
            (shrink_above, shrink_below) = (f64::INFINITY, f64::NEG_INFINITY);
            continue;
        }
        shrink_above = if largest > 0.0 { largest } else { f64::INFINITY };
        shrink_below = if smallest < 0.0 {
            smallest
        } else {
            f64::NEG_INFINITY
        };
    }
    Solution {
        w,
        n_iter: parameters.max_iter,
        converged: false,
    }
}
