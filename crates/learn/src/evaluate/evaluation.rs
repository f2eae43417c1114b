use cratedigger_stats::{corrected_t_test, fold_interval, holm, mcnemar, mcnemar_clustered, wilson_interval};

use super::areas::Areas;
use super::cross_validation::{CvOptions, CvResult, cross_validate};
use super::fold::{FoldResult, hold_out_validate};
use super::out_of_fold::{Calibrated, OutOfFold};
use crate::data::dataset::Dataset;
use crate::error::{LearnError, Result};
use crate::estimator::{Classifier, Method};
use crate::metrics::{ClusteredMcNemar, CorrectedTTest, Interval, McNemar, PValue, Summary};
use crate::preprocess::{FittedPipeline, Pipeline};
use crate::selective::RiskCoverage;
use crate::split::Fold;

/// Level of all intervals.
const LEVEL: f64 = 0.95;

/// All that is known of a method after it was scored on held-out rows: one fold is a hold-out, several a cross-validation.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// The method.
    pub method: Method,
    /// Each fold, and what they add up to.
    pub result: CvResult,
    /// The predictions by row.
    pub predictions: OutOfFold,
    /// Scores of all predictions together; but areas under curves, which rank rows by the scores of one model, are means over the
    /// folds, see [`class_folds`](Self::class_folds).
    pub summary: Summary,
    /// For each class the folds that have rows of it and of others, over which its ROC AUC and average precision are means.
    pub class_folds: Vec<usize>,
    /// Groups (artists) of the rows that were tested; `None` without groups.
    pub n_groups: Option<usize>,
    /// Interval of the accuracy of all predictions with groups as what is independent, 95 %; `None` without groups or with fewer
    /// than [`FEWEST_GROUPS`](crate::metrics::FEWEST_GROUPS).
    pub group_interval: Option<Interval>,
    /// Mean accuracy over the folds, corrected for training sets that overlap, 95 %; `None` for one fold.
    pub fold_interval: Option<Interval>,
    /// Probabilities after temperature scaling; `None` where the method has no scores, or there are too few groups.
    pub calibrated: Option<Calibrated>,
    /// How wrong the surest answers are, by the calibrated probabilities; of a saved model by its own.
    pub risk_coverage: Option<RiskCoverage>,
}

/// Two methods on the same rows.
#[derive(Debug, Clone, PartialEq)]
pub struct PairedTests {
    /// The first method.
    pub first: Method,
    /// The second method.
    pub second: Method,
    /// Rows taken for independent of each other.
    pub mcnemar: McNemar,
    /// Groups (artists) taken for independent of each other; `None` without groups.
    pub clustered: Option<ClusteredMcNemar>,
    /// Over the folds; `None` for one fold.
    pub t_test: Option<CorrectedTTest>,
    /// The p-value to go by, after Holm's correction for the number of pairs: that of the groups where there are groups,
    /// else McNemar's exact one.
    pub adjusted: PValue,
}

/// Fits and scores a classifier on every fold.
///
/// `seed`: of the halves that calibrate each other.
///
/// # Errors
/// Those of [`cross_validate`].
pub fn evaluate(
    classifier: &dyn Classifier,
    data: &Dataset,
    folds: &[Fold],
    options: &CvOptions,
    seed: u64,
) -> Result<Evaluation> {
    let result = cross_validate(classifier, data, folds, options)?;
    Evaluation::new(result, data, folds, seed)
}

/// Fits on the training rows of one split and scores on its test rows; also returns the fitted model. Uses the threads of
/// the pool that it is called in.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_hold_out(
    classifier: &dyn Classifier,
    data: &Dataset,
    fold: &Fold,
    pipeline: Option<&Pipeline>,
    seed: u64,
) -> Result<(FittedPipeline, Evaluation)> {
    let (fitted, result) = hold_out_validate(classifier, data, fold, pipeline)?;
    let result = CvResult::of_folds(classifier.method(), data, vec![result])?;
    Ok((
        fitted,
        Evaluation::new(result, data, std::slice::from_ref(fold), seed)?,
    ))
}

