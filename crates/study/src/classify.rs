//! The findings `classifiers`: one entry for each method that was trained and tested.

use cratedigger_learn::metrics::{OneVsRest, ProbabilityScores, reliability};
use cratedigger_learn::{
    Dataset, Evaluation, FittedPipeline, Fold, LearnError, Method, ScoreMatrix, evaluate_hold_out,
};
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// Resamples of the artists for an interval.
const N_RESAMPLES: u64 = 2_000;

/// Bins of a calibration curve.
const N_BINS: usize = 10;

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
    /// Where the accuracy might be with other artists.
    pub accuracy_interval: Interval,
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

/// A percentile interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The share of the resamples inside: 0.95.
    pub level: f64,
    /// What was resampled: `artists`, since tracks of an artist resemble each other, or `tracks` where artists are unknown.
    pub resampled: String,
    /// Resamples.
    pub n_resamples: u64,
}

/// The ends of an interval of the level 0.95.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ends {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
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

/// A method that was trained and tested, with all that further sections need.
#[derive(Debug)]
pub struct Trained {
    /// The fitted model.
    pub pipeline: FittedPipeline,
    /// Its predictions and scores.
    pub evaluation: Evaluation,
    /// What is told of it.
    pub finding: ClassifierFinding,
}

/// The scores of always saying the most frequent class of the training tracks.
///
/// # Errors
/// `Learn`.
pub fn baseline(data: &Dataset, fold: &Fold, seed: u64) -> Result<Baseline> {
    let classifier = Method::MAJORITY.classifier(seed);
    let (_, evaluation) = evaluate_hold_out(&*classifier, data, fold, None, seed)?;
    let said = evaluation.predictions.predicted.first();
    Ok(Baseline {
        name: Method::MAJORITY.name().to_owned(),
        label: said
            .and_then(|&class| data.classes.get(class))
            .cloned()
            .unwrap_or_default(),
        accuracy: evaluation.summary.accuracy,
        balanced_accuracy: evaluation.summary.balanced_accuracy,
    })
}

/// Standardises (where the method wants it, on the training rows alone), fits and tests one method.
///
/// # Errors
/// `Learn`, for example `OneClass` or `Diverged`.
pub fn train_and_test(
    method: Method,
    data: &Dataset,
    fold: &Fold,
    baseline: &Baseline,
    seed: u64,
) -> Result<Trained> {
    let classifier = method.classifier(seed);
    let (pipeline, evaluation) = evaluate_hold_out(&*classifier, data, fold, None, seed)?;
    let finding = finding(&evaluation, data, baseline)?;
    Ok(Trained {
        pipeline,
        evaluation,
        finding,
    })
}

fn finding(evaluation: &Evaluation, data: &Dataset, baseline: &Baseline) -> Result<ClassifierFinding> {
    let Evaluation {
        summary,
        result,
        predictions,
        calibrated,
        ..
    } = evaluation;
    let fold = &result.folds[0];
    let interval = evaluation.accuracy_interval();
    let probability = |scores: ProbabilityScores, proba: &ScoreMatrix| -> Result<Probability> {
        let curve = reliability(&predictions.y_true, proba, N_BINS)?;
        Ok(Probability {
            log_loss: scores.log_loss,
            brier_score: scores.brier_score,
            expected_calibration_error: scores.ece,
            calibration: curve
                .bins
                .iter()
                .map(|bin| CalibrationPoint {
                    n: bin.n,
                    mean_predicted: bin.mean_predicted,
                    fraction_right: bin.fraction_positive,
                })
                .collect(),
        })
    };
    let averages = |scores: &OneVsRest| Averages {
        macro_average: scores.macro_average,
        weighted: scores.weighted_average,
    };
    let of_class =
        |scores: &Option<OneVsRest>, class: usize| scores.as_ref().and_then(|scores| scores.per_class[class]);
    Ok(ClassifierFinding {
        name: evaluation.method.name().to_owned(),
        n_features: data.n_features() as u64,
        n_train: fold.n_train as u64,
        n_test: fold.n_test as u64,
        accuracy: summary.accuracy,
        accuracy_interval: Interval {
            low: interval.low,
            high: interval.high,
            level: interval.level,
            resampled: if data.groups.is_some() {
                "artists"
            } else {
                "tracks"
            }
            .to_owned(),
            n_resamples: if data.groups.is_some() { N_RESAMPLES } else { 0 },
        },
        wilson_interval: Ends {
            low: summary.accuracy_interval.low,
            high: summary.accuracy_interval.high,
        },
        balanced_accuracy: summary.balanced_accuracy,
        macro_f1: summary.macro_f1,
        weighted_f1: summary.weighted_f1,
        cohens_kappa: summary.cohens_kappa,
        matthews_corrcoef: summary.matthews,
        top_2_accuracy: summary.top_2_accuracy,
        top_3_accuracy: summary.top_3_accuracy,
        roc_auc: summary.roc_auc.as_ref().map(averages),
        average_precision: summary.average_precision.as_ref().map(averages),
        probability: match (summary.probability, &predictions.proba) {
            (Some(scores), Some(proba)) => Some(probability(scores, proba)?),
            _ => None,
        },
        scaled_probability: match calibrated {
            Some(scaled) => Some(probability(scaled.scores, &scaled.proba)?),
            None => None,
        },
        temperatures: calibrated
            .as_ref()
            .map_or_else(Vec::new, |scaled| scaled.temperatures.clone()),
        baseline: baseline.clone(),
        per_class: summary
            .per_class
            .iter()
            .enumerate()
            .map(|(class, scores)| ClassScores {
                label: scores.label.clone(),
                precision: scores.precision,
                recall: scores.recall,
                f1: scores.f1,
                support: scores.support,
                roc_auc: of_class(&summary.roc_auc, class),
                average_precision: of_class(&summary.average_precision, class),
            })
            .collect(),
        confusion: Confusion {
            labels: result.confusion.labels().to_vec(),
            counts: result.confusion.counts().to_vec(),
            row_normalised: result.confusion.row_normalised(),
        },
        n_iter: fold.n_iter.map(|n| n as u64),
        converged: fold.converged,
        fit_seconds: fold.fit_seconds,
        predict_seconds: fold.predict_seconds,
    })
}

