//! What came of promises on rows that had no part in making them: answers above a threshold, and prediction sets.

use super::evaluation::Evaluation;
use crate::data::dataset::Dataset;
use crate::data::groups::n_different;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::{Result, same_length};
use crate::selective::{
    Answered, Choice, ConformalSets, RiskTarget, SetKind, Sets, choose_threshold, confidences,
};

/// Answers by thresholds that other artists chose.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers {
    /// What was promised.
    pub target: RiskTarget,
    /// What each half of each fold chose ([`crate::OutOfFold::halves`]); it is used on the other half.
    pub choices: Vec<Choice>,
    /// Whether each row was answered, in the order of the predictions.
    pub answered: Vec<bool>,
    /// What came of it.
    pub found: Answered,
}

/// Sets of both kinds, in the order of the predictions.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictionSets {
    /// The promised share.
    pub coverage: f64,
    /// What each half of each fold calibrates; it is used on the other half. One where a model brought its own.
    pub calibrations: Vec<ConformalSets>,
    /// Sets of the kind [`SetKind::Plain`].
    pub plain: Sets,
    /// Sets of the kind [`SetKind::PerClass`].
    pub per_class: Sets,
}

impl PredictionSets {
    /// The sets of rows by one calibration.
    ///
    /// # Errors
    /// `ShapeMismatch`.
    pub fn by(calibration: &ConformalSets, proba: &ScoreMatrix, y_true: &[usize]) -> Result<Self> {
        same_length("rows of probabilities", y_true.len(), proba.n_rows())?;
        Self::of_parts(vec![calibration.clone()], proba, y_true, |_| 0)
    }

    fn of_parts(
        calibrations: Vec<ConformalSets>,
        proba: &ScoreMatrix,
        y_true: &[usize],
        calibrated_by: impl Fn(usize) -> usize,
    ) -> Result<Self> {
        let (mut plain, mut per_class) = (Sets::default(), Sets::default());
        for (row, (values, &class)) in proba.rows().zip(y_true).enumerate() {
            let by = &calibrations[calibrated_by(row)];
            plain.push(&by.set(SetKind::Plain, values), class);
            per_class.push(&by.set(SetKind::PerClass, values), class);
        }
        Ok(Self {
            coverage: calibrations.first().map_or(0.0, |first| first.coverage),
            calibrations,
            plain,
            per_class,
        })
    }
}

impl Evaluation {
    /// Answers where the calibrated probability is not below a threshold that the other half of the fold chose for this promise. `None` without
    /// calibrated probabilities.
    ///
    /// # Errors
    /// `InvalidParameter`.
    pub fn answers(&self, data: &Dataset, target: RiskTarget) -> Result<Option<Answers>> {
        let Some(scaled) = &self.calibrated else {
            target.check()?;
            return Ok(None);
        };
        let right: Vec<bool> = self.predictions.hits().collect();
        let confidence = confidences(&scaled.proba);
        let groups = self.predictions.groups(data);
        let of_half = |half: usize| {
            let rows = rows_of(&scaled.halves, half);
            let of = |values: &[f64]| -> Vec<f64> { rows.iter().map(|&row| values[row]).collect() };
            let right: Vec<bool> = rows.iter().map(|&row| right[row]).collect();
            let groups: Option<Vec<i64>> = groups
                .as_ref()
                .map(|groups| rows.iter().map(|&row| groups[row]).collect());
            choose_threshold(&of(&confidence), &right, groups.as_deref(), target)
        };
        let choices = (0..n_halves(&scaled.halves))
            .map(of_half)
            .collect::<Result<Vec<_>>>()?;
        let answered: Vec<bool> = confidence
            .iter()
            .zip(&scaled.halves)
            .map(|(&p, half)| p >= choices[half ^ 1].threshold())
            .collect();
        Ok(Some(Answers {
            target,
            choices,
            found: Answered::new(&answered, &right, groups.as_deref())?,
            answered,
        }))
    }

    /// Prediction sets of the calibrated probabilities, by the other half of each fold. `None` without calibrated probabilities.
    ///
    /// # Errors
    /// `InvalidParameter` for a coverage outside (0, 1).
    pub fn sets(&self, data: &Dataset, coverage: f64) -> Result<Option<PredictionSets>> {
        let Some(scaled) = &self.calibrated else {
            return Ok(None);
        };
        let groups = self.predictions.groups(data);
        let of_half = |half: usize| {
            let rows = rows_of(&scaled.halves, half);
            let y: Vec<usize> = rows.iter().map(|&row| self.predictions.y_true[row]).collect();
            let mut found = ConformalSets::calibrate(&scaled.proba.take_rows(&rows), &y, coverage)?;
            let of_rows = |groups: &Vec<i64>| n_different(rows.iter().map(|&row| groups[row]));
            found.n_groups = groups.as_ref().map(of_rows);
            Ok(found)
        };
        let calibrations = (0..n_halves(&scaled.halves))
            .map(of_half)
            .collect::<Result<Vec<_>>>()?;
        let by = |row: usize| scaled.halves[row] ^ 1;
        PredictionSets::of_parts(calibrations, &scaled.proba, &self.predictions.y_true, by).map(Some)
    }

