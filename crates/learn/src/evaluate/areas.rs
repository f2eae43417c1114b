//! Areas under curves of a cross-validation.

use super::out_of_fold::OutOfFold;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::Result;
use crate::metrics::{OneVsRest, average_precision_ovr, roc_auc_ovr};

/// ROC AUC and average precision, computed within each fold and averaged over the folds.
///
/// Scores of different models have no common scale: a curve through all folds at once mixes rankings, and is as a rule too low
/// (G. Forman and M. Scholz 2010, "Apples-to-apples in cross-validation studies", who find the mean over folds unbiased where the
/// pooled area is not). What scikit-learn's `cross_val_score` gives.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Areas {
    /// Area under the ROC curve, mean over the folds; `None` without scores.
    pub(crate) roc_auc: Option<OneVsRest>,
    /// Average precision, mean over the folds.
    pub(crate) average_precision: Option<OneVsRest>,
    /// For each class the folds that have rows of it and of others: the ones averaged over.
    pub(crate) class_folds: Vec<usize>,
}

impl Areas {
    /// `scores`: what ranks the classes of a row, a row for each of the predictions.
    ///
    /// # Errors
    /// As [`roc_auc_ovr`].
    pub(crate) fn over_folds(predictions: &OutOfFold, scores: &ScoreMatrix) -> Result<Self> {
        let n_classes = scores.n_cols();
        let n_folds = predictions.fold.iter().max().map_or(0, |last| last + 1);
        let (mut roc, mut precision) = (vec![0.0; n_classes], vec![0.0; n_classes]);
        let mut class_folds = vec![0; n_classes];
        for fold in 0..n_folds {
            let rows: Vec<usize> = (0..predictions.fold.len())
                .filter(|&row| predictions.fold[row] == fold)
                .collect();
            if rows.is_empty() {
                continue;
            }
            let y_true: Vec<usize> = rows.iter().map(|&row| predictions.y_true[row]).collect();
            let values = rows.iter().flat_map(|&row| scores.row(row)).copied().collect();
            let scores = ScoreMatrix::new(rows.len(), n_classes, values)?;
            let areas = roc_auc_ovr(&y_true, &scores)?.per_class;
            let precisions = average_precision_ovr(&y_true, &scores)?.per_class;
            for class in 0..n_classes {
                if let (Some(area), Some(mean)) = (areas[class], precisions[class]) {
                    roc[class] += area;
                    precision[class] += mean;
                    class_folds[class] += 1;
                }
            }
        }
        let mean = |sums: &[f64]| {
            let of_class = |(&sum, &n): (&f64, &usize)| (n > 0).then(|| sum / n as f64);
            averages(
                sums.iter().zip(&class_folds).map(of_class).collect(),
                &predictions.y_true,
            )
        };
        Ok(Self {
            roc_auc: Some(mean(&roc)),
            average_precision: Some(mean(&precision)),
            class_folds,
        })
    }
}

/// Means over the classes that have a score.
fn averages(per_class: Vec<Option<f64>>, y_true: &[usize]) -> OneVsRest {
    let mut support = vec![0.0; per_class.len()];
    y_true.iter().for_each(|&class| support[class] += 1.0);
    let scored = || {
        per_class
            .iter()
            .zip(&support)
            .filter_map(|(score, n)| Some(((*score)?, n)))
    };
    let n_scored = scored().count() as f64;
    let weight: f64 = scored().map(|(_, n)| n).sum();
    OneVsRest {
        macro_average: (n_scored > 0.0).then(|| scored().map(|(score, _)| score).sum::<f64>() / n_scored),
        weighted_average: (weight > 0.0).then(|| scored().map(|(score, n)| score * n).sum::<f64>() / weight),
        per_class,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Two classes, ranked by the second column; rows of fold 1 score 10 more than those of fold 0.
    fn predictions(fold: &[usize], y_true: &[usize], ranks: &[f64]) -> (OutOfFold, ScoreMatrix) {
        let values = ranks.iter().zip(fold).flat_map(|(rank, &fold)| {
            let score = rank + 10.0 * fold as f64;
            [-score, score]
        });
        let scores = ScoreMatrix::new(fold.len(), 2, values.collect()).unwrap();
        let predictions = OutOfFold {
            rows: (0..fold.len()).collect(),
            fold: fold.to_vec(),
            y_true: y_true.to_vec(),
            predicted: y_true.to_vec(),
            proba: None,
            decision: None,
        };
        (predictions, scores)
    }

    #[test]
    fn a_shift_between_folds_changes_no_area() {
        // Within each fold the ranking is perfect. Pooled, the second fold's negatives are above the first fold's positives.
        let (found, scores) = predictions(
            &[0, 0, 0, 1, 1, 1],
            &[0, 0, 1, 0, 1, 1],
            &[0.0, 1.0, 2.0, 0.0, 1.0, 2.0],
        );
        let pooled = roc_auc_ovr(&found.y_true, &scores).unwrap();
        assert!(pooled.macro_average.unwrap() < 0.9);
        let areas = Areas::over_folds(&found, &scores).unwrap();
        assert_eq!(areas.roc_auc.unwrap().macro_average, Some(1.0));
        assert_eq!(areas.average_precision.unwrap().weighted_average, Some(1.0));
        assert_eq!(areas.class_folds, [2, 2]);
    }

    #[test]
    fn folds_without_a_class_are_left_out_and_counted() {
        // Fold 1 is all of one class. Fold 0: of two pairs one is ranked rightly, an area of one half.
        let (found, scores) = predictions(&[0, 0, 0, 1, 1], &[0, 1, 0, 1, 1], &[0.0, 1.0, 2.0, 0.0, 1.0]);
        let areas = Areas::over_folds(&found, &scores).unwrap();
        assert_eq!(areas.class_folds, [1, 1]);
        assert_eq!(areas.roc_auc.unwrap().per_class, [Some(0.5), Some(0.5)]);
        // One row a fold: nothing is defined, and nothing fails.
        let (found, scores) = predictions(&[0, 1], &[0, 1], &[0.0, 1.0]);
        let areas = Areas::over_folds(&found, &scores).unwrap();
        assert_eq!(areas.class_folds, [0, 0]);
        let roc = areas.roc_auc.unwrap();
        assert_eq!((roc.per_class, roc.macro_average), (vec![None, None], None));
        assert_eq!(areas.average_precision.unwrap().weighted_average, None);
    }

    #[test]
    fn one_fold_has_the_areas_of_its_rows() {
        let (found, scores) = predictions(&[0; 5], &[0, 1, 0, 1, 1], &[0.3, 1.0, 2.0, 0.1, 1.5]);
        let areas = Areas::over_folds(&found, &scores).unwrap();
        assert_eq!(areas.roc_auc, Some(roc_auc_ovr(&found.y_true, &scores).unwrap()));
        let precision = average_precision_ovr(&found.y_true, &scores).unwrap();
        assert_eq!(areas.average_precision, Some(precision));
    }
}
