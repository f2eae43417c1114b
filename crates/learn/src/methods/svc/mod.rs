//! The support vector machine with a kernel.

mod fitted;
mod kernel;
mod onnx;
mod pairs;
mod parameters;
mod platt;
mod rows;
mod smo;
mod state;
mod train;

use serde_json::json;

use crate::data::train_set::TrainSet;
use crate::error::{LearnError, Result};
use crate::estimator::{Classifier, Entry, FittedClassifier, Method, OnnxExport};
use crate::methods::by_name;
use crate::params::words::{CLASS_WEIGHT, LIMIT, POSITIVE, SEED, YES_NO, param};
use crate::params::{Param, ParamValue};

pub use parameters::{DecisionShape, Gamma, Svc, SvcKernel};

impl Method {
    /// Support vector machine with a kernel, `svc`.
    pub const SVC: Self = Self::of(&METHOD);
}

static METHOD: Entry = Entry {
    name: "svc",
    title: "the support vector machine",
    wants_scaling: true,
    reads_frames: false,
    params: PARAMS,
    space: || {
        json!({
            "C": [0.1, 1.0, 10.0, 100.0],
            "gamma": ["scale", 0.0003, 0.001, 0.003, 0.01],
        })
    },
    default: |seed| {
        Box::new(Svc {
            seed,
            ..Svc::default()
        })
    },
    build: by_name::build::<Svc>,
    restore: state::from_state,
    onnx: Some(OnnxExport {
        add: onnx::decision,
        probabilities: false,
    }),
};

const GAMMA: &str = "must be scale, auto or a number, at least 0";

const PARAMS: &[Param] = &[
    param("C", POSITIVE),
    param("kernel", "must be rbf, poly, linear or sigmoid"),
    param("degree", "must be a whole number, at least 0"),
    param("gamma", GAMMA),
    param("coef0", "must be a number"),
    param("shrinking", YES_NO),
    param("probability", YES_NO),
    param("tol", POSITIVE),
    param("cache_size", POSITIVE),
    param("class_weight", CLASS_WEIGHT),
    param("max_iter", LIMIT),
    param("decision_function_shape", "must be ovr"),
    param("break_ties", YES_NO),
    SEED,
];

impl Classifier for Svc {
    fn method(&self) -> Method {
        Method::SVC
    }

    fn params(&self) -> Vec<(&'static str, ParamValue)> {
        by_name::list(self)
    }

    fn check(&self) -> Result<()> {
        for (name, value) in [("C", self.c), ("tol", self.tol), ("cache_size", self.cache_size)] {
            if !(value.is_finite() && value > 0.0) {
                return Err(LearnError::parameter(name, value, "must be finite and above 0"));
            }
        }
        if !self.coef0.is_finite() {
            return Err(LearnError::parameter("coef0", self.coef0, "must be finite"));
        }
        if let Gamma::Value(value) = self.gamma
            && !(value.is_finite() && value >= 0.0)
        {
            return Err(LearnError::parameter("gamma", value, GAMMA));
        }
        if self.max_iter == Some(0) {
            return Err(LearnError::parameter("max_iter", 0, "must be at least 1"));
        }
        Ok(())
    }

    fn fit(&self, train: &TrainSet<'_>) -> Result<Box<dyn FittedClassifier>> {
        self.check()?;
        train.two_or_more_classes(Method::SVC.name())?;
        train.check_columns()?;
        Ok(Box::new(train::fit(self, train)?))
    }
}

#[cfg(test)]
mod tests;
