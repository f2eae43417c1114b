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
//! let result = cross_validate(&*Method::MAJORITY.classifier(0), &data, &folds, &CvOptions::default())?;
//! assert_eq!(result.mean_accuracy, 0.5);
//! # Ok::<(), cratedigger_learn::LearnError>(())
//! ```

pub mod data;
mod error;
mod estimator;
pub mod evaluate;
pub mod methods;
pub mod metrics;
pub mod model;
mod parallel;
mod params;
pub mod preprocess;
mod rng;
pub mod search;
pub mod split;
mod state;
#[cfg(test)]
mod test_support;

pub use data::{Dataset, Matrix, Part, ScoreMatrix, TrainSet};
pub use error::{LearnError, Result};
pub use estimator::{Classifier, FittedClassifier, Method, PathFit, Run, RunEnd, Scores};
pub use evaluate::inspection::{self, learning_curve, permutation_importance};
pub use evaluate::{
    Calibrated, CvOptions, CvResult, Evaluation, FoldResult, OutOfFold, PairedTests, cross_validate,
    evaluate, evaluate_hold_out, evaluate_model, hold_out_validate, paired_tests,
};
pub use methods::boosting::{self, GradientBoosting};
pub use methods::linear::{self, LogisticRegression};
pub use methods::mlp::{self, MlpClassifier};
pub use methods::svm::{self, LinearSvc};
pub use methods::tree::{self, DecisionTree};
pub use methods::{ClassWeight, Majority};
pub use metrics::{ClassScore, ConfusionMatrix};
pub use model::{Model, ModelCard, ModelError, ModelState};
pub use parallel::with_threads;
pub use params::{Param, ParamValue, parse_param};
pub use preprocess::{FittedPipeline, FittedSteps, Pipeline, Rows, StandardScaler};
pub use split::{Fold, Splitter, given_folds};
