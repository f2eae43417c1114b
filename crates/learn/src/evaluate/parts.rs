//! Scores of the rows of one kind: of a continent, a language, a year.

use cratedigger_stats::{Interval, cluster_interval, wilson_interval};

use super::promises::PredictionSets;
use crate::data::groups::n_different;
use crate::error::Result;
use crate::selective::{Answered, SetScores};

/// The level of all intervals.
const LEVEL: f64 = 0.95;

/// What came of the rows of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct PartScores {
    /// Rows.
    pub n: u64,
    /// Groups of these rows, where there are groups.
    pub n_groups: Option<usize>,
    /// Rows that were named rightly.
    pub n_right: u64,
    /// Interval of the accuracy: over groups where there are groups, and `None` with too few of them; else Wilson's.
    pub accuracy_interval: Option<Interval>,
    /// What came of answering some of them only.
    pub answered: Option<Answered>,
    /// Prediction sets by all rows together, and by those of each class.
    pub sets: Option<[SetScores; 2]>,
}

/// All tested rows, with what came of them; lists are in the order of the predictions.
#[derive(Debug, Clone, Copy)]
pub struct Outcomes<'a> {
    /// Whether each was named rightly.
    pub right: &'a [bool],
    /// The group of each.
    pub groups: Option<&'a [i64]>,
    /// Whether each was answered.
    pub answered: Option<&'a [bool]>,
    /// The sets of each.
    pub sets: Option<&'a PredictionSets>,
}

impl Outcomes<'_> {
    /// The scores of these rows, at least one.
    ///
    /// # Errors
    /// `Empty` without rows.
    pub fn of(&self, rows: &[usize]) -> Result<PartScores> {
        let of = |values: &[bool]| -> Vec<bool> { rows.iter().map(|&row| values[row]).collect() };
        let right = of(self.right);
        let groups: Option<Vec<i64>> = self
            .groups
            .map(|groups| rows.iter().map(|&row| groups[row]).collect());
        let n_right = right.iter().filter(|&&right| right).count() as u64;
        let answered = match self.answered {
            Some(answered) => Some(Answered::new(&of(answered), &right, groups.as_deref())?),
            None => None,
        };
        let sets = match self.sets {
            Some(sets) => Some([
                sets.plain.scores(rows, self.groups)?,
                sets.per_class.scores(rows, self.groups)?,
            ]),
            None => None,
        };
        Ok(PartScores {
            n: rows.len() as u64,
            n_groups: groups.as_ref().map(|groups| n_different(groups.iter().copied())),
            n_right,
            accuracy_interval: match &groups {
                Some(groups) => cluster_interval(&right, groups, LEVEL)?,
                None => Some(wilson_interval(n_right, rows.len() as u64, LEVEL)?),
            },
            answered,
            sets,
        })
    }
}

impl PartScores {
    /// The share of the rows that were named rightly.
    pub fn accuracy(&self) -> f64 {
        self.n_right as f64 / self.n as f64
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::data::score_matrix::ScoreMatrix;
    use crate::selective::ConformalSets;

    #[test]
    fn parts_add_up_to_the_whole() {
        // 60 rows of 12 artists, every seventh wrong, the first of each artist not answered.
        let y: Vec<usize> = (0..60).map(|row| row % 2).collect();
        let right: Vec<bool> = (0..60).map(|row| row % 7 > 0).collect();
        let groups: Vec<i64> = (0..60).map(|row| row / 5).collect();
        let answered: Vec<bool> = (0..60).map(|row| row % 5 > 0).collect();
        let proba: Vec<f64> = (0..60usize)
            .flat_map(|row| {
                let p = 0.5 + 0.4 * (row as f64 / 60.0);
                if (row % 2 == 0) == right[row] {
                    [p, 1.0 - p]
                } else {
                    [1.0 - p, p]
                }
            })
            .collect();
        let proba = ScoreMatrix::new(60, 2, proba).unwrap();
        let calibration = ConformalSets::calibrate(&proba, &y, 0.8).unwrap();
        let sets = PredictionSets::by(&calibration, &proba, &y).unwrap();
        let outcomes = Outcomes {
            right: &right,
            groups: Some(&groups),
            answered: Some(&answered),
            sets: Some(&sets),
        };
        let all = outcomes.of(&(0..60).collect::<Vec<_>>()).unwrap();
        let parts: Vec<PartScores> = (0..3)
            .map(|part| {
                outcomes
                    .of(&(20 * part..20 * part + 20).collect::<Vec<_>>())
                    .unwrap()
            })
            .collect();
        let sum = |of: &dyn Fn(&PartScores) -> u64| parts.iter().map(of).sum::<u64>();
        assert_eq!((all.n, all.n_groups, all.n_right), (60, Some(12), 51));
        assert_eq!(sum(&|part| part.n_right), all.n_right);
        assert!(parts.iter().all(|part| part.n_groups == Some(4)));
        // Four artists are too few for an interval, twelve are not.
        assert!(parts.iter().all(|part| part.accuracy_interval.is_none()));
        let want = cluster_interval(&right, &groups, 0.95).unwrap();
        assert!(want.is_some() && all.accuracy_interval == want);
        let n_wrong = |part: &PartScores| part.answered.as_ref().unwrap().n_wrong;
        assert_eq!(sum(&n_wrong), n_wrong(&all));
        assert_eq!(all.answered.as_ref().unwrap().n_answered, 48);
        let held =
            |part: &PartScores| (part.sets.as_ref().unwrap()[0].coverage() * part.n as f64).round() as u64;
        assert_eq!(sum(&held), held(&all));
        // Without groups: Wilson's. Without promises: none.
        let alone = Outcomes {
            groups: None,
            answered: None,
            sets: None,
            ..outcomes
        };
        let first = alone.of(&[0, 1, 2]).unwrap();
        assert_eq!(
            first.accuracy_interval,
            Some(wilson_interval(2, 3, 0.95).unwrap())
        );
        assert_eq!((first.n_groups, first.answered, first.sets), (None, None, None));
        assert!((first.accuracy_interval.unwrap().low - 0.2077).abs() < 1e-3);
        assert!(alone.of(&[]).is_err());
    }
}
