//! Scores of methods and models on rows that they were not fitted on.

mod above_baseline;
mod areas;
pub(crate) mod cross_validation;
pub(crate) mod evaluation;
pub(crate) mod fold;
pub mod inspection;
pub(crate) mod out_of_fold;
mod parts;
mod promises;
pub mod robustness;
pub(crate) mod saved;
mod sources;

pub use above_baseline::{AboveBaseline, above_baseline};
pub use cross_validation::{CvOptions, CvResult, cross_validate};
pub use evaluation::{Evaluation, PairedTests, evaluate, evaluate_hold_out, paired_tests};
pub use fold::{FoldResult, hold_out_validate};
pub use out_of_fold::{Calibrated, OutOfFold};
pub use parts::{Outcomes, PartScores};
pub use promises::{Answers, PredictionSets};
pub use saved::evaluate_model;
pub use sources::{SourceGain, SourceSet, Verdict, compare_sources};
