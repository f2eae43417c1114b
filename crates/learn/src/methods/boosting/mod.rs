//! Gradient boosting of decision trees.

mod bins;
mod cuts;
mod fitted;
mod forest;
mod grow;
mod histogram;
mod level;
mod objective;
mod parameters;
mod rules;
mod search;
mod split;
mod state;
mod train;

pub use parameters::GradientBoosting;

use serde_json::json;

use self::fitted::FittedBoosting;
use self::parameters::MOST_BINS;
use crate::data::train_set::TrainSet;
use crate::error::{LearnError, Result};
use crate::estimator::{Classifier, Entry, FittedClassifier, Method};
use crate::methods::by_name;
use crate::params::words::{CLASS_WEIGHT, COUNT, NOT_NEGATIVE, OPEN_SHARE, SEED, SHARE, also, param};
use crate::params::{Param, ParamValue};

impl Method {
    /// Gradient boosting of decision trees, `gradient-boosting`.
    pub const GRADIENT_BOOSTING: Self = Self::of(&METHOD);
}

static METHOD: Entry = Entry {
    name: "gradient-boosting",
    title: "gradient boosting",
    wants_scaling: false,
    reads_frames: false,
    params: PARAMS,
    space: || {
        json!({
            "learning_rate": [0.1, 0.3],
            "max_depth": [3, 6],
            "n_estimators": [100, 200],
        })
    },
    default: |seed| {
        Box::new(GradientBoosting {
            seed,
            ..GradientBoosting::default()
        })
    },
    build: by_name::build::<GradientBoosting>,
    restore: |state, n_features, n_classes| {
        Ok(Box::new(FittedBoosting::from_state(
            state, n_features, n_classes,
        )?))
    },
    onnx: None,
};

const PARAMS: &[Param] = &[
    also("n_estimators", &["num_boost_round"], COUNT),
    param("max_depth", "must be a whole number, 0 for no limit"),
    param("max_leaves", "must be a whole number, 0 for no limit"),
    param("max_bin", "must be a whole number between 2 and 60000"),
    also("learning_rate", &["eta"], SHARE),
    also("gamma", &["min_split_loss"], NOT_NEGATIVE),
    param("min_child_weight", NOT_NEGATIVE),
    param("max_delta_step", NOT_NEGATIVE),
    param("subsample", SHARE),
    param("colsample_bytree", SHARE),
    also("reg_alpha", &["alpha"], NOT_NEGATIVE),
    also("reg_lambda", &["lambda"], NOT_NEGATIVE),
    SEED,
    param(
        "early_stopping_rounds",
        "must be a whole number, at least 1, or none",
    ),
    param("validation_fraction", OPEN_SHARE),
    param("class_weight", CLASS_WEIGHT),
];

impl Classifier for GradientBoosting {
    fn method(&self) -> Method {
        Method::GRADIENT_BOOSTING
    }

    fn params(&self) -> Vec<(&'static str, ParamValue)> {
        by_name::list(self)
    }

    fn check(&self) -> Result<()> {
        if self.n_estimators == 0 {
            return Err(LearnError::parameter("n_estimators", 0, "must be at least 1"));
        }
        if !(2..=MOST_BINS).contains(&self.max_bin) {
            return Err(LearnError::parameter(
                "max_bin",
                self.max_bin,
                "must be between 2 and 60000",
            ));
        }
        if self.max_leaves == 1 {
            return Err(LearnError::parameter(
                "max_leaves",
                1,
                "must be 0 (no limit) or at least 2",
            ));
        }
        if self.early_stopping_rounds == Some(0) {
            return Err(LearnError::parameter(
                "early_stopping_rounds",
                0,
                "must be at least 1",
            ));
        }
        for (name, value) in [
            ("min_child_weight", self.min_child_weight),
            ("gamma", self.gamma),
            ("reg_lambda", self.reg_lambda),
            ("reg_alpha", self.reg_alpha),
            ("max_delta_step", self.max_delta_step),
        ] {
            if !(value >= 0.0 && value <= f64::from(f32::MAX)) {
                return Err(LearnError::parameter(
                    name,
                    value,
                    "must be finite and not negative",
                ));
            }
        }
        for (name, share) in [
            ("learning_rate", self.learning_rate),
            ("subsample", self.subsample),
            ("colsample_bytree", self.colsample_bytree),
        ] {
            if !(share > 0.0 && share <= 1.0) {
                return Err(LearnError::parameter(
                    name,
                    share,
                    "must be above 0 and at most 1",
                ));
            }
        }
        if !(self.validation_fraction > 0.0 && self.validation_fraction < 1.0) {
            return Err(LearnError::parameter(
                "validation_fraction",
                self.validation_fraction,
                "must be above 0 and below 1",
            ));
        }
        Ok(())
    }

    fn fit(&self, train: &TrainSet<'_>) -> Result<Box<dyn FittedClassifier>> {
        self.check()?;
        let classes = train.two_or_more_classes(Method::GRADIENT_BOOSTING.name())?;
        let class_weight = self.class_weight.weights(train.y(), train.n_classes())?;
        Ok(Box::new(train::fit(self, train, classes, &class_weight)?))
    }
}

#[cfg(test)]
mod tests;
