use crate::data::matrix::Matrix;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::Result;
use crate::estimator::{FittedClassifier, Method, Scores, check_predict};
use crate::methods::kernels::Kernels;
use crate::methods::margins::{class_of, decision};
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
    fn margins(&self, row: &[f32]) -> Vec<f64> {
        let kernels = Kernels::new();
        self.coef
            .iter()
            .zip(&self.intercept)
            .map(|(coef, intercept)| kernels.dot(row, coef) + intercept)
            .collect()
    }

    /// Writes the probabilities of a row with these decision values.
    fn probabilities(&self, margins: &[f64], out: &mut [f64]) {
        if let [margin] = margins {
            let p = 1.0 / (1.0 + (-margin).exp());
            out[self.classes[1]] = p;
            out[self.classes[0]] = 1.0 - p;
            return;
        }
        let largest = margins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let powers: Vec<f64> = margins.iter().map(|margin| (margin - largest).exp()).collect();
        let sum: f64 = powers.iter().sum();
        for (&class, power) in self.classes.iter().zip(&powers) {
            out[class] = power / sum;
        }
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

    fn scores(&self, x: &Matrix) -> Result<Scores> {
        check_predict(x, self.n_features)?;
        let margins: Vec<f64> = x.rows().flat_map(|row| self.margins(row)).collect();
        let of_rows = margins.chunks_exact(self.coef.len());
        let class = of_rows
            .clone()
            .map(|margins| class_of(margins, &self.classes))
            .collect();
        let probabilities = (self.link == Link::Logistic).then(|| {
            let mut proba = ScoreMatrix::zeros(x.n_rows(), self.n_classes);
            for (row, margins) in of_rows.enumerate() {
                self.probabilities(margins, proba.row_mut(row));
            }
            proba
        });
        Ok(Scores {
            class,
            probabilities,
            decision: Some(decision(&margins, &self.classes, self.n_classes)?),
        })
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
