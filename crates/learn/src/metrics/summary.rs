use super::calibration::reliability;
use super::confusion::{ClassScore, ConfusionMatrix};
use super::probability::{brier_score, log_loss, top_k_accuracy};
use super::ranking::{OneVsRest, average_precision_ovr, roc_auc_ovr};
use crate::data::score_matrix::ScoreMatrix;
use crate::error::Result;
use cratedigger_stats::{Interval, wilson_interval};

/// Bins of the expected calibration error.
const N_BINS: usize = 15;

/// All scores of one method's predictions.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Rows that were predicted.
    pub n: u64,
    /// Share of right predictions.
    pub accuracy: f64,
    /// Wilson's interval of the accuracy, 95 %, for rows that are independent of each other.
    pub accuracy_interval: Interval,
    /// Mean recall of the classes that have rows.
    pub balanced_accuracy: f64,
    /// Unweighted mean of F1 over the classes.
    pub macro_f1: f64,
    /// Mean of F1 over the classes, weighted by their rows.
    pub weighted_f1: f64,
    /// Cohen's kappa, `None` where it is not defined.
    pub cohens_kappa: Option<f64>,
    /// Matthews' correlation coefficient.
    pub matthews: f64,
    /// Precision, recall, F1 and rows of every class.
    pub per_class: Vec<ClassScore>,
    /// Share of the rows whose class is among the two with the highest scores, where there are three classes or more.
    pub top_2_accuracy: Option<f64>,
    /// The same for three, where there are four classes or more.
    pub top_3_accuracy: Option<f64>,
    /// Area under the ROC curve of each class, `None` without scores.
    pub roc_auc: Option<OneVsRest>,
    /// Average precision of each class, `None` without scores.
    pub average_precision: Option<OneVsRest>,
    /// Scores of the probabilities, `None` without probabilities.
    pub probability: Option<ProbabilityScores>,
}

/// Scores of probabilities; the lower the better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProbabilityScores {
    /// [`log_loss`].
    pub log_loss: f64,
    /// [`brier_score`].
    pub brier_score: f64,
    /// Expected calibration error over 15 bins ([`reliability`]).
    pub ece: f64,
}

impl Summary {
    /// Scores `predicted` against `y_true`.
    ///
    /// `class_scores`: what ranks the classes of a row, probabilities or decision values, one column per class. `proba`:
    /// probabilities, which may have been calibrated.
    ///
    /// # Errors
    /// `Empty`, `ShapeMismatch`, `UnknownLabel`, `NotFinite`, `NotProbability`.
    pub fn new(
        y_true: &[usize],
        predicted: &[usize],
        labels: &[String],
        class_scores: Option<&ScoreMatrix>,
        proba: Option<&ScoreMatrix>,
    ) -> Result<Self> {
        let confusion = ConfusionMatrix::from_predictions(y_true, predicted, labels)?;
        let n_right = (0..labels.len())
            .map(|class| confusion.counts()[class][class])
            .sum();
        let top_k = |k: usize| match class_scores {
            Some(scores) if scores.n_cols() > k => Ok(Some(top_k_accuracy(y_true, scores, k)?)),
            _ => Ok::<_, crate::LearnError>(None),
        };
        Ok(Self {
            n: confusion.n_rows(),
            accuracy: confusion.accuracy(),
            accuracy_interval: wilson_interval(n_right, confusion.n_rows(), 0.95)?,
            balanced_accuracy: confusion.balanced_accuracy(),
            macro_f1: confusion.macro_f1(),
            weighted_f1: confusion.weighted_f1(),
            cohens_kappa: confusion.cohens_kappa(),
            matthews: confusion.matthews(),
            per_class: confusion.per_class(),
            top_2_accuracy: top_k(2)?,
            top_3_accuracy: top_k(3)?,
            roc_auc: class_scores
                .map(|scores| roc_auc_ovr(y_true, scores))
                .transpose()?,
            average_precision: class_scores
                .map(|scores| average_precision_ovr(y_true, scores))
                .transpose()?,
            probability: proba
                .map(|proba| ProbabilityScores::new(y_true, proba))
                .transpose()?,
        })
    }
}

impl ProbabilityScores {
    /// Scores probabilities, one column per class.
    ///
    /// # Errors
    /// As [`log_loss`].
    pub fn new(y_true: &[usize], proba: &ScoreMatrix) -> Result<Self> {
        Ok(Self {
            log_loss: log_loss(y_true, proba)?,
            brier_score: brier_score(y_true, proba)?,
            ece: reliability(y_true, proba, N_BINS)?.ece,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_summary_holds_what_its_parts_say() {
        let labels: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        let y = [0, 1, 2, 1];
        let proba = ScoreMatrix::new(
            4,
            3,
            vec![0.6, 0.3, 0.1, 0.5, 0.4, 0.1, 0.1, 0.2, 0.7, 0.2, 0.7, 0.1],
        )
        .unwrap();
        let predicted = proba.argmax();
        let all = Summary::new(&y, &predicted, &labels, Some(&proba), Some(&proba)).unwrap();
        assert_eq!(
            (all.n, all.accuracy, all.top_2_accuracy, all.top_3_accuracy),
            (4, 0.75, Some(1.0), None)
        );
        assert_eq!(all.probability.unwrap().log_loss, log_loss(&y, &proba).unwrap());
        assert_eq!(all.roc_auc.unwrap(), roc_auc_ovr(&y, &proba).unwrap());
        assert!(all.accuracy_interval.low < 0.75 && all.accuracy_interval.high > 0.75);
        let bare = Summary::new(&y, &predicted, &labels, None, None).unwrap();
        assert_eq!(
            (bare.top_2_accuracy, bare.roc_auc, bare.probability),
            (None, None, None)
        );
        assert_eq!(bare.matthews, all.matthews);
    }
}
