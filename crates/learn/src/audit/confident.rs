//! How often rows with one label are confidently of another: the confident joint.
//!
//! Source: Northcutt, Jiang, Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 70 (2021), section 3.1;
//! cleanlab 2.9, `count.py`, `get_confident_thresholds`, `compute_confident_joint` and `calibrate_confident_joint`.

use super::rounding::round_preserving_sum;
use crate::data::dataset::{check_labels, class_counts};
use crate::data::score_matrix::{ScoreMatrix, argmax};
use crate::error::{LearnError, Result, same_length};

/// The threshold of a class without rows, which no probability reaches.
const NO_ROWS: f64 = 2.0;

/// No threshold is lower.
const LOWEST_THRESHOLD: f64 = 2e-6;

/// A probability that lies less below its threshold has reached it.
const SLACK: f64 = 1e-6;

/// Rows by the label that they have and the label that they confidently should have.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfidentJoint {
    /// For each class the mean probability of the class among the rows that have its label: what a row must reach to be confidently of
    /// it (equation 2 of the paper).
    pub thresholds: Vec<f64>,
    /// `counts[given][true]`: rows that are confidently of a class, the likeliest one where they are of several (equation 1); at least 1
    /// on the diagonal.
    pub counts: Vec<Vec<u64>>,
    /// `counts`, scaled so that each row has as many rows as the label has, in whole numbers (equation 3 times the number of rows).
    pub calibrated: Vec<Vec<u64>>,
}

impl ConfidentJoint {
    /// Of labels and out-of-sample probabilities, a column for each class.
    ///
    /// # Errors
    /// `Empty`, `ShapeMismatch`, `UnknownLabel`; `InvalidParameter` where a probability is not within 0 and 1.
    pub fn new(y: &[usize], proba: &ScoreMatrix) -> Result<Self> {
        check(y, proba)?;
        let n_classes = proba.n_cols();
        let n_given = class_counts(y, n_classes);
        let mut thresholds = vec![0.0; n_classes];
        for (row, &given) in proba.rows().zip(y) {
            thresholds[given] += row[given];
        }
        for (threshold, &n) in thresholds.iter_mut().zip(&n_given) {
            *threshold = match n {
                0 => NO_ROWS,
                n => (*threshold / n as f64).max(LOWEST_THRESHOLD),
            };
        }
        let mut counts = vec![vec![0; n_classes]; n_classes];
        for (row, &given) in proba.rows().zip(y) {
            if let Some(class) = confident_class(row, &thresholds) {
                counts[given][class] += 1;
            }
        }
        for (class, row) in counts.iter_mut().enumerate() {
            row[class] = row[class].max(1);
        }
        let calibrated = calibrate(&counts, &n_given);
        Ok(Self {
            thresholds,
            counts,
            calibrated,
        })
    }

    /// Share of all rows whose label is not their true one, by the calibrated counts.
    pub fn noise_rate(&self) -> f64 {
        let all: u64 = self.calibrated.iter().flatten().sum();
        let right: u64 = (0..self.calibrated.len())
            .map(|class| self.calibrated[class][class])
            .sum();
        (all - right) as f64 / all.max(1) as f64
    }
}

/// The class that a row is confidently of; `None` where it reaches no threshold. Of several the likeliest of all classes.
pub(super) fn confident_class(row: &[f64], thresholds: &[f64]) -> Option<usize> {
    let mut reached = (0..row.len()).filter(|&class| row[class] >= thresholds[class] - SLACK);
    let first = reached.next()?;
    Some(match reached.next() {
        None => first,
        Some(_) => argmax(row),
    })
}

fn calibrate(counts: &[Vec<u64>], n_given: &[usize]) -> Vec<Vec<u64>> {
    let scaled: Vec<Vec<f64>> = counts
        .iter()
        .zip(n_given)
        .map(|(row, &n)| {
            let sum: u64 = row.iter().sum();
            row.iter()
                .map(|&count| count as f64 / sum as f64 * n as f64)
                .collect()
        })
        .collect();
    let n_rows: usize = n_given.iter().sum();
    let sum: f64 = scaled.iter().flatten().sum();
    let to_all =
        |row: &Vec<f64>| -> Vec<f64> { row.iter().map(|value| value / sum * n_rows as f64).collect() };
    let whole = |row: Vec<f64>| {
        round_preserving_sum(&row)
            .into_iter()
            .map(|count| count as u64)
            .collect()
    };
    scaled.iter().map(to_all).map(whole).collect()
}

/// `Ok` for labels and probabilities that belong together.
pub(super) fn check(y: &[usize], proba: &ScoreMatrix) -> Result<()> {
    same_length("labels", proba.n_rows(), y.len())?;
    if y.is_empty() {
        return Err(LearnError::Empty {
            what: "rows with labels",
        });
    }
    check_labels(y, proba.n_cols())?;
    match proba
        .as_slice()
        .iter()
        .find(|p| !(0.0..=1.0 + SLACK).contains(*p))
    {
        Some(&p) => Err(LearnError::parameter(
            "proba",
            p,
            "must be probabilities, from 0 to 1",
        )),
        None => Ok(()),
    }
}