/// One sentence of an error that stands for its whole chain.
pub fn sentence(error: &LearnError) -> String {
    let mut text = error.to_string();
    if let Some(first) = text.get(..1) {
        text = first.to_uppercase() + &text[1..];
    }
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used)]
    use cratedigger_learn::Matrix;

    use super::*;

    /// 60 rows of 30 artists; the one feature tells the class, but for every tenth row.
    pub(crate) fn data() -> Dataset {
        let y: Vec<usize> = (0..60).map(|row| usize::from(row % 3 == 0)).collect();
        let x = (0..60).map(|row| if (y[row] == 1) ^ (row % 10 == 9) { 1.0 } else { -1.0 } + row as f32 * 1e-3);
        let mut data = Dataset::new(
            Matrix::new(60, 1, x.collect()).unwrap(),
            y,
            vec!["Folk".into(), "Rock".into()],
        )
        .unwrap();
        data.groups = Some((0..60).map(|row| row / 2).collect());
        data
    }

    pub(crate) fn fold() -> Fold {
        Fold {
            train: (0..40).collect(),
            test: (40..60).collect(),
        }
    }

    #[test]
    fn scores_agree_with_the_counts() {
        let (data, fold) = (data(), fold());
        let least = baseline(&data, &fold, 3).unwrap();
        let found = train_and_test(Method::MLP, &data, &fold, &least, 3)
            .unwrap()
            .finding;
        let right: u64 = (0..2).map(|class| found.confusion.counts[class][class]).sum();
        assert_eq!(
            (
                found.n_train,
                found.n_test,
                found.confusion.counts.iter().flatten().sum()
            ),
            (40, 20, 20)
        );
        assert_eq!(found.accuracy, right as f64 / 20.0);
        // Rows 49 and 59 look like the other class.
        assert_eq!(found.accuracy, 0.9);
        let recalls: f64 = found.per_class.iter().map(|class| class.recall).sum();
        assert!((found.balanced_accuracy - recalls / 2.0).abs() < 1e-15);
        assert_eq!(found.confusion.row_normalised[1][1], found.per_class[1].recall);
        let interval = &found.accuracy_interval;
        assert!(
            interval.low < 0.9 && interval.low > 0.5 && interval.high > 0.9 && interval.high <= 1.0,
            "{interval:?}"
        );
        assert_eq!(interval.resampled, "artists");
        assert!(found.wilson_interval.low < 0.9 && found.wilson_interval.high > 0.9);
        // 14 of the 20 test rows (40 to 59) are no multiple of 3.
        assert_eq!(
            (found.baseline.label.as_str(), found.baseline.accuracy),
            ("Folk", 0.7)
        );
        assert_eq!(found.baseline.balanced_accuracy, 0.5);
        let probability = found.probability.as_ref().unwrap();
        assert_eq!(
            probability.calibration.iter().map(|point| point.n).sum::<u64>(),
            20
        );
        assert_eq!(found.temperatures.len(), 2);
        let again = train_and_test(Method::MLP, &data, &fold, &least, 3)
            .unwrap()
            .finding;
        assert_eq!(again.confusion, found.confusion);
        assert_eq!(again.accuracy_interval, found.accuracy_interval);
        assert_eq!(again.scaled_probability, found.scaled_probability);
    }

    #[test]
    fn margins_have_probabilities_only_after_scaling() {
        let (mut data, fold) = (data(), fold());
        let least = baseline(&data, &fold, 0).unwrap();
        let found = train_and_test(Method::LINEAR_SVC, &data, &fold, &least, 0)
            .unwrap()
            .finding;
        assert!(found.probability.is_none() && found.scaled_probability.is_some());
        assert!(found.roc_auc.unwrap().macro_average.unwrap() > 0.5);
        data.groups = None;
        let found = train_and_test(Method::LINEAR_SVC, &data, &fold, &least, 0)
            .unwrap()
            .finding;
        let interval = found.accuracy_interval;
        assert_eq!((interval.resampled.as_str(), interval.n_resamples), ("tracks", 0));
        assert_eq!(
            (interval.low, interval.high),
            (found.wilson_interval.low, found.wilson_interval.high)
        );
    }

    #[test]
    fn an_error_becomes_a_sentence() {
        let error = LearnError::CannotSplit {
            n_rows: 3,
            reason: "no".into(),
        };
        assert_eq!(sentence(&error), "Cannot split 3 rows as asked: no.");
    }
}
