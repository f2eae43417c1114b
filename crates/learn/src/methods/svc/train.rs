//! The problems of all pairs of classes, and the model that they make.

use rayon::prelude::*;

use super::fitted::{FittedSvc, Machine, pair_decisions};
use super::kernel::Kernel;
use super::pairs::pairs;
use super::parameters::{Gamma, Svc};
use super::platt::Sigmoid;
use super::rows::KernelRows;
use super::smo::{Solution, Stopping, solve};
use crate::data::matrix::Matrix;
use crate::data::train_set::TrainSet;
use crate::error::{LearnError, Result};
use crate::estimator::Method;
use cratedigger_stats::rng::SeededRng;

/// Parts of the cross-validation that probabilities are fitted by.
const N_FOLDS: usize = 5;

/// What all pairs share.
struct Task<'a> {
    svc: &'a Svc,
    x: &'a Matrix,
    cost: Vec<f64>,
    kernel: Kernel,
    /// Bytes that each of the problems that are solved side by side may keep.
    bytes: usize,
    /// Whether a single problem is worth several threads.
    parallel: bool,
}

/// The rows of two classes, those of the first class (positive) before those of the second.
struct Pair {
    rows: Vec<usize>,
    n_first: usize,
}

struct SolvedPair {
    solution: Solution,
    sigmoid: Option<Sigmoid>,
}

/// Fits the machines of all pairs.
pub(super) fn fit(svc: &Svc, train: &TrainSet<'_>) -> Result<FittedSvc> {
    let (cost, classes, by_class) = rows_that_count(svc, train)?;
    let x = train.x();
    let kernel = Kernel {
        kind: svc.kernel,
        degree: svc.degree,
        gamma: gamma(svc.gamma, x, &by_class),
        coef0: svc.coef0,
    };
    let n_classes = classes.len();
    let mut order: Vec<(usize, (usize, usize))> = pairs(n_classes).enumerate().collect();
    let size = |(i, j): (usize, usize)| by_class[i].len() + by_class[j].len();
    order.sort_by_key(|&(_, pair)| std::cmp::Reverse(size(pair)));
    let n_threads = rayon::current_num_threads().min(order.len());
    let task = Task {
        svc,
        x,
        cost,
        kernel,
        bytes: (svc.cache_size * 1024.0 * 1024.0) as usize / n_threads,
        parallel: order.len() == 1,
    };
    let mut solved: Vec<(usize, SolvedPair)> = order
        .into_par_iter()
        .with_max_len(1)
        .map(|(at, (i, j))| {
            let pair = Pair {
                rows: by_class[i].iter().chain(&by_class[j]).copied().collect(),
                n_first: by_class[i].len(),
            };
            (at, task.solve(&pair, at as u64))
        })
        .collect();
    solved.sort_by_key(|&(at, _)| at);
    let solved: Vec<SolvedPair> = solved.into_iter().map(|(_, solved)| solved).collect();
    model(&task, &solved, classes, &by_class, train.n_classes())
}

/// The price of each row, the classes with rows of a price above 0, and these rows.
#[allow(clippy::type_complexity)]
fn rows_that_count(svc: &Svc, train: &TrainSet<'_>) -> Result<(Vec<f64>, Vec<usize>, Vec<Vec<usize>>)> {
    let class_weight = svc.class_weight.weights(train.y(), train.n_classes())?;
    let cost = |(row, &class): (usize, &usize)| {
        svc.c * class_weight[class] * train.sample_weight().map_or(1.0, |weights| weights[row])
    };
    let cost: Vec<f64> = train.y().iter().enumerate().map(cost).collect();
    let mut by_class = vec![Vec::new(); train.n_classes()];
    for (row, &class) in train.y().iter().enumerate() {
        if cost[row] > 0.0 {
            by_class[class].push(row);
        }
    }
    let classes: Vec<usize> = (0..by_class.len())
        .filter(|&class| !by_class[class].is_empty())
        .collect();
    match classes.as_slice() {
        [] => Err(LearnError::parameter(
            "class_weight",
            0,
            "at least two classes with rows must have a weight above 0",
        )),
        [class] => Err(train.one_class(Method::SVC.name(), *class, by_class[*class].len())),
        _ => {
            by_class.retain(|rows| !rows.is_empty());
            Ok((cost, classes, by_class))
        }
    }
}

fn gamma(gamma: Gamma, x: &Matrix, by_class: &[Vec<usize>]) -> f64 {
    let n_features = x.n_cols() as f64;
    match gamma {
        Gamma::Value(value) => value,
        Gamma::Auto => 1.0 / n_features,
        Gamma::Scale => {
            let mut rows: Vec<usize> = by_class.iter().flatten().copied().collect();
            rows.sort_unstable();
            let values = || {
                rows.iter()
                    .flat_map(|&row| x.row(row))
                    .map(|&value| f64::from(value))
            };
            let n = rows.len() as f64 * n_features;
            let mean = values().sum::<f64>() / n;
            let variance = values().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n;
            match variance > 0.0 {
                true => 1.0 / (n_features * variance),
                false => 1.0,
            }
        }
    }
}

