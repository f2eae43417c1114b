use cratedigger_stats::{
    cluster_interval, corrected_t_test, fold_interval, holm, mcnemar, mcnemar_clustered,
};

use super::cross_validation::{CvOptions, CvResult, cross_validate};
use super::fold::{FoldResult, hold_out_validate};
use super::out_of_fold::OutOfFold;
use crate::data::dataset::Dataset;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::{LearnError, Result};
use crate::estimator::{Classifier, Method};
use crate::metrics::{
    ClusteredMcNemar, CorrectedTTest, Interval, McNemar, PValue, ProbabilityScores, Summary,
};
use crate::preprocess::{FittedPipeline, Pipeline};
use crate::split::Fold;

/// Level of all intervals.
const LEVEL: f64 = 0.95;

/// Resamples of the groups for an interval.
const N_RESAMPLES: usize = 2_000;

/// All that is known of a method after it was scored on held-out rows: one fold is a hold-out, several a cross-validation.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// The method.
    pub method: Method,
    /// Each fold, and what they add up to.
    pub result: CvResult,
    /// The predictions by row.
    pub predictions: OutOfFold,
    /// Scores of all predictions together.
    pub summary: Summary,
    /// Accuracy over resamples of the groups (artists) with all of their rows, 95 %; `None` without groups.
    pub group_interval: Option<Interval>,
    /// Mean accuracy over the folds, corrected for training sets that overlap, 95 %; `None` for one fold.
    pub fold_interval: Option<Interval>,
    /// Probabilities after temperature scaling; `None` where the method has no scores, or there are too few groups.
    pub calibrated: Option<Calibrated>,
}

