//! The random forest.

mod fit;
mod fitted;
mod grow;
mod nodes;
mod onnx;
mod parameters;
mod sort;
mod state;
mod table;

use serde_json::json;

use crate::data::train_set::TrainSet;
use crate::error::{LearnError, Result};
use crate::estimator::{Classifier, Entry, FittedClassifier, Method, OnnxExport};
use crate::methods::by_name;
use crate::params::words::{CLASS_WEIGHT, COUNT, LIMIT, NOT_NEGATIVE, SEED, YES_NO, param};
use crate::params::{Param, ParamValue};

pub use parameters::RandomForest;

impl Method {
    /// Random forest, `random-forest`.
    pub const RANDOM_FOREST: Self = Self::of(&METHOD);
}

static METHOD: Entry = Entry {
    name: "random-forest",
    title: "the random forest",
    wants_scaling: false,
    reads_frames: false,
    params: PARAMS,
    space: || {
        json!({
            "n_estimators": [100, 300],
            "max_features": ["sqrt", "log2", 0.2],
            "min_samples_leaf": [1, 3, 10],
        })
    },
    default: |seed| {
        Box::new(RandomForest {
            seed,
            ..RandomForest::default()
        })
    },
    build: by_name::build::<RandomForest>,
    restore: state::from_state,
    onnx: Some(OnnxExport {
        add: onnx::probabilities,
        probabilities: true,
    }),
};

const PARAMS: &[Param] = &[
    param("n_estimators", COUNT),
    param("criterion", "must be gini, entropy or log_loss"),
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
    param("max_leaf_nodes", LIMIT),
    param("min_impurity_decrease", NOT_NEGATIVE),
    param("bootstrap", YES_NO),
    param("oob_score", YES_NO),
    SEED,
    param("class_weight", CLASS_WEIGHT),
];

impl Classifier for RandomForest {
    fn method(&self) -> Method {
        Method::RANDOM_FOREST
    }

    fn params(&self) -> Vec<(&'static str, ParamValue)> {
        by_name::list(self)
    }

    fn check(&self) -> Result<()> {
        if self.n_estimators == 0 {
            return Err(LearnError::parameter("n_estimators", 0, "must be at least 1"));
        }
        if self.oob_score && !self.bootstrap {
            return Err(LearnError::parameter(
                "oob_score",
                true,
                "every tree sees all rows without bootstrap=true",
            ));
        }
        self.tree().check()
    }

    fn fit(&self, train: &TrainSet<'_>) -> Result<Box<dyn FittedClassifier>> {
        self.check()?;
        train.check_columns()?;
        Ok(Box::new(fit::fit(self, train)?))
    }
}

#[cfg(test)]
mod tests;