impl Task<'_> {
    fn solve(&self, pair: &Pair, stream: u64) -> SolvedPair {
        let all: Vec<usize> = (0..pair.rows.len()).collect();
        let sigmoid = self.svc.probability.then(|| {
            let mut order = all.clone();
            SeededRng::stream(self.svc.seed, stream).shuffle(&mut order);
            let values = self.held_out(pair, &order);
            let labels: Vec<bool> = order.iter().map(|&at| at < pair.n_first).collect();
            Sigmoid::fit(&values, &labels)
        });
        SolvedPair {
            solution: self.machine(pair, &all),
            sigmoid,
        }
    }

    /// Solves the problem of some rows of a pair.
    fn machine(&self, pair: &Pair, of_pair: &[usize]) -> Solution {
        let rows: Vec<usize> = of_pair.iter().map(|&at| pair.rows[at]).collect();
        let sign = |&at: &usize| if at < pair.n_first { 1.0 } else { -1.0 };
        let kernel_rows = KernelRows::new(
            self.kernel,
            wide(self.x, &rows),
            self.x.n_cols(),
            self.bytes,
            self.parallel,
        );
        solve(
            kernel_rows,
            of_pair.iter().map(sign).collect(),
            rows.iter().map(|&row| self.cost[row]).collect(),
            Stopping {
                tol: self.svc.tol,
                max_iter: self.svc.max_iter,
                shrinking: self.svc.shrinking,
            },
        )
    }

    /// Decision values of the rows of a pair in this order, each by a machine that was fitted without its part of them.
    fn held_out(&self, pair: &Pair, order: &[usize]) -> Vec<f64> {
        let n = order.len();
        let mut values = Vec::with_capacity(n);
        for fold in 0..N_FOLDS {
            let (begin, end) = (fold * n / N_FOLDS, (fold + 1) * n / N_FOLDS);
            let rest: Vec<usize> = order[..begin].iter().chain(&order[end..]).copied().collect();
            let n_positive = rest.iter().filter(|&&at| at < pair.n_first).count();
            if n_positive == 0 || n_positive == rest.len() {
                // One class, or nothing, to learn from.
                let value = match (n_positive, rest.len()) {
                    (0, 0) => 0.0,
                    (0, _) => -1.0,
                    _ => 1.0,
                };
                values.resize(end, value);
                continue;
            }
            let solution = self.machine(pair, &rest);
            let support: Vec<usize> = (0..rest.len()).filter(|&at| solution.coef[at] != 0.0).collect();
            let rows_of =
                |of_pair: &[usize]| -> Vec<usize> { of_pair.iter().map(|&at| pair.rows[at]).collect() };
            let support_rows: Vec<usize> = support.iter().map(|&at| pair.rows[rest[at]]).collect();
            let coef: Vec<f64> = support.iter().map(|&at| solution.coef[at]).collect();
            values.extend(pair_decisions(
                self.kernel,
                &wide(self.x, &rows_of(&order[begin..end])),
                &wide(self.x, &support_rows),
                self.x.n_cols(),
                &coef,
                solution.rho,
            ));
        }
        values
    }
}

/// These rows in `f64`, one after the other.
fn wide(x: &Matrix, rows: &[usize]) -> Vec<f64> {
    rows.iter()
        .flat_map(|&row| x.row(row))
        .map(|&value| f64::from(value))
        .collect()
}

/// The model of all solved pairs: each row that supports one of them once.
fn model(
    task: &Task<'_>,
    solved: &[SolvedPair],
    classes: Vec<usize>,
    by_class: &[Vec<usize>],
    n_classes: usize,
) -> Result<FittedSvc> {
    let k = classes.len();
    // For each class, the coefficients of its rows against each of the other classes.
    let mut coef: Vec<Vec<Vec<f64>>> = vec![Vec::new(); k];
    for (solved, (i, j)) in solved.iter().zip(pairs(k)) {
        let (first, second) = solved.solution.coef.split_at(by_class[i].len());
        coef[i].push(first.to_vec());
        coef[j].push(second.to_vec());
    }
    let mut support = Vec::new();
    let mut n_support = Vec::new();
    let mut dual_coef = vec![Vec::new(); k - 1];
    for (coef, rows) in coef.iter().zip(by_class) {
        let supports = |at: &usize| coef.iter().any(|coef| coef[*at] != 0.0);
        let kept: Vec<usize> = (0..rows.len()).filter(supports).collect();
        n_support.push(kept.len());
        support.extend(kept.iter().map(|&at| rows[at]));
        for (dual, coef) in dual_coef.iter_mut().zip(coef) {
            dual.extend(kept.iter().map(|&at| coef[at]));
        }
    }
    let machine = Machine {
        kernel: task.kernel,
        support: Matrix::new(support.len(), task.x.n_cols(), {
            let rows = support.iter().flat_map(|&row| task.x.row(row));
            rows.copied().collect()
        })?,
        n_support,
        dual_coef: dual_coef.concat(),
        rho: solved.iter().map(|solved| solved.solution.rho).collect(),
        sigmoids: solved.iter().map(|solved| solved.sigmoid).collect(),
        break_ties: task.svc.break_ties,
        n_iter: solved
            .iter()
            .map(|solved| solved.solution.n_iter)
            .max()
            .unwrap_or_default(),
        converged: solved.iter().all(|solved| solved.solution.converged),
    };
    Ok(FittedSvc::new(machine, classes, n_classes))
}
