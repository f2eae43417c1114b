/// When [`minimise`] stops.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Converged when no component of the gradient is larger.
    pub(crate) gradient_tolerance: f64,
    /// Converged when a step lowers the value by less than this share of it.
    pub(crate) value_tolerance: f64,
    /// Largest number of iterations.
    pub(crate) max_iter: usize,
    /// Largest number of evaluations.
    pub(crate) max_fun: usize,
}

/// Where [`minimise`] ended.
#[derive(Debug, Clone)]
pub(crate) struct Minimum {
    pub(crate) x: Vec<f64>,
    /// Value after each iteration.
    pub(crate) values: Vec<f64>,
    pub(crate) converged: bool,
}

/// Pairs of steps and changes of the gradient that are remembered.
const MEMORY: usize = 10;

/// The minimum of a smooth function by L-BFGS with a line search for the strong Wolfe conditions.
///
/// `function` returns the value and writes the gradient.
///
/// Source: Nocedal and Wright 2006, "Numerical Optimization", algorithms 7.4, 7.5 (two-loop recursion, memory of 10),
/// 3.5 and 3.6 (line search, c1 = 1e-4, c2 = 0.9), with interpolation by cubics. The stopping rules are those of
/// scipy's `L-BFGS-B` without bounds.
pub(crate) fn minimise(
    start: Vec<f64>,
    limits: Limits,
    mut function: impl FnMut(&[f64], &mut [f64]) -> f64,
) -> Minimum {
    let n = start.len();
    let mut at = Point {
        x: start,
        value: 0.0,
        gradient: vec![0.0; n],
    };
    at.value = function(&at.x, &mut at.gradient);
    let mut n_evaluations = 1;
    let mut history: Vec<(Vec<f64>, Vec<f64>, f64)> = Vec::new();
    let mut values = Vec::new();
    while values.len() < limits.max_iter {
        if !at.value.is_finite() {
            break;
        }
        if largest(&at.gradient) <= limits.gradient_tolerance {
            return Minimum {
                x: at.x,
                values,
                converged: true,
            };
        }
        if n_evaluations >= limits.max_fun {
            break;
        }
        let mut direction = two_loops(&history, &at.gradient);
        if dot(&direction, &at.gradient) >= 0.0 {
            history.clear();
            direction = at.gradient.iter().map(|value| -value).collect();
        }
        let first_step = if history.is_empty() {
            (1.0 / norm(&at.gradient)).min(1.0)
        } else {
            1.0
        };
        let budget = limits.max_fun - n_evaluations;
        let (next, used) = line_search(&at, &direction, first_step, budget, &mut function);
        n_evaluations += used;
        let Some(next) = next else {
            if history.is_empty() {
                break;
            }
            // The remembered curvature misled the search: forget it and take the steepest way once.
            history.clear();
            continue;
        };
        let step: Vec<f64> = next.x.iter().zip(&at.x).map(|(new, old)| new - old).collect();
        let change: Vec<f64> = next
            .gradient
            .iter()
            .zip(&at.gradient)
            .map(|(new, old)| new - old)
            .collect();
        let curvature = dot(&step, &change);
        if curvature > f64::EPSILON * dot(&change, &change) {
            if history.len() == MEMORY {
                history.remove(0);
            }
            history.push((step, change, 1.0 / curvature));
        }
        let gain = at.value - next.value;
        let scale = at.value.abs().max(next.value.abs()).max(1.0);
        at = next;
        values.push(at.value);
        if gain <= limits.value_tolerance * scale {
            return Minimum {
                x: at.x,
                values,
                converged: true,
            };
        }
    }
    let converged = largest(&at.gradient) <= limits.gradient_tolerance;
    Minimum {
        x: at.x,
        values,
        converged,
    }
}

struct Point {
    x: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
}

/// Minus the gradient, times the inverse Hessian that the history stands for.
fn two_loops(history: &[(Vec<f64>, Vec<f64>, f64)], gradient: &[f64]) -> Vec<f64> {
    let mut direction: Vec<f64> = gradient.iter().map(|value| -value).collect();
    let mut factors = vec![0.0; history.len()];
    for (factor, (step, change, rho)) in factors.iter_mut().zip(history).rev() {
        *factor = rho * dot(step, &direction);
        add_scaled(&mut direction, -*factor, change);
    }
    if let Some((_, change, rho)) = history.last() {
        let scale = 1.0 / (rho * dot(change, change));
        direction.iter_mut().for_each(|value| *value *= scale);
    }
    for (factor, (step, change, rho)) in factors.iter().zip(history) {
        let back = rho * dot(change, &direction);
        add_scaled(&mut direction, factor - back, step);
    }
    direction
}

