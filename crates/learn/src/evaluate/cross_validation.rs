use super::fold::{FoldResult, hold_out_validate};
use crate::data::dataset::Dataset;
use crate::error::{LearnError, Result};
use crate::estimator::{Classifier, Method};
use crate::metrics::ConfusionMatrix;
use crate::parallel::in_parallel;
use crate::preprocess::Pipeline;
use crate::split::Fold;

/// What [`cross_validate`] does besides fitting.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CvOptions {
    /// Preprocessing, fitted on the training rows of each fold; `None` for what the method gets unless told otherwise:
    /// standardised features for the methods that want them ([`Method::wants_scaling`]), nothing for trees.
    pub pipeline: Option<Pipeline>,
    /// Threads to use in all; `None` for as many as there are cores. The scores do not depend on it.
    pub n_jobs: Option<usize>,
}

/// Scores of one method over the folds of a dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct CvResult {
    /// The method.
    pub method: Method,
    /// Number of rows of the dataset.
    pub n_rows: usize,
    /// Number of features.
    pub n_features: usize,
    /// Accuracy of each fold.
    pub fold_accuracy: Vec<f64>,
    /// Mean of the folds' accuracies.
    pub mean_accuracy: f64,
    /// Seconds to scale and fit, summed over the folds.
    pub fit_seconds: f64,
    /// The folds, in order.
    pub folds: Vec<FoldResult>,
    /// The folds' confusion matrices added up.
    pub confusion: ConfusionMatrix,
}

/// Fits on the training rows of every fold and scores on its test rows.
///
/// Folds run in parallel, each on its own share of the threads, so that no core is given to two of them.
///
/// # Errors
/// `Empty` without folds; whatever a fit or a prediction returns, of the lowest fold that failed.
pub fn cross_validate(
    classifier: &dyn Classifier,
    data: &Dataset,
    folds: &[Fold],
    options: &CvOptions,
) -> Result<CvResult> {
    data.check()?;
    if folds.is_empty() {
        return Err(LearnError::Empty {
            what: "the list of folds",
        });
    }
    let results = in_parallel(folds.len(), options.n_jobs, |fold| {
        let (_, result) = hold_out_validate(classifier, data, &folds[fold], options.pipeline.as_ref())?;
        Ok(result)
    })?;
    CvResult::of_folds(classifier.method(), data, results)
}

