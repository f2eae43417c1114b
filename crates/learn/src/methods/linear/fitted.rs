use crate::data::matrix::Matrix;
use crate::data::score_matrix::{ScoreMatrix, argmax};
use crate::error::{LearnError, Result};
use crate::estimator::{FittedClassifier, Method, check_predict};
use crate::methods::kernels::Kernels;
use crate::state::ModelState;

/// How decision values become probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// They do not.
    None,
    /// Logistic function for two classes, softmax for more.
    Logistic,
}

/// A fitted linear model: one hyperplane for two classes (positive: the second), one per class for more.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FittedLinear {
    pub(crate) method: Method,
    pub(crate) link: Link,
    pub(crate) n_features: usize,
    pub(crate) n_classes: usize,
    /// The classes that had training rows, in order.
    pub(crate) classes: Vec<usize>,
    /// Weights of each hyperplane.
    pub(crate) coef: Vec<Vec<f64>>,
    /// Offset of each hyperplane.
    pub(crate) intercept: Vec<f64>,
    pub(crate) n_iter: usize,
    pub(crate) converged: bool,
}

impl FittedLinear {
    /// Decision value of each hyperplane for one row.
    fn scores(&self, row: &[f32]) -> Vec<f64> {
        let kernels = Kernels::new();
        self.coef
            .iter()
            .zip(&self.intercept)
            .map(|(coef, intercept)| kernels.dot(row, coef) + intercept)
            .collect()
    }
}

impl FittedClassifier for FittedLinear {
    fn method(&self) -> Method {
        self.method
    }

    fn n_features(&self) -> usize {
        self.n_features
    }

    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn predict(&self, x: &Matrix) -> Result<Vec<usize>> {
        check_predict(x, self.n_features)?;
        let of_row = |row: &[f32]| match self.scores(row).as_slice() {
            [score] => self.classes[usize::from(*score > 0.0)],
            scores => self.classes[argmax(scores)],
        };
        Ok(x.rows().map(of_row).collect())
    }

    fn predict_proba(&self, x: &Matrix) -> Result<ScoreMatrix> {
        check_predict(x, self.n_features)?;
        if self.link == Link::None {
            return Err(LearnError::Unsupported {
                method: self.method.name(),
                what: "probabilities",
            });
        }
        let mut proba = ScoreMatrix::zeros(x.n_rows(), self.n_classes);
        for (row, values) in x.rows().enumerate() {
            let scores = self.scores(values);
            let out = proba.row_mut(row);
            if let [score] = scores.as_slice() {
                let p = 1.0 / (1.0 + (-score).exp());
                out[self.classes[1]] = p;
                out[self.classes[0]] = 1.0 - p;
                continue;
            }
            let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let powers: Vec<f64> = scores.iter().map(|score| (score - largest).exp()).collect();
            let sum: f64 = powers.iter().sum();
            for (&class, power) in self.classes.iter().zip(&powers) {
                out[class] = power / sum;
            }
        }
        Ok(proba)
    }

    /// Classes without training rows get minus infinity.
    fn decision_function(&self, x: &Matrix) -> Result<ScoreMatrix> {
        check_predict(x, self.n_features)?;
        if self.n_classes == 2 {
            return ScoreMatrix::new(x.n_rows(), 1, x.rows().map(|row| self.scores(row)[0]).collect());
        }
        let mut out = ScoreMatrix::new(
            x.n_rows(),
            self.n_classes,
            vec![f64::NEG_INFINITY; x.n_rows() * self.n_classes],
        )?;
        for (row, values) in x.rows().enumerate() {
            let scores = self.scores(values);
            let out = out.row_mut(row);
            if let [score] = scores.as_slice() {
                out[self.classes[0]] = -score;
                out[self.classes[1]] = *score;
                continue;
            }
            for (&class, score) in self.classes.iter().zip(&scores) {
                out[class] = *score;
            }
        }
        Ok(out)
    }

    fn n_iter(&self) -> Option<usize> {
        Some(self.n_iter)
    }

    fn state(&self) -> Result<ModelState> {
        self.to_state()
    }

    fn converged(&self) -> bool {
        self.converged
    }
}
