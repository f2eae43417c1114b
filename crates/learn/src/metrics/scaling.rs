//! From scores to probabilities that keep their word: temperature scaling, fitted on predictions of rows that the model was
//! not trained on.

use serde::{Deserialize, Serialize};

use super::logits::Logits;
use super::probability::check_scores;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::{LearnError, Result, same_length};
use cratedigger_stats::rng::SeededRng;

/// Rows without a known class, as many of each, that smooth the targets of a fit: of two classes and `n` rows the target of
/// the true one is `(n + 1) / (n + 2)`, which is Platt's.
const SMOOTHING_ROWS: f64 = 2.0;

/// Softmax of the scores divided by one temperature: above 1 it makes probabilities more modest, below 1 bolder. The
/// predicted class stays what it was.
///
/// For any rows whatever, also such as are quite unlike those it was fitted on, with `K` classes: at a temperature `T >= 1`
/// the log loss is at most `before / T + (1 - 1 / T) ln K`, so never above both `before` and `ln K`; at `T < 1` it is at most
/// `before / T`. Both follow row by row from Hölder's inequality for `sum exp(z_k / T)`; how far `T` may be below 1, see
/// [`TemperatureFit::least_temperature`].
///
/// Source: C. Guo et al. (2017), "On calibration of modern neural networks", section 4.2; scikit-learn 1.9,
/// `CalibratedClassifierCV(method="temperature")`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TemperatureScaling {
    /// The temperature, between exp(-10) and exp(10).
    pub temperature: f64,
}

/// A temperature and what the rows said that it was fitted on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TemperatureFit {
    /// The temperature.
    pub scaling: TemperatureScaling,
    /// Rows that took part.
    pub n_rows: usize,
    /// Those of them in which another class scores higher than the true one. Where there are none the rows are separable:
    /// they do not say how sure the model may be, and without smoothing the colder the better.
    pub n_wrong: usize,
    /// Whether the least loss was at a temperature below the least that these rows allow, which was taken instead.
    pub limited: bool,
}

impl TemperatureFit {
    /// Whether no row limits how cold the temperature may be.
    pub fn separable(&self) -> bool {
        self.n_wrong == 0
    }

    /// The least temperature that probabilities may get by rows of which `n_wrong` are wrong: `1 / (1 + sqrt(1 + n_wrong))`.
    ///
    /// Only mistakes say how bold is too bold, and what `n` of them say is good to a share of `1 / sqrt(n)`. Without any, the
    /// log loss of any other rows at most doubles.
    pub fn least_temperature(n_wrong: usize) -> f64 {
        1.0 / (1.0 + (1.0 + n_wrong as f64).sqrt())
    }
}

impl TemperatureScaling {
    /// The temperature with the least log loss on these rows against smoothed targets: `(n [k = y] + 2 / K) / (n + 2)` for
    /// class `k` of `K` in a row of class `y`, with `n` rows. The loss is convex in the inverse temperature. Of probabilities
    /// it is at least [`TemperatureFit::least_temperature`]; decision values have a scale of their own.
    ///
    /// A class with the score minus infinity is impossible at every temperature; rows that are of such a class tell nothing
    /// and are passed over.
    ///
    /// On these rows themselves the log loss never gets worse than at temperature 1 by more than `2 / n (U - ln K)`, where
    /// `U` is the mean of `-ln p` over all rows and classes at temperature 1, and never at all where the temperature is below
    /// 1.
    ///
    /// Source: J. Platt (1999), "Probabilistic outputs for support vector machines", section 2.2, for the targets.
    ///
    /// # Errors
    /// `Empty`, `ShapeMismatch`, `UnknownLabel`, `NotFinite`.
    pub fn fit(logits: &Logits, y_true: &[usize]) -> Result<TemperatureFit> {
        let scores = logits.scores();
        check_scores(y_true, scores)?;
        let (mut n_rows, mut n_wrong) = (0, 0);
        for (row, &label) in possible_rows(scores, y_true) {
            n_rows += 1;
            n_wrong += usize::from(row.iter().any(|&score| score > row[label]));
        }
        let fitted = 1.0 / inverse_temperature(scores, y_true, SMOOTHING_ROWS);
        let least = match logits.of_probabilities() {
            true => TemperatureFit::least_temperature(n_wrong),
            false => 0.0,
        };
        Ok(TemperatureFit {
            scaling: Self {
                temperature: fitted.max(least),
            },
            n_rows,
            n_wrong,
            limited: fitted < least,
        })
    }

