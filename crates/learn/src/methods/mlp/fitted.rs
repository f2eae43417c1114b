use std::fmt;

use super::network::Network;
use super::outcome::Outcome;
use crate::data::matrix::Matrix;
use crate::data::score_matrix::{ScoreMatrix, argmax};
use crate::error::Result;
use crate::estimator::{FittedClassifier, Method, Scores, check_predict};
use crate::state::ModelState;

/// Rows per call of the network. The last call is filled up with zeros, so that the probabilities of a row do not
/// depend on the rows that are classified with it.
const ROWS_PER_CALL: usize = 64;

#[derive(Clone)]
pub(super) struct FittedMlp {
    pub(super) network: Network,
    /// Class of each compact label.
    pub(super) classes: Vec<usize>,
    pub(super) n_classes: usize,
    pub(super) loss_curve: Vec<f64>,
    pub(super) converged: bool,
}

impl FittedMlp {
    pub(super) fn new(outcome: Outcome, classes: Vec<usize>, n_classes: usize) -> Self {
        let Outcome {
            network,
            loss_curve,
            converged,
        } = outcome;
        Self {
            network,
            classes,
            n_classes,
            loss_curve,
            converged,
        }
    }
}

/// Outputs of the network, `sizes.last()` values a row.
pub(super) fn outputs(network: &Network, x: &Matrix) -> Vec<f32> {
    let n_outputs = network.sizes[network.sizes.len() - 1];
    let n_cols = x.n_cols();
    let mut out = Vec::with_capacity(x.n_rows() * n_outputs);
    for rows in x.as_slice().chunks(ROWS_PER_CALL * n_cols) {
        let mut values = rows.to_vec();
        values.resize(ROWS_PER_CALL * n_cols, 0.0);
        let result = network.forward(values);
        out.extend_from_slice(&result[..rows.len() / n_cols * n_outputs]);
    }
    out
}

/// Compact label of a row with these outputs.
fn label_of(outputs: &[f32]) -> usize {
    match outputs {
        [p] => usize::from(*p > 0.5),
        row => argmax(&row.iter().map(|&p| f64::from(p)).collect::<Vec<_>>()),
    }
}

/// Compact label of each row.
pub(super) fn predict_compact(network: &Network, x: &Matrix) -> Vec<usize> {
    let n_outputs = network.sizes[network.sizes.len() - 1];
    outputs(network, x)
        .chunks_exact(n_outputs)
        .map(label_of)
        .collect()
}

impl FittedClassifier for FittedMlp {
    fn method(&self) -> Method {
        Method::MLP
    }

    fn n_features(&self) -> usize {
        self.network.sizes[0]
    }

    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn scores(&self, x: &Matrix) -> Result<Scores> {
        check_predict(x, self.n_features())?;
        let n_outputs = self.network.sizes[self.network.sizes.len() - 1];
        let mut class = Vec::with_capacity(x.n_rows());
        let mut proba = ScoreMatrix::zeros(x.n_rows(), self.n_classes);
        for (row, outputs) in outputs(&self.network, x).chunks_exact(n_outputs).enumerate() {
            class.push(self.classes[label_of(outputs)]);
            let of_class = proba.row_mut(row);
            if let [p] = outputs {
                of_class[self.classes[1]] = f64::from(*p);
                of_class[self.classes[0]] = 1.0 - f64::from(*p);
            } else {
                let sum: f64 = outputs.iter().map(|&p| f64::from(p)).sum();
                for (&class, &p) in self.classes.iter().zip(outputs) {
                    of_class[class] = f64::from(p) / sum;
                }
            }
        }
        Ok(Scores {
            class,
            probabilities: Some(proba),
            decision: None,
        })
    }

    fn n_iter(&self) -> Option<usize> {
        Some(self.loss_curve.len())
    }

    fn state(&self) -> Result<ModelState> {
        self.to_state()
    }

    fn converged(&self) -> bool {
        self.converged
    }
}

impl fmt::Debug for FittedMlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = &self.network.sizes;
        f.debug_struct("FittedMlp")
            .field("sizes", sizes)
            .field("n_iter", &self.loss_curve.len())
            .finish_non_exhaustive()
    }
}
