//! Do probabilities keep their word? Calibration curves and the expected calibration error.

use super::probability::check_proba;
use crate::data::score_matrix::{ScoreMatrix, argmax};
use crate::error::{LearnError, Result, same_length};

/// Rows whose probability lies in one bin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationBin {
    /// Rows in the bin.
    pub n: u64,
    /// Their mean probability (`prob_pred`).
    pub mean_predicted: f64,
    /// The share of them that is positive (`prob_true`).
    pub fraction_positive: f64,
}

/// How far the probability of the predicted class is from how often it is the true one.
#[derive(Debug, Clone, PartialEq)]
pub struct Reliability {
    /// The bins that have rows, rising; the upper edge belongs to a bin.
    pub bins: Vec<CalibrationBin>,
    /// Expected calibration error: `|fraction - mean probability|` of the bins, weighted by their rows.
    pub ece: f64,
}

/// The calibration curve of probabilities of one class, over bins of equal width; bins without rows are left out.
///
/// Source: scikit-learn 1.9, `calibration_curve(strategy="uniform")`.
///
/// # Errors
/// `ShapeMismatch`, `Empty`; `InvalidParameter` without bins; `NotProbability`.
pub fn calibration_curve(positive: &[bool], proba: &[f64], n_bins: usize) -> Result<Vec<CalibrationBin>> {
    same_length("probabilities", positive.len(), proba.len())?;
    if positive.is_empty() {
        return Err(LearnError::Empty {
            what: "the list of predictions",
        });
    }
    if n_bins == 0 {
        return Err(LearnError::parameter("n_bins", n_bins, "must be at least 1"));
    }
    if let Some(row) = proba.iter().position(|p| !(0.0..=1.0).contains(p)) {
        return Err(LearnError::NotProbability {
            row,
            value: proba[row],
        });
    }
    let inner: Vec<f64> = (1..n_bins)
        .map(|edge| edge as f64 * (1.0 / n_bins as f64))
        .collect();
    let mut sums = vec![(0u64, 0.0, 0u64); n_bins];
    for (&is, &p) in positive.iter().zip(proba) {
        let bin = &mut sums[inner.partition_point(|&edge| edge < p)];
        bin.0 += 1;
        bin.1 += p;
        bin.2 += u64::from(is);
    }
    let filled = sums.into_iter().filter(|bin| bin.0 > 0);
    Ok(filled
        .map(|(n, sum, right)| CalibrationBin {
            n,
            mean_predicted: sum / n as f64,
            fraction_positive: right as f64 / n as f64,
        })
        .collect())
}

/// The calibration of the probability of the predicted class, over bins of equal width.
///
/// Source: C. Guo et al. (2017), "On calibration of modern neural networks", equations 2 and 3.
///
/// # Errors
/// As [`calibration_curve`] and [`super::log_loss`].
pub fn reliability(y_true: &[usize], proba: &ScoreMatrix, n_bins: usize) -> Result<Reliability> {
    check_proba(y_true, proba)?;
    let predicted: Vec<usize> = proba.rows().map(argmax).collect();
    let right: Vec<bool> = predicted.iter().zip(y_true).map(|(a, b)| a == b).collect();
    let confidence: Vec<f64> = proba
        .rows()
        .zip(&predicted)
        .map(|(row, &class)| row[class])
        .collect();
    let bins = calibration_curve(&right, &confidence, n_bins)?;
    let gap = |bin: &CalibrationBin| (bin.fraction_positive - bin.mean_predicted).abs();
    let ece = bins.iter().map(|bin| bin.n as f64 * gap(bin)).sum::<f64>() / y_true.len() as f64;
    Ok(Reliability { bins, ece })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::test_support::{assert_close, floats, golden, indices};

    #[test]
    fn curves_equal_scikit_learn() {
        for case in golden(include_str!("../../tests/golden/scores.json"))["calibration"]
            .as_array()
            .unwrap()
        {
            let positive: Vec<bool> = indices(&case["y"]).iter().map(|&y| y == 1).collect();
            let n_bins = case["n_bins"].as_u64().unwrap() as usize;
            let bins = calibration_curve(&positive, &floats(&case["proba"]), n_bins).unwrap();
            let of = |value: fn(&CalibrationBin) -> f64| bins.iter().map(value).collect::<Vec<_>>();
            assert_close(
                &of(|bin| bin.fraction_positive),
                &floats(&case["prob_true"]),
                1e-12,
            );
            assert_close(&of(|bin| bin.mean_predicted), &floats(&case["prob_pred"]), 1e-12);
            assert_eq!(bins.iter().map(|bin| bin.n).sum::<u64>(), positive.len() as u64);
        }
    }

    #[test]
    fn the_expected_calibration_error_equals_numpy_and_its_definition() {
        for case in golden(include_str!("../../tests/golden/scores.json"))["proba"]
            .as_array()
            .unwrap()
        {
            let y = indices(&case["y"]);
            let n_classes = case["n_classes"].as_u64().unwrap() as usize;
            let proba = ScoreMatrix::new(y.len(), n_classes, floats(&case["proba"])).unwrap();
            let got = reliability(&y, &proba, 10).unwrap();
            assert_close(&[got.ece], &[case["ece"].as_f64().unwrap()], 1e-12);
        }
        // Three certain rows of which two are right, one row at 0.6 that is wrong: (3 * 1/3 + 1 * 0.6) / 4.
        let proba = ScoreMatrix::new(4, 2, vec![1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.4, 0.6]).unwrap();
        let got = reliability(&[0, 1, 1, 0], &proba, 10).unwrap();
        assert_close(&[got.ece], &[0.4], 1e-15);
        assert_eq!(got.bins.len(), 2);
    }

    #[test]
    fn an_edge_belongs_to_the_bin_below() {
        let bins = calibration_curve(&[true, false, true], &[0.5, 0.6, 0.0], 2).unwrap();
        assert_eq!(bins.iter().map(|bin| bin.n).collect::<Vec<_>>(), [2, 1]);
        assert!(calibration_curve(&[true], &[1.1], 2).is_err());
        assert!(calibration_curve(&[true], &[0.1], 0).is_err());
        assert!(calibration_curve(&[], &[], 1).is_err());
    }
}
