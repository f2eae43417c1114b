use rayon::prelude::*;

use super::nodes::Tree;
use crate::data::matrix::Matrix;
use crate::data::score_matrix::{ScoreMatrix, argmax};
use crate::error::Result;
use crate::estimator::{FittedClassifier, Method, Scores, check_predict};
use crate::state::ModelState;

/// Rows that are scored by one thread.
const BLOCK: usize = 64;

/// A grown forest. The probability of a class is the mean of its shares in the leaves.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FittedForest {
    pub(super) trees: Vec<Tree>,
    /// How much each feature matters; one per feature.
    pub(super) importance: Vec<f64>,
    pub(super) out_of_bag: Option<f64>,
    /// The classes that had training rows, in order.
    pub(super) classes: Vec<usize>,
    pub(super) n_classes: usize,
}

impl FittedForest {
    /// The mean share of each of `classes` for a row.
    fn shares(&self, row: &[f32]) -> Vec<f64> {
        let mut sums = vec![0.0; self.classes.len()];
        for tree in &self.trees {
            for &(class, share) in tree.leaf(row) {
                sums[class as usize] += share;
            }
        }
        let n_trees = self.trees.len() as f64;
        sums.iter_mut().for_each(|sum| *sum /= n_trees);
        sums
    }
}

impl FittedClassifier for FittedForest {
    fn method(&self) -> Method {
        Method::RANDOM_FOREST
    }

    fn n_features(&self) -> usize {
        self.importance.len()
    }

    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn scores(&self, x: &Matrix) -> Result<Scores> {
        check_predict(x, self.n_features())?;
        let n_cols = x.n_cols();
        let blocks = x.as_slice().par_chunks(BLOCK * n_cols);
        let of_block = |rows: &[f32]| -> Vec<Vec<f64>> {
            rows.chunks_exact(n_cols).map(|row| self.shares(row)).collect()
        };
        let shares: Vec<Vec<f64>> = blocks.flat_map_iter(of_block).collect();
        let mut proba = ScoreMatrix::zeros(x.n_rows(), self.n_classes);
        for (row, shares) in shares.iter().enumerate() {
            for (&class, share) in self.classes.iter().zip(shares) {
                proba.row_mut(row)[class] = *share;
            }
        }
        Ok(Scores {
            class: shares.iter().map(|shares| self.classes[argmax(shares)]).collect(),
            probabilities: Some(proba),
            decision: None,
        })
    }

    fn state(&self) -> Result<ModelState> {
        self.to_state()
    }

    fn feature_importance(&self) -> Option<Vec<f64>> {
        Some(self.importance.clone())
    }

    fn out_of_bag_accuracy(&self) -> Option<f64> {
        self.out_of_bag
    }
}
