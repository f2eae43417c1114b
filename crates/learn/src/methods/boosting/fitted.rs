use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::forest::Forest;
use super::objective::{logistic, softmax};
use crate::data::matrix::Matrix;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::Result;
use crate::estimator::{FittedClassifier, Method, Scores, check_predict};
use crate::methods::margins::{class_of, decision};
use crate::state::ModelState;

/// Fitted trees: a row's sum of their values, and of where the sums start, gives its probabilities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FittedBoosting {
    pub(crate) n_features: usize,
    pub(crate) n_classes: usize,
    /// The classes that had training rows, in order.
    pub(crate) classes: Vec<usize>,
    /// Where the sums start: one value for two classes (positive: the second), one per class for more.
    pub(crate) base_margins: Vec<f64>,
    /// The trees of the first round, one per sum, then those of the second.
    pub(crate) forest: Forest,
}

impl FittedBoosting {
    /// The sums of every row, one after the other.
    fn margins(&self, x: &Matrix) -> Vec<f64> {
        let k = self.base_margins.len();
        let mut margins = self.base_margins.repeat(x.n_rows());
        margins
            .par_chunks_exact_mut(k)
            .enumerate()
            .with_min_len(64)
            .for_each(|(row, margins)| {
                let row = x.row(row);
                for tree in 0..self.forest.n_trees() {
                    margins[tree % k] += self.forest.value(tree, row);
                }
            });
        margins
    }
}

impl FittedClassifier for FittedBoosting {
    fn method(&self) -> Method {
        Method::GRADIENT_BOOSTING
    }

    fn n_features(&self) -> usize {
        self.n_features
    }

    fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// Decision values are the sums of the trees: log odds for two classes, the arguments of the softmax for more.
    fn scores(&self, x: &Matrix) -> Result<Scores> {
        check_predict(x, self.n_features)?;
        let mut margins = self.margins(x);
        let k = self.base_margins.len();
        let class = margins
            .chunks_exact(k)
            .map(|margins| class_of(margins, &self.classes))
            .collect();
        let decision = decision(&margins, &self.classes, self.n_classes)?;
        let mut proba = ScoreMatrix::zeros(x.n_rows(), self.n_classes);
        for (row, margins) in margins.chunks_exact_mut(k).enumerate() {
            let out = proba.row_mut(row);
            if let [margin] = margins {
                let p = logistic(*margin);
                out[self.classes[1]] = p;
                out[self.classes[0]] = 1.0 - p;
                continue;
            }
            softmax(margins);
            for (&class, p) in self.classes.iter().zip(margins) {
                out[class] = *p;
            }
        }
        Ok(Scores {
            class,
            probabilities: Some(proba),
            decision: Some(decision),
        })
    }

    /// The number of rounds.
    fn n_iter(&self) -> Option<usize> {
        Some(self.forest.n_trees() / self.base_margins.len())
    }

    fn state(&self) -> Result<ModelState> {
        self.to_state()
    }

    /// Mean gain of the splits by each feature, as shares of their sum (XGBoost: `importance_type="gain"`).
    fn feature_importance(&self) -> Option<Vec<f64>> {
        Some(self.forest.mean_gain(self.n_features))
    }
}
