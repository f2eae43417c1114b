use super::problem::{Problem, Solution};
use cratedigger_stats::rng::SeededRng;

/// Share of the expected decrease that a step has to bring.
const SUFFICIENT: f64 = 0.01;

/// Halvings of a step, at most.
const MOST_HALVINGS: usize = 20;

/// Coordinate descent with Newton steps for `|w|_1 + sum(cost * max(0, 1 - m)^2)`.
///
/// One weight at a time goes to the minimum of the second-order model of the loss plus its own `|w|`, and back by halves
/// until the function falls enough. A weight that is zero and whose derivative lies well within the penalty's is left
/// out until the others have converged.
///
/// `columns` holds the features one after the other.
///
/// Source: Yuan, Chang, Hsieh and Lin 2010, "A comparison of optimization methods and software for large-scale
/// L1-regularized linear classification", section 4.1 and appendix; the stopping rule is liblinear's: the sum of the
/// violations against the first one, by `tol` and the share of the smaller side.
pub(super) fn solve(
    problem: &Problem<'_>,
    columns: &[f32],
    tol: f64,
    max_iter: usize,
    rng: SeededRng,
) -> Solution {
    let mut rng = rng;
    let n_rows = problem.x.n_rows();
    let n_positive = problem.sign.iter().filter(|&&sign| sign > 0.0).count();
    let smaller_side = n_positive.min(n_rows - n_positive).max(1);
    let tol = tol * smaller_side as f64 / n_rows as f64;
    let extra = problem.extra.map(|extra| vec![extra as f32; n_rows]);
    let column = |index: usize| match &extra {
        Some(extra) if index == problem.x.n_cols() => &extra[..],
        _ => &columns[index * n_rows..(index + 1) * n_rows],
    };
    let mut w = vec![0.0; problem.n_weights()];
    // 1 - sign * score of every row: positive where it costs something.
    let mut slack = vec![1.0; n_rows];
    let all: Vec<usize> = (0..w.len()).collect();
    let mut active = all.clone();
    let mut largest_before = f64::INFINITY;
    let mut first_sum = None;
    for n_iter in 1..=max_iter {
        rng.shuffle(&mut active);
        let (mut largest, mut sum) = (0.0f64, 0.0);
        let mut kept = Vec::with_capacity(active.len());
        for &index in &active {
            let x = column(index);
            let (gradient, curvature) = derivatives(problem, x, &slack);
            let (above, below) = (gradient + 1.0, gradient - 1.0);
            let violation = if w[index] > 0.0 {
                above.abs()
            } else if w[index] < 0.0 {
                below.abs()
            } else {
                let margin = largest_before / n_rows as f64;
                if above > margin && below < -margin {
                    continue;
                }
                (-above).max(below).max(0.0)
            };
            kept.push(index);
            largest = largest.max(violation);
            sum += violation;
            let step = if above < curvature * w[index] {
                -above / curvature
            } else if below > curvature * w[index] {
                -below / curvature
            } else {
                -w[index]
            };
            if step.abs() >= 1e-12 {
                w[index] += take_step(problem, x, &mut slack, w[index], step, gradient);
            }
        }
        let shrunk = kept.len() < all.len();
        active = kept;
        if sum <= tol * *first_sum.get_or_insert(sum) {
            if !shrunk {
                return Solution {
                    w,
                    n_iter,
                    converged: true,
                };
            }
            active.clone_from(&all);
            largest_before = f64::INFINITY;
        } else {
            largest_before = largest;
        }
    }
    Solution {
        w,
        n_iter: max_iter,
        converged: false,
    }
}

/// First and second derivative of the loss by the weight of feature `x`.
fn derivatives(problem: &Problem<'_>, x: &[f32], slack: &[f64]) -> (f64, f64) {
    let (mut gradient, mut curvature) = (0.0, 0.0);
    let rows = x.iter().zip(slack).zip(problem.sign.iter().zip(&problem.cost));
    for ((&x, &slack), (&sign, &cost)) in rows {
        if slack > 0.0 {
            let x = f64::from(x);
            gradient -= cost * sign * x * slack;
            curvature += cost * x * x;
        }
    }
    (2.0 * gradient, (2.0 * curvature).max(1e-12))
}

/// Moves along `step`, or a part of it that lowers the function enough; returns how far. `slack` follows.
fn take_step(problem: &Problem<'_>, x: &[f32], slack: &mut [f64], w: f64, step: f64, gradient: f64) -> f64 {
    // Summed row by row as a difference of squares: the difference of two sums would drown small steps in rounding.
    let change = |slack: &[f64], step: f64| -> f64 {
        let rows = x.iter().zip(slack).zip(problem.sign.iter().zip(&problem.cost));
        rows.map(|((&x, &slack), (&sign, &cost))| {
            let (new, old) = ((slack - step * sign * f64::from(x)).max(0.0), slack.max(0.0));
            cost * (new - old) * (new + old)
        })
        .sum()
    };
    let mut step = step;
    for _ in 0..MOST_HALVINGS {
        let penalty = (w + step).abs() - w.abs();
        let expected = penalty + gradient * step;
        if penalty + change(slack, step) <= SUFFICIENT * expected {
            for ((slack, &x), &sign) in slack.iter_mut().zip(x).zip(&problem.sign) {
                *slack -= step * sign * f64::from(x);
            }
            return step;
        }
        step *= 0.5;
    }
    0.0
}
