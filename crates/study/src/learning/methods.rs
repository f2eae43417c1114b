//! The findings `classifiers`: one entry for each method that was trained and tested.

use cratedigger_learn::metrics;
use cratedigger_learn::metrics::PValue;
use serde::{Deserialize, Serialize};

/// A method's scores on the test tracks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassifierFinding {
    /// The method, such as `mlp`.
    pub name: String,
    /// Features that it saw.
    pub n_features: u64,
    /// Tracks that it was trained on.
    pub n_train: u64,
    /// Tracks that it was tested on.
    pub n_test: u64,
    /// The share of the test tracks that it got right.
    pub accuracy: f64,
    /// Where the accuracy might be with other artists; `null` with too few of them to tell.
    pub accuracy_interval: Option<Interval>,
    /// Where it might be with other tracks, were these independent of each other: Wilson's interval, narrower.
    pub wilson_interval: Ends,
    /// The mean recall of the classes that have test tracks.
    pub balanced_accuracy: f64,
    /// The mean F1 of the classes that have test tracks or were predicted.
    pub macro_f1: f64,
    /// The mean F1 weighted by the classes' test tracks.
    pub weighted_f1: f64,
    /// Cohen's kappa; `null` where it is not defined.
    pub cohens_kappa: Option<f64>,
    /// Matthews' correlation coefficient.
    pub matthews_corrcoef: f64,
    /// The share of the test tracks whose class is among the first two; `null` with fewer than three classes.
    pub top_2_accuracy: Option<f64>,
    /// Among the first three; `null` with fewer than four classes.
    pub top_3_accuracy: Option<f64>,
    /// Area under the ROC curve of each class against the others.
    pub roc_auc: Option<Averages>,
    /// Average precision of each class against the others.
    pub average_precision: Option<Averages>,
    /// Scores of the method's own probabilities; `null` where it has none.
    pub probability: Option<Probability>,
    /// Scores of the probabilities after temperature scaling; `null` where there are too few artists.
    pub scaled_probability: Option<Probability>,
    /// The temperatures of the two halves of the test artists, each fitted on the other half.
    pub temperatures: Vec<f64>,
    /// Always the most frequent class of the training tracks: what every method has to beat.
    pub baseline: Baseline,
    /// How far it is above `baseline` on the same tracks; `null` for the guess itself, and where methods were not compared.
    pub above_baseline: Option<AboveBaseline>,
    /// Precision, recall and F1 of each class.
    pub per_class: Vec<ClassScores>,
    /// True and predicted classes.
    pub confusion: Confusion,
    /// Iterations (epochs) of the optimisation, where the method has any.
    pub n_iter: Option<u64>,
    /// `false` where the optimisation ended at its limit before it had converged.
    pub converged: bool,
    /// Seconds to standardise and fit.
    pub fit_seconds: f64,
    /// Seconds to standardise and predict the test tracks.
    pub predict_seconds: f64,
}

/// The interval of an accuracy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The share of such intervals that hold the true value: 0.95.
    pub level: f64,
    /// What is independent of each other, as it ends a sentence: `artists`, since tracks of an artist resemble each other;
    /// `artists, and single tracks of artists that are not known`; `albums` or `tracks` where no artist is known.
    pub independent: String,
    /// How many of them there are.
    pub n_independent: u64,
}

/// The ends of an interval of the level 0.95.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ends {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl From<metrics::Interval> for Ends {
    fn from(interval: metrics::Interval) -> Self {
        Self {
            low: interval.low,
            high: interval.high,
        }
    }
}

/// Means over the classes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Averages {
    /// Of all classes alike.
    #[serde(rename = "macro")]
    pub macro_average: Option<f64>,
    /// Weighted by the classes' test tracks.
    pub weighted: Option<f64>,
}

/// Scores of probabilities; the lower the better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probability {
    /// Mean of `-ln` of the probability of the true class.
    pub log_loss: f64,
    /// Mean squared distance from the truth.
    pub brier_score: f64,
    /// Expected calibration error over 15 bins.
    pub expected_calibration_error: f64,
    /// How often the predicted class is right, by the probability that it was given.
    pub calibration: Vec<CalibrationPoint>,
}

/// Test tracks whose predicted class was given about this probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CalibrationPoint {
    /// Test tracks.
    pub n: u64,
    /// Their mean probability.
    pub mean_predicted: f64,
    /// The share of them that is right.
    pub fraction_right: f64,
}

/// The scores of always saying the most frequent class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// `majority`.
    pub name: String,
    /// The class that it always says.
    pub label: String,
    /// Its accuracy on the test tracks.
    pub accuracy: f64,
    /// Its balanced accuracy.
    pub balanced_accuracy: f64,
}

/// A method beside the simplest guess, on the same test tracks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AboveBaseline {
    /// The method's accuracy less that of the guess.
    pub difference: f64,
    /// Its interval over artists (tracks where artists are unknown), wide enough for those of all methods to hold together with
    /// a probability of 95 % (Bonferroni); `null` with too few artists to tell.
    pub interval: Option<Ends>,
    /// The p-value of the difference, over artists where they are known (sign flips), after Holm's correction for all methods.
    pub adjusted: PValueFinding,
    /// Whether the method is above the guess by more than chance: `adjusted` below 0.05 and the interval above 0.
    pub clear: bool,
}

/// A p-value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PValueFinding {
    /// The p-value; 0 where it is below the smallest number.
    pub p: f64,
    /// Its decimal logarithm.
    pub log10_p: f64,
}

impl From<PValue> for PValueFinding {
    fn from(p: PValue) -> Self {
        Self {
            p: p.value(),
            log10_p: p.log10(),
        }
    }
}

/// Scores of one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassScores {
    /// The class.
    pub label: String,
    /// The share of the tracks predicted as this class that are of it; 0 where none was.
    pub precision: f64,
    /// The share of the class's tracks that were predicted as it; 0 where it has none.
    pub recall: f64,
    /// The harmonic mean of the two.
    pub f1: f64,
    /// The class's test tracks.
    pub support: u64,
    /// Area under the ROC curve against all other classes; `null` where it is not defined.
    pub roc_auc: Option<f64>,
    /// Average precision against all other classes; `null` where it is not defined.
    pub average_precision: Option<f64>,
}

/// A confusion matrix: rows are true classes, columns predicted ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Confusion {
    /// The classes, sorted by name.
    pub labels: Vec<String>,
    /// Test tracks: `counts[true][predicted]`.
    pub counts: Vec<Vec<u64>>,
    /// Every row divided by its sum, so that the diagonal holds the recalls; a class without test tracks has zeros.
    pub row_normalised: Vec<Vec<f64>>,
}

/// Why no classifier was trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassifiersSkipped {
    /// One or two sentences: what is lacking, and what to do.
    pub reason: String,
}

/// A method that was asked for and not trained, while others may have been.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MethodSkipped {
    /// The method.
    pub name: String,
    /// Why.
    pub reason: String,
}
