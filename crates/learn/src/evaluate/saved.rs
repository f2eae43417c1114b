use super::cross_validation::CvResult;
use super::evaluation::Evaluation;
use super::fold::FoldResult;
use crate::data::dataset::Dataset;
use crate::error::{LearnError, same_length};
use crate::methods::majority;
use crate::model::{Model, ModelResult};
use crate::preprocess::FittedSteps;
use crate::preprocess::fitted_pipeline::FittedPipeline;
use crate::selective::RiskCoverage;
use crate::split::Fold;

/// Scores a model as it is, without fitting, on the rows with these indices: a hold-out whose model was there before.
///
/// `data`: the columns must be the model's features and the classes its labels, both in the model's order; classes without a
/// row are allowed. `seed`: of the halves that calibrate each other. Probabilities are the model's own,
/// its temperature included.
///
/// Returns also the evaluation of what has to be beaten: always the class that had the most rows (of equal ones the first)
/// where the model was fitted.
///
/// # Errors
/// `Learn`: `ShapeMismatch` or `InvalidParameter` for other features or labels; `Empty` without rows; `IndexOutOfRange`;
/// `NotFinite` where a value is missing that the model's pipeline does not fill.
pub fn evaluate_model(
    model: &Model,
    data: &Dataset,
    test: &[usize],
    seed: u64,
) -> ModelResult<(Evaluation, Evaluation)> {
    data.check()?;
    let card = model.card();
    same_names("feature_names", &card.feature_names, &data.feature_names)?;
    same_names("labels", &card.labels, &data.classes)?;
    let mut result = FoldResult::of_rows(model.pipeline(), data, test)?;
    result.proba = model.calibrated(result.proba.take(), result.decision.clone()).0;
    let counts = match card.data.rows_per_class.len() == card.labels.len() {
        true => card.data.rows_per_class.clone(),
        false => data.class_counts(),
    };
    // The guess looks at no column, whatever they hold.
    let blind = data.take_cols(&[])?;
    let simplest = FittedPipeline::from_parts(FittedSteps::none(0), majority::of_counts(0, &counts));
    let baseline = FoldResult::of_rows(&simplest, &blind, test)?;
    let score = |pipeline: &FittedPipeline, mut fold: FoldResult| {
        fold.n_train = card.data.n_rows;
        let result = CvResult::of_folds(pipeline.model().method(), data, vec![fold])?;
        let fold = Fold {
            train: Vec::new(),
            test: test.to_vec(),
        };
        let mut found = Evaluation::new(result, data, &[fold], seed)?;
        // What it says is what is trusted, not what a further temperature would make of it.
        let right: Vec<bool> = found.predictions.hits().collect();
        let of = |proba| RiskCoverage::of(proba, &right);
        found.risk_coverage = found.predictions.proba.as_ref().map(of).transpose()?;
        Ok::<_, LearnError>(found)
    };
    Ok((score(model.pipeline(), result)?, score(&simplest, baseline)?))
}

