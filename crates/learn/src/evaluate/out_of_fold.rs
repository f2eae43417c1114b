use cratedigger_stats::{Interval, cluster_interval};

use super::fold::FoldResult;
use crate::data::dataset::Dataset;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::{Result, same_length};
use crate::metrics::{Logits, PROBABILITY_FLOOR, cross_fit_temperature, decision_per_class, parts_of_groups};
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

    /// Probabilities after temperature scaling, and the temperatures. No row is scaled by a temperature that it had a part
    /// in: with several folds that of each fold comes from the others; with one, the rows' groups are divided into two
    /// halves (single rows where there are no groups) and each half is scaled by the other. `None` where the method has
    /// neither probabilities nor decision values.
    ///
    /// # Errors
    /// `CannotSplit` with too few groups.
    pub fn calibrated(&self, data: &Dataset, seed: u64) -> Result<Option<(ScoreMatrix, Vec<f64>)>> {
        let Some(logits) = Logits::of(self.proba.as_ref(), self.decision.as_ref(), PROBABILITY_FLOOR) else {
            return Ok(None);
        };
        let parts = if self.fold.iter().any(|&fold| fold > 0) {
            self.fold.clone()
        } else {
            let group = |row: &usize| data.groups.as_ref().map_or(*row as i64, |groups| groups[*row]);
            parts_of_groups(&self.rows.iter().map(group).collect::<Vec<_>>(), 2, seed)?
        };
        cross_fit_temperature(&logits, &self.y_true, &parts).map(Some)
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
            let (proba, temperatures) = all.calibrated(&data, 0).unwrap().unwrap();
            assert_eq!((proba.n_rows(), temperatures.len()), (120, 4), "{method}");
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

    #[test]
    fn a_hold_out_is_calibrated_by_halves_of_its_groups() {
        let mut data = data();
        data.groups = Some((0..120).map(|row| row / 4).collect());
        let fold = Splitter::Artist.hold_out(&data, 0.5, 0).unwrap();
        let (_, result) = hold_out_validate(&*Method::LINEAR_SVC.classifier(0), &data, &fold, None).unwrap();
        let all = OutOfFold::new(&data, std::slice::from_ref(&fold), std::slice::from_ref(&result)).unwrap();
        assert_eq!(all.rows, fold.test);
        assert!(all.proba.is_none());
        let (proba, temperatures) = all.calibrated(&data, 1).unwrap().unwrap();
        assert_eq!(temperatures.len(), 2);
        assert_eq!(proba.argmax(), all.predicted);
        data.groups = Some(vec![0; 120]);
        assert!(matches!(
            all.calibrated(&data, 1),
            Err(LearnError::CannotSplit { .. })
        ));
    }
}
