//! Scores of methods and models on rows that they were not fitted on.

pub(crate) mod cross_validation;
pub(crate) mod evaluation;
pub mod inspection;
pub(crate) mod out_of_fold;

pub use cross_validation::{
    CvOptions, CvResult, FoldResult, Scaling, cross_validate, hold_out_validate, with_threads,
};
pub use evaluation::{
    Calibrated, Evaluation, PairedTests, evaluate, evaluate_hold_out, evaluate_model, paired_tests,
};
pub use out_of_fold::OutOfFold;