impl CvResult {
    /// Adds up at least one fold of a method.
    pub(crate) fn of_folds(method: Method, data: &Dataset, folds: Vec<FoldResult>) -> Result<Self> {
        let mut confusion = folds[0].confusion.clone();
        for fold in &folds[1..] {
            confusion.add(&fold.confusion)?;
        }
        let fold_accuracy: Vec<f64> = folds.iter().map(|fold| fold.accuracy).collect();
        Ok(Self {
            method,
            n_rows: data.n_rows(),
            n_features: data.n_features(),
            mean_accuracy: fold_accuracy.iter().sum::<f64>() / fold_accuracy.len() as f64,
            fold_accuracy,
            fit_seconds: folds.iter().map(|fold| fold.fit_seconds).sum(),
            confusion,
            folds,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::split::Splitter;
    use crate::test_support::three_classes as data;

    /// What does not depend on the clock.
    fn scores(result: &CvResult) -> Vec<(Vec<usize>, Option<usize>, u64)> {
        let of_fold = |fold: &FoldResult| (fold.predicted.clone(), fold.n_iter, fold.accuracy.to_bits());
        result.folds.iter().map(of_fold).collect()
    }

    #[test]
    fn scores_do_not_depend_on_the_number_of_threads() {
        let data = data();
        let folds = Splitter::Stratified.k_fold(&data, 5, 1).unwrap();
        for &method in Method::ALL {
            let run = |n_jobs| {
                let options = CvOptions {
                    n_jobs: Some(n_jobs),
                    ..Default::default()
                };
                cross_validate(&*method.classifier(0), &data, &folds, &options).unwrap()
            };
            let one = run(1);
            for n_jobs in [2, 7, 12] {
                assert_eq!(scores(&one), scores(&run(n_jobs)), "{method}");
            }
        }
    }

    #[test]
    fn a_result_adds_up() {
        let data = data();
        let folds = Splitter::Stratified.k_fold(&data, 4, 0).unwrap();
        let result = cross_validate(
            &*Method::LINEAR_SVC.classifier(0),
            &data,
            &folds,
            &CvOptions::default(),
        )
        .unwrap();
        assert_eq!(
            (result.method, result.n_rows, result.n_features),
            (Method::LINEAR_SVC, 120, 4)
        );
        assert_eq!(result.confusion.n_rows(), 120);
        let mean = result.fold_accuracy.iter().sum::<f64>() / 4.0;
        assert!((result.mean_accuracy - mean).abs() < 1e-15);
        assert!(result.mean_accuracy > 0.6, "{}", result.mean_accuracy);
        for (fold, result) in folds.iter().zip(&result.folds) {
            let n_right = fold
                .test
                .iter()
                .zip(&result.predicted)
                .filter(|(row, class)| data.y[**row] == **class)
                .count();
            assert_eq!(
                (result.n_train, result.n_test),
                (fold.train.len(), fold.test.len())
            );
            assert_eq!(result.accuracy, n_right as f64 / fold.test.len() as f64);
        }
    }

    #[test]
    fn a_pipeline_takes_the_place_of_the_scaling_and_is_fitted_in_each_fold() {
        let mut data = data();
        let folds = Splitter::Stratified.k_fold(&data, 4, 0).unwrap();
        let run = |data: &Dataset, pipeline: Option<&str>| {
            let options = CvOptions {
                pipeline: pipeline.map(|text| text.parse().unwrap()),
                ..CvOptions::default()
            };
            cross_validate(&*Method::LINEAR_SVC.classifier(0), data, &folds, &options)
        };
        let default = run(&data, None).unwrap();
        assert_eq!(scores(&default), scores(&run(&data, Some("standard")).unwrap()));
        let decision = |result: &CvResult| result.folds[0].decision.clone().unwrap();
        assert_ne!(decision(&default), decision(&run(&data, Some("none")).unwrap()));
        // A gap in a training row is filled by the mean of the training rows alone: by hand, the same.
        let (fold, at) = (&folds[0], folds[0].train[7]);
        data.x.as_mut_slice()[4 * at] = f32::NAN;
        assert!(run(&data, None).is_err());
        let filled = run(&data, Some("impute=mean,standard")).unwrap();
        let known = fold.train.iter().filter(|&&row| row != at);
        let mean =
            known.map(|&row| f64::from(data.x.row(row)[0])).sum::<f64>() / (fold.train.len() - 1) as f64;
        let mut by_hand = data.clone();
        by_hand.x.as_mut_slice()[4 * at] = mean as f32;
        let want = decision(&run(&by_hand, Some("standard")).unwrap());
        for (a, b) in decision(&filled).as_slice().iter().zip(want.as_slice()) {
            assert!((a - b).abs() < 1e-4, "{a} {b}");
        }
    }

    #[test]
    fn errors_are_those_of_the_lowest_fold() {
        let data = data();
        let one_class: Vec<usize> = (0..120).filter(|row| row % 3 == 0).collect();
        let folds = [
            Fold {
                train: (0..60).collect(),
                test: (60..120).collect(),
            },
            Fold {
                train: one_class,
                test: vec![1],
            },
            Fold {
                train: vec![500],
                test: vec![1],
            },
        ];
        let run = |folds: &[Fold], n_jobs| {
            let options = CvOptions {
                n_jobs: Some(n_jobs),
                ..Default::default()
            };
            cross_validate(&*Method::DECISION_TREE.classifier(0), &data, folds, &options)
        };
        let one = run(&folds, 3).unwrap_err();
        let is_one = matches!(
            &one,
            LearnError::OneClass {
                class: 0,
                n_rows: 40,
                ..
            }
        );
        let told = format!("all 40 training rows are of `{}`;", data.classes[0]);
        assert!(is_one && one.to_string().starts_with(&told), "{one}");
        assert!(matches!(
            run(&folds[2..], 1),
            Err(LearnError::IndexOutOfRange { index: 500, .. })
        ));
        assert!(matches!(run(&[], 1), Err(LearnError::Empty { .. })));
        assert!(matches!(
            run(&folds[..1], 0),
            Err(LearnError::InvalidParameter { name: "n_jobs", .. })
        ));
    }
}
