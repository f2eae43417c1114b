//! Classifiers with the parameter names and defaults of scikit-learn, splits, cross-validation and metrics.
//!
//! A [`Dataset`] holds a dense `f32` [`Matrix`], integer labels and what is known of each row: its id, its group
//! (the artist) and its part in the dataset's official split. A [`Splitter`] turns it into [`Fold`]s of row
//! indices, a [`Classifier`] fits on the training rows, and [`cross_validate`] does both and scores the result.
//!
//! Everything is deterministic: one seed is passed down, and the same input gives the same bytes whatever the
//! number of threads.
//!
//! ```
//! use cratedigger_learn::{CvOptions, Dataset, Matrix, Method, Splitter, cross_validate};
//!
//! let x = Matrix::new(8, 1, vec![0.0, 0.1, 0.2, 0.3, 5.0, 5.1, 5.2, 5.3])?;
//! let y = vec![0, 0, 0, 0, 1, 1, 1, 1];
//! let data = Dataset::new(x, y, vec!["Folk".into(), "Rock".into()])?;
//! let folds = Splitter::Stratified.k_fold(&data, 2, 0)?;
//! let result = cross_validate(&*Method::Majority.classifier(0), &data, &folds, &CvOptions::default())?;
//! assert_eq!(result.mean_accuracy, 0.5);
//! # Ok::<(), cratedigger_learn::LearnError>(())
//! ```

pub mod boosting;
mod class_weight;
mod classifier;
mod cross_validation;
mod dataset;
mod error;
mod evaluation;
mod fingerprint;
pub mod inspection;
mod kernels;
mod lbfgs;
pub mod linear;
mod majority;
mod matrix;
pub mod metrics;
pub mod mlp;
pub mod model;
mod out_of_fold;
mod params;
mod pipeline;
pub mod preprocess;
mod score_matrix;
pub mod search;
pub mod split;
pub mod svm;
#[cfg(test)]
mod test_support;
pub mod tree;

// As `crate::rng`.
use cratedigger_stats::rng;

pub use boosting::GradientBoosting;
pub use class_weight::ClassWeight;
pub use classifier::{Classifier, FittedClassifier, Method, PathEnd, PathFit, TrainSet};
pub use cross_validation::{
    CvOptions, CvResult, FoldResult, Scaling, cross_validate, hold_out_validate, with_threads,
};
pub use dataset::{Dataset, Part};
pub use error::{LearnError, Result};
pub use evaluation::{
    Calibrated, Evaluation, PairedTests, evaluate, evaluate_hold_out, evaluate_model, paired_tests,
};
pub use inspection::{learning_curve, permutation_importance};
pub use linear::LogisticRegression;
pub use majority::Majority;
pub use matrix::Matrix;
pub use metrics::{ClassScore, ConfusionMatrix};
pub use mlp::MlpClassifier;
pub use model::{Model, ModelCard, ModelError, ModelState};
pub use out_of_fold::OutOfFold;
pub use params::{Param, ParamValue, parse_param};
pub use pipeline::{FittedPipeline, Rows};
pub use preprocess::{FittedSteps, Pipeline, StandardScaler};
pub use score_matrix::ScoreMatrix;
pub use split::{Fold, Splitter, given_folds};
pub use svm::LinearSvc;
pub use tree::DecisionTree;