    /// What came of answering where the predictions' own probability is not below this threshold. `None` without probabilities.
    ///
    /// # Errors
    /// Never, where the evaluation is of these data.
    pub fn answered_above(&self, data: &Dataset, threshold: f64) -> Result<Option<Answered>> {
        let Some(proba) = &self.predictions.proba else {
            return Ok(None);
        };
        let right: Vec<bool> = self.predictions.hits().collect();
        let answered: Vec<bool> = confidences(proba).iter().map(|&p| p >= threshold).collect();
        Answered::new(&answered, &right, self.predictions.groups(data).as_deref()).map(Some)
    }
}

fn n_halves(halves: &[usize]) -> usize {
    halves.iter().max().map_or(0, |last| (last | 1) + 1)
}

fn rows_of(halves: &[usize], half: usize) -> Vec<usize> {
    (0..halves.len()).filter(|&row| halves[row] == half).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::estimator::Method;
    use crate::evaluate::cross_validation::CvOptions;
    use crate::evaluate::evaluation::evaluate;
    use crate::split::Splitter;
    use crate::test_support::three_classes;

    fn found() -> (Dataset, Evaluation) {
        let mut data = three_classes();
        data.groups = Some((0..120).map(|row| row / 3).collect());
        let folds = Splitter::Artist.k_fold(&data, 2, 0).unwrap();
        let method = Method::LOGISTIC_REGRESSION.classifier(0);
        let found = evaluate(&*method, &data, &folds, &CvOptions::default(), 4).unwrap();
        (data, found)
    }

    #[test]
    fn each_half_is_answered_by_the_threshold_of_the_other() {
        let (data, found) = found();
        let target = RiskTarget {
            max_risk: 0.5,
            confidence: 0.8,
        };
        let answers = found.answers(&data, target).unwrap().unwrap();
        assert_eq!((answers.choices.len(), answers.answered.len()), (4, 120));
        let scaled = found.calibrated.as_ref().unwrap();
        for half in 0..4 {
            let rows = rows_of(&scaled.halves, half);
            let confidence = confidences(&scaled.proba.take_rows(&rows));
            let right: Vec<bool> = rows
                .iter()
                .map(|&row| found.predictions.predicted[row] == data.y[row])
                .collect();
            let groups: Vec<i64> = rows.iter().map(|&row| row as i64 / 3).collect();
            assert_eq!(
                answers.choices[half],
                choose_threshold(&confidence, &right, Some(&groups), target).unwrap()
            );
            let by = answers.choices[half ^ 1].threshold();
            for (&row, p) in rows.iter().zip(confidence) {
                assert_eq!(answers.answered[row], p >= by);
            }
        }
        let n = answers.answered.iter().filter(|&&answered| answered).count() as u64;
        assert!(n > 0 && n == answers.found.n_answered, "{n}");
        let all = found.answered_above(&data, 0.0).unwrap().unwrap();
        assert_eq!((all.n_answered, all.n_groups), (120, Some(40)));
        assert!((1.0 - all.risk().unwrap() - found.summary.accuracy).abs() < 1e-12);
    }

    #[test]
    fn each_half_has_the_sets_of_the_other() {
        let (data, found) = found();
        let sets = found.sets(&data, 0.8).unwrap().unwrap();
        let scaled = found.calibrated.as_ref().unwrap();
        for half in 0..4 {
            let rows = rows_of(&scaled.halves, half ^ 1);
            let y: Vec<usize> = rows.iter().map(|&row| data.y[row]).collect();
            let by = ConformalSets::calibrate(&scaled.proba.take_rows(&rows), &y, 0.8).unwrap();
            assert_eq!(sets.calibrations[half ^ 1].quantile, by.quantile);
            let n_groups = rows
                .iter()
                .map(|row| row / 3)
                .collect::<std::collections::BTreeSet<_>>()
                .len();
            assert_eq!(sets.calibrations[half ^ 1].n_groups, Some(n_groups));
            for row in rows_of(&scaled.halves, half) {
                let plain = by.set(SetKind::Plain, scaled.proba.row(row));
                assert_eq!(sets.plain.covered[row], plain[data.y[row]]);
                let per_class = by.set(SetKind::PerClass, scaled.proba.row(row));
                assert_eq!(
                    sets.per_class.size[row],
                    per_class.iter().filter(|&&inside| inside).count()
                );
            }
        }
        // One calibration for all rows, as a saved model has.
        let one = PredictionSets::by(&sets.calibrations[0], &scaled.proba, &data.y).unwrap();
        assert_eq!((one.plain.size.len(), one.coverage), (120, 0.8));
        assert!(found.sets(&data, 1.0).is_err());
    }
}
