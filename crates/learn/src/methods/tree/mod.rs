//! The decision tree.

mod candidate;
mod columns;
mod criterion;
mod fitted;
mod grow;
mod limits;
mod node;
mod parameters;
mod prune;
mod state;

use serde_json::json;

use crate::data::train_set::TrainSet;
use crate::error::{LearnError, Result};
use crate::estimator::{Classifier, Entry, FittedClassifier, Method};
use crate::methods::by_name;
use crate::methods::class_weight::ClassWeight;
use crate::params::words::{CLASS_WEIGHT, LIMIT, NOT_NEGATIVE, SEED, param};
use crate::params::{Param, ParamValue};

pub(in crate::methods) use candidate::{SAME_VALUE, Sides, halfway};
pub(in crate::methods) use columns::{Entry as SortedEntry, sorted_columns};
pub use criterion::Criterion;
pub(in crate::methods) use limits::Limits;
pub use parameters::{DecisionTree, MaxFeatures, MinSamples, TreeSplitter};

impl Method {
    /// Decision tree, `decision-tree`.
    pub const DECISION_TREE: Self = Self::of(&METHOD);
}

static METHOD: Entry = Entry {
    name: "decision-tree",
    title: "the decision tree",
    wants_scaling: false,
    reads_frames: false,
    params: PARAMS,
    space: || {
        json!({
            "criterion": ["gini", "entropy"],
            "max_depth": [4, 8, 12, 20],
            "min_samples_leaf": [1, 5, 20],
        })
    },
    default: |seed| {
        Box::new(DecisionTree {
            seed,
            ..DecisionTree::default()
        })
    },
    build: by_name::build::<DecisionTree>,
    restore: state::from_state,
    onnx: None,
};

/// The place of each row's class among `classes`, and what the row weighs.
pub(in crate::methods) fn labels_and_weights(
    train: &TrainSet<'_>,
    classes: &[usize],
    class_weight: &ClassWeight,
) -> Result<(Vec<u16>, Vec<f64>)> {
    let class_weight = class_weight.weights(train.y(), train.n_classes())?;
    let mut compact = vec![0u16; train.n_classes()];
    for (at, &class) in classes.iter().enumerate() {
        compact[class] = u16::try_from(at)
            .map_err(|_| LearnError::parameter("y", classes.len(), "a tree takes at most 65,536 classes"))?;
    }
    let labels = train.y().iter().map(|&label| compact[label]).collect();
    let weight = |(row, &label): (usize, &usize)| {
        class_weight[label] * train.sample_weight().map_or(1.0, |weights| weights[row])
    };
    Ok((labels, train.y().iter().enumerate().map(weight).collect()))
}

const PARAMS: &[Param] = &[
    param("criterion", "must be gini, entropy or log_loss"),
    param("splitter", "must be best"),
    param("max_depth", LIMIT),
    param(
        "min_samples_split",
        "must be a whole number, at least 2, or a share of the rows",
    ),
    param(
        "min_samples_leaf",
        "must be a whole number, at least 1, or a share of the rows",
    ),
    param("min_weight_fraction_leaf", "must be between 0 and 0.5"),
    param(
        "max_features",
        "must be none, sqrt, log2, a whole number or a share of the features",
    ),
    SEED,
    param("max_leaf_nodes", LIMIT),
    param("min_impurity_decrease", NOT_NEGATIVE),
    param("class_weight", CLASS_WEIGHT),
    param("ccp_alpha", NOT_NEGATIVE),
];

impl Classifier for DecisionTree {
    fn method(&self) -> Method {
        Method::DECISION_TREE
    }

    fn params(&self) -> Vec<(&'static str, ParamValue)> {
        by_name::list(self)
    }

    fn check(&self) -> Result<()> {
        if self.max_depth == Some(0) {
            return Err(LearnError::parameter("max_depth", 0, "must be at least 1"));
        }
        self.min_samples_split.check(
            "min_samples_split",
            2,
            "must be at least 2, or a share above 0 and at most 1",
        )?;
        self.min_samples_leaf.check(
            "min_samples_leaf",
            1,
            "must be at least 1, or a share above 0 and at most 1",
        )?;
        if !(0.0..=0.5).contains(&self.min_weight_fraction_leaf) {
            return Err(LearnError::parameter(
                "min_weight_fraction_leaf",
                self.min_weight_fraction_leaf,
                "must be between 0 and 0.5",
            ));
        }
        if let Some(n @ 0..=1) = self.max_leaf_nodes {
            return Err(LearnError::parameter("max_leaf_nodes", n, "must be at least 2"));
        }
        for (name, value) in [
            ("min_impurity_decrease", self.min_impurity_decrease),
            ("ccp_alpha", self.ccp_alpha),
        ] {
            if !(value.is_finite() && value >= 0.0) {
                return Err(LearnError::parameter(
                    name,
                    value,
                    "must be finite and not negative",
                ));
            }
        }
        match self.max_features {
            MaxFeatures::Count(0) => Err(LearnError::parameter("max_features", 0, "must be at least 1")),
            MaxFeatures::Share(share) if !(share > 0.0 && share <= 1.0) => Err(LearnError::parameter(
                "max_features",
                share,
                "a share must be above 0 and at most 1",
            )),
            _ => Ok(()),
        }
    }

    fn fit(&self, train: &TrainSet<'_>) -> Result<Box<dyn FittedClassifier>> {
        self.check()?;
        let classes = train.two_or_more_classes(Method::DECISION_TREE.name())?;
        let (labels, weights) = labels_and_weights(train, &classes, &self.class_weight)?;
        let mut nodes = grow::grow(self, train.x(), &labels, &weights, classes.len())?;
        if self.ccp_alpha > 0.0 {
            nodes = prune::prune(nodes, self.ccp_alpha);
        }
        Ok(Box::new(fitted::FittedTree::new(
            nodes,
            train.x().n_cols(),
            classes,
            train.n_classes(),
        )))
    }
}

#[cfg(test)]
mod tests;
