//! From a matrix and labels to a model and its scores: methods with the parameter names and defaults of scikit-learn, splits,
//! preprocessing, cross-validation, metrics, the search for parameters and model files. No tables, no audio, no terminal.
//!
//! ```text
//!             Splitter              Pipeline::fit             Classifier::fit
//!  Dataset ──────────────> Fold ────────────────> FittedSteps ──────────────> FittedClassifier
//!  data/                   split/                 preprocess/                 methods/    │
//!  x: Matrix               train, test: rows                                              │ scores(x)
//!  y: labels                                                                              v
//!  groups: who belongs     Evaluation <───── CvResult <───── FoldResult <───────────── Scores: class,
//!                          intervals, tests                  evaluate/            probabilities, decision
//!
//!  search/   every candidate of a Space through the same folds, the best one kept
//!  model/    FittedPipeline + ModelCard <──> one `.cdmodel` file; ONNX
//! ```
//!
//! Below all of it: [`Classifier`] and [`FittedClassifier`] in `estimator.rs`, what every method promises. They know no method;
//! `methods/registry.rs` lists those there are.
//!
//! | to change | go to |
//! |---|---|
//! | a method, its parameters, its default search space | its folder in `methods/` |
//! | which methods there are | `methods/registry.rs` (recipe in `CONTRIBUTING.md`) |
//! | how a parameter is read from text, JSON or TOML | `params/value.rs` |
//! | the autoencoder, its file, its columns | `autoencoder.rs` |
//! | a preprocessing step | `preprocess/step.rs` |
//! | the frames of recordings beside the columns | `data/recordings.rs` |
//! | which rows belong together (artist, album, doubles) | `data/groups.rs` |
//! | how rows are divided | `split/` |
//! | several labels a row, in a tree | `multilabel/` |
//! | how a fold is fitted and scored | `evaluate/fold.rs`, the one way for all evaluations |
//! | a score | `metrics/` |
//! | answers that are withheld, sets of classes | `selective/` |
//! | what is unlike everything that was learnt | `novelty/` |
//! | which labels are doubtful, which rows are there twice | `audit/` |
//! | what fits of a search share | [`Classifier::run`] of the method |
//! | what a model file holds | `model/file.rs`, `model/card.rs`, `model/styles.rs` |
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

pub mod audit;
#[cfg(feature = "deep")]
pub mod autoencoder;
pub mod data;
mod error;
mod estimator;
pub mod evaluate;
pub mod methods;
pub mod metrics;
pub mod model;
pub mod multilabel;
pub mod novelty;
mod parallel;
mod params;
pub mod preprocess;
pub mod search;
pub mod selective;
pub mod split;
mod state;
#[cfg(test)]
mod test_support;
mod watch;

#[cfg(feature = "deep")]
pub use cratedigger_deep::{Engine, use_engine};
pub use data::{
    Dataset, FrameSource, FramesInMemory, GroupBy, Grouping, Hierarchy, LabelMatrix, Matrix, Part,
    Recordings, ScoreMatrix, TrainSet,
};
pub use error::{LearnError, Result};
pub use estimator::{
    Attention, Classifier, FittedClassifier, FrameMap, LabelModel, Method, PathFit, Run, RunEnd, Scores,
};
pub use evaluate::inspection::{self, learning_curve, permutation_importance};
pub use evaluate::robustness;
pub use evaluate::{
    AboveBaseline, Answers, Calibrated, CvOptions, CvResult, Evaluation, FoldResult, OutOfFold, Outcomes,
    PairedTests, PartScores, PredictionSets, SourceGain, SourceSet, Verdict, above_baseline, compare_sources,
    cross_validate, evaluate, evaluate_hold_out, evaluate_model, hold_out_validate, paired_tests,
};
pub use methods::*;
pub use metrics::{ClassScore, ConfusionMatrix};
pub use model::{Model, ModelCard, ModelError, ModelState};
pub use parallel::with_threads;
pub use params::{Param, ParamValue, parse_param};
pub use preprocess::{FittedPipeline, FittedSteps, Pipeline, Rows, StandardScaler};
pub use split::{BothSides, Fold, Splitter, given_folds, official_fold};
pub use watch::{FitEpoch, Watch};
