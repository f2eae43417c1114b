//! Sequential minimal optimisation of the dual problem of two classes.
//!
//! Source: Fan, Chen and Lin 2005, "Working Set Selection Using Second Order Information" (WSS 2); shrinking and the
//! reconstruction of the gradient: Chang and Lin 2011, "LIBSVM", sections 4.1.4 and 5.1 and 5.2.

use super::rows::{BATCH, KernelRows};

/// What stands in for a curvature that is not positive.
const TAU: f64 = 1e-12;

/// When to stop, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stopping {
    pub(super) tol: f64,
    pub(super) max_iter: Option<usize>,
    pub(super) shrinking: bool,
}

/// A solved problem.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Solution {
    /// `alpha * y` of each row, in the order in which the rows were given.
    pub(super) coef: Vec<f64>,
    /// What is subtracted from the sum over the rows.
    pub(super) rho: f64,
    pub(super) n_iter: usize,
    pub(super) converged: bool,
}

/// The state of the optimisation. The first `n_active` rows take part in it.
struct Smo {
    rows: KernelRows,
    stopping: Stopping,
    /// Place of each row in the problem as it was given.
    given: Vec<usize>,
    /// 1 or -1.
    y: Vec<f64>,
    cost: Vec<f64>,
    alpha: Vec<f64>,
    gradient: Vec<f64>,
    /// The part of the gradient that is due to rows at their upper bound.
    bound_gradient: Vec<f64>,
    n_active: usize,
    was_unshrunk: bool,
    candidates: Vec<(f64, usize)>,
}

/// Solves the problem whose rows have these signs (1 or -1) and upper bounds.
pub(super) fn solve(rows: KernelRows, y: Vec<f64>, cost: Vec<f64>, stopping: Stopping) -> Solution {
    let n = y.len();
    let mut smo = Smo {
        rows,
        stopping,
        given: (0..n).collect(),
        y,
        cost,
        alpha: vec![0.0; n],
        gradient: vec![-1.0; n],
        bound_gradient: vec![0.0; n],
        n_active: n,
        was_unshrunk: false,
        candidates: Vec::new(),
    };
    let (n_iter, converged) = smo.run();
    let mut coef = vec![0.0; n];
    for (at, &given) in smo.given.iter().enumerate() {
        coef[given] = smo.alpha[at] * smo.y[at];
    }
    Solution {
        coef,
        rho: smo.rho(),
        n_iter,
        converged,
    }
}

impl Smo {
    fn run(&mut self) -> (usize, bool) {
        let n = self.y.len();
        let period = n.min(1000);
        let mut until_shrinking = period + 1;
        let mut n_iter = 0;
        while self.stopping.max_iter.is_none_or(|max| n_iter < max) {
            until_shrinking -= 1;
            if until_shrinking == 0 {
                until_shrinking = period;
                if self.stopping.shrinking {
                    self.shrink();
                }
            }
            let pair = match self.choose() {
                Some(pair) => pair,
                None => {
                    self.unshrink();
                    match self.choose() {
                        Some(pair) => {
                            until_shrinking = 1;
                            pair
                        }
                        None => return (n_iter, true),
                    }
                }
            };
            n_iter += 1;
            self.step(pair);
        }
        self.unshrink();
        (n_iter, false)
    }

    fn at_upper(&self, t: usize) -> bool {
        self.alpha[t] >= self.cost[t]
    }

    fn at_lower(&self, t: usize) -> bool {
        self.alpha[t] <= 0.0 && !self.at_upper(t)
    }

    /// Whether `alpha y` of the row can grow.
    fn can_grow(&self, t: usize) -> bool {
        match self.y[t] > 0.0 {
            true => !self.at_upper(t),
            false => !self.at_lower(t),
        }
    }

    /// Whether `alpha y` of the row can become less.
    fn can_shrink(&self, t: usize) -> bool {
        match self.y[t] > 0.0 {
            true => !self.at_lower(t),
            false => !self.at_upper(t),
        }
    }