/// A point along `direction` that satisfies the strong Wolfe conditions, and the number of evaluations. Where the
/// budget or the precision ends first, the lowest point found, if it is lower than the start.
fn line_search(
    start: &Point,
    direction: &[f64],
    first_step: f64,
    budget: usize,
    function: &mut impl FnMut(&[f64], &mut [f64]) -> f64,
) -> (Option<Point>, usize) {
    const DECREASE: f64 = 1e-4;
    const CURVATURE: f64 = 0.9;
    let slope_0 = dot(&start.gradient, direction);
    // A trial: step, value, slope, point.
    let mut evaluate = |step: f64| {
        let x: Vec<f64> = start.x.iter().zip(direction).map(|(x, d)| x + step * d).collect();
        let mut gradient = vec![0.0; x.len()];
        let value = function(&x, &mut gradient);
        let slope = dot(&gradient, direction);
        (step, value, slope, Point { x, value, gradient })
    };
    let mut low = (0.0, start.value, slope_0);
    let mut high: Option<(f64, f64, f64)> = None;
    let mut best: Option<Point> = None;
    let mut step = first_step;
    let mut used = 0;
    while used < budget.min(40) {
        let (step_tried, value, slope, point) = evaluate(step);
        used += 1;
        let enough = value.is_finite() && value <= start.value + DECREASE * step_tried * slope_0;
        if enough && slope.abs() <= -CURVATURE * slope_0 {
            return (Some(point), used);
        }
        if value < best.as_ref().map_or(start.value, |best| best.value) {
            best = Some(point);
        }
        if !enough || value >= low.1 {
            high = Some((step_tried, value, slope));
        } else {
            let towards_high = high.map_or(1.0, |high| high.0 - low.0);
            if slope * towards_high >= 0.0 {
                high = Some(low);
            }
            low = (step_tried, value, slope);
        }
        step = match high {
            None => 2.0 * step,
            Some(high) if (high.0 - low.0).abs() <= 1e-14 * low.0.abs().max(high.0.abs()) => break,
            Some(high) => interpolate(low, high),
        };
    }
    (best, used)
}

/// Where the cubic through two values and slopes has its minimum, kept a tenth of the interval away from its ends.
fn interpolate(a: (f64, f64, f64), b: (f64, f64, f64)) -> f64 {
    let middle = 0.5 * (a.0 + b.0);
    let d1 = a.2 + b.2 - 3.0 * (a.1 - b.1) / (a.0 - b.0);
    let square = d1 * d1 - a.2 * b.2;
    let minimum = if square >= 0.0 && square.is_finite() {
        let d2 = (b.0 - a.0).signum() * square.sqrt();
        b.0 - (b.0 - a.0) * (b.2 + d2 - d1) / (b.2 - a.2 + 2.0 * d2)
    } else {
        middle
    };
    let margin = 0.1 * (b.0 - a.0).abs();
    let (left, right) = (a.0.min(b.0) + margin, a.0.max(b.0) - margin);
    if minimum.is_finite() {
        minimum.clamp(left, right)
    } else {
        middle
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    crate::methods::kernels::Kernels::new().dot_f64(a, b)
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

fn largest(a: &[f64]) -> f64 {
    a.iter().fold(0.0, |largest, value| largest.max(value.abs()))
}

fn add_scaled(a: &mut [f64], factor: f64, b: &[f64]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += factor * b);
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        gradient_tolerance: 1e-8,
        value_tolerance: 0.0,
        max_iter: 500,
        max_fun: 5000,
    };

    #[test]
    fn rosenbrocks_valley_is_followed_to_its_end() {
        let minimum = minimise(vec![-1.2, 1.0, -1.2, 1.0], LIMITS, |x, gradient| {
            let mut value = 0.0;
            for i in [0, 2] {
                let (a, b) = (1.0 - x[i], x[i + 1] - x[i] * x[i]);
                value += a * a + 100.0 * b * b;
                gradient[i] = -2.0 * a - 400.0 * x[i] * b;
                gradient[i + 1] = 200.0 * b;
            }
            value
        });
        assert!(minimum.converged);
        assert!(
            minimum.x.iter().all(|x| (x - 1.0).abs() < 1e-7),
            "{:?}",
            minimum.x
        );
        assert!(
            minimum.values.is_sorted_by(|a, b| a >= b),
            "every iteration goes down"
        );
        assert!(minimum.values.len() < 60, "{}", minimum.values.len());
    }

    #[test]
    fn an_ill_conditioned_bowl_takes_few_steps() {
        let scales: Vec<f64> = (0..30).map(|i| 10f64.powf(f64::from(i) / 15.0)).collect();
        let minimum = minimise(vec![1.0; 30], LIMITS, |x, gradient| {
            gradient
                .iter_mut()
                .zip(x.iter().zip(&scales))
                .for_each(|(g, (x, s))| *g = s * (x - 3.0));
            x.iter()
                .zip(&scales)
                .map(|(x, s)| 0.5 * s * (x - 3.0).powi(2))
                .sum()
        });
        assert!(
            minimum.converged && minimum.values.len() < 200,
            "{}",
            minimum.values.len()
        );
        assert!(minimum.x.iter().all(|x| (x - 3.0).abs() < 1e-7));
    }

    #[test]
    fn a_limit_of_iterations_is_kept() {
        let limits = Limits {
            max_iter: 2,
            ..LIMITS
        };
        let minimum = minimise(vec![5.0, -3.0], limits, |x, gradient| {
            gradient[0] = 4.0 * x[0].powi(3);
            gradient[1] = 4.0 * x[1].powi(3);
            x[0].powi(4) + x[1].powi(4)
        });
        assert!(!minimum.converged);
        assert_eq!(minimum.values.len(), 2);
    }
}