    /// The probabilities of these scores.
    pub fn proba(&self, logits: &Logits) -> ScoreMatrix {
        let mut proba = logits.scores().clone();
        for row in 0..proba.n_rows() {
            softmax(proba.row_mut(row), 1.0 / self.temperature);
        }
        proba
    }
}

/// The rows whose class is possible, with their class.
fn possible_rows<'a>(
    scores: &'a ScoreMatrix,
    y_true: &'a [usize],
) -> impl Iterator<Item = (&'a [f64], &'a usize)> {
    let rows = scores.rows().zip(y_true);
    rows.filter(|(row, label)| row[**label] != f64::NEG_INFINITY)
}

/// The inverse temperature with the least log loss, between exp(-10) and exp(10): Newton's method on the derivative, kept
/// between the ends that bisection knows.
fn inverse_temperature(scores: &ScoreMatrix, y_true: &[usize], smoothing_rows: f64) -> f64 {
    let n_rows = possible_rows(scores, y_true).count() as f64;
    let share = smoothing_rows / (n_rows + smoothing_rows).max(1.0);
    let (mut low, mut high) = (f64::exp(-10.0), f64::exp(10.0));
    let mut beta = 1.0;
    for _ in 0..200 {
        let (slope, curvature) = slope_and_curvature(scores, y_true, share, beta);
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
    beta
}

/// First and second derivative of the summed log loss by the inverse temperature, where each target gives `share` of its
/// weight to all possible classes alike.
fn slope_and_curvature(scores: &ScoreMatrix, y_true: &[usize], share: f64, beta: f64) -> (f64, f64) {
    let mut p = vec![0.0; scores.n_cols()];
    let (mut slope, mut curvature) = (0.0, 0.0);
    for (row, &label) in possible_rows(scores, y_true) {
        p.copy_from_slice(row);
        softmax(&mut p, beta);
        // Around the true class's score, so that equal large scores cancel.
        let possible = || {
            let pairs = p.iter().zip(row).filter(|(_, z)| z.is_finite());
            pairs.map(|(&p, &z)| (p, z - row[label]))
        };
        let mean: f64 = possible().map(|(p, away)| p * away).sum();
        let target = possible().map(|(_, away)| away).sum::<f64>() / possible().count() as f64;
        slope += mean - share * target;
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
    logits: &Logits,
    y_true: &[usize],
    part_of_row: &[usize],
) -> Result<(ScoreMatrix, Vec<f64>)> {
    same_length("parts", y_true.len(), part_of_row.len())?;
    let scores = logits.scores();
    check_scores(y_true, scores)?;
    let n_parts = part_of_row.iter().max().map_or(0, |last| last + 1);
    let mut proba = ScoreMatrix::zeros(scores.n_rows(), scores.n_cols());
    let mut temperatures = Vec::with_capacity(n_parts);
    for part in 0..n_parts {
        let others: Vec<usize> = (0..y_true.len())
            .filter(|&row| part_of_row[row] != part)
            .collect();
        let y: Vec<usize> = others.iter().map(|&row| y_true[row]).collect();
        let scaling = TemperatureScaling::fit(&logits.take_rows(&others), &y)?.scaling;
        temperatures.push(scaling.temperature);
        for row in (0..y_true.len()).filter(|&row| part_of_row[row] == part) {
            let target = proba.row_mut(row);
            target.copy_from_slice(scores.row(row));
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
mod tests;