    /// The row that violates the conditions most, and the one that together with it promises the largest decrease. Of equal
    /// ones the last. `None` at the optimum.
    fn choose(&mut self) -> Option<(usize, usize)> {
        let mut largest = f64::NEG_INFINITY;
        let mut first = None;
        for t in 0..self.n_active {
            let value = -self.y[t] * self.gradient[t];
            if value >= largest && self.can_grow(t) {
                (largest, first) = (value, Some(t));
            }
        }
        let i = first?;
        self.keep(i, None);
        let (diagonal, row) = (self.rows.diagonal(), self.rows.row(i));
        let mut other_largest = f64::NEG_INFINITY;
        let mut least = f64::INFINITY;
        let mut second = None;
        for t in 0..self.n_active {
            if !self.can_shrink(t) {
                continue;
            }
            let value = self.y[t] * self.gradient[t];
            other_largest = other_largest.max(value);
            let difference = largest + value;
            if difference > 0.0 {
                let curvature = diagonal[i] + diagonal[t] - 2.0 * f64::from(row[t]);
                let curvature = if curvature > 0.0 { curvature } else { TAU };
                let decrease = -(difference * difference) / curvature;
                if decrease <= least {
                    (least, second) = (decrease, Some(t));
                }
            }
        }
        if largest + other_largest < self.stopping.tol {
            return None;
        }
        let j = second?;
        self.keep(j, Some(i));
        Some((i, j))
    }