fn same_names(what: &'static str, expected: &[String], got: &[String]) -> Result<(), LearnError> {
    same_length(what, expected.len(), got.len())?;
    match expected.iter().zip(got).find(|(a, b)| a != b) {
        None => Ok(()),
        Some((_, got)) => Err(LearnError::parameter(
            what,
            got,
            "must be those of the model, in its order",
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::metrics::ConfusionMatrix;
    use crate::model::{ModelCard, ModelError};
    use crate::test_support::{assert_close, three_classes};
    use crate::{Matrix, Method, Pipeline, Rows};

    /// A model of the first 60 rows, of which the second class has the most.
    fn model(method: Method, temperature: Option<f64>) -> (Dataset, Model) {
        let data = three_classes();
        let train: Vec<usize> = (0..60).filter(|row| row % 3 == 1 || row % 2 == 0).collect();
        let train = data.take_rows(&train).unwrap();
        let pipeline: Pipeline = "impute=mean,standard".parse().unwrap();
        let fitted =
            FittedPipeline::fit_rows(&*method.classifier(0), Rows::of(&train), Some(&pipeline)).unwrap();
        let mut card = ModelCard::of(&train);
        card.temperature = temperature;
        (data, Model::new(fitted, card).unwrap())
    }

    #[test]
    fn a_model_is_scored_by_what_it_says_of_the_rows() {
        let test: Vec<usize> = (60..120).filter(|row| row % 3 == 2 || row % 4 == 0).collect();
        for method in [Method::LOGISTIC_REGRESSION, Method::LINEAR_SVC] {
            for temperature in [None, Some(2.5)] {
                let (data, model) = model(method, temperature);
                let (found, baseline) = evaluate_model(&model, &data, &test, 0).unwrap();
                let rows = data.take_rows(&test).unwrap();
                let said = model.predict(&rows.x).unwrap();
                assert_eq!(found.predictions.rows, test);
                assert_eq!(found.predictions.predicted, said.classes);
                assert_eq!(
                    found.predictions.proba, said.probabilities,
                    "{method} {temperature:?}"
                );
                let want = ConfusionMatrix::from_predictions(&rows.y, &said.classes, &data.classes).unwrap();
                assert_eq!(found.result.confusion, want);
                assert_eq!(found.summary.accuracy, want.accuracy());
                assert_eq!(found.result.folds[0].n_train, model.card().data.n_rows);
                if let Some(proba) = &said.probabilities {
                    let ln = |(row, &class): (&[f64], &usize)| -row[class].ln();
                    let loss: f64 = proba.rows().zip(&rows.y).map(ln).sum();
                    let of_model = found.summary.probability.unwrap().log_loss;
                    assert_close(&[of_model], &[loss / test.len() as f64], 1e-12);
                }
                // The baseline names the class that had the most rows in training, which is not that of the test.
                assert_eq!(model.card().data.rows_per_class, [10, 20, 10]);
                assert!(baseline.predictions.predicted.iter().all(|&class| class == 1));
                let prior = baseline
                    .predictions
                    .proba
                    .as_ref()
                    .unwrap()
                    .rows()
                    .next()
                    .unwrap();
                assert_close(prior, &[0.25, 0.5, 0.25], 1e-15);
                let support = rows.y.iter().filter(|&&class| class == 1).count();
                assert_eq!(baseline.summary.accuracy, support as f64 / test.len() as f64);
            }
        }
    }

    #[test]
    fn rows_of_other_columns_or_classes_are_refused() {
        let (data, model) = model(Method::DECISION_TREE, None);
        let refused = |change: &dyn Fn(&mut Dataset)| {
            let mut other = data.clone();
            change(&mut other);
            let error = evaluate_model(&model, &other, &[0, 1], 0).unwrap_err();
            assert!(matches!(error, ModelError::Learn(_)), "{error}");
            error.to_string()
        };
        let names = refused(&|data| data.feature_names.swap(1, 2));
        assert!(names.contains("feature_names") && names.contains("x2"), "{names}");
        let labels = refused(&|data| data.classes.swap(0, 2));
        assert!(labels.contains("labels") && labels.contains("Rock"), "{labels}");
        refused(&|data| {
            data.x = Matrix::new(120, 3, vec![0.0; 360]).unwrap();
            data.feature_names.truncate(3);
        });
        refused(&|data| data.classes.push("Jazz".into()));
        assert!(evaluate_model(&model, &data, &[], 0).is_err());
        assert!(evaluate_model(&model, &data, &[120], 0).is_err());
        // A gap that the pipeline fills is none; rows of one class are enough.
        let mut holed = data.clone();
        holed.x.as_mut_slice()[0] = f32::NAN;
        evaluate_model(&model, &holed, &[0, 3], 0).unwrap();
    }

    #[test]
    fn columns_of_categories_and_gaps_that_a_model_takes_are_scored() {
        let mut data = three_classes();
        data.feature_names[2] = "kind.category".to_owned();
        data.feature_names[3] = "year.optional".to_owned();
        for row in 0..120 {
            data.x.as_mut_slice()[4 * row + 2] = (row % 7) as f32;
            if row % 5 == 0 {
                data.x.as_mut_slice()[4 * row + 3] = f32::NAN;
            }
        }
        let train = data.take_rows(&(0..60).collect::<Vec<_>>()).unwrap();
        for method in [Method::LOGISTIC_REGRESSION, Method::STACKING] {
            let fitted = FittedPipeline::fit_rows(&*method.classifier(0), Rows::of(&train), None).unwrap();
            let model = Model::new(fitted, ModelCard::of(&train)).unwrap();
            let test: Vec<usize> = (60..120).collect();
            let (found, baseline) = evaluate_model(&model, &data, &test, 0).unwrap();
            let said = model.predict(&data.take_rows(&test).unwrap().x).unwrap();
            assert_eq!(found.predictions.predicted, said.classes, "{method}");
            assert_eq!(baseline.summary.accuracy, 1.0 / 3.0, "{method}");
        }
    }
}
