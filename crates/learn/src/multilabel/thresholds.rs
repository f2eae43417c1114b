//! From which probability on a label is claimed.

use std::fmt;
use std::str::FromStr;

use rayon::prelude::*;

use crate::data::hierarchy::Hierarchy;
use crate::data::label_matrix::LabelMatrix;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::{LearnError, Result, same_length};
use crate::metrics::{PrecisionRecallCurve, precision_recall_curve};

/// Right claims without which a precision is chance.
pub const FEWEST_RIGHT: usize = 5;

/// What thresholds are chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum ThresholdFor {
    /// The largest F1 of each label.
    #[default]
    F1,
    /// Claims of which at least this share is right, 0 to 1, and as many of them as that allows.
    Precision(f64),
}

impl fmt::Display for ThresholdFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::F1 => f.write_str("f1"),
            Self::Precision(least) => write!(f, "precision:{least}"),
        }
    }
}

impl FromStr for ThresholdFor {
    type Err = LearnError;

    /// `f1`, or `precision:` and a share above 0 and not above 1.
    fn from_str(text: &str) -> Result<Self> {
        let share = |share: &str| share.parse().ok().filter(|share| *share > 0.0 && *share <= 1.0);
        match text.trim().split_once(':') {
            None if text.trim() == "f1" => Ok(Self::F1),
            Some(("precision", least)) if share(least).is_some() => {
                Ok(Self::Precision(share(least).unwrap_or_default()))
            }
            _ => Err(LearnError::parameter(
                "threshold_for",
                text,
                "must be `f1`, or `precision:` and a share such as 0.8",
            )),
        }
    }
}

/// The probability from which on each label is claimed; `None` for a label that never is.
#[derive(Debug, Clone, PartialEq)]
pub struct Thresholds(Vec<Option<f64>>);

impl Thresholds {
    /// Those that keep what is wanted on these rows, which the scored model must not have seen. A label that none of the rows has is
    /// never claimed.
    ///
    /// [`ThresholdFor::F1`]: the largest F1; of equal ones the highest. [`ThresholdFor::Precision`]: the lowest from which on as large a
    /// share of the claims is right; without one the label is never claimed. Fewer than [`FEWEST_RIGHT`] right claims say nothing of a
    /// share and do not count.
    ///
    /// # Errors
    /// `ShapeMismatch`, `NotFinite`.
    pub fn choose(labels: &LabelMatrix, scores: &ScoreMatrix, wanted: ThresholdFor) -> Result<Self> {
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
            let n_positive = positive.iter().filter(|&&is| is).count() as f64;
            Ok(match wanted {
                ThresholdFor::F1 => best_f1(&curve),
                ThresholdFor::Precision(least) => precise(&curve, least, n_positive),
            })
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

/// The highest threshold with the largest F1.
fn best_f1(curve: &PrecisionRecallCurve) -> Option<f64> {
    let mut best = None;
    let mut best_f1 = 0.0;
    let steps = curve.precision.iter().zip(&curve.recall).zip(&curve.thresholds);
    for ((precision, recall), &threshold) in steps {
        let f1 = 2.0 * precision * recall / (precision + recall);
        if f1 >= best_f1 {
            (best, best_f1) = (Some(threshold), f1);
        }
    }
    best
}

/// The lowest threshold of this precision.
fn precise(curve: &PrecisionRecallCurve, least: f64, n_positive: f64) -> Option<f64> {
    let steps = curve.precision.iter().zip(&curve.recall).zip(&curve.thresholds);
    let mut kept = steps.filter(|((precision, recall), _)| {
        **precision >= least && (**recall * n_positive).round() >= FEWEST_RIGHT as f64
    });
    kept.next().map(|(_, &threshold)| threshold)
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
        let thresholds = Thresholds::choose(&labels, &scores, ThresholdFor::F1).unwrap();
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

    #[test]
    fn a_precision_is_reached_by_the_lowest_threshold_or_nothing_is_claimed() {
        // Two labels of 40 rows: one whose high scores are mostly right, one that the scores know nothing of.
        let n_rows = 40;
        let names = vec!["Rock".to_owned(), "Folk".to_owned()];
        let has = |row: usize| {
            if row < 20 {
                row % 5 != 4
            } else {
                row.is_multiple_of(4)
            }
        };
        let other = |row: usize| row.is_multiple_of(3);
        let labels_of: Vec<Vec<usize>> = (0..n_rows)
            .map(|row| {
                [has(row), other(row)]
                    .iter()
                    .enumerate()
                    .filter(|(_, has)| **has)
                    .map(|(label, _)| label)
                    .collect()
            })
            .collect();
        let labels = LabelMatrix::new(names, &labels_of).unwrap();
        let score = |row: usize| 1.0 - row as f64 / n_rows as f64;
        let values = (0..n_rows).flat_map(|row| [score(row), score(row)]).collect();
        let scores = ScoreMatrix::new(n_rows, 2, values).unwrap();
        for least in [0.5, 0.6, 0.75, 0.8, 0.99] {
            let found = Thresholds::choose(&labels, &scores, ThresholdFor::Precision(least)).unwrap();
            // Slowly: every score as a threshold.
            let slow = |has: &dyn Fn(usize) -> bool| {
                (0..n_rows)
                    .map(score)
                    .filter(|&threshold| {
                        let claimed: Vec<usize> =
                            (0..n_rows).filter(|&row| score(row) >= threshold).collect();
                        let right = claimed.iter().filter(|&&row| has(row)).count();
                        right >= FEWEST_RIGHT && right as f64 / claimed.len() as f64 >= least
                    })
                    .min_by(f64::total_cmp)
            };
            assert_eq!(found.as_slice(), [slow(&has), slow(&other)], "{least}");
        }
        let found = Thresholds::choose(&labels, &scores, ThresholdFor::Precision(0.8)).unwrap();
        assert!(found.as_slice()[0].is_some() && found.as_slice()[1].is_none());
    }

    #[test]
    fn what_thresholds_are_for_is_read_as_it_is_written() {
        for text in ["f1", "precision:0.8", "precision:1"] {
            assert_eq!(text.parse::<ThresholdFor>().unwrap().to_string(), text);
        }
        for bad in [
            "",
            "f2",
            "precision",
            "precision:0",
            "precision:1.1",
            "precision:nan",
            "recall:0.5",
        ] {
            let error = bad.parse::<ThresholdFor>().unwrap_err().to_string();
            assert!(error.contains("precision:"), "{error}");
        }
    }
}
