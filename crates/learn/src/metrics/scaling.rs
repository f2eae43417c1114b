//! From scores to probabilities that keep their word: temperature scaling, fitted on predictions of rows that the model was
//! not trained on.

use serde::{Deserialize, Serialize};

use super::probability::check_scores;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::{LearnError, Result, same_length};
use cratedigger_stats::rng::SeededRng;

/// Softmax of the scores divided by one temperature: above 1 it makes probabilities more modest, below 1 bolder. The
/// predicted class stays what it was.
///
/// Source: C. Guo et al. (2017), "On calibration of modern neural networks", section 4.2; scikit-learn 1.9,
/// `CalibratedClassifierCV(method="temperature")`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TemperatureScaling {
    /// The temperature, between exp(-10) and exp(10).
    pub temperature: f64,
}

/// Scores as they enter the softmax: `ln(p + 1e-12)` of probabilities (one column per class).
pub fn logits_of_proba(proba: &ScoreMatrix) -> ScoreMatrix {
    let mut logits = proba.clone();
    for row in 0..logits.n_rows() {
        logits
            .row_mut(row)
            .iter_mut()
            .for_each(|p| *p = (*p + 1e-12).ln());
    }
    logits
}

/// Decision values with one column per class: of two classes with one column `d` it makes `(-d, d)`.
pub fn decision_per_class(decision: &ScoreMatrix) -> ScoreMatrix {
    if decision.n_cols() != 1 {
        return decision.clone();
    }
    let mut two = ScoreMatrix::zeros(decision.n_rows(), 2);
    for (row, &d) in decision.as_slice().iter().enumerate() {
        two.row_mut(row).copy_from_slice(&[-d, d]);
    }
    two
}

impl TemperatureScaling {
    /// The temperature with the least log loss on these rows; the loss is convex in its inverse.
    ///
    /// `logits`: one column per class, see [`logits_of_proba`] and [`decision_per_class`]. Minus infinity says that a class is
    /// impossible, at every temperature; rows that are of such a class tell nothing and are passed over.
    ///
    /// # Errors
    /// `Empty`, `ShapeMismatch`, `UnknownLabel`, `NotFinite`.
    pub fn fit(logits: &ScoreMatrix, y_true: &[usize]) -> Result<Self> {
        check_scores(y_true, logits)?;
        // Newton's method on the derivative, kept between the ends that bisection knows.
        let (mut low, mut high) = (f64::exp(-10.0), f64::exp(10.0));
        let mut beta = 1.0;
        for _ in 0..200 {
            let (slope, curvature) = slope_and_curvature(logits, y_true, beta);
            if slope == 0.0 {
                break;
            }
            if slope > 0.0 {
                high = beta;
            } else {
                low = beta;
            }
            let newton = beta - slope / curvature;
            let next = if newton > low && newton < high {
                newton
            } else {
                (low * high).sqrt()
            };
            if (next - beta).abs() <= 4.0 * f64::EPSILON * beta {
                break;
            }
            beta = next;
        }
        Ok(Self {
            temperature: 1.0 / beta,
        })
    }

    /// The probabilities of these scores.
    pub fn proba(&self, logits: &ScoreMatrix) -> ScoreMatrix {
        let mut proba = logits.clone();
        for row in 0..proba.n_rows() {
            softmax(proba.row_mut(row), 1.0 / self.temperature);
        }
        proba
    }
}

/// First and second derivative of the summed log loss by the inverse temperature.
fn slope_and_curvature(logits: &ScoreMatrix, y_true: &[usize], beta: f64) -> (f64, f64) {
    let mut p = vec![0.0; logits.n_cols()];
    let (mut slope, mut curvature) = (0.0, 0.0);
    for (row, &label) in logits.rows().zip(y_true) {
        if row[label] == f64::NEG_INFINITY {
            continue;
        }
        p.copy_from_slice(row);
        softmax(&mut p, beta);
        // Around the true class's score, so that equal large scores cancel.
        let possible = || {
            let pairs = p.iter().zip(row).filter(|(_, z)| z.is_finite());
            pairs.map(|(&p, &z)| (p, z - row[label]))
        };
        let mean: f64 = possible().map(|(p, away)| p * away).sum();
        slope += mean;
        curvature += possible().map(|(p, away)| p * (away - mean).powi(2)).sum::<f64>();
    }
    (slope, curvature)
}

/// `exp(beta z) / sum exp(beta z)` in place.
fn softmax(values: &mut [f64], beta: f64) {
    let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for value in values.iter_mut() {
        *value = (beta * (*value - greatest)).exp();
        sum += *value;
    }
    values.iter_mut().for_each(|value| *value /= sum);
}

