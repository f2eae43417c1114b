use cratedigger_matmul::{View, write_product};
use rayon::prelude::*;

use super::kernel::{Kernel, squared_lengths};
use super::pairs::pairs;
use super::platt::{Sigmoid, couple};
use crate::data::matrix::Matrix;
use crate::data::score_matrix::{ScoreMatrix, argmax};
use crate::error::Result;
use crate::estimator::{FittedClassifier, Method, Scores, check_predict};
use crate::methods::margins;
use crate::state::ModelState;

/// Rows that are scored at a time, filled up with zeros where there are fewer, so that every product has the same shape.
const BLOCK: usize = 64;

/// What was learnt of the classes with training rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Machine {
    pub(super) kernel: Kernel,
    /// The rows that support a pair, class after class.
    pub(super) support: Matrix,
    /// How many of them each class has.
    pub(super) n_support: Vec<usize>,
    /// Coefficients [classes - 1, rows that support]: of a row of class `i`, first against the classes before `i`, then
    /// against those after it.
    pub(super) dual_coef: Vec<f64>,
    /// What is subtracted from the sum of each pair, in the order of `pairs`.
    pub(super) rho: Vec<f64>,
    /// How each pair's values become probabilities.
    pub(super) sigmoids: Option<Vec<Sigmoid>>,
    pub(super) break_ties: bool,
    pub(super) n_iter: usize,
    pub(super) converged: bool,
}

/// A fitted machine.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FittedSvc {
    pub(super) machine: Machine,
    pub(super) classes: Vec<usize>,
    n_classes: usize,
    parts: Vec<Part>,
}

/// The supporting rows of a class.
#[derive(Debug, Clone, PartialEq)]
struct Part {
    values: Vec<f64>,
    squared: Vec<f64>,
    /// Coefficients [rows, classes - 1].
    coef: Vec<f64>,
}

impl FittedSvc {
    pub(super) fn new(machine: Machine, classes: Vec<usize>, n_classes: usize) -> Self {
        let (n_cols, n_support) = (machine.support.n_cols(), machine.support.n_rows());
        let mut parts = Vec::new();
        let mut first = 0;
        for &n in &machine.n_support {
            let rows = &machine.support.as_slice()[first * n_cols..(first + n) * n_cols];
            let values: Vec<f64> = rows.iter().map(|&value| f64::from(value)).collect();
            let of_row = |row: usize| machine.dual_coef.iter().skip(row).step_by(n_support);
            parts.push(Part {
                squared: squared_lengths(&values, n_cols),
                coef: (first..first + n).flat_map(of_row).copied().collect(),
                values,
            });
            first += n;
        }
        Self {
            machine,
            classes,
            n_classes,
            parts,
        }
    }

    /// The value of each pair for each row, in the order of `pairs`; positive values speak for the first class.
    fn decisions(&self, x: &Matrix) -> Vec<f64> {
        let n_cols = x.n_cols();
        let k = self.classes.len();
        let blocks = x.as_slice().par_chunks(BLOCK * n_cols);
        let decisions = blocks.map(|rows| {
            let n_rows = rows.len() / n_cols;
            let mut block: Vec<f64> = rows.iter().map(|&value| f64::from(value)).collect();
            block.resize(BLOCK * n_cols, 0.0);
            let sums: Vec<Vec<f64>> = self
                .parts
                .iter()
                .map(|part| sums(self.machine.kernel, &block, n_cols, part, k - 1))
                .collect();
            let mut out = Vec::with_capacity(n_rows * self.machine.rho.len());
            for row in 0..n_rows {
                for ((i, j), rho) in pairs(k).zip(&self.machine.rho) {
                    out.push(sums[i][row * (k - 1) + j - 1] + sums[j][row * (k - 1) + i] - rho);
                }
            }
            out
        });
        decisions.collect::<Vec<_>>().concat()
    }

