//! Methods trained and tested, one after the other.

use cratedigger_learn::metrics::{OneVsRest, ProbabilityScores, reliability};
use cratedigger_learn::{
    Dataset, Evaluation, FittedPipeline, Fold, Method, ScoreMatrix, above_baseline, evaluate_hold_out,
};

use super::methods::{
    AboveBaseline, Averages, Baseline, CalibrationPoint, ClassScores, ClassifierFinding, Confusion, Ends,
    Interval, MethodSkipped, Probability,
};
use crate::error::{Result, learn_error};
use crate::options::StudyOptions;
use crate::progress::Progress;
use crate::words::sentence;

/// Bins of a calibration curve.
const N_BINS: usize = 10;

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

/// Trains and tests the methods that are asked for, as long as there is time, beside the majority's guess; returns those that
/// were trained, and why the others were not.
///
/// # Errors
/// `Learn` where not even the guess can be scored. A method that fails is skipped.
pub(crate) fn train_all(
    options: &StudyOptions,
    data: &Dataset,
    fold: &Fold,
    progress: &mut Progress<'_>,
) -> Result<(Vec<Trained>, Vec<MethodSkipped>)> {
    let seed = options.seed;
    let (least, simplest) = simplest(data, fold, seed)?;
    let (mut trained, mut skipped) = (Vec::new(), Vec::new());
    for &method in &options.methods {
        let name = method.name().to_owned();
        if progress.time_is_spent() {
            let budget = options.time_budget_seconds.unwrap_or_default();
            let reason = format!("{name} was not begun, since the time budget of {budget} s was spent.");
            progress.note(reason.clone());
            skipped.push(MethodSkipped { name, reason });
            continue;
        }
        let one = progress.part(&format!("training {name}"), || {
            // One method that fails does not end the study.
            learn_error(train_and_test(method, data, fold, &least, seed))
        })?;
        match one {
            Ok(one) => trained.push(one),
            Err(error) => {
                let reason = format!("{name} failed: {}", sentence(&error));
                progress.note(reason.clone());
                skipped.push(MethodSkipped { name, reason });
            }
        }
    }
    compare_with(&simplest, &mut trained, data)?;
    Ok((trained, skipped))
}

/// Tells of each method how far it is above the simplest guess.
fn compare_with(simplest: &Evaluation, trained: &mut [Trained], data: &Dataset) -> Result<()> {
    let mut others: Vec<&mut Trained> = trained
        .iter_mut()
        .filter(|one| one.evaluation.method != simplest.method)
        .collect();
    let evaluations: Vec<&Evaluation> = others.iter().map(|one| &one.evaluation).collect();
    let found = above_baseline(&evaluations, simplest, data)?;
    for (one, found) in others.iter_mut().zip(found) {
        one.finding.above_baseline = Some(AboveBaseline {
            difference: found.difference,
            interval: found.interval.map(Ends::from),
            adjusted: found.adjusted.into(),
            clear: found.is_clear(),
        });
    }
    Ok(())
}

/// The scores of always saying the most frequent class of the training tracks.
///
/// # Errors
/// `Learn`.
pub fn baseline(data: &Dataset, fold: &Fold, seed: u64) -> Result<Baseline> {
    simplest(data, fold, seed).map(|(least, _)| least)
}

/// The same, with its predictions.
fn simplest(data: &Dataset, fold: &Fold, seed: u64) -> Result<(Baseline, Evaluation)> {
    let classifier = Method::MAJORITY.classifier(seed);
    let (_, evaluation) = evaluate_hold_out(&*classifier, data, fold, None, seed)?;
    let said = evaluation.predictions.predicted.first();
    let least = Baseline {
        name: Method::MAJORITY.name().to_owned(),
        label: said
            .and_then(|&class| data.classes.get(class))
            .cloned()
            .unwrap_or_default(),
        accuracy: evaluation.summary.accuracy,
        balanced_accuracy: evaluation.summary.balanced_accuracy,
    };
    Ok((least, evaluation))
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

/// Where an accuracy might be with other artists; `None` with too few of them to tell.
pub(crate) fn interval_of(evaluation: &Evaluation, data: &Dataset) -> Option<Interval> {
    evaluation.accuracy_interval().map(|interval| Interval {
        low: interval.low,
        high: interval.high,
        level: interval.level,
        independent: match (&data.groups, data.n_without_artist()) {
            (None, _) => "tracks",
            (Some(_), 0) => "artists",
            (Some(_), n) if n == data.n_rows() => "albums",
            (Some(_), _) => "artists, and single tracks of artists that are not known",
        }
        .to_owned(),
        n_independent: evaluation.n_groups.map_or(evaluation.summary.n, |n| n as u64),
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
        accuracy_interval: interval_of(evaluation, data),
        wilson_interval: summary.accuracy_interval.into(),
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
        above_baseline: None,
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
        let interval = found.accuracy_interval.as_ref().unwrap();
        assert!(
            interval.low < 0.9 && interval.low > 0.5 && interval.high > 0.9 && interval.high <= 1.0,
            "{interval:?}"
        );
        assert_eq!(
            (interval.independent.as_str(), interval.n_independent),
            ("artists", 10)
        );
        let mut blank = data.clone();
        blank.artists = Some((0..60).map(|row| (row > 0).then_some(row / 2)).collect());
        let of_blank = train_and_test(Method::MAJORITY, &blank, &fold, &least, 3)
            .unwrap()
            .finding;
        let independent = of_blank.accuracy_interval.unwrap().independent;
        assert!(independent.contains("not known"), "{independent}");
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
        let interval = found.accuracy_interval.unwrap();
        assert_eq!(
            (interval.independent.as_str(), interval.n_independent),
            ("tracks", 20)
        );
        assert_eq!(
            (interval.low, interval.high),
            (found.wilson_interval.low, found.wilson_interval.high)
        );
    }

    #[test]
    fn few_test_artists_have_no_interval_and_are_not_clearly_above_the_guess() {
        let (mut data, fold) = (data(), fold());
        let clear = |data: &Dataset| {
            let (_, simplest) = simplest(data, &fold, 0).unwrap();
            let least = baseline(data, &fold, 0).unwrap();
            let methods = [Method::MAJORITY, Method::LOGISTIC_REGRESSION];
            let mut trained = methods.map(|method| train_and_test(method, data, &fold, &least, 0).unwrap());
            compare_with(&simplest, &mut trained, data).unwrap();
            let [guess, method] = trained.map(|trained| trained.finding);
            assert_eq!(guess.above_baseline, None);
            let found = method.above_baseline.unwrap();
            assert!((found.difference - (method.accuracy - method.baseline.accuracy)).abs() < 1e-12);
            (
                method.accuracy_interval.is_some(),
                found.interval.is_some(),
                found.clear,
            )
        };
        // 18 of 20 where always Folk gets 14; of ten artists four differ, so that the least p-value is 1 / 8.
        assert_eq!(clear(&data), (true, true, false));
        data.groups = Some((0..60).map(|row| row / 7).collect());
        assert_eq!(clear(&data), (false, false, false));
    }
}