    /// Has the row of `t` at hand, and computes others with it that are likely to be asked for: those that violate the
    /// conditions most on the same side. `other` stays at hand.
    fn keep(&mut self, t: usize, other: Option<usize>) {
        if self.rows.is_kept(t) {
            match other {
                Some(other) => self.rows.keep(&[other, t]),
                None => self.rows.keep(&[t]),
            }
            return;
        }
        let mut candidates = std::mem::take(&mut self.candidates);
        candidates.clear();
        for at in 0..self.n_active {
            let (takes_part, value) = match other {
                None => (self.can_grow(at), -self.y[at] * self.gradient[at]),
                Some(_) => (self.can_shrink(at), self.y[at] * self.gradient[at]),
            };
            if takes_part && at != t && Some(at) != other && !self.rows.is_kept(at) {
                candidates.push((value, at));
            }
        }
        let wanted = BATCH - 2;
        if candidates.len() > wanted {
            candidates.select_nth_unstable_by(wanted, |a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
            candidates.truncate(wanted);
        }
        let mut rows = vec![t];
        rows.extend(other);
        rows.extend(candidates.iter().map(|&(_, row)| row));
        self.rows.keep(&rows);
        self.candidates = candidates;
    }

    /// Moves both multipliers to the optimum of their line, inside of their bounds.
    fn step(&mut self, (i, j): (usize, usize)) {
        let between = f64::from(self.rows.row(i)[j]);
        let diagonal = self.rows.diagonal();
        let curvature = diagonal[i] + diagonal[j] - 2.0 * between;
        let curvature = if curvature > 0.0 { curvature } else { TAU };
        let (cost_i, cost_j) = (self.cost[i], self.cost[j]);
        let (old_i, old_j) = (self.alpha[i], self.alpha[j]);
        let (mut new_i, mut new_j);
        if self.y[i] != self.y[j] {
            let delta = (-self.gradient[i] - self.gradient[j]) / curvature;
            let difference = old_i - old_j;
            (new_i, new_j) = (old_i + delta, old_j + delta);
            if difference > 0.0 && new_j < 0.0 {
                (new_i, new_j) = (difference, 0.0);
            } else if difference <= 0.0 && new_i < 0.0 {
                (new_i, new_j) = (0.0, -difference);
            }
            if difference > cost_i - cost_j && new_i > cost_i {
                (new_i, new_j) = (cost_i, cost_i - difference);
            } else if difference <= cost_i - cost_j && new_j > cost_j {
                (new_i, new_j) = (cost_j + difference, cost_j);
            }
        } else {
            let delta = (self.gradient[i] - self.gradient[j]) / curvature;
            let sum = old_i + old_j;
            (new_i, new_j) = (old_i - delta, old_j + delta);
            if sum > cost_i && new_i > cost_i {
                (new_i, new_j) = (cost_i, sum - cost_i);
            } else if sum <= cost_i && new_j < 0.0 {
                (new_i, new_j) = (sum, 0.0);
            }
            if sum > cost_j && new_j > cost_j {
                (new_i, new_j) = (sum - cost_j, cost_j);
            } else if sum <= cost_j && new_i < 0.0 {
                (new_i, new_j) = (0.0, sum);
            }
        }
        let was_upper = [self.at_upper(i), self.at_upper(j)];
        (self.alpha[i], self.alpha[j]) = (new_i, new_j);
        let (by_i, by_j) = ((new_i - old_i) * self.y[i], (new_j - old_j) * self.y[j]);
        let rows = self.rows.row(i).iter().zip(self.rows.row(j));
        let active = self.gradient[..self.n_active].iter_mut().zip(&self.y);
        for ((gradient, y), (of_i, of_j)) in active.zip(rows) {
            *gradient += y * (f64::from(*of_i) * by_i + f64::from(*of_j) * by_j);
        }
        for (row, was_upper) in [i, j].into_iter().zip(was_upper) {
            if was_upper != self.at_upper(row) {
                let sign = if was_upper { -1.0 } else { 1.0 };
                let factor = sign * self.cost[row] * self.y[row];
                let of_bound = self.bound_gradient.iter_mut().zip(&self.y);
                for ((gradient, y), value) in of_bound.zip(self.rows.row(row)) {
                    *gradient += y * factor * f64::from(*value);
                }
            }
        }
    }

    /// Leaves out rows that are at a bound and will stay there, as it seems.
    fn shrink(&mut self) {
        let most = |smo: &Self, takes_part: &dyn Fn(usize) -> bool, sign: f64| {
            (0..smo.n_active)
                .filter(|&t| takes_part(t))
                .map(|t| sign * smo.y[t] * smo.gradient[t])
                .fold(f64::NEG_INFINITY, f64::max)
        };
        let growing = most(self, &|t| self.can_grow(t), -1.0);
        let shrinking = most(self, &|t| self.can_shrink(t), 1.0);
        if !self.was_unshrunk && growing + shrinking <= self.stopping.tol * 10.0 {
            self.was_unshrunk = true;
            self.unshrink();
        }
        let is_settled = |smo: &Self, t: usize| {
            let value = smo.y[t] * smo.gradient[t];
            match (smo.can_grow(t), smo.can_shrink(t)) {
                (true, false) => value > shrinking,
                (false, true) => value < -growing,
                _ => false,
            }
        };
        let mut swaps = Vec::new();
        let mut t = 0;
        while t < self.n_active {
            if is_settled(self, t) {
                self.n_active -= 1;
                while self.n_active > t {
                    if !is_settled(self, self.n_active) {
                        self.swap(t, self.n_active);
                        swaps.push((t, self.n_active));
                        break;
                    }
                    self.n_active -= 1;
                }
            }
            t += 1;
        }
        self.rows.swap(&swaps);
    }

    /// Has all rows take part again.
    fn unshrink(&mut self) {
        let (n, n_active) = (self.y.len(), self.n_active);
        self.n_active = n;
        if n_active == n {
            return;
        }
        for t in n_active..n {
            self.gradient[t] = self.bound_gradient[t] - 1.0;
        }
        let free: Vec<usize> = (0..n_active)
            .filter(|&t| !self.at_upper(t) && !self.at_lower(t))
            .collect();
        if free.len() * n > 2 * n_active * (n - n_active) {
            let left_out: Vec<usize> = (n_active..n).collect();
            for batch in left_out.chunks(BATCH) {
                self.rows.keep(batch);
                for &t in batch {
                    let row = self.rows.row(t);
                    let y = self.y[t];
                    for &free in &free {
                        self.gradient[t] += self.alpha[free] * (y * self.y[free] * f64::from(row[free]));
                    }
                }
            }
        } else {
            for batch in free.chunks(BATCH) {
                self.rows.keep(batch);
                for &free in batch {
                    let factor = self.alpha[free] * self.y[free];
                    let row = &self.rows.row(free)[n_active..];
                    let left_out = self.gradient[n_active..].iter_mut().zip(&self.y[n_active..]);
                    for ((gradient, y), value) in left_out.zip(row) {
                        *gradient += y * factor * f64::from(*value);
                    }
                }
            }
        }
    }

    /// Lets two rows change their places, but for those in `rows`.
    fn swap(&mut self, a: usize, b: usize) {
        self.given.swap(a, b);
        for values in [
            &mut self.y,
            &mut self.cost,
            &mut self.alpha,
            &mut self.gradient,
            &mut self.bound_gradient,
        ] {
            values.swap(a, b);
        }
    }

    /// The offset: the mean over the rows between their bounds, or the middle of what the others allow.
    fn rho(&self) -> f64 {
        let (mut upper, mut lower) = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut sum, mut n_free) = (0.0, 0usize);
        for t in 0..self.n_active {
            let value = self.y[t] * self.gradient[t];
            if self.at_upper(t) || self.at_lower(t) {
                // What may only grow bounds from above, what may only shrink from below.
                match self.at_upper(t) == (self.y[t] > 0.0) {
                    true => lower = lower.max(value),
                    false => upper = upper.min(value),
                }
            } else {
                n_free += 1;
                sum += value;
            }
        }
        match n_free {
            0 => (upper + lower) / 2.0,
            n => sum / n as f64,
        }
    }
}