/// Probabilities after temperature scaling; see [`OutOfFold::calibrated`].
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated {
    /// The probabilities, row by row as in the predictions.
    pub proba: ScoreMatrix,
    /// The temperature of each part: of each fold, or of each half of a hold-out.
    pub temperatures: Vec<f64>,
    /// Their scores.
    pub scores: ProbabilityScores,
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
/// `seed`: of the resamples and of the halves that calibrate each other.
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
        let summary = Summary::new(
            &predictions.y_true,
            &predictions.predicted,
            &data.classes,
            class_scores.as_ref(),
            predictions.proba.as_ref(),
        )?;
        let calibrated = match predictions.calibrated(data, seed) {
            Ok(Some((proba, temperatures))) => Some(Calibrated {
                scores: ProbabilityScores::new(&predictions.y_true, &proba)?,
                proba,
                temperatures,
            }),
            Ok(None) | Err(LearnError::CannotSplit { .. }) => None,
            Err(error) => return Err(error),
        };
        let group_interval = predictions.groups(data).map(|groups| {
            let hits = predictions
                .predicted
                .iter()
                .zip(&predictions.y_true)
                .map(|(a, b)| a == b);
            cluster_interval(&hits.collect::<Vec<_>>(), &groups, LEVEL, N_RESAMPLES, seed)
        });
        let fold_interval = match result.folds.len() {
            0 | 1 => None,
            _ => Some(fold_interval(&result.fold_accuracy, test_share(&result), LEVEL)?),
        };
        Ok(Self {
            method: result.method,
            predictions,
            summary,
            group_interval: group_interval.transpose()?,
            fold_interval,
            calibrated,
            result,
        })
    }

    /// Accuracy over resamples of the groups where there are groups, else Wilson's interval.
    pub fn accuracy_interval(&self) -> Interval {
        self.group_interval.unwrap_or(self.summary.accuracy_interval)
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
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::split::Splitter;
    use crate::test_support::three_classes;

    fn all(data: &Dataset, folds: &[Fold]) -> Vec<Evaluation> {
        let options = CvOptions::default();
        let one = |method: &Method| evaluate(&*method.classifier(0), data, folds, &options, 0).unwrap();
        Method::ALL.iter().map(one).collect()
    }

    #[test]
    fn every_method_is_scored_and_compared_over_folds() {
        let mut data = three_classes();
        data.groups = Some((0..120).map(|row| row / 4).collect());
        let folds = Splitter::Artist.k_fold(&data, 5, 0).unwrap();
        let evaluations = all(&data, &folds);
        for found in &evaluations {
            let n_right = found
                .predictions
                .predicted
                .iter()
                .zip(&data.y)
                .filter(|(a, b)| a == b)
                .count();
            assert_eq!(found.summary.accuracy, n_right as f64 / 120.0);
            let (wilson, groups) = (found.summary.accuracy_interval, found.group_interval.unwrap());
            assert!(wilson.low < found.summary.accuracy && found.summary.accuracy < wilson.high);
            assert!(groups.low <= found.summary.accuracy && found.summary.accuracy <= groups.high);
            assert_eq!(found.accuracy_interval(), groups);
            let share = |fold: &FoldResult| fold.n_test as f64 / fold.n_train as f64;
            let share = found.result.folds.iter().map(share).sum::<f64>() / 5.0;
            let want = fold_interval(&found.result.fold_accuracy, share, 0.95).unwrap();
            assert!((0.2..0.3).contains(&share) && found.fold_interval == Some(want));
            let folds = found.fold_interval.unwrap();
            assert!(folds.low <= found.result.mean_accuracy && found.result.mean_accuracy <= folds.high);
            assert_eq!(found.calibrated.as_ref().unwrap().temperatures.len(), 5);
            assert!(found.predict_seconds() > 0.0);
        }
        let refs: Vec<&Evaluation> = evaluations.iter().collect();
        let tests = paired_tests(&refs, &data).unwrap();
        let n = Method::ALL.len();
        assert_eq!(tests.len(), n * (n - 1) / 2);
        assert_eq!(
            (tests[0].first, tests[0].second),
            (Method::ALL[0], Method::ALL[1])
        );
        for test in &tests {
            let accuracy = |method| {
                evaluations
                    .iter()
                    .find(|e| e.method == method)
                    .unwrap()
                    .summary
                    .accuracy
            };
            let difference = accuracy(test.first) - accuracy(test.second);
            assert!((test.mcnemar.difference - difference).abs() < 1e-12);
            let clustered = test.clustered.unwrap();
            assert!(test.adjusted.ln() >= clustered.p.ln());
            assert_eq!(test.difference_interval(), clustered.interval);
            assert_eq!(test.t_test.unwrap().n_folds, 5);
        }
        // What learns is better than what does not, beyond chance.
        let last = tests
            .iter()
            .find(|t| t.first == Method::LINEAR_SVC && t.second == Method::MAJORITY)
            .unwrap();
        assert!(
            last.adjusted.value() < 1e-3 && last.mcnemar.difference > 0.2,
            "{last:?}"
        );
    }

    #[test]
    fn a_class_that_training_rows_lack_is_a_miss_and_no_error() {
        // The last rows are of a class that no fold but its own has.
        let mut data = three_classes();
        data.classes.push("Spoken".into());
        data.y[116..].fill(3);
        let folds = [(0, 60), (60, 116), (116, 120)].map(|(from, to)| Fold {
            train: (0..120).filter(|row| !(from..to).contains(row)).collect(),
            test: (from..to).collect(),
        });
        for found in all(&data, &folds) {
            let method = found.method;
            let spoken = &found.summary.per_class[3];
            assert_eq!((spoken.support, spoken.recall), (4, 0.0), "{method}");
            let calibrated = found.calibrated.as_ref().unwrap();
            assert!(calibrated.scores.log_loss.is_finite(), "{method}");
            // Decision values say that it is impossible, and no temperature changes that.
            for row in (116..120).filter(|_| found.predictions.proba.is_none()) {
                assert_eq!(calibrated.proba.row(row)[3], 0.0, "{method}");
            }
        }
    }

    #[test]
    fn a_hold_out_is_one_fold_and_rows_without_groups_are_their_own() {
        let data = three_classes();
        let fold = Splitter::Stratified.hold_out(&data, 0.5, 0).unwrap();
        let evaluations = all(&data, std::slice::from_ref(&fold));
        let found = &evaluations[0];
        let classifier = found.method.classifier(0);
        let (pipeline, same) = evaluate_hold_out(&*classifier, &data, &fold, None, 0).unwrap();
        assert_eq!(
            (&same.summary, &same.predictions),
            (&found.summary, &found.predictions)
        );
        assert_eq!(pipeline.model().method(), found.method);
        assert_eq!((found.fold_interval, found.group_interval), (None, None));
        assert_eq!(found.accuracy_interval(), found.summary.accuracy_interval);
        assert_eq!(found.calibrated.as_ref().unwrap().temperatures.len(), 2);
        let refs: Vec<&Evaluation> = evaluations.iter().collect();
        let tests = paired_tests(&refs, &data).unwrap();
        assert!(
            tests
                .iter()
                .all(|test| test.clustered.is_none() && test.t_test.is_none())
        );
        assert_eq!(tests[0].difference_interval(), tests[0].mcnemar.interval);
        // Of one artist alone nothing is independent: no test over artists, no calibration by halves, but no error.
        let mut alone = data.clone();
        alone.groups = Some(vec![7; 120]);
        let of_one = all(&alone, std::slice::from_ref(&fold));
        let refs: Vec<&Evaluation> = of_one.iter().collect();
        let tests = paired_tests(&refs, &alone).unwrap();
        assert!(tests.iter().all(|test| test.clustered.is_none()));
        assert!(of_one.iter().all(|found| found.calibrated.is_none()));
        let other = Splitter::Stratified.hold_out(&data, 0.5, 1).unwrap();
        let options = CvOptions::default();
        let elsewhere = evaluate(&*Method::MAJORITY.classifier(0), &data, &[other], &options, 0).unwrap();
        assert!(paired_tests(&[found, &elsewhere], &data).is_err());
    }
}
