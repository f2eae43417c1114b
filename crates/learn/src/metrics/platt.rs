//! From decision values to probabilities by Platt's sigmoids, fitted on predictions of rows that the model was not trained on.

use serde::{Deserialize, Serialize};

use super::logits::decision_per_class;
use super::probability::check_scores;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::{LearnError, Result, same_length};

/// A sigmoid of the decision value for every class against the others; with three classes or more the rows are divided by
/// their sums.
///
/// Source: J. Platt (1999), "Probabilistic outputs for support vector machines", fitted as in H.-T. Lin, C.-J. Lin and
/// R. C. Weng (2007), "A note on Platt's probabilistic outputs"; scikit-learn 1.9, `CalibratedClassifierCV(method="sigmoid")`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlattScaling {
    /// Slope and offset of each column of the decision values: `P = 1 / (1 + exp(slope * d + offset))`.
    pub sigmoids: Vec<(f64, f64)>,
}

impl PlattScaling {
    /// Fits one sigmoid to each column of `decision` (one column for two classes: positive means the second class).
    ///
    /// # Errors
    /// `ShapeMismatch`, `Empty`, `UnknownLabel`, `NotFinite`.
    pub fn fit(decision: &ScoreMatrix, y_true: &[usize]) -> Result<Self> {
        check_scores(y_true, &decision_per_class(decision))?;
        if let Some(at) = decision.as_slice().iter().position(|d| !d.is_finite()) {
            return Err(LearnError::NotFinite {
                row: at / decision.n_cols(),
                column: at % decision.n_cols(),
                value: decision.as_slice()[at] as f32,
            });
        }
        let two = decision.n_cols() == 1;
        let sigmoids = (0..decision.n_cols()).map(|column| {
            let values: Vec<f64> = decision.rows().map(|row| row[column]).collect();
            let positive: Vec<bool> = y_true
                .iter()
                .map(|&label| label == if two { 1 } else { column })
                .collect();
            fit_sigmoid(&values, &positive)
        });
        Ok(Self {
            sigmoids: sigmoids.collect(),
        })
    }

    /// The probabilities, one column per class.
    ///
    /// # Errors
    /// `ShapeMismatch` where the decision values have another number of columns.
    pub fn proba(&self, decision: &ScoreMatrix) -> Result<ScoreMatrix> {
        same_length(
            "columns of decision values",
            self.sigmoids.len(),
            decision.n_cols(),
        )?;
        let mut proba = ScoreMatrix::zeros(decision.n_rows(), decision.n_cols().max(2));
        for (row, values) in decision.rows().enumerate() {
            let each = values
                .iter()
                .zip(&self.sigmoids)
                .map(|(d, (a, b))| logistic(-(a * d + b)));
            let target = proba.row_mut(row);
            if values.len() == 1 {
                let p: f64 = each.sum();
                target.copy_from_slice(&[1.0 - p, p]);
                continue;
            }
            target.iter_mut().zip(each).for_each(|(target, p)| *target = p);
            let sum: f64 = target.iter().sum();
            let n = target.len() as f64;
            target
                .iter_mut()
                .for_each(|p| *p = if sum > 0.0 { *p / sum } else { 1.0 / n });
        }
        Ok(proba)
    }
}

/// Slope and offset with the least cross entropy against Platt's smoothed targets: Newton's method with halved steps.
fn fit_sigmoid(values: &[f64], positive: &[bool]) -> (f64, f64) {
    let n_positive = positive.iter().filter(|&&is| is).count() as f64;
    let n_negative = positive.len() as f64 - n_positive;
    let target = |is: bool| {
        if is {
            (n_positive + 1.0) / (n_positive + 2.0)
        } else {
            1.0 / (n_negative + 2.0)
        }
    };
    let loss = |a: f64, b: f64| -> f64 {
        values
            .iter()
            .zip(positive)
            .map(|(d, &is)| {
                let z = a * d + b;
                // -t ln P - (1 - t) ln (1 - P) with P = 1 / (1 + exp(z)).
                z.max(0.0) + (-z.abs()).exp().ln_1p() - (1.0 - target(is)) * z
            })
            .sum()
    };
    let (mut a, mut b) = (0.0, ((n_negative + 1.0) / (n_positive + 1.0)).ln());
    let mut current = loss(a, b);
    for _ in 0..100 {
        let (mut ga, mut gb, mut aa, mut ab, mut bb) = (0.0, 0.0, 1e-12, 0.0, 1e-12);
        for (d, &is) in values.iter().zip(positive) {
            let p = logistic(-(a * d + b));
            let (error, weight) = (target(is) - p, p * (1.0 - p));
            ga += error * d;
            gb += error;
            aa += weight * d * d;
            ab += weight * d;
            bb += weight;
        }
        let determinant = aa * bb - ab * ab;
        let (da, db) = (
            (ab * gb - bb * ga) / determinant,
            (ab * ga - aa * gb) / determinant,
        );
        // Near the minimum the loss is noise of its own rounding; one that is not a number is never good enough.
        let is_enough = |loss: f64| loss <= current * (1.0 + 1e-12);
        let mut step = 1.0;
        let mut next = loss(a + da, b + db);
        while step > 1e-10 && !is_enough(next) {
            step /= 2.0;
            next = loss(a + step * da, b + step * db);
        }
        if !is_enough(next) {
            break;
        }
        (a, b) = (a + step * da, b + step * db);
        let moved = (step * da).abs() + (step * db).abs();
        current = next;
        if moved <= 1e-13 * (a.abs() + b.abs()).max(1.0) {
            break;
        }
    }
    (a, b)
}

fn logistic(z: f64) -> f64 {
    if z >= 0.0 {
        1.0 / (1.0 + (-z).exp())
    } else {
        let e = z.exp();
        e / (1.0 + e)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::test_support::{assert_close, floats, scaling_cases};

    #[test]
    fn sigmoids_equal_scikit_learn() {
        for (case, y, decision) in scaling_cases() {
            let platt = PlattScaling::fit(&decision, &y).unwrap();
            // scikit-learn stops at a gradient of 1e-6; the exact values are Newton's in numpy.
            let flat: Vec<f64> = platt.sigmoids.iter().flat_map(|(a, b)| [*a, *b]).collect();
            assert_close(&flat, &floats(&case["platt"]), 1e-4);
            assert_close(&flat, &floats(&case["exact_platt"]), 1e-9);
            let proba = platt.proba(&decision).unwrap();
            assert_close(proba.as_slice(), &floats(&case["platt_proba"]), 1e-5);
        }
    }

    #[test]
    fn values_that_no_sigmoid_fits_are_refused() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let decision = ScoreMatrix::new(3, 1, vec![1.0, bad, -1.0]).unwrap();
            let error = PlattScaling::fit(&decision, &[1, 0, 0]);
            assert!(
                matches!(error, Err(LearnError::NotFinite { row: 1, .. })),
                "{bad}"
            );
            let decision = ScoreMatrix::new(2, 3, vec![1.0, 0.0, -1.0, 0.0, 1.0, bad]).unwrap();
            let error = PlattScaling::fit(&decision, &[0, 1]);
            let refused = matches!(
                error,
                Err(LearnError::NotFinite {
                    row: 1,
                    column: 2,
                    ..
                })
            );
            assert!(refused, "{bad}");
        }
    }
}
