//! Receiver operating characteristic and precision-recall curves of one class against all others.

use super::probability::{check_scores, is_score};
use crate::data::score_matrix::ScoreMatrix;
use crate::error::{LearnError, Result, same_length};

/// What a classifier finds and falsely claims at every threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct RocCurve {
    /// Share of the negatives with a score at or above the threshold.
    pub fpr: Vec<f64>,
    /// Share of the positives with a score at or above the threshold.
    pub tpr: Vec<f64>,
    /// Falling thresholds: infinity, then every different score.
    pub thresholds: Vec<f64>,
}

/// Precision against recall at every threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct PrecisionRecallCurve {
    /// Of the rows with a score at or above the threshold, the share that is positive; the last value is 1, without a threshold.
    pub precision: Vec<f64>,
    /// Share of the positives with a score at or above the threshold; the last value is 0.
    pub recall: Vec<f64>,
    /// Every different score, rising.
    pub thresholds: Vec<f64>,
}

/// A score of each class against all others.
#[derive(Debug, Clone, PartialEq)]
pub struct OneVsRest {
    /// The score of each class; `None` where all rows, or no row, are of the class.
    pub per_class: Vec<Option<f64>>,
    /// Unweighted mean over the classes that have a score.
    pub macro_average: Option<f64>,
    /// Mean over these classes, weighted by their rows.
    pub weighted_average: Option<f64>,
}

/// The ROC curve of `scores` (the higher, the more likely positive), from (0, 0) to (1, 1).
///
/// Source: scikit-learn 1.9, `roc_curve(drop_intermediate=False)`; T. Fawcett (2006), "An introduction to ROC analysis".
///
/// # Errors
/// `ShapeMismatch`; `UndefinedMetric` without a positive or without a negative row; `NotFinite`.
pub fn roc_curve(positive: &[bool], scores: &[f64]) -> Result<RocCurve> {
    let steps = steps(positive, scores)?;
    let (n_positive, n_negative) = totals(positive);
    if n_positive == 0.0 || n_negative == 0.0 {
        return Err(one_sided("the ROC curve"));
    }
    let mut curve = RocCurve {
        fpr: vec![0.0],
        tpr: vec![0.0],
        thresholds: vec![f64::INFINITY],
    };
    for step in steps {
        curve.fpr.push(step.n_false as f64 / n_negative);
        curve.tpr.push(step.n_true as f64 / n_positive);
        curve.thresholds.push(step.threshold);
    }
    Ok(curve)
}

impl RocCurve {
    /// Area under the curve by trapezia: the probability that a positive row scores above a negative one, ties counted half.
    ///
    /// Source: scikit-learn 1.9, `roc_auc_score`.
    pub fn auc(&self) -> f64 {
        let widths = self.fpr.windows(2).map(|pair| pair[1] - pair[0]);
        let heights = self.tpr.windows(2).map(|pair| 0.5 * (pair[0] + pair[1]));
        widths.zip(heights).map(|(width, height)| width * height).sum()
    }
}

/// The precision-recall curve of `scores`, from all rows to none.
///
/// Source: scikit-learn 1.9, `precision_recall_curve(drop_intermediate=False)`.
///
/// # Errors
/// `ShapeMismatch`; `UndefinedMetric` without a positive row; `NotFinite`.
pub fn precision_recall_curve(positive: &[bool], scores: &[f64]) -> Result<PrecisionRecallCurve> {
    let steps = steps(positive, scores)?;
    let (n_positive, _) = totals(positive);
    if n_positive == 0.0 {
        return Err(one_sided("the precision-recall curve"));
    }
    let precision = |step: &Step| step.n_true as f64 / (step.n_true + step.n_false) as f64;
    let mut curve = PrecisionRecallCurve {
        precision: steps.iter().rev().map(precision).collect(),
        recall: steps
            .iter()
            .rev()
            .map(|step| step.n_true as f64 / n_positive)
            .collect(),
        thresholds: steps.iter().rev().map(|step| step.threshold).collect(),
    };
    curve.precision.push(1.0);
    curve.recall.push(0.0);
    Ok(curve)
}

impl PrecisionRecallCurve {
    /// Mean precision, each step weighted by the recall that it gains; no interpolation.
    ///
    /// Source: scikit-learn 1.9, `average_precision_score`.
    pub fn average_precision(&self) -> f64 {
        let gained = self.recall.windows(2).map(|pair| pair[0] - pair[1]);
        gained
            .zip(&self.precision)
            .map(|(gain, precision)| gain * precision)
            .sum()
    }
}

