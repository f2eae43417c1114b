//! Several labels a row, in a tree: what a track's genres and styles are.
//!
//! ```text
//! LabelMatrix ──fit_labels──> FittedLabels ──proba, kept to the tree──> Thresholds ──claims──> HierarchicalScores
//! Hierarchy                                          └──> RankingScores
//! ```

mod evaluate;
mod fit;
mod metrics;
mod state;
mod thresholds;

pub use evaluate::{Claims, LabelEvaluation, evaluate_labels, hold_out_labels};
pub use fit::{FittedLabels, LabelRows, fit_labels};
pub use metrics::{Averages, HierarchicalScores, LabelScore, RankingScores};
pub use thresholds::{FEWEST_RIGHT, ThresholdFor, Thresholds};
