//! The fitted tree as named arrays, one value for each node.

use super::fitted::FittedTree;
use super::node::{Node, Split};
use crate::error::Result;
use crate::estimator::FittedClassifier;
use crate::state::{ModelState, TensorValues, bad_state, expect};

impl FittedTree {
    /// `feature`, `threshold`, `left` and `right` (0 at a leaf), `impurity`, `weights` [nodes, classes], `classes`.
    pub(super) fn to_state(&self) -> Result<ModelState> {
        let mut state = ModelState::default();
        let n = self.nodes.len();
        let of_split = |of: fn(&Split) -> usize| -> Vec<usize> {
            self.nodes
                .iter()
                .map(|node| node.split.as_ref().map_or(0, of))
                .collect()
        };
        state.put_indices("feature", &of_split(|split| split.feature))?;
        state.put_indices("left", &of_split(|split| split.left))?;
        state.put_indices("right", &of_split(|split| split.right))?;
        let threshold = self
            .nodes
            .iter()
            .map(|node| node.split.map_or(0.0, |split| split.threshold));
        state.put("threshold", &[n], TensorValues::F64(threshold.collect()))?;
        let impurity = self.nodes.iter().map(|node| node.impurity).collect();
        state.put("impurity", &[n], TensorValues::F64(impurity))?;
        let weights = self
            .nodes
            .iter()
            .flat_map(|node| node.weights.iter().copied())
            .collect();
        state.put("weights", &[n, self.classes.len()], TensorValues::F64(weights))?;
        state.put_indices("classes", &self.classes)?;
        Ok(state)
    }
}

/// The tree of a state. Children come after their parent, so that every path ends.
pub(crate) fn from_state(
    state: &ModelState,
    n_features: usize,
    n_classes: usize,
) -> Result<Box<dyn FittedClassifier>> {
    let classes = state.classes(n_classes, 2)?;
    let (_, threshold) = state.f64("threshold")?;
    let (_, impurity) = state.f64("impurity")?;
    let (_, weights) = state.f64("weights")?;
    let n = threshold.len();
    let feature = state.indices("feature", n_features)?;
    let left = state.indices("left", n)?;
    let right = state.indices("right", n)?;
    if n == 0 {
        return Err(bad_state("the tree has no node"));
    }
    for (what, got) in [
        ("impurities", impurity.len()),
        ("features", feature.len()),
        ("left children", left.len()),
        ("right children", right.len()),
    ] {
        expect(what, n, got)?;
    }
    expect("weights", n.saturating_mul(classes.len()), weights.len())?;
    let mut nodes = Vec::with_capacity(n);
    for (at, weights) in weights.chunks_exact(classes.len()).enumerate() {
        let split = match (left[at], right[at]) {
            (0, 0) => None,
            (left, right) if left > at && right > at => Some(Split {
                feature: feature[at],
                threshold: threshold[at],
                left,
                right,
            }),
            _ => return Err(bad_state(format!("node {at} comes after one of its children"))),
        };
        let total: f64 = weights.iter().sum();
        if weights.iter().any(|&weight| weight < 0.0) || total <= 0.0 {
            return Err(bad_state(format!("node {at} has no weight")));
        }
        nodes.push(Node {
            split,
            weights: weights.to_vec(),
            impurity: impurity[at],
        });
    }
    Ok(Box::new(FittedTree::new(nodes, n_features, classes, n_classes)))
}
