use cratedigger_stats::{Interval, cluster_interval};

use super::fold::FoldResult;
use crate::data::dataset::Dataset;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::{Result, same_length};
use crate::metrics::{
    Logits, PROBABILITY_FLOOR, ProbabilityScores, cross_fit_temperature, decision_per_class, parts_of_groups,
};
use crate::split::Fold;

/// What was predicted of rows that the model had not seen, in the order of the rows.
#[derive(Debug, Clone, PartialEq)]
pub struct OutOfFold {
    /// Indices of the rows, rising. A row may be missing where no fold tests it, and comes twice where two do.
    pub rows: Vec<usize>,
    /// The fold that tested each of these rows.
    pub fold: Vec<usize>,
    /// True class of each of these rows.
    pub y_true: Vec<usize>,
    /// Predicted class of each of these rows.
    pub predicted: Vec<usize>,
    /// Probabilities of each of these rows, where the method has them.
    pub proba: Option<ScoreMatrix>,
    /// Decision values of each of these rows, where the method has them.
    pub decision: Option<ScoreMatrix>,
}

/// Probabilities after temperature scaling; see [`OutOfFold::calibrated`].
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated {
    /// The probabilities, row by row as in the predictions.
    pub proba: ScoreMatrix,
    /// The temperature of each half of each fold.
    pub temperatures: Vec<f64>,
    /// The half of each row ([`OutOfFold::halves`]); that of `half ^ 1` calibrated it.
    pub halves: Vec<usize>,
    /// Their scores.
    pub scores: ProbabilityScores,
}

impl OutOfFold {
    /// Puts the predictions of folds together.
    ///
    /// # Errors
    /// `ShapeMismatch` where results and folds do not belong together.
    pub fn new(data: &Dataset, folds: &[Fold], results: &[FoldResult]) -> Result<Self> {
        same_length("results of folds", folds.len(), results.len())?;
        let mut order = Vec::new();
        for (index, (fold, result)) in folds.iter().zip(results).enumerate() {
            same_length("predictions of a fold", fold.test.len(), result.predicted.len())?;
            order.extend(
                fold.test
                    .iter()
                    .enumerate()
                    .map(|(position, &row)| (row, index, position)),
            );
        }
        order.sort_unstable();
        let gather = |of: &dyn Fn(&FoldResult) -> Option<&ScoreMatrix>| -> Result<Option<ScoreMatrix>> {
            let Some(matrices) = results.iter().map(of).collect::<Option<Vec<_>>>() else {
                return Ok(None);
            };
            let n_cols = matrices.first().map_or(0, |first| first.n_cols());
            let values = order
                .iter()
                .flat_map(|&(_, fold, position)| matrices[fold].row(position));
            ScoreMatrix::new(order.len(), n_cols, values.copied().collect()).map(Some)
        };
        Ok(Self {
            rows: order.iter().map(|entry| entry.0).collect(),
            fold: order.iter().map(|entry| entry.1).collect(),
            y_true: order.iter().map(|entry| data.y[entry.0]).collect(),
            predicted: order
                .iter()
                .map(|&(_, fold, position)| results[fold].predicted[position])
                .collect(),
            proba: gather(&|result| result.proba.as_ref())?,
            decision: gather(&|result| result.decision.as_ref())?,
        })
    }

    /// The group of each of these rows, where the data set has groups.
    pub fn groups(&self, data: &Dataset) -> Option<Vec<i64>> {
        let groups = data.groups.as_ref()?;
        Some(self.rows.iter().map(|&row| groups[row]).collect())
    }

