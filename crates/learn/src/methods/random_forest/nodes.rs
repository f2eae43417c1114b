/// What stands for the feature of a leaf.
pub(super) const LEAF: u32 = u32::MAX;

/// A node. The right child stands behind the left one, and children come after their parent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Node {
    /// The feature that is looked at; [`LEAF`] for a leaf.
    pub(super) feature: u32,
    /// The left child, for rows with `value <= threshold`; for a leaf its number among the leaves.
    pub(super) child: u32,
    pub(super) threshold: f64,
}

/// A grown tree.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    /// The end of each leaf's part of `shares`.
    pub(super) ends: Vec<u32>,
    /// The classes (places among those with rows) in each leaf, and their shares of its weight.
    pub(super) shares: Vec<(u32, f64)>,
}

impl Tree {
    /// The classes in the leaf that a row falls into, and their shares.
    pub(super) fn leaf(&self, row: &[f32]) -> &[(u32, f64)] {
        let mut node = self.nodes[0];
        while node.feature != LEAF {
            let right = f64::from(row[node.feature as usize]) > node.threshold;
            node = self.nodes[node.child as usize + usize::from(right)];
        }
        self.shares_of(node.child as usize)
    }

    /// The classes in a leaf, and their shares.
    pub(super) fn shares_of(&self, leaf: usize) -> &[(u32, f64)] {
        let start = match leaf {
            0 => 0,
            leaf => self.ends[leaf - 1] as usize,
        };
        &self.shares[start..self.ends[leaf] as usize]
    }

    /// Adds a leaf with these weights of the classes and returns its number.
    pub(super) fn add_leaf(&mut self, weights: &[f64]) -> u32 {
        let total: f64 = weights.iter().sum();
        for (class, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
            self.shares.push((class as u32, weight / total));
        }
        self.ends.push(self.shares.len() as u32);
        self.ends.len() as u32 - 1
    }
}
