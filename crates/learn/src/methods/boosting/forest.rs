use serde::{Deserialize, Serialize};

use super::grow::Tree;
use crate::error::{LearnError, Result};

/// Trees one after the other, their nodes in arrays.
///
/// Tree `t` has the nodes from `starts[t]` to where the next tree starts. A row goes to `left` where its value of
/// `feature` is below `threshold`, else to `right`; both count from the start of the tree and come after their parent. A
/// leaf has itself as `left` and `right`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Forest {
    pub(crate) starts: Vec<u32>,
    pub(crate) feature: Vec<u32>,
    pub(crate) threshold: Vec<f32>,
    pub(crate) left: Vec<u32>,
    pub(crate) right: Vec<u32>,
    /// Value of a leaf, `learning_rate` included; 0 for a split.
    pub(crate) value: Vec<f32>,
    /// Gain of a split; 0 for a leaf.
    pub(crate) gain: Vec<f32>,
}

impl Forest {
    /// Adds a tree.
    pub(super) fn push(&mut self, tree: &Tree) {
        self.starts.push(self.feature.len() as u32);
        for node in &tree.nodes {
            self.left.push(node.left as u32);
            self.right.push(node.right as u32);
            self.feature.push(node.feature);
            self.threshold.push(node.threshold);
            self.value.push(node.value);
            self.gain.push(node.gain);
        }
    }

    /// Drops all trees but the first.
    pub(super) fn truncate(&mut self, n_trees: usize) {
        let Some(&end) = self.starts.get(n_trees) else {
            return;
        };
        let end = end as usize;
        self.starts.truncate(n_trees);
        self.feature.truncate(end);
        self.threshold.truncate(end);
        self.left.truncate(end);
        self.right.truncate(end);
        self.value.truncate(end);
        self.gain.truncate(end);
    }

    pub(crate) fn n_trees(&self) -> usize {
        self.starts.len()
    }

    /// Value of tree `tree` for a row.
    pub(super) fn value(&self, tree: usize, row: &[f32]) -> f64 {
        let start = self.starts[tree] as usize;
        let mut at = 0;
        loop {
            let node = start + at;
            let (left, right) = (self.left[node] as usize, self.right[node] as usize);
            if left == at {
                return f64::from(self.value[node]);
            }
            at = if row[self.feature[node] as usize] < self.threshold[node] {
                left
            } else {
                right
            };
        }
    }

    /// Mean gain of the splits by each feature, as shares of their sum.
    pub(super) fn mean_gain(&self, n_features: usize) -> Vec<f64> {
        let mut sums = vec![(0.0, 0usize); n_features];
        let end_of = |tree: usize| {
            self.starts
                .get(tree + 1)
                .map_or(self.feature.len(), |&end| end as usize)
        };
        for tree in 0..self.n_trees() {
            let start = self.starts[tree] as usize;
            for node in start..end_of(tree) {
                if self.left[node] as usize != node - start {
                    let (sum, n) = &mut sums[self.feature[node] as usize];
                    *sum += f64::from(self.gain[node]);
                    *n += 1;
                }
            }
        }
        let mut means: Vec<f64> = sums.into_iter().map(|(sum, n)| sum / n.max(1) as f64).collect();
        let total: f64 = means.iter().sum();
        if total > 0.0 {
            means.iter_mut().for_each(|mean| *mean /= total);
        }
        means
    }

    /// Whether a forest read from a file can be followed without leaving its arrays or going round in circles.
    ///
    /// # Errors
    /// `Library` naming what is wrong.
    pub(crate) fn check(&self, n_features: usize) -> Result<()> {
        let wrong = |reason: &str| LearnError::Library {
            method: "gradient-boosting",
            reason: reason.to_owned(),
        };
        let n = self.feature.len();
        let lengths = [
            self.threshold.len(),
            self.left.len(),
            self.right.len(),
            self.value.len(),
            self.gain.len(),
        ];
        if lengths.iter().any(|&length| length != n) {
            return Err(wrong("the arrays of its trees differ in length"));
        }
        if self.starts.first().is_some_and(|&first| first != 0) || !self.starts.is_sorted_by(|a, b| a < b) {
            return Err(wrong("its trees do not follow each other"));
        }
        for (tree, &start) in self.starts.iter().enumerate() {
            let start = start as usize;
            let end = self.starts.get(tree + 1).map_or(n, |&end| end as usize);
            if end > n || start >= end {
                return Err(wrong("a tree lies outside the list of nodes"));
            }
            for node in start..end {
                let at = node - start;
                let (left, right) = (self.left[node] as usize, self.right[node] as usize);
                let leaf = left == at && right == at;
                let split = left > at && right > at && left.max(right) < end - start;
                if !(leaf || split && (self.feature[node] as usize) < n_features) {
                    return Err(wrong("a node of a tree leads outside of it"));
                }
            }
        }
        Ok(())
    }
}
