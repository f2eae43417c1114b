use serde::{Deserialize, Serialize};

use crate::methods::class_weight::ClassWeight;

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
    /// Share of the rows, stratified and in whole groups (artists) where groups are known, that is set aside where
    /// `early_stopping_rounds` is given. Default: 0.1.
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
pub(super) const MOST_BINS: usize = 60_000;