/// Area under the ROC curve of every class against the others.
///
/// `scores`: probabilities or decision values, one column per class.
///
/// Source: scikit-learn 1.9, `roc_auc_score(multi_class="ovr")`. Differs: classes without a row have no score instead of
/// making the average undefined.
///
/// # Errors
/// `Empty`, `ShapeMismatch`, `UnknownLabel`, `NotFinite`.
pub fn roc_auc_ovr(y_true: &[usize], scores: &ScoreMatrix) -> Result<OneVsRest> {
    one_vs_rest(y_true, scores, |positive, scores| {
        Ok(roc_curve(positive, scores)?.auc())
    })
}

/// Average precision of every class against the others.
///
/// Source: scikit-learn 1.9, `average_precision_score` of binarised labels. Differs: as for [`roc_auc_ovr`], and the means
/// are over both of two classes.
///
/// # Errors
/// As [`roc_auc_ovr`].
pub fn average_precision_ovr(y_true: &[usize], scores: &ScoreMatrix) -> Result<OneVsRest> {
    one_vs_rest(y_true, scores, |positive, scores| {
        Ok(precision_recall_curve(positive, scores)?.average_precision())
    })
}

fn one_vs_rest(
    y_true: &[usize],
    scores: &ScoreMatrix,
    score: impl Fn(&[bool], &[f64]) -> Result<f64>,
) -> Result<OneVsRest> {
    check_scores(y_true, scores)?;
    let mut per_class = Vec::with_capacity(scores.n_cols());
    let (mut sum, mut weighted, mut n_classes, mut n_rows) = (0.0, 0.0, 0.0, 0.0);
    for class in 0..scores.n_cols() {
        let positive: Vec<bool> = y_true.iter().map(|&label| label == class).collect();
        let (n_positive, n_negative) = totals(&positive);
        if n_positive == 0.0 || n_negative == 0.0 {
            per_class.push(None);
            continue;
        }
        let column: Vec<f64> = scores.rows().map(|row| row[class]).collect();
        let value = score(&positive, &column)?;
        sum += value;
        weighted += value * n_positive;
        n_classes += 1.0;
        n_rows += n_positive;
        per_class.push(Some(value));
    }
    Ok(OneVsRest {
        per_class,
        macro_average: (n_classes > 0.0).then(|| sum / n_classes),
        weighted_average: (n_rows > 0.0).then(|| weighted / n_rows),
    })
}

/// Rows with a score at or above a threshold.
struct Step {
    threshold: f64,
    n_true: u64,
    n_false: u64,
}

/// One step for every different score, falling.
fn steps(positive: &[bool], scores: &[f64]) -> Result<Vec<Step>> {
    same_length("scores", positive.len(), scores.len())?;
    if let Some(row) = scores.iter().position(|score| !is_score(*score)) {
        return Err(LearnError::NotFinite {
            row,
            column: 0,
            value: scores[row] as f32,
        });
    }
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_unstable_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let mut steps: Vec<Step> = Vec::new();
    let (mut n_true, mut n_false) = (0, 0);
    for row in order {
        n_true += u64::from(positive[row]);
        n_false += u64::from(!positive[row]);
        match steps.last_mut() {
            // 0 and -0 are the same threshold.
            Some(last) if last.threshold == scores[row] => (last.n_true, last.n_false) = (n_true, n_false),
            _ => steps.push(Step {
                threshold: scores[row],
                n_true,
                n_false,
            }),
        }
    }
    Ok(steps)
}

fn totals(positive: &[bool]) -> (f64, f64) {
    let n = positive.iter().filter(|&&is| is).count();
    (n as f64, (positive.len() - n) as f64)
}

