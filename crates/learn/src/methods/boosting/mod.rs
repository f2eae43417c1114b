//! Gradient boosting of decision trees.

mod bins;
mod cuts;
mod fitted;
mod forest;
mod grow;
mod histogram;
mod level;
mod objective;
mod rules;
mod search;
mod state;
mod train;

use serde::{Deserialize, Serialize};

use crate::error::{LearnError, Result};
use crate::estimator::{Classifier, FittedClassifier, Method, TrainSet};
use crate::methods::class_weight::ClassWeight;
use crate::params::{self, ParamValue};

/// Parameters of gradient boosting, with the names and defaults of XGBoost's `XGBClassifier`.
///
/// Each round adds one tree for two classes, or one per class for more, fitted to the gradient and the Hessian of the
/// cross-entropy (logistic, or softmax over the classes) at the sum of the trees before it; weights of rows and classes
/// multiply both. Columns are divided into at most `max_bin` bins; a split goes to the largest gain
/// `S(G_l, H_l) + S(G_r, H_r) - S(G, H)`, where `S(G, H) = T(G)^2 / (H + lambda)` and `T` draws a sum by `alpha` towards 0; a
/// leaf has the value `-learning_rate * T(G) / (H + lambda)`. The sums start at the shares of the classes.
///
/// Neither scale nor order of magnitude of a feature matters. Equal gains go to the lowest feature, then to the lowest
/// bin. Fit and predictions do not depend on the number of threads: derivatives are rounded so that sums of them are exact
/// in `f64`. Histograms are kept for up to 1 GiB, or for one tree at a time, which takes at most twice the size of the matrix.
///
/// Source: Chen and Guestrin 2016, "XGBoost: a scalable tree boosting system", sections 2 and 3; XGBoost 3.2
/// (`binary:logistic`, `multi:softprob`, `tree_method="hist"`, `grow_policy="depthwise"`), whose trees these are up to
/// rounding where the bins are the same. Differs: bins are exact quantiles of the rows where XGBoost has those of a sketch
/// (more than some thousand rows); the sums of the trees are `f64`; rows and features are drawn by another generator.
///
/// ```
/// use cratedigger_learn::{Classifier, GradientBoosting, Matrix, TrainSet};
///
/// let x = Matrix::new(8, 1, vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])?;
/// let y = [0, 0, 0, 0, 1, 1, 1, 1];
/// let boosting = GradientBoosting { min_child_weight: 0.0, ..Default::default() };
/// assert_eq!(boosting.fit(&TrainSet::new(&x, &y, 2)?)?.predict(&x)?, y);
/// # Ok::<(), cratedigger_learn::LearnError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GradientBoosting {
    /// Number of rounds. Default: 100.
    pub n_estimators: usize,
    /// Largest depth of a tree; 0 for no limit. Default: 6.
    pub max_depth: usize,
    /// Largest number of leaves of a tree; 0 for no limit. Default: 0.
    pub max_leaves: usize,
    /// Factor of the values of each tree (`eta`). Default: 0.3.
    pub learning_rate: f64,
    /// Sum of Hessians each side of a split needs. Default: 1.
    pub min_child_weight: f64,
    /// Gain a split needs (`min_split_loss`). Default: 0.
    pub gamma: f64,
    /// Strength of the L2 penalty on the leaves (`lambda`). Default: 1.
    pub reg_lambda: f64,
    /// Strength of the L1 penalty on the leaves (`alpha`). Default: 0.
    pub reg_alpha: f64,
    /// Largest absolute value of a leaf, before `learning_rate`; 0 for no limit. Default: 0.
    pub max_delta_step: f64,
    /// Share of the rows that is drawn in each round. Default: 1.
    pub subsample: f64,
    /// Share of the features that is drawn for each tree, at least one. Default: 1.
    pub colsample_bytree: f64,
    /// Largest number of bins of a feature. Default: 256.
    pub max_bin: usize,
    /// Rounds without a lower cross-entropy on the validation rows before training stops; the model then keeps the
    /// rounds up to the best one. `None` to train all rounds on all rows. Default: none.
    pub early_stopping_rounds: Option<usize>,
    /// Share of the rows, stratified, that is set aside where `early_stopping_rounds` is given. Default: 0.1.
    pub validation_fraction: f64,
    /// Weight of each class. Default: none.
    pub class_weight: ClassWeight,
    /// Seed of the rows and features that are drawn and of the validation rows. Default: 0.
    #[serde(rename = "random_state", alias = "seed")]
    pub seed: u64,
}

impl Default for GradientBoosting {
    fn default() -> Self {
        Self {
            n_estimators: 100,
            max_depth: 6,
            max_leaves: 0,
            learning_rate: 0.3,
            min_child_weight: 1.0,
            gamma: 0.0,
            reg_lambda: 1.0,
            reg_alpha: 0.0,
            max_delta_step: 0.0,
            subsample: 1.0,
            colsample_bytree: 1.0,
            max_bin: 256,
            early_stopping_rounds: None,
            validation_fraction: 0.1,
            class_weight: ClassWeight::None,
            seed: 0,
        }
    }
}

/// Largest `max_bin`: bins are numbered with 16 bits.
const MOST_BINS: usize = 60_000;

impl Classifier for GradientBoosting {
    fn method(&self) -> Method {
        Method::GradientBoosting
    }

    fn params(&self) -> Vec<(&'static str, ParamValue)> {
        params::list(self)
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
        let classes = train.two_or_more_classes(Method::GradientBoosting)?;
        let class_weight = self.class_weight.weights(train.y(), train.n_classes())?;
        Ok(Box::new(train::fit(self, train, classes, &class_weight)?))
    }
}

pub(crate) use fitted::FittedBoosting;

#[cfg(test)]
mod tests;
