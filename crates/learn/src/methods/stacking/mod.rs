//! Stacking: several methods on inputs of their own, and one that learns how far to trust which.

mod fit;
mod fitted;
mod level;
mod member;
mod onnx;
mod parameters;
mod state;

use serde_json::json;

use self::fit::Stack;
use self::member::{Member, members};
use crate::data::train_set::TrainSet;
use crate::error::{LearnError, Result};
use crate::estimator::{Classifier, Entry, FittedClassifier, Method, OnnxExport};
use crate::methods::by_name;
use crate::params::words::{SEED, YES_NO, param};
use crate::params::{Param, ParamValue};
use crate::split::inner_folds;

pub use parameters::StackingClassifier;

impl Method {
    /// Stacking of other methods, `stacking`.
    pub const STACKING: Self = Self::of(&METHOD);
}

static METHOD: Entry = Entry {
    name: "stacking",
    title: "the stack of methods",
    wants_scaling: false,
    reads_frames: false,
    params: PARAMS,
    space: || {
        json!({
            "final_estimator": [
                "logistic-regression(C=0.01)",
                "logistic-regression(C=0.1)",
                "logistic-regression",
                "logistic-regression(C=10)",
            ],
            "passthrough": [false, true],
        })
    },
    default: |seed| {
        Box::new(StackingClassifier {
            seed,
            ..StackingClassifier::default()
        })
    },
    build: by_name::build::<StackingClassifier>,
    restore: state::from_state,
    onnx: Some(OnnxExport {
        add: onnx::stack,
        probabilities: true,
    }),
};

const FOLDS: &str = "must be a whole number, at least 2";

const PARAMS: &[Param] = &[
    param(
        "estimators",
        "must be members with `;` between them, as in `gradient-boosting@518; logistic-regression(C=0.1)@place,year`",
    ),
    param(
        "final_estimator",
        "must be a method, with parameters as in `logistic-regression(C=0.1)`",
    ),
    param("cv", FOLDS),
    param("passthrough", YES_NO),
    SEED,
];

impl StackingClassifier {
    fn stack(&self) -> Result<Stack> {
        if self.cv < 2 {
            return Err(LearnError::parameter("cv", self.cv, FOLDS));
        }
        let last = Member::read("final_estimator", &self.final_estimator, self.seed)?;
        if !last.is_plain() {
            return Err(LearnError::parameter(
                "final_estimator",
                &self.final_estimator,
                "has no columns and no pipeline of its own: it sees what the members say",
            ));
        }
        Ok(Stack {
            members: members(&self.estimators, self.seed)?,
            last,
            passthrough: self.passthrough,
        })
    }
}

impl Classifier for StackingClassifier {
    fn method(&self) -> Method {
        Method::STACKING
    }

    fn params(&self) -> Vec<(&'static str, ParamValue)> {
        by_name::list(self)
    }

    fn prepares_rows(&self) -> bool {
        true
    }

    fn check(&self) -> Result<()> {
        self.stack().map(|_| ())
    }

    fn fit(&self, train: &TrainSet<'_>) -> Result<Box<dyn FittedClassifier>> {
        let stack = self.stack()?;
        let rows = fit::Weighed::of(train)?;
        let rows = rows.rows(train);
        let folds = inner_folds(rows.y, rows.n_classes, rows.groups, self.cv, self.seed)?;
        Ok(Box::new(stack.fit(&rows, &folds)?))
    }
}

#[cfg(test)]
mod tests;