    /// Votes of a row for each class, and the values by which scikit-learn tells ties apart (`_ovr_decision_function`): votes
    /// and a share of the sum of the values that speak for the class.
    fn votes(&self, decisions: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let k = self.classes.len();
        let (mut votes, mut confidence) = (vec![0.0; k], vec![0.0; k]);
        for ((i, j), value) in pairs(k).zip(decisions) {
            votes[if *value > 0.0 { i } else { j }] += 1.0;
            confidence[i] += value;
            confidence[j] -= value;
        }
        let values = votes
            .iter()
            .zip(confidence)
            .map(|(votes, sum)| votes + sum / (3.0 * (sum.abs() + 1.0)))
            .collect();
        (votes, values)
    }
}

/// The sums of a block of rows over the supporting rows of a class: [rows, coefficients].
fn sums(kernel: Kernel, block: &[f64], n_cols: usize, part: &Part, n_coef: usize) -> Vec<f64> {
    let n_block = block.len() / n_cols;
    let n = part.squared.len();
    let mut values = vec![0.0; n_block * n];
    write_product(
        View::new(block, n_block, n_cols),
        View::new(&part.values, n, n_cols).t(),
        &mut values,
    );
    let own = squared_lengths(block, n_cols);
    for (values, own) in values.chunks_exact_mut(n.max(1)).zip(own) {
        kernel.apply(own, &part.squared, values);
    }
    let mut out = vec![0.0; n_block * n_coef];
    write_product(
        View::new(&values, n_block, n),
        View::new(&part.coef, n, n_coef),
        &mut out,
    );
    out
}

/// Values of one pair for rows: from its supporting rows, their coefficients, and what is subtracted.
pub(super) fn pair_decisions(
    kernel: Kernel,
    rows: &[f64],
    support: &[f64],
    n_cols: usize,
    coef: &[f64],
    rho: f64,
) -> Vec<f64> {
    let part = Part {
        values: support.to_vec(),
        squared: squared_lengths(support, n_cols),
        coef: coef.to_vec(),
    };
    let blocks = rows.chunks(BLOCK * n_cols);
    let of_block = |block: &[f64]| sums(kernel, block, n_cols, &part, 1);
    blocks.flat_map(of_block).map(|sum| sum - rho).collect()
}

impl FittedClassifier for FittedSvc {
    fn method(&self) -> Method {
        Method::SVC
    }

    fn n_features(&self) -> usize {
        self.machine.support.n_cols()
    }

    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn scores(&self, x: &Matrix) -> Result<Scores> {
        check_predict(x, self.n_features())?;
        let k = self.classes.len();
        let decisions = self.decisions(x);
        let of_rows = decisions.chunks_exact(self.machine.rho.len());
        let mut class = Vec::with_capacity(x.n_rows());
        let mut values = Vec::with_capacity(x.n_rows() * margins::n_margins(k));
        for row in of_rows.clone() {
            if let [value] = row {
                values.push(-value);
                class.push(self.classes[usize::from(-value > 0.0)]);
                continue;
            }
            let (votes, of_classes) = self.votes(row);
            let said = if self.machine.break_ties {
                &of_classes
            } else {
                &votes
            };
            class.push(self.classes[argmax(said)]);
            values.extend(of_classes);
        }
        let probabilities = self.machine.sigmoids.as_ref().map(|sigmoids| {
            let mut out = ScoreMatrix::zeros(x.n_rows(), self.n_classes);
            for (row, decisions) in of_rows.enumerate() {
                let pairs = decisions.iter().zip(sigmoids);
                let of_pairs: Vec<f64> = pairs.map(|(value, sigmoid)| sigmoid.of(*value)).collect();
                let p = couple(&of_pairs, k);
                class[row] = self.classes[argmax(&p)];
                for (&class, p) in self.classes.iter().zip(p) {
                    out.row_mut(row)[class] = p;
                }
            }
            out
        });
        Ok(Scores {
            class,
            probabilities,
            decision: Some(margins::decision(&values, &self.classes, self.n_classes)?),
        })
    }

    fn n_iter(&self) -> Option<usize> {
        Some(self.machine.n_iter)
    }

    fn state(&self) -> Result<ModelState> {
        self.to_state()
    }

    fn converged(&self) -> bool {
        self.machine.converged
    }
}
