//! From which probability on a label is claimed.

use rayon::prelude::*;

use crate::data::hierarchy::Hierarchy;
use crate::data::label_matrix::LabelMatrix;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::{LearnError, Result, same_length};
use crate::metrics::precision_recall_curve;

/// The probability from which on each label is claimed; `None` for a label that never is.
#[derive(Debug, Clone, PartialEq)]
pub struct Thresholds(Vec<Option<f64>>);

impl Thresholds {
    /// Those with the largest F1 of each label on these rows, which the scored model must not have seen. Of equal ones the
    /// highest; a label that none of the rows has is never claimed.
    ///
    /// # Errors
    /// `ShapeMismatch`, `NotFinite`.
    pub fn best_f1(labels: &LabelMatrix, scores: &ScoreMatrix) -> Result<Self> {
        same_length("rows of predictions", labels.n_rows(), scores.n_rows())?;
        same_length("labels of predictions", labels.n_labels(), scores.n_cols())?;
        let of_label = |label: usize| {
            let positive = labels.column(label);
            let scores: Vec<f64> = scores.rows().map(|row| row[label]).collect();
            let curve = match precision_recall_curve(&positive, &scores) {
                Ok(curve) => curve,
                Err(LearnError::UndefinedMetric { .. }) => return Ok(None),
                Err(error) => return Err(error),
            };
            let mut best = None;
            let mut best_f1 = 0.0;
            let steps = curve.precision.iter().zip(&curve.recall).zip(&curve.thresholds);
            for ((precision, recall), &threshold) in steps {
                let f1 = 2.0 * precision * recall / (precision + recall);
                if f1 >= best_f1 {
                    (best, best_f1) = (Some(threshold), f1);
                }
            }
            Ok(best)
        };
        (0..labels.n_labels())
            .into_par_iter()
            .map(of_label)
            .collect::<Result<_>>()
            .map(Self)
    }

    /// Thresholds as they are given.
    pub fn new(thresholds: Vec<Option<f64>>) -> Self {
        Self(thresholds)
    }

    /// The threshold of each label.
    pub fn as_slice(&self) -> &[Option<f64>] {
        &self.0
    }

    /// Which labels are claimed of a row, in place of its probabilities: those at or above their threshold, and all that stand
    /// above one of them in the tree.
    pub fn claim(&self, tree: &Hierarchy, row: &[f64]) -> Vec<bool> {
        let mut claimed: Vec<bool> = row
            .iter()
            .zip(&self.0)
            .map(|(&score, threshold)| threshold.is_some_and(|threshold| score >= threshold))
            .collect();
        tree.add_ancestors(&mut claimed);
        claimed
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn thresholds_have_the_largest_f1() {
        let n_rows = 60;
        let names = vec!["Rock".to_owned(), "Never".to_owned()];
        let has = |row: usize| row * 7 % 5 < 2;
        let labels_of: Vec<Vec<usize>> = (0..n_rows)
            .map(|row| if has(row) { vec![0] } else { vec![] })
            .collect();
        let labels = LabelMatrix::new(names, &labels_of).unwrap();
        let score = |row: usize| (row * 37 % 11) as f64 / 11.0 + if has(row) { 0.3 } else { 0.0 };
        let scores =
            ScoreMatrix::new(n_rows, 2, (0..n_rows).flat_map(|row| [score(row), 0.5]).collect()).unwrap();
        let thresholds = Thresholds::best_f1(&labels, &scores).unwrap();
        assert_eq!(thresholds.as_slice()[1], None);
        let f1 = |threshold: f64| {
            let claimed = |row: &usize| score(*row) >= threshold;
            let right = (0..n_rows).filter(|row| claimed(row) && has(*row)).count() as f64;
            let n = (0..n_rows).filter(claimed).count() + (0..n_rows).filter(|&row| has(row)).count();
            2.0 * right / n as f64
        };
        let chosen = thresholds.as_slice()[0].unwrap();
        for row in 0..n_rows {
            assert!(f1(score(row)) <= f1(chosen) + 1e-12);
            assert!(
                f1(score(row)) < f1(chosen) - 1e-12 || score(row) <= chosen,
                "ties go to the highest"
            );
        }
    }

    #[test]
    fn a_claim_brings_what_stands_above_it() {
        let tree = Hierarchy::new(vec![None, Some(0), None]).unwrap();
        let thresholds = Thresholds::new(vec![Some(0.9), Some(0.2), None]);
        assert_eq!(thresholds.claim(&tree, &[0.5, 0.2, 1.0]), [true, true, false]);
        assert_eq!(thresholds.claim(&tree, &[0.5, 0.1, 1.0]), [false; 3]);
    }
}
