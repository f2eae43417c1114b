//! From what a model says to logits: the one way, by which temperatures are fitted, applied and exported.

use crate::data::score_matrix::ScoreMatrix;

/// What is added to a probability before its logarithm is taken, so that one of exactly 0 can be softened.
///
/// Source: scikit-learn 1.9, `CalibratedClassifierCV(method="temperature")`.
pub const PROBABILITY_FLOOR: f64 = 1e-12;

/// Scores as they enter the softmax, one column per class. Minus infinity says that a class is impossible at every
/// temperature.
#[derive(Debug, Clone, PartialEq)]
pub struct Logits {
    scores: ScoreMatrix,
    /// What was added to probabilities; `None` of decision values.
    floor: Option<f64>,
}

impl Logits {
    /// Of probabilities where there are some, else of decision values; `None` where there are neither.
    pub fn of(proba: Option<&ScoreMatrix>, decision: Option<&ScoreMatrix>, floor: f64) -> Option<Self> {
        match (proba, decision) {
            (Some(proba), _) => Some(Self::of_proba(proba, floor)),
            (None, Some(decision)) => Some(Self::of_decision(decision)),
            (None, None) => None,
        }
    }

    /// `ln(p + floor)` of probabilities; `floor`: [`PROBABILITY_FLOOR`], or 0 where what is impossible stays so.
    pub fn of_proba(proba: &ScoreMatrix, floor: f64) -> Self {
        let mut scores = proba.clone();
        for row in 0..scores.n_rows() {
            let values = scores.row_mut(row);
            values.iter_mut().for_each(|p| *p = (*p + floor).ln());
        }
        Self {
            scores,
            floor: Some(floor),
        }
    }

    /// Decision values, as [`decision_per_class`] has them. Their scale is the method's own.
    pub fn of_decision(decision: &ScoreMatrix) -> Self {
        Self {
            scores: decision_per_class(decision),
            floor: None,
        }
    }

    /// The same with the classes impossible that the model was not fitted on: those that have no rows in `rows_per_class`
    /// and are given no probability by any row. Lists of another length tell nothing.
    #[must_use]
    pub fn without_unseen(mut self, rows_per_class: &[usize]) -> Self {
        let Some(floor) = self.floor else {
            return self;
        };
        if rows_per_class.len() != self.scores.n_cols() {
            return self;
        }
        let unseen = |class: &usize| rows_per_class[*class] == 0;
        for class in (0..rows_per_class.len()).filter(unseen) {
            for row in 0..self.scores.n_rows() {
                let score = &mut self.scores.row_mut(row)[class];
                if *score <= floor.ln() {
                    *score = f64::NEG_INFINITY;
                }
            }
        }
        self
    }

    /// The logits, one column per class.
    pub fn scores(&self) -> &ScoreMatrix {
        &self.scores
    }

    /// Whether they come from probabilities, so that temperature 1 means something.
    pub fn of_probabilities(&self) -> bool {
        self.floor.is_some()
    }

    /// Some of the rows, in the order of the indices.
    #[must_use]
    pub fn take_rows(&self, rows: &[usize]) -> Self {
        Self {
            scores: self.scores.take_rows(rows),
            floor: self.floor,
        }
    }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::test_support::assert_close;

    #[test]
    fn logits_are_logarithms_with_a_floor() {
        let proba = ScoreMatrix::new(2, 2, vec![0.25, 0.75, 0.0, 1.0]).unwrap();
        let want = [0.25f64.ln(), 0.75f64.ln(), 1e-12f64.ln(), 0.0];
        let logits = Logits::of_proba(&proba, PROBABILITY_FLOOR);
        assert_close(logits.scores().as_slice(), &want, 1e-11);
        let hard = Logits::of_proba(&proba, 0.0);
        assert_eq!(hard.scores().row(1), [f64::NEG_INFINITY, 0.0]);
    }

    #[test]
    fn only_classes_without_rows_and_without_probability_are_impossible() {
        let proba = ScoreMatrix::new(2, 3, vec![0.0, 1.0, 0.0, 0.5, 0.3, 0.2]).unwrap();
        let logits = Logits::of_proba(&proba, PROBABILITY_FLOOR);
        let same = |rows: &[usize]| logits.clone().without_unseen(rows) == logits;
        assert!(same(&[1, 1, 1]) && same(&[1, 0]) && same(&[]));
        let seen = logits.clone().without_unseen(&[4, 4, 0]);
        assert_eq!(seen.scores().row(0)[2], f64::NEG_INFINITY);
        assert_eq!(seen.scores().row(0)[..2], logits.scores().row(0)[..2]);
        assert_eq!(seen.scores().row(1), logits.scores().row(1));
    }
}
