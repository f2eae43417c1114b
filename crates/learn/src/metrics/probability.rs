//! Scores of probabilities and of the order of classes.

use crate::data::dataset::check_labels;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::{LearnError, Result, same_length};

/// How far a row of probabilities may be from summing to 1: single precision and many classes.
const SUM_TOLERANCE: f64 = 1e-4;

/// Mean of `-ln` of the probability that was given to the true class; lower is better, 0 is perfect.
///
/// `proba`: one column per class, rows that sum to 1. Probabilities are clipped to `[eps, 1 - eps]` with the `eps` of double
/// precision, so that one certain mistake costs 36 instead of everything.
///
/// Source: scikit-learn 1.9, `log_loss`.
///
/// # Errors
/// `Empty`, `ShapeMismatch`, `UnknownLabel`, `NotProbability`.
pub fn log_loss(y_true: &[usize], proba: &ScoreMatrix) -> Result<f64> {
    check_proba(y_true, proba)?;
    let loss = |(row, &label): (&[f64], &usize)| -row[label].clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln();
    Ok(proba.rows().zip(y_true).map(loss).sum::<f64>() / y_true.len() as f64)
}

/// Mean squared distance between the probabilities and the truth (1 for the true class, 0 for others): 0 is perfect, 2 the
/// worst; with two classes half of it, so that 1 is the worst.
///
/// Source: scikit-learn 1.9, `brier_score_loss(scale_by_half="auto")`; G. W. Brier (1950), "Verification of forecasts
/// expressed in terms of probability".
///
/// # Errors
/// As [`log_loss`].
pub fn brier_score(y_true: &[usize], proba: &ScoreMatrix) -> Result<f64> {
    check_proba(y_true, proba)?;
    let distance = |(row, &label): (&[f64], &usize)| -> f64 {
        row.iter()
            .enumerate()
            .map(|(class, p)| (p - f64::from(u8::from(class == label))).powi(2))
            .sum()
    };
    let mean = proba.rows().zip(y_true).map(distance).sum::<f64>() / y_true.len() as f64;
    Ok(if proba.n_cols() == 2 { mean / 2.0 } else { mean })
}

/// Share of the rows whose true class is among the `k` classes with the highest scores.
///
/// `scores`: probabilities or decision values, one column per class. Of equal scores the lower class comes first.
///
/// Source: scikit-learn 1.9, `top_k_accuracy_score`. Differs: there the higher class comes first among equal scores, so that
/// `k = 1` is not the accuracy.
///
/// # Errors
/// `Empty`, `ShapeMismatch`, `UnknownLabel`; `InvalidParameter` for `k = 0`.
pub fn top_k_accuracy(y_true: &[usize], scores: &ScoreMatrix, k: usize) -> Result<f64> {
    check_scores(y_true, scores)?;
    if k == 0 {
        return Err(LearnError::parameter("k", k, "must be at least 1"));
    }
    let among = |(row, &label): (&[f64], &usize)| {
        let before =
            |class: &usize| row[*class] > row[label] || (row[*class] == row[label] && *class < label);
        (0..row.len()).filter(before).count() < k
    };
    let n_right = scores.rows().zip(y_true).filter(|pair| among(*pair)).count();
    Ok(n_right as f64 / y_true.len() as f64)
}

/// Whether rows can be ranked by it: a finite number, or minus infinity for what is impossible.
pub(super) fn is_score(score: f64) -> bool {
    score < f64::INFINITY
}

/// `Ok` for one row of scores for each label, all of them finite but for those of impossible classes: minus infinity is what
/// the decision values of a class without training rows are.
pub(super) fn check_scores(y_true: &[usize], scores: &ScoreMatrix) -> Result<()> {
    same_length("rows of scores", y_true.len(), scores.n_rows())?;
    if y_true.is_empty() {
        return Err(LearnError::Empty {
            what: "the list of predictions",
        });
    }
    check_labels(y_true, scores.n_cols())?;
    match scores.as_slice().iter().position(|score| !is_score(*score)) {
        None => Ok(()),
        Some(at) => Err(LearnError::NotFinite {
            row: at / scores.n_cols(),
            column: at % scores.n_cols(),
            value: scores.as_slice()[at] as f32,
        }),
    }
}

/// `Ok` for one row of probabilities for each label.
pub(crate) fn check_proba(y_true: &[usize], proba: &ScoreMatrix) -> Result<()> {
    check_scores(y_true, proba)?;
    for (row, values) in proba.rows().enumerate() {
        let sum: f64 = values.iter().sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            return Err(LearnError::NotProbability { row, value: sum });
        }
        if let Some(&value) = values.iter().find(|p| !(0.0..=1.0).contains(*p)) {
            return Err(LearnError::NotProbability { row, value });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::test_support::{assert_close, floats, golden, indices};

    #[test]
    fn scores_equal_scikit_learn() {
        for case in golden(include_str!("../../tests/golden/scores.json"))["proba"]
            .as_array()
            .unwrap()
        {
            let y = indices(&case["y"]);
            let n_classes = case["n_classes"].as_u64().unwrap() as usize;
            let proba = ScoreMatrix::new(y.len(), n_classes, floats(&case["proba"])).unwrap();
            let mut got = vec![log_loss(&y, &proba).unwrap(), brier_score(&y, &proba).unwrap()];
            got.extend((1..=3).map(|k| top_k_accuracy(&y, &proba, k).unwrap()));
            assert_close(&got, &floats(&case["values"]), 1e-12);
        }
    }

    #[test]
    fn scores_by_hand() {
        let proba = ScoreMatrix::new(2, 3, vec![0.5, 0.25, 0.25, 0.0, 0.25, 0.75]).unwrap();
        assert_close(
            &[
                log_loss(&[0, 1], &proba).unwrap(),
                brier_score(&[0, 1], &proba).unwrap(),
            ],
            &[1.5 * std::f64::consts::LN_2, (0.375 + 0.5625 + 0.5625) / 2.0],
            1e-15,
        );
        // Of the two equal ones class 1 comes before class 2.
        assert_eq!(top_k_accuracy(&[1, 0], &proba, 2).unwrap(), 0.5);
        assert_eq!(top_k_accuracy(&[2, 0], &proba, 2).unwrap(), 0.0);
        let certain = ScoreMatrix::new(1, 2, vec![1.0, 0.0]).unwrap();
        assert_close(&[log_loss(&[1], &certain).unwrap()], &[-f64::EPSILON.ln()], 1e-15);
        assert_eq!(brier_score(&[1], &certain).unwrap(), 1.0);
        // Clipped above, too.
        let least = -(1.0 - f64::EPSILON).ln();
        assert_eq!(log_loss(&[0], &certain).unwrap(), least);
    }

    #[test]
    fn what_is_no_probability_is_refused() {
        let matrix = |values: [f64; 2]| ScoreMatrix::new(1, 2, values.to_vec()).unwrap();
        for values in [[0.5, 0.4], [1.5, -0.5], [f64::NAN, 1.0]] {
            assert!(log_loss(&[0], &matrix(values)).is_err(), "{values:?}");
        }
        assert!(log_loss(&[2], &matrix([0.5, 0.5])).is_err());
        assert!(log_loss(&[0, 1], &matrix([0.5, 0.5])).is_err());
        assert!(top_k_accuracy(&[0], &matrix([0.5, 0.5]), 0).is_err());
        assert!(log_loss(&[], &ScoreMatrix::zeros(0, 2)).is_err());
    }
}
