use serde::{Deserialize, Serialize};

use crate::methods::class_weight::ClassWeight;
use crate::methods::tree::{Criterion, DecisionTree, MaxFeatures, MinSamples};

/// Parameters of a random forest, with the names and defaults of scikit-learn's `RandomForestClassifier`.
///
/// Grows `n_estimators` trees, each on rows drawn with replacement and trying other features at every node; the probability of
/// a class is the mean of its shares in the leaves that a row falls into. Splits are exact: every threshold is tried. Every tree
/// has random numbers of its own, so that a forest of ten is the beginning of one of a hundred.
///
/// Source: Breiman 2001, "Random Forests"; scikit-learn 1.9, `RandomForestClassifier`. Without `bootstrap` and with `max_features`
/// none it is equal, but for ties (which go to the lowest feature and threshold here, and to a random feature there); otherwise
/// random numbers come from another generator. Differs: rows are drawn among those of a weight above 0; `class_weight` knows no
/// `balanced_subsample`; the out-of-bag accuracy is over the rows that some tree did not see.
///
/// ```
/// use cratedigger_learn::{Classifier, Matrix, RandomForest, TrainSet};
///
/// let x = Matrix::new(6, 1, vec![0.0, 0.1, 0.2, 5.0, 5.1, 5.2])?;
/// let y = [0, 0, 0, 1, 1, 1];
/// let forest = RandomForest { n_estimators: 10, ..Default::default() };
/// let model = forest.fit(&TrainSet::new(&x, &y, 2)?)?;
/// assert_eq!(model.predict(&x)?, y);
/// # Ok::<(), cratedigger_learn::LearnError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RandomForest {
    /// Number of trees. Default: 100.
    pub n_estimators: usize,
    /// Measure of impurity. Default: gini.
    pub criterion: Criterion,
    /// Largest depth of a tree; `None` for no limit. Default: none.
    pub max_depth: Option<usize>,
    /// Rows a node needs to be split, at least 2. Default: 2.
    pub min_samples_split: MinSamples,
    /// Rows each side of a split needs. Default: 1.
    pub min_samples_leaf: MinSamples,
    /// Share of a tree's weight that each side of a split needs, at most a half. Default: 0.
    pub min_weight_fraction_leaf: f64,
    /// Features tried at each node. Default: sqrt.
    pub max_features: MaxFeatures,
    /// Largest number of leaves of a tree; the best splits are made first then. `None` for no limit. Default: none.
    pub max_leaf_nodes: Option<usize>,
    /// Decrease of impurity a split needs, weighted by the node's share of the rows. Default: 0.
    pub min_impurity_decrease: f64,
    /// Whether each tree has rows drawn with replacement, as many as there are; otherwise all. Default: true.
    pub bootstrap: bool,
    /// Whether the accuracy on the rows that trees did not see is told. Needs `bootstrap`. Default: false.
    pub oob_score: bool,
    /// Seed of the rows and features that are drawn (`random_state`). Default: 0.
    #[serde(rename = "random_state", alias = "seed")]
    pub seed: u64,
    /// Weight of each class. Default: none.
    pub class_weight: ClassWeight,
}

impl Default for RandomForest {
    fn default() -> Self {
        Self {
            n_estimators: 100,
            criterion: Criterion::Gini,
            max_depth: None,
            min_samples_split: MinSamples::Count(2),
            min_samples_leaf: MinSamples::Count(1),
            min_weight_fraction_leaf: 0.0,
            max_features: MaxFeatures::Sqrt,
            max_leaf_nodes: None,
            min_impurity_decrease: 0.0,
            bootstrap: true,
            oob_score: false,
            seed: 0,
            class_weight: ClassWeight::None,
        }
    }
}

impl RandomForest {
    /// What each tree is bounded by, as a tree of its own.
    pub(super) fn tree(&self) -> DecisionTree {
        DecisionTree {
            criterion: self.criterion,
            max_depth: self.max_depth,
            min_samples_split: self.min_samples_split,
            min_samples_leaf: self.min_samples_leaf,
            min_weight_fraction_leaf: self.min_weight_fraction_leaf,
            max_features: self.max_features,
            max_leaf_nodes: self.max_leaf_nodes,
            min_impurity_decrease: self.min_impurity_decrease,
            ..DecisionTree::default()
        }
    }
}
