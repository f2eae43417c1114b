use super::node::Node;
use crate::data::matrix::Matrix;
use crate::data::score_matrix::{ScoreMatrix, argmax};
use crate::error::Result;
use crate::estimator::{FittedClassifier, Method, Scores, check_predict};
use crate::state::ModelState;

/// A fitted tree. The probability of a class is its share of the weight of the leaf.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FittedTree {
    pub(super) nodes: Vec<Node>,
    n_features: usize,
    /// Class of each compact label.
    pub(super) classes: Vec<usize>,
    n_classes: usize,
}

impl FittedTree {
    pub(super) fn new(nodes: Vec<Node>, n_features: usize, classes: Vec<usize>, n_classes: usize) -> Self {
        Self {
            nodes,
            n_features,
            classes,
            n_classes,
        }
    }

    fn leaf(&self, row: &[f32]) -> &Node {
        let mut node = &self.nodes[0];
        while let Some(split) = node.split {
            let left = f64::from(row[split.feature]) <= split.threshold;
            node = &self.nodes[if left { split.left } else { split.right }];
        }
        node
    }
}

impl FittedClassifier for FittedTree {
    fn method(&self) -> Method {
        Method::DECISION_TREE
    }

    fn n_features(&self) -> usize {
        self.n_features
    }

    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn scores(&self, x: &Matrix) -> Result<Scores> {
        check_predict(x, self.n_features)?;
        let mut class = Vec::with_capacity(x.n_rows());
        let mut proba = ScoreMatrix::zeros(x.n_rows(), self.n_classes);
        for (row, values) in x.rows().enumerate() {
            let weights = &self.leaf(values).weights;
            class.push(self.classes[argmax(weights)]);
            let total: f64 = weights.iter().sum();
            for (&class, weight) in self.classes.iter().zip(weights) {
                proba.row_mut(row)[class] = weight / total;
            }
        }
        Ok(Scores {
            class,
            probabilities: Some(proba),
            decision: None,
        })
    }

    fn state(&self) -> Result<ModelState> {
        self.to_state()
    }

    /// Decrease of impurity each feature brought, as shares of their sum.
    fn feature_importance(&self) -> Option<Vec<f64>> {
        let weight = |node: &Node| node.weights.iter().sum::<f64>();
        let mut importance = vec![0.0; self.n_features];
        for node in &self.nodes {
            if let Some(split) = node.split {
                let (left, right) = (&self.nodes[split.left], &self.nodes[split.right]);
                importance[split.feature] += weight(node) * node.impurity
                    - weight(left) * left.impurity
                    - weight(right) * right.impurity;
            }
        }
        let total: f64 = importance.iter().sum();
        if total > 0.0 {
            importance.iter_mut().for_each(|value| *value /= total);
        }
        Some(importance)
    }
}
