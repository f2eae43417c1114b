use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::criterion::Criterion;
use crate::error::{LearnError, Result};
use crate::methods::class_weight::ClassWeight;

/// How many features are tried at a node.
///
/// Written as `none` or null, `sqrt`, `log2`, a whole number or a share with a decimal point.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum MaxFeatures {
    /// All of them.
    #[default]
    All,
    /// The square root of their number, rounded down.
    Sqrt,
    /// The binary logarithm of their number, rounded down.
    Log2,
    /// So many.
    Count(usize),
    /// This share of them, rounded down.
    Share(f64),
}

impl Serialize for MaxFeatures {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::All => serializer.serialize_none(),
            Self::Sqrt => serializer.serialize_str("sqrt"),
            Self::Log2 => serializer.serialize_str("log2"),
            Self::Count(count) => count.serialize(serializer),
            Self::Share(share) => serializer.serialize_f64(*share),
        }
    }
}

impl<'de> Deserialize<'de> for MaxFeatures {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Word {
            None,
            Sqrt,
            Log2,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Count(usize),
            Share(f64),
            Word(Word),
        }
        Ok(match Option::deserialize(deserializer)? {
            None | Some(Raw::Word(Word::None)) => Self::All,
            Some(Raw::Word(Word::Sqrt)) => Self::Sqrt,
            Some(Raw::Word(Word::Log2)) => Self::Log2,
            Some(Raw::Count(count)) => Self::Count(count),
            Some(Raw::Share(share)) => Self::Share(share),
        })
    }
}

/// A number of rows.
///
/// Written as a whole number, or as a share with a decimal point.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum MinSamples {
    /// So many.
    Count(usize),
    /// This share of the training rows, rounded up.
    Share(f64),
}

impl MinSamples {
    pub(super) fn count(self, n_rows: usize) -> usize {
        match self {
            Self::Count(count) => count,
            Self::Share(share) => (share * n_rows as f64).ceil() as usize,
        }
    }

    pub(super) fn check(self, name: &'static str, least: usize, expected: &'static str) -> Result<()> {
        match self {
            Self::Count(count) if count < least => Err(LearnError::parameter(name, count, expected)),
            Self::Share(share) if !(share > 0.0 && share <= 1.0) => {
                Err(LearnError::parameter(name, share, expected))
            }
            _ => Ok(()),
        }
    }
}

impl From<usize> for MinSamples {
    fn from(count: usize) -> Self {
        Self::Count(count)
    }
}

/// How the threshold of a feature is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TreeSplitter {
    /// The best of all thresholds.
    #[default]
    Best,
}

/// Parameters of a decision tree, with the names and defaults of scikit-learn's `DecisionTreeClassifier`.
///
/// Grows a binary tree by the split with the largest decrease of impurity at each node, among all thresholds halfway
/// between neighbouring values of each feature; rows with `value <= threshold` go left. Columns are sorted once, so
/// that a level of the tree takes time proportional to its values.
///
/// Source: Breiman et al. 1984 (CART); scikit-learn 1.9, `DecisionTreeClassifier(splitter="best")`: the same splits,
/// but for ties, which go to the lowest feature and the lowest threshold here and to a random feature there.
///
/// ```
/// use cratedigger_learn::{Classifier, DecisionTree, Matrix, TrainSet};
///
/// let x = Matrix::new(4, 2, vec![0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0])?;
/// let y = [0, 1, 1, 0];
/// let model = DecisionTree::default().fit(&TrainSet::new(&x, &y, 2)?)?;
/// assert_eq!(model.predict(&x)?, y);
/// # Ok::<(), cratedigger_learn::LearnError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DecisionTree {
    /// Measure of impurity. Default: gini.
    pub criterion: Criterion,
    /// How the threshold of a feature is chosen. Default: best.
    pub splitter: TreeSplitter,
    /// Largest depth; `None` for no limit. Default: none.
    pub max_depth: Option<usize>,
    /// Rows a node needs to be split, at least 2. Default: 2.
    pub min_samples_split: MinSamples,
    /// Rows each side of a split needs. Default: 1.
    pub min_samples_leaf: MinSamples,
    /// Share of the weight of all rows that each side of a split needs, at most a half. Default: 0.
    pub min_weight_fraction_leaf: f64,
    /// Largest number of leaves; the best splits are made first then. `None` for no limit. Default: none.
    pub max_leaf_nodes: Option<usize>,
    /// Features tried at each node. Default: all.
    pub max_features: MaxFeatures,
    /// Decrease of impurity a split needs, weighted by the node's share of the rows. Default: 0.
    pub min_impurity_decrease: f64,
    /// Strength of minimal cost-complexity pruning. Default: 0.
    pub ccp_alpha: f64,
    /// Weight of each class. Default: none.
    pub class_weight: ClassWeight,
    /// Seed of the choice of features (`random_state`), where `max_features` leaves a choice. Default: 0.
    #[serde(rename = "random_state", alias = "seed")]
    pub seed: u64,
}

impl Default for DecisionTree {
    fn default() -> Self {
        Self {
            criterion: Criterion::Gini,
            splitter: TreeSplitter::Best,
            max_depth: None,
            min_samples_split: MinSamples::Count(2),
            min_samples_leaf: MinSamples::Count(1),
            min_weight_fraction_leaf: 0.0,
            max_leaf_nodes: None,
            max_features: MaxFeatures::All,
            min_impurity_decrease: 0.0,
            ccp_alpha: 0.0,
            class_weight: ClassWeight::None,
            seed: 0,
        }
    }
}

impl MaxFeatures {
    pub(super) fn count(self, n_features: usize) -> usize {
        let count = match self {
            Self::All => n_features,
            Self::Sqrt => (n_features as f64).sqrt() as usize,
            Self::Log2 => (n_features as f64).log2() as usize,
            Self::Count(count) => count,
            Self::Share(share) => (share * n_features as f64) as usize,
        };
        count.clamp(1, n_features)
    }
}