/// Probabilities of every row by temperatures that were fitted on the other parts: no row judges itself.
///
/// `part_of_row`: the part of each row, from 0; with cross-validation the fold, else for example parts of whole artists
/// ([`parts_of_groups`]). Returns the probabilities and the temperature that each part was given.
///
/// # Errors
/// As [`TemperatureScaling::fit`]; `Empty` with fewer than two parts.
pub fn cross_fit_temperature(
    logits: &ScoreMatrix,
    y_true: &[usize],
    part_of_row: &[usize],
) -> Result<(ScoreMatrix, Vec<f64>)> {
    same_length("parts", y_true.len(), part_of_row.len())?;
    check_scores(y_true, logits)?;
    let n_parts = part_of_row.iter().max().map_or(0, |last| last + 1);
    let mut proba = ScoreMatrix::zeros(logits.n_rows(), logits.n_cols());
    let mut temperatures = Vec::with_capacity(n_parts);
    for part in 0..n_parts {
        let others: Vec<usize> = (0..y_true.len())
            .filter(|&row| part_of_row[row] != part)
            .collect();
        let y: Vec<usize> = others.iter().map(|&row| y_true[row]).collect();
        let scaling = TemperatureScaling::fit(&logits.take_rows(&others), &y)?;
        temperatures.push(scaling.temperature);
        for row in (0..y_true.len()).filter(|&row| part_of_row[row] == part) {
            let target = proba.row_mut(row);
            target.copy_from_slice(logits.row(row));
            softmax(target, 1.0 / scaling.temperature);
        }
    }
    Ok((proba, temperatures))
}

