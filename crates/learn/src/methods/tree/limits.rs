use super::criterion::Criterion;
use super::parameters::DecisionTree;

/// What bounds a tree, in numbers of rows and features.
#[derive(Debug, Clone, Copy)]
pub(in crate::methods) struct Limits {
    pub(in crate::methods) criterion: Criterion,
    pub(in crate::methods) max_depth: Option<usize>,
    /// Rows a node needs to be split, and rows each side needs.
    pub(in crate::methods) min_rows_split: usize,
    pub(in crate::methods) min_rows_leaf: usize,
    /// Share of the tree's weight that each side needs.
    pub(in crate::methods) min_weight_share: f64,
    pub(in crate::methods) max_features: usize,
    pub(in crate::methods) max_leaf_nodes: Option<usize>,
    pub(in crate::methods) min_impurity_decrease: f64,
}

impl Limits {
    /// The limits of a tree on so many rows and features.
    pub(in crate::methods) fn new(parameters: &DecisionTree, n_rows: usize, n_features: usize) -> Self {
        let min_rows_leaf = parameters.min_samples_leaf.count(n_rows);
        Self {
            criterion: parameters.criterion,
            max_depth: parameters.max_depth,
            min_rows_split: parameters
                .min_samples_split
                .count(n_rows)
                .max(2)
                .max(2 * min_rows_leaf),
            min_rows_leaf,
            min_weight_share: parameters.min_weight_fraction_leaf,
            max_features: parameters.max_features.count(n_features),
            max_leaf_nodes: parameters.max_leaf_nodes,
            min_impurity_decrease: parameters.min_impurity_decrease,
        }
    }
}
