//! Whether methods do better than the simplest guess.

use cratedigger_stats::{holm, mcnemar, mcnemar_clustered};

use super::evaluation::Evaluation;
use crate::data::dataset::Dataset;
use crate::error::{LearnError, Result};
use crate::estimator::Method;
use crate::metrics::{FEWEST_GROUPS, Interval, PValue};

/// Level of all methods' intervals together.
const LEVEL: f64 = 0.95;

/// A method beside a baseline on the same rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AboveBaseline {
    /// The method.
    pub method: Method,
    /// Its accuracy less the baseline's.
    pub difference: f64,
    /// Interval of the difference, over groups where there are groups; with a probability of 95 % those of all methods hold
    /// together (Bonferroni). `None` with fewer than [`FEWEST_GROUPS`] groups.
    pub interval: Option<Interval>,
    /// Two-sided p-value of the difference: over groups where there are groups (sign flips), else McNemar's exact one; after Holm's
    /// correction for the number of methods.
    pub adjusted: PValue,
}

impl AboveBaseline {
    /// Whether the method is above the baseline by more than chance: both the test and the interval say so.
    pub fn is_clear(&self) -> bool {
        self.adjusted.value() < 1.0 - LEVEL && self.interval.is_some_and(|interval| interval.low > 0.0)
    }
}

/// Compares each evaluation with that of a baseline, row by row, since the baseline too would do otherwise on other artists.
///
/// # Errors
/// `ShapeMismatch` where one is of other rows than the baseline.
pub fn above_baseline(
    evaluations: &[&Evaluation],
    baseline: &Evaluation,
    data: &Dataset,
) -> Result<Vec<AboveBaseline>> {
    let level = 1.0 - (1.0 - LEVEL) / evaluations.len().max(1) as f64;
    let least = &baseline.predictions;
    let groups = least.groups(data);
    let mut found = Vec::with_capacity(evaluations.len());
    for evaluation in evaluations {
        let own = &evaluation.predictions;
        if (&own.rows, &own.fold) != (&least.rows, &least.fold) {
            return Err(LearnError::ShapeMismatch {
                what: "rows that both methods were tested on",
                expected: least.rows.len(),
                got: own.rows.iter().zip(&least.rows).filter(|(a, b)| a == b).count(),
            });
        }
        let plain = mcnemar(&own.y_true, &own.predicted, &least.predicted, level)?;
        let (interval, p) = match (&groups, evaluation.n_groups) {
            (Some(groups), Some(n)) if n > 1 => {
                let clustered =
                    mcnemar_clustered(&own.y_true, &own.predicted, &least.predicted, groups, level)?;
                let interval = (n >= FEWEST_GROUPS).then_some(clustered.interval);
                (interval, clustered.p)
            }
            // Of one group alone nothing can be told.
            (Some(_), _) => (None, PValue::from_ln(0.0)),
            (None, _) => (Some(plain.interval), plain.exact),
        };
        found.push(AboveBaseline {
            method: evaluation.method,
            difference: plain.difference,
            interval,
            adjusted: p,
        });
    }
    let raw: Vec<PValue> = found.iter().map(|one| one.adjusted).collect();
    for (one, adjusted) in found.iter_mut().zip(holm(&raw)) {
        one.adjusted = adjusted;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::evaluate::cross_validation::CvResult;
    use crate::evaluate::fold::FoldResult;
    use crate::metrics::ConfusionMatrix;
    use crate::split::Fold;
    use crate::test_support::three_classes;

    /// An evaluation on all rows that gives these classes.
    fn said(data: &Dataset, method: Method, predicted: Vec<usize>) -> Evaluation {
        let confusion = ConfusionMatrix::from_predictions(&data.y, &predicted, &data.classes).unwrap();
        let result = FoldResult {
            n_train: 100,
            n_test: predicted.len(),
            accuracy: confusion.accuracy(),
            balanced_accuracy: confusion.balanced_accuracy(),
            confusion,
            predicted,
            proba: None,
            decision: None,
            fit_seconds: 0.0,
            predict_seconds: 0.0,
            n_iter: None,
            converged: true,
        };
        let fold = Fold {
            train: Vec::new(),
            test: (0..data.n_rows()).collect(),
        };
        let result = CvResult::of_folds(method, data, vec![result]).unwrap();
        Evaluation::new(result, data, &[fold], 0).unwrap()
    }

    /// The simplest guess, which is right for every third row, and a method that is right for the first rows besides.
    fn of(groups: Option<Vec<i64>>, n_right: usize) -> AboveBaseline {
        let mut data = three_classes();
        data.groups = groups;
        let least = said(&data, Method::MAJORITY, vec![0; 120]);
        let better = (0..120).map(|row| if row < n_right { data.y[row] } else { 0 });
        let better = said(&data, Method::LINEAR_SVC, better.collect());
        above_baseline(&[&better], &least, &data).unwrap()[0]
    }

    #[test]
    fn many_tracks_of_few_artists_do_not_make_a_difference_clear() {
        // 48 rows more are right: of all artists alike, or all of two artists of twelve.
        let alike = of(Some((0..120).map(|row| row % 12).collect()), 72);
        let two = of(Some((0..120).map(|row| row / 36).collect()), 72);
        assert!((alike.difference - 48.0 / 120.0).abs() < 1e-12);
        assert_eq!(alike.difference, two.difference);
        assert!(alike.is_clear(), "{alike:?}");
        // Four artists: no interval and nothing clear, whatever tracks by themselves would say.
        assert!(two.interval.is_none() && !two.is_clear(), "{two:?}");
        let twelve = |row: i64| if row < 36 { row / 18 } else { 2 + row / 12 };
        let concentrated = of(Some((0..120).map(twelve).collect()), 36);
        assert!(concentrated.difference > 0.15, "{concentrated:?}");
        assert!(!concentrated.is_clear(), "{concentrated:?}");
        let single = of(None, 36);
        assert!(single.is_clear(), "{single:?}");
        let one = of(Some(vec![4; 120]), 72);
        assert!(one.adjusted.value() == 1.0 && !one.is_clear());
    }

    #[test]
    fn several_methods_are_corrected_together() {
        let mut data = three_classes();
        data.groups = Some((0..120).map(|row| row % 12).collect());
        let least = said(&data, Method::MAJORITY, vec![0; 120]);
        let right = |n: usize| {
            (0..120)
                .map(|row| if row < n { data.y[row] } else { 0 })
                .collect()
        };
        let better = said(&data, Method::LINEAR_SVC, right(40));
        let alone = above_baseline(&[&better], &least, &data).unwrap()[0];
        let same = said(&data, Method::DECISION_TREE, vec![0; 120]);
        let both = above_baseline(&[&better, &same], &least, &data).unwrap();
        assert!((both[0].adjusted.value() - 2.0 * alone.adjusted.value()).abs() < 1e-12);
        let (narrow, wide) = (alone.interval.unwrap(), both[0].interval.unwrap());
        assert!(wide.low < narrow.low && (wide.level - 0.975).abs() < 1e-12);
        assert!(both[1].difference == 0.0 && !both[1].is_clear());
        let short = Dataset {
            groups: None,
            ..data.take_rows(&(0..60).collect::<Vec<_>>()).unwrap()
        };
        let other = said(&short, Method::LINEAR_SVC, vec![0; 60]);
        assert!(above_baseline(&[&other], &least, &data).is_err());
    }
}