impl Evaluation {
    /// Scores the result of a cross-validation over `folds` of `data`.
    ///
    /// # Errors
    /// `ShapeMismatch` where the three do not belong together.
    pub fn new(result: CvResult, data: &Dataset, folds: &[Fold], seed: u64) -> Result<Self> {
        let predictions = OutOfFold::new(data, folds, &result.folds)?;
        let class_scores = predictions.class_scores();
        let mut summary = Summary::new(
            &predictions.y_true,
            &predictions.predicted,
            &data.classes,
            class_scores.as_ref(),
            predictions.proba.as_ref(),
        )?;
        let areas = match &class_scores {
            Some(scores) => Areas::over_folds(&predictions, scores)?,
            None => Areas::default(),
        };
        (summary.roc_auc, summary.average_precision) = (areas.roc_auc, areas.average_precision);
        let calibrated = match predictions.calibrated(data, seed) {
            Ok(found) => found,
            Err(LearnError::CannotSplit { .. }) => None,
            Err(error) => return Err(error),
        };
        let right: Vec<bool> = predictions.hits().collect();
        let risk_coverage = calibrated
            .as_ref()
            .map(|scaled| RiskCoverage::of(&scaled.proba, &right))
            .transpose()?;
        let n_groups = predictions.groups(data).map(|mut groups| {
            groups.sort_unstable();
            groups.dedup();
            groups.len()
        });
        let fold_interval = match result.folds.len() {
            0 | 1 => None,
            _ => Some(fold_interval(&result.fold_accuracy, test_share(&result), LEVEL)?),
        };
        Ok(Self {
            method: result.method,
            summary,
            class_folds: areas.class_folds,
            n_groups,
            group_interval: predictions.group_interval(data, LEVEL)?,
            predictions,
            fold_interval,
            calibrated,
            risk_coverage,
            result,
        })
    }

    /// The 95 % interval of the accuracy of all predictions: over groups where there are groups, and `None` with too few of them;
    /// else Wilson's. The accuracy is always inside.
    pub fn accuracy_interval(&self) -> Option<Interval> {
        match self.n_groups {
            Some(_) => self.group_interval,
            None => Some(self.summary.accuracy_interval),
        }
    }

    /// The same of another level, such as 0.99 for one of five that was chosen by its accuracy.
    ///
    /// # Errors
    /// `InvalidParameter` for a level outside (0, 1).
    pub fn accuracy_interval_at(&self, data: &Dataset, level: f64) -> Result<Option<Interval>> {
        let wilson = || {
            let n_right = self.predictions.hits().filter(|&hit| hit).count() as u64;
            wilson_interval(n_right, self.summary.n, level)
        };
        match self.n_groups {
            Some(_) => self.predictions.group_interval(data, level),
            None => Ok(Some(wilson()?)),
        }
    }

    /// Seconds to predict, summed over the folds.
    pub fn predict_seconds(&self) -> f64 {
        self.result.folds.iter().map(|fold| fold.predict_seconds).sum()
    }

    /// Whether every fit converged within its limit.
    pub fn converged(&self) -> bool {
        self.result.folds.iter().all(|fold| fold.converged)
    }
}

impl PairedTests {
    /// The 95 % interval of the first accuracy less the second one: over groups where there are groups, else over rows.
    pub fn difference_interval(&self) -> Interval {
        self.clustered
            .map_or(self.mcnemar.interval, |clustered| clustered.interval)
    }
}

/// Every pair of the evaluations, which must be of the same rows and folds, in their order.
///
/// # Errors
/// `ShapeMismatch` where two are of different rows.
pub fn paired_tests(evaluations: &[&Evaluation], data: &Dataset) -> Result<Vec<PairedTests>> {
    let mut tests = Vec::new();
    for (index, first) in evaluations.iter().enumerate() {
        for second in &evaluations[index + 1..] {
            let (a, b) = (&first.predictions, &second.predictions);
            if (&a.rows, &a.fold) != (&b.rows, &b.fold) {
                return Err(LearnError::ShapeMismatch {
                    what: "rows that both methods were tested on",
                    expected: a.rows.len(),
                    got: a.rows.iter().zip(&b.rows).filter(|(a, b)| a == b).count(),
                });
            }
            let plain = mcnemar(&a.y_true, &a.predicted, &b.predicted, LEVEL)?;
            let several = |groups: &Vec<i64>| groups.iter().any(|group| *group != groups[0]);
            let clustered = a
                .groups(data)
                .filter(several)
                .map(|groups| mcnemar_clustered(&a.y_true, &a.predicted, &b.predicted, &groups, LEVEL))
                .transpose()?;
            let t_test = match first.result.folds.len() {
                0 | 1 => None,
                _ => Some(corrected_t_test(
                    &first.result.fold_accuracy,
                    &second.result.fold_accuracy,
                    test_share(&first.result),
                    LEVEL,
                )?),
            };
            tests.push(PairedTests {
                first: first.method,
                second: second.method,
                adjusted: clustered.map_or(plain.exact, |clustered| clustered.p),
                mcnemar: plain,
                clustered,
                t_test,
            });
        }
    }
    let raw: Vec<PValue> = tests.iter().map(|test| test.adjusted).collect();
    for (test, adjusted) in tests.iter_mut().zip(holm(&raw)) {
        test.adjusted = adjusted;
    }
    Ok(tests)
}

/// Test rows divided by training rows, on average over the folds.
fn test_share(result: &CvResult) -> f64 {
    let share = |fold: &FoldResult| fold.n_test as f64 / fold.n_train as f64;
    result.folds.iter().map(share).sum::<f64>() / result.folds.len() as f64
}

#[cfg(test)]
mod tests;