/// Divides groups at random into `n_parts` parts with as many groups each; returns the part of each row.
///
/// # Errors
/// `CannotSplit` with fewer groups than parts.
pub fn parts_of_groups(groups: &[i64], n_parts: usize, seed: u64) -> Result<Vec<usize>> {
    let mut ids = groups.to_vec();
    ids.sort_unstable();
    ids.dedup();
    if n_parts == 0 || ids.len() < n_parts {
        let reason = format!("{n_parts} parts need as many groups, and there are {}", ids.len());
        return Err(LearnError::CannotSplit {
            n_rows: groups.len(),
            reason,
        });
    }
    let mut part_of_group = vec![0; ids.len()];
    for (at, group) in SeededRng::new(seed)
        .permutation(ids.len())
        .into_iter()
        .enumerate()
    {
        part_of_group[group] = at % n_parts;
    }
    let part = |group: &i64| ids.binary_search(group).map_or(0, |at| part_of_group[at]);
    Ok(groups.iter().map(part).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::metrics::log_loss;
    use crate::test_support::{assert_close, floats, scaling_cases};

    #[test]
    fn temperatures_equal_scikit_learn() {
        for (case, y, decision) in scaling_cases() {
            let logits = decision_per_class(&decision);
            let scaling = TemperatureScaling::fit(&logits, &y).unwrap();
            // scikit-learn searches the minimum itself, which is flat: half of the digits.
            let beta = case["beta"].as_f64().unwrap();
            assert_close(&[1.0 / scaling.temperature], &[beta], 1e-6 * beta.min(1.0));
            assert_close(
                scaling.proba(&logits).as_slice(),
                &floats(&case["temperature_proba"]),
                1e-6,
            );
            // The root of the derivative, found by brentq.
            let exact = case["exact_beta"].as_f64().unwrap();
            assert_close(&[1.0 / scaling.temperature], &[exact], 1e-12 * exact.min(1.0));
        }
    }

    #[test]
    fn no_other_temperature_has_less_loss() {
        for (_, y, decision) in scaling_cases() {
            let logits = decision_per_class(&decision);
            let best = TemperatureScaling::fit(&logits, &y).unwrap();
            let loss =
                |temperature: f64| log_loss(&y, &TemperatureScaling { temperature }.proba(&logits)).unwrap();
            for factor in [0.5, 0.9, 0.999, 1.001, 1.1, 2.0] {
                assert!(
                    loss(best.temperature) <= loss(best.temperature * factor),
                    "{factor}"
                );
            }
            let same = |scores: &ScoreMatrix| scores.argmax();
            assert_eq!(same(&best.proba(&logits)), same(&logits), "the predictions stay");
        }
    }

    #[test]
    fn scores_without_a_minimum_stay_within_bounds() {
        // All rows right: the colder the better. All rows wrong: the hotter the better.
        let logits = ScoreMatrix::new(2, 2, vec![1.0, -1.0, -1.0, 1.0]).unwrap();
        let cold = TemperatureScaling::fit(&logits, &[0, 1]).unwrap().temperature;
        let hot = TemperatureScaling::fit(&logits, &[1, 0]).unwrap().temperature;
        assert!((f64::exp(-10.1)..0.1).contains(&cold), "{cold}");
        assert!((1e3..f64::exp(10.1)).contains(&hot), "{hot}");
        let flat = ScoreMatrix::zeros(2, 3);
        assert_eq!(TemperatureScaling::fit(&flat, &[0, 1]).unwrap().temperature, 1.0);
        let huge = ScoreMatrix::new(2, 2, vec![1e300, -1e300, -1e300, 1e300]).unwrap();
        let proba = TemperatureScaling::fit(&huge, &[0, 0]).unwrap().proba(&huge);
        assert!(proba.as_slice().iter().all(|p| p.is_finite()));
    }

    #[test]
    fn logits_are_logarithms_with_a_floor() {
        let proba = ScoreMatrix::new(2, 2, vec![0.25, 0.75, 0.0, 1.0]).unwrap();
        let want = [0.25f64.ln(), 0.75f64.ln(), 1e-12f64.ln(), 0.0];
        assert_close(logits_of_proba(&proba).as_slice(), &want, 1e-11);
    }

    #[test]
    fn impossible_classes_stay_impossible_and_tell_nothing() {
        let (_, y, decision) = scaling_cases()
            .into_iter()
            .find(|case| case.2.n_cols() > 2)
            .unwrap();
        let n_cols = decision.n_cols();
        let scaling = TemperatureScaling::fit(&decision, &y).unwrap();
        // One more class without training rows, and a row that is of it.
        let with_more = |last: &[f64]| {
            let rows = decision.rows().chain(std::iter::once(last));
            let values = rows.flat_map(|row| row.iter().copied().chain([f64::NEG_INFINITY]));
            ScoreMatrix::new(y.len() + 1, n_cols + 1, values.collect()).unwrap()
        };
        let logits = with_more(&vec![0.3; n_cols]);
        let labels: Vec<usize> = y.iter().copied().chain([n_cols]).collect();
        let more = TemperatureScaling::fit(&logits, &labels).unwrap();
        assert_close(&[more.temperature], &[scaling.temperature], 1e-12);
        let (proba, plain) = (more.proba(&logits), scaling.proba(&decision));
        for (row, want) in plain.rows().enumerate() {
            assert_close(&proba.row(row)[..n_cols], want, 1e-12);
            assert_eq!(proba.row(row)[n_cols], 0.0);
        }
        assert!(log_loss(&labels, &proba).unwrap().is_finite());
        for bad in [f64::NAN, f64::INFINITY] {
            let mut logits = logits.clone();
            logits.row_mut(3)[1] = bad;
            let error = TemperatureScaling::fit(&logits, &labels);
            assert!(matches!(
                error,
                Err(LearnError::NotFinite {
                    row: 3,
                    column: 1,
                    ..
                })
            ));
        }
    }

    #[test]
    fn a_part_is_scaled_by_the_others() {
        let (_, y, decision) = scaling_cases().remove(0);
        let logits = decision_per_class(&decision);
        let groups: Vec<i64> = (0..y.len() as i64).map(|row| row / 3).collect();
        let parts = parts_of_groups(&groups, 2, 5).unwrap();
        assert!(
            (0..y.len()).all(|row| parts[row] == parts[row / 3 * 3]),
            "groups stay whole"
        );
        let (proba, temperatures) = cross_fit_temperature(&logits, &y, &parts).unwrap();
        for part in 0..2 {
            let others: Vec<usize> = (0..y.len()).filter(|&row| parts[row] != part).collect();
            let other_y: Vec<usize> = others.iter().map(|&row| y[row]).collect();
            let by_others = TemperatureScaling::fit(&logits.take_rows(&others), &other_y).unwrap();
            assert_eq!(temperatures[part], by_others.temperature);
            let all = by_others.proba(&logits);
            for row in (0..y.len()).filter(|&row| parts[row] == part) {
                assert_eq!(proba.row(row), all.row(row));
            }
        }
        assert!(cross_fit_temperature(&logits, &y, &vec![0; y.len()]).is_err());
        assert!(parts_of_groups(&[1, 1, 1], 2, 0).is_err());
    }
}