    /// Whether each of these rows was predicted right.
    pub fn hits(&self) -> impl Iterator<Item = bool> + '_ {
        self.predicted.iter().zip(&self.y_true).map(|(a, b)| a == b)
    }

    /// Interval of the accuracy with groups as what is independent; `None` without groups or with too few of them.
    ///
    /// # Errors
    /// `InvalidParameter` for a level outside (0, 1).
    pub fn group_interval(&self, data: &Dataset, level: f64) -> Result<Option<Interval>> {
        let Some(groups) = self.groups(data) else {
            return Ok(None);
        };
        let hits: Vec<bool> = self.hits().collect();
        Ok(cluster_interval(&hits, &groups, level)?)
    }

    /// What ranks the classes of a row, one column per class: probabilities, else decision values.
    pub fn class_scores(&self) -> Option<ScoreMatrix> {
        self.proba
            .clone()
            .or_else(|| self.decision.as_ref().map(decision_per_class))
    }

    /// Which rows calibrate which: the tested rows of each fold in two halves of whole groups (single rows where there are no groups), `2 k`
    /// and `2 k + 1` of fold `k`. The rows of a half are calibrated by the other half of the same fold: rows of other artists, of which the
    /// same model has seen none. Other folds would not do: their models were fitted on the rows that are reported.
    ///
    /// # Errors
    /// `CannotSplit` where the tested rows of a fold are of one group.
    pub fn halves(&self, data: &Dataset, seed: u64) -> Result<Vec<usize>> {
        let group = |row: usize| data.groups.as_ref().map_or(row as i64, |groups| groups[row]);
        let mut halves = vec![0; self.rows.len()];
        for (fold, rows) in self.places_by_fold().into_iter().enumerate() {
            let groups: Vec<i64> = rows.iter().map(|&at| group(self.rows[at])).collect();
            for (at, half) in rows.into_iter().zip(parts_of_groups(&groups, 2, seed)?) {
                halves[at] = 2 * fold + half;
            }
        }
        Ok(halves)
    }

    /// Probabilities after temperature scaling, and the temperature of each half: that which the other half asks for. `None` where the
    /// method has neither probabilities nor decision values.
    ///
    /// # Errors
    /// As [`OutOfFold::halves`].
    pub fn calibrated(&self, data: &Dataset, seed: u64) -> Result<Option<Calibrated>> {
        let Some(logits) = Logits::of(self.proba.as_ref(), self.decision.as_ref(), PROBABILITY_FLOOR) else {
            return Ok(None);
        };
        let halves = self.halves(data, seed)?;
        let scores = logits.scores();
        let mut proba = ScoreMatrix::zeros(scores.n_rows(), scores.n_cols());
        let mut temperatures = Vec::new();
        for rows in self.places_by_fold() {
            let y: Vec<usize> = rows.iter().map(|&at| self.y_true[at]).collect();
            let parts: Vec<usize> = rows.iter().map(|&at| halves[at] % 2).collect();
            let (scaled, of_halves) = cross_fit_temperature(&logits.take_rows(&rows), &y, &parts)?;
            for (&at, row) in rows.iter().zip(scaled.rows()) {
                proba.row_mut(at).copy_from_slice(row);
            }
            temperatures.extend(of_halves);
        }
        Ok(Some(Calibrated {
            scores: ProbabilityScores::new(&self.y_true, &proba)?,
            proba,
            temperatures,
            halves,
        }))
    }

    /// The places of each fold's rows among these.
    fn places_by_fold(&self) -> Vec<Vec<usize>> {
        let n_folds = self.fold.iter().max().map_or(0, |last| last + 1);
        let mut places = vec![Vec::new(); n_folds];
        for (at, &fold) in self.fold.iter().enumerate() {
            places[fold].push(at);
        }
        places
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::error::LearnError;
    use crate::estimator::Method;
    use crate::evaluate::cross_validation::{CvOptions, cross_validate};
    use crate::evaluate::fold::hold_out_validate;
    use crate::split::Splitter;
    use crate::test_support::three_classes as data;

    #[test]
    fn predictions_are_put_together_by_row() {
        let data = data();
        let folds = Splitter::Random.k_fold(&data, 4, 2).unwrap();
        for &method in Method::ALL {
            let classifier = method.classifier(0);
            let result = cross_validate(&*classifier, &data, &folds, &CvOptions::default()).unwrap();
            let all = OutOfFold::new(&data, &folds, &result.folds).unwrap();
            assert_eq!((&all.rows, &all.y_true), (&(0..120).collect(), &data.y));
            // Fold by fold again, by hand.
            for (index, fold) in folds.iter().enumerate() {
                let (pipeline, _) = hold_out_validate(&*classifier, &data, fold, None).unwrap();
                for &row in &fold.test {
                    let x = pipeline.transform(&data.x.take_rows(&[row]).unwrap()).unwrap();
                    assert_eq!(all.fold[row], index);
                    assert_eq!(
                        pipeline.model().predict(&x).unwrap(),
                        [all.predicted[row]],
                        "{method}"
                    );
                    let near = |got: Result<ScoreMatrix>, kept: &Option<ScoreMatrix>| match (got, kept) {
                        (Ok(got), Some(kept)) => assert_eq!(got.as_slice(), kept.row(row), "{method}"),
                        (got, kept) => assert!(got.is_err() && kept.is_none(), "{method}"),
                    };
                    near(pipeline.model().predict_proba(&x), &all.proba);
                    near(pipeline.model().decision_function(&x), &all.decision);
                }
            }
            assert_eq!(all.class_scores().unwrap().n_cols(), 3, "{method}");
            let scaled = all.calibrated(&data, 0).unwrap().unwrap();
            assert_eq!(
                (scaled.proba.n_rows(), scaled.temperatures.len()),
                (120, 8),
                "{method}"
            );
        }
        let short = cross_validate(
            &*Method::MAJORITY.classifier(0),
            &data,
            &folds[..2],
            &CvOptions::default(),
        )
        .unwrap();
        assert!(OutOfFold::new(&data, &folds, &short.folds).is_err());
    }

    /// What calibrates a row is of its fold, of another artist, and neither itself nor what its model was fitted on; another truth of the
    /// row, or of any row of another fold, changes nothing of its probabilities.
    #[test]
    fn rows_that_are_reported_had_no_part_in_their_probabilities() {
        let mut data = data();
        data.groups = Some((0..120).map(|row| row / 4).collect());
        let folds = Splitter::Artist.k_fold(&data, 3, 0).unwrap();
        let result = cross_validate(
            &*Method::LOGISTIC_REGRESSION.classifier(0),
            &data,
            &folds,
            &CvOptions::default(),
        )
        .unwrap();
        let all = OutOfFold::new(&data, &folds, &result.folds).unwrap();
        let found = all.calibrated(&data, 5).unwrap().unwrap();
        let groups = all.groups(&data).unwrap();
        for a in 0..120 {
            assert_eq!(found.halves[a] / 2, all.fold[a]);
            for b in (0..120).filter(|&b| found.halves[b] == found.halves[a] ^ 1) {
                assert!(groups[a] != groups[b] && all.fold[a] == all.fold[b]);
                assert!(!folds[all.fold[a]].train.contains(&all.rows[b]));
            }
        }
        let mut other = all.clone();
        for at in (0..120).filter(|&at| found.halves[at] != found.halves[7] ^ 1) {
            other.y_true[at] = (other.y_true[at] + 1) % 3;
        }
        let moved = other.calibrated(&data, 5).unwrap().unwrap();
        let mut n_same = 0;
        for at in 0..120 {
            if found.halves[at] == found.halves[7] {
                assert_eq!(moved.proba.row(at), found.proba.row(at));
                n_same += 1;
            }
        }
        assert!(n_same > 10 && moved.temperatures != found.temperatures);
    }

    #[test]
    fn a_hold_out_is_calibrated_by_halves_of_its_groups() {
        let mut data = data();
        data.groups = Some((0..120).map(|row| row / 4).collect());
        let fold = Splitter::Artist.hold_out(&data, 0.5, 0).unwrap();
        let (_, result) = hold_out_validate(&*Method::LINEAR_SVC.classifier(0), &data, &fold, None).unwrap();
        let all = OutOfFold::new(&data, std::slice::from_ref(&fold), std::slice::from_ref(&result)).unwrap();
        assert_eq!(all.rows, fold.test);
        assert!(all.proba.is_none());
        let scaled = all.calibrated(&data, 1).unwrap().unwrap();
        assert_eq!(scaled.temperatures.len(), 2);
        assert_eq!(scaled.proba.argmax(), all.predicted);
        data.groups = Some(vec![0; 120]);
        assert!(matches!(
            all.calibrated(&data, 1),
            Err(LearnError::CannotSplit { .. })
        ));
    }
}
