//! Scores of predictions and probabilities, equal to scikit-learn's to 1e-12, and tests between methods.

mod agreement;
mod calibration;
mod confusion;
mod logits;
pub(crate) mod probability;
mod ranking;
mod scaling;
mod summary;

// The types of the scores and tests that this crate gives.
pub use cratedigger_stats::{
    ClusteredMcNemar, CorrectedTTest, FEWEST_GROUPS, GroupedMean, Interval, McNemar, PValue,
};

pub use calibration::{CalibrationBin, Reliability, calibration_curve, reliability};
pub use confusion::{ClassScore, ConfusionMatrix};
pub use logits::{Logits, PROBABILITY_FLOOR, decision_per_class};
pub use probability::{brier_score, log_loss, top_k_accuracy};
pub use ranking::{
    OneVsRest, PrecisionRecallCurve, RocCurve, average_precision_ovr, precision_recall_curve, roc_auc_ovr,
    roc_curve,
};
pub use scaling::{TemperatureFit, TemperatureScaling, cross_fit_temperature, parts_of_groups};
pub use summary::{ProbabilityScores, Summary};
