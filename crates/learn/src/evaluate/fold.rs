//! One fold: a fit on its training rows, scored on its test rows. Every evaluation goes through here.

use std::time::Instant;

use crate::data::dataset::{Dataset, take};
use crate::data::matrix::Matrix;
use crate::data::score_matrix::ScoreMatrix;
use crate::data::train_set::TrainSet;
use crate::error::{LearnError, Result};
use crate::estimator::{Classifier, FittedClassifier, Scores};
use crate::metrics::ConfusionMatrix;
use crate::preprocess::{FittedPipeline, Pipeline, Rows};
use crate::split::Fold;

/// One fold of a cross-validation.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldResult {
    /// Number of training rows.
    pub n_train: usize,
    /// Number of test rows.
    pub n_test: usize,
    /// Accuracy on the test rows.
    pub accuracy: f64,
    /// Mean recall over the classes that occur in the test rows.
    pub balanced_accuracy: f64,
    /// True classes (rows) against predicted ones (columns) of the test rows.
    pub confusion: ConfusionMatrix,
    /// Predicted class of each test row, in the order of [`Fold::test`].
    pub predicted: Vec<usize>,
    /// Probabilities of the test rows, one column per class; `None` where the method has none.
    pub proba: Option<ScoreMatrix>,
    /// Decision values of the test rows; `None` where the method has none.
    pub decision: Option<ScoreMatrix>,
    /// Seconds to scale and fit.
    pub fit_seconds: f64,
    /// Seconds to scale and predict the test rows.
    pub predict_seconds: f64,
    /// Iterations or epochs, where the method has any.
    pub n_iter: Option<usize>,
    /// Whether the optimisation converged within its limit.
    pub converged: bool,
}

/// A fitted model's scores of test rows, and the seconds that they took.
pub(crate) struct Tested {
    pub(crate) scores: Scores,
    pub(crate) confusion: ConfusionMatrix,
    pub(crate) seconds: f64,
}

impl Tested {
    /// `seen`: the test rows as the model sees them, after the preprocessing.
    pub(crate) fn new(
        model: &dyn FittedClassifier,
        seen: &Matrix,
        y_true: &[usize],
        classes: &[String],
    ) -> Result<Self> {
        let started = Instant::now();
        let scores = model.scores(seen)?;
        let seconds = started.elapsed().as_secs_f64();
        Ok(Self {
            confusion: ConfusionMatrix::from_predictions(y_true, &scores.class, classes)?,
            scores,
            seconds,
        })
    }
}

/// Fits to rows as the model sees them; the model, and the seconds that it took.
pub(crate) fn fit_seen(
    classifier: &dyn Classifier,
    train: &TrainSet<'_>,
) -> Result<(Box<dyn FittedClassifier>, f64)> {
    let started = Instant::now();
    if !classifier.reads_recordings() {
        train.check_columns()?;
    }
    let model = classifier.fit(train)?;
    Ok((model, started.elapsed().as_secs_f64()))
}

/// Fits on the training rows of one split and scores on its test rows: a hold-out evaluation.
///
/// `pipeline`: the preprocessing, fitted on the training rows; `None` for what the method gets unless told otherwise.
///
/// # Errors
/// Whatever the fit or the prediction returns; `Empty` without test rows.
pub fn hold_out_validate(
    classifier: &dyn Classifier,
    data: &Dataset,
    split: &Fold,
    pipeline: Option<&Pipeline>,
) -> Result<(FittedPipeline, FoldResult)> {
    data.check()?;
    let train_x = data.x.take_rows(&split.train)?;
    let train_y = take(&data.y, &split.train);
    let groups = data.groups.as_ref().map(|groups| take(groups, &split.train));
    let rows = Rows {
        x: &train_x,
        y: &train_y,
        groups: groups.as_deref(),
        ..Rows::of(data)
    };
    let started = Instant::now();
    let fitted = FittedPipeline::fit_rows(classifier, rows, pipeline)?;
    let fit_seconds = started.elapsed().as_secs_f64();
    let result = FoldResult {
        n_train: split.train.len(),
        fit_seconds,
        ..FoldResult::of_rows(&fitted, data, &split.test)?
    };
    Ok((fitted, result))
}

impl FoldResult {
    /// The scores of a fitted model on the rows with these indices. What the fit took is left 0.
    pub(crate) fn of_rows(fitted: &FittedPipeline, data: &Dataset, test: &[usize]) -> Result<Self> {
        if test.is_empty() {
            return Err(LearnError::Empty {
                what: "the list of test rows",
            });
        }
        let test_x = data.x.take_rows(test)?;
        let test_y = take(&data.y, test);
        let started = Instant::now();
        let seen = fitted.transform(&test_x)?;
        let transform_seconds = started.elapsed().as_secs_f64();
        let tested = Tested::new(fitted.model(), &seen, &test_y, &data.classes)?;
        Ok(Self {
            n_train: 0,
            n_test: test.len(),
            accuracy: tested.confusion.accuracy(),
            balanced_accuracy: tested.confusion.balanced_accuracy(),
            confusion: tested.confusion,
            predicted: tested.scores.class,
            proba: tested.scores.probabilities,
            decision: tested.scores.decision,
            fit_seconds: 0.0,
            predict_seconds: transform_seconds + tested.seconds,
            n_iter: fitted.model().n_iter(),
            converged: fitted.model().converged(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::estimator::Method;

    #[test]
    fn scaling_is_fitted_on_the_training_rows() {
        // The test row is far out: if it took part in the scaling, the others would shrink to nothing.
        let x = Matrix::new(5, 1, vec![0.0, 1.0, 0.0, 1.0, 1e9]).unwrap();
        let data = Dataset::new(x, vec![0, 1, 0, 1, 1], vec!["Folk".into(), "Rock".into()]).unwrap();
        let split = Fold {
            train: vec![0, 1, 2, 3],
            test: vec![4],
        };
        let classifier = Method::LINEAR_SVC.classifier(0);
        let (pipeline, result) = hold_out_validate(&*classifier, &data, &split, None).unwrap();
        assert_eq!(result.accuracy, 1.0);
        assert_eq!(
            pipeline.transform(&data.x).unwrap().as_slice()[..4],
            [-1.0, 1.0, -1.0, 1.0]
        );
        let (plain, _) = hold_out_validate(&*classifier, &data, &split, Some(&Pipeline::default())).unwrap();
        assert_eq!(plain.transform(&data.x).unwrap(), data.x);
    }
}