fn one_sided(metric: &'static str) -> LearnError {
    LearnError::UndefinedMetric {
        metric,
        reason: "it needs rows of the class and rows of others",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::test_support::{assert_close, floats, golden, indices};

    #[test]
    fn curves_equal_scikit_learn() {
        for case in golden(include_str!("../../tests/golden/scores.json"))["curves"]
            .as_array()
            .unwrap()
        {
            let positive: Vec<bool> = indices(&case["y"]).iter().map(|&y| y == 1).collect();
            let scores = floats(&case["scores"]);
            let roc = roc_curve(&positive, &scores).unwrap();
            assert_close(&roc.fpr, &floats(&case["fpr"]), 1e-12);
            assert_close(&roc.tpr, &floats(&case["tpr"]), 1e-12);
            assert_close(&roc.thresholds[1..], &floats(&case["roc_thresholds"])[1..], 0.0);
            let pr = precision_recall_curve(&positive, &scores).unwrap();
            assert_close(&pr.precision, &floats(&case["precision"]), 1e-12);
            assert_close(&pr.recall, &floats(&case["recall"]), 1e-12);
            assert_close(&pr.thresholds, &floats(&case["pr_thresholds"]), 0.0);
            assert_close(
                &[roc.auc(), pr.average_precision()],
                &floats(&case["areas"]),
                1e-12,
            );
        }
    }

    #[test]
    fn averages_equal_scikit_learn() {
        for case in golden(include_str!("../../tests/golden/scores.json"))["proba"]
            .as_array()
            .unwrap()
        {
            let y = indices(&case["y"]);
            let n_classes = case["n_classes"].as_u64().unwrap() as usize;
            let proba = ScoreMatrix::new(y.len(), n_classes, floats(&case["proba"])).unwrap();
            for (got, want) in [
                (roc_auc_ovr(&y, &proba).unwrap(), &case["roc_auc"]),
                (
                    average_precision_ovr(&y, &proba).unwrap(),
                    &case["average_precision"],
                ),
            ] {
                let per_class: Vec<f64> = got
                    .per_class
                    .iter()
                    .map(|score| score.unwrap_or(f64::NAN))
                    .collect();
                assert_close(&per_class, &floats(&want["per_class"]), 1e-12);
                let means = [got.macro_average.unwrap(), got.weighted_average.unwrap()];
                assert_close(&means, &floats(&want["means"]), 1e-12);
            }
        }
    }

    #[test]
    fn the_area_is_the_share_of_pairs_in_order() {
        // With ties on purpose: scores are multiples of a tenth.
        let scores: Vec<f64> = (0..70).map(|row| f64::from(row * 37 % 11) / 10.0).collect();
        let positive: Vec<bool> = (0..70).map(|row| row * 13 % 5 < 2).collect();
        let mut pairs = (0.0, 0.0);
        for a in (0..70).filter(|&row| positive[row]) {
            for b in (0..70).filter(|&row| !positive[row]) {
                pairs.0 += if scores[a] > scores[b] {
                    1.0
                } else if scores[a] == scores[b] {
                    0.5
                } else {
                    0.0
                };
                pairs.1 += 1.0;
            }
        }
        assert_close(
            &[roc_curve(&positive, &scores).unwrap().auc()],
            &[pairs.0 / pairs.1],
            1e-14,
        );
        // Average precision from its definition: over thresholds, precision times the recall gained.
        let mut thresholds = scores.clone();
        thresholds.sort_by(f64::total_cmp);
        thresholds.dedup();
        let at = |threshold: f64| {
            let found = (0..70).filter(|&row| scores[row] >= threshold);
            let n = found.clone().count() as f64;
            let right = found.filter(|&row| positive[row]).count() as f64;
            (
                right / n,
                right / positive.iter().filter(|&&is| is).count() as f64,
            )
        };
        let (mut sum, mut before) = (0.0, 0.0);
        for &threshold in thresholds.iter().rev() {
            let (precision, recall) = at(threshold);
            sum += (recall - before) * precision;
            before = recall;
        }
        let curve = precision_recall_curve(&positive, &scores).unwrap();
        assert_close(&[curve.average_precision()], &[sum], 1e-14);
    }

    #[test]
    fn a_class_without_rows_has_no_score() {
        let scores = ScoreMatrix::new(2, 3, vec![0.7, 0.2, 0.1, 0.1, 0.8, 0.1]).unwrap();
        let auc = roc_auc_ovr(&[0, 1], &scores).unwrap();
        assert_eq!(auc.per_class, [Some(1.0), Some(1.0), None]);
        assert_eq!(auc.macro_average, Some(1.0));
        let none = roc_auc_ovr(&[1, 1], &scores).unwrap();
        assert_eq!((none.macro_average, none.weighted_average), (None, None));
        assert!(matches!(
            roc_curve(&[true], &[0.5]),
            Err(LearnError::UndefinedMetric { .. })
        ));
        assert!(precision_recall_curve(&[false], &[0.5]).is_err());
        assert!(roc_curve(&[true, false], &[0.5, f64::NAN]).is_err());
        assert!(roc_curve(&[true, false], &[0.5, f64::INFINITY]).is_err());
    }

    #[test]
    fn an_impossible_class_comes_after_all_others() {
        let impossible = f64::NEG_INFINITY;
        let curve = roc_curve(&[true, false, true, false], &[2.0, 1.0, impossible, impossible]).unwrap();
        // Of the four pairs two are in order, one is not, and one is a tie.
        assert_eq!(curve.auc(), 2.5 / 4.0);
        let scores = ScoreMatrix::new(
            3,
            3,
            vec![1.0, -1.0, impossible, -2.0, 0.0, impossible, 0.5, 0.1, impossible],
        )
        .unwrap();
        assert_eq!(roc_auc_ovr(&[0, 1, 2], &scores).unwrap().per_class[2], Some(0.5));
    }
}
