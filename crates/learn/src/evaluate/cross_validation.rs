use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crate::data::dataset::{Dataset, take};
use crate::data::score_matrix::ScoreMatrix;
use crate::error::{LearnError, Result};
use crate::estimator::{Classifier, Method};
use crate::metrics::ConfusionMatrix;
use crate::preprocess::Pipeline;
use crate::preprocess::fitted_pipeline::{FittedPipeline, Rows};
use crate::split::Fold;

/// How the features are scaled before a fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scaling {
    /// Standardised for the methods that want it ([`Method::wants_scaling`]), left alone for trees.
    #[default]
    Auto,
    /// Standardised.
    Standard,
    /// Left alone.
    None,
}

/// What [`cross_validate`] does besides fitting.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CvOptions {
    /// Scaling, fitted on the training rows of each fold.
    pub scaling: Scaling,
    /// Preprocessing instead of the scaling, fitted on the training rows of each fold; `None` for what `scaling` says.
    pub pipeline: Option<Pipeline>,
    /// Threads to use in all; `None` for as many as there are cores. The scores do not depend on it.
    pub n_jobs: Option<usize>,
}

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
    let scaling = || options.scaling.pipeline(classifier.method());
    let pipeline = options.pipeline.clone().unwrap_or_else(scaling);
    let results = in_parallel(folds.len(), options.n_jobs, |fold| {
        let (_, result) = fit_and_score(classifier, data, &folds[fold], &pipeline)?;
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

/// Fits on the training rows of one split and scores on its test rows: a hold-out evaluation.
///
/// # Errors
/// Whatever the fit or the prediction returns; `Empty` without test rows.
pub fn hold_out_validate(
    classifier: &dyn Classifier,
    data: &Dataset,
    split: &Fold,
    scaling: Scaling,
) -> Result<(FittedPipeline, FoldResult)> {
    data.check()?;
    fit_and_score(classifier, data, split, &scaling.pipeline(classifier.method()))
}

fn fit_and_score(
    classifier: &dyn Classifier,
    data: &Dataset,
    fold: &Fold,
    pipeline: &Pipeline,
) -> Result<(FittedPipeline, FoldResult)> {
    let train_x = data.x.take_rows(&fold.train)?;
    let train_y = take(&data.y, &fold.train);
    let rows = Rows {
        x: &train_x,
        y: &train_y,
        n_classes: data.n_classes(),
        sample_weight: None,
    };
    let started = Instant::now();
    let fitted = FittedPipeline::fit_steps(classifier, rows, pipeline)?;
    let fit_seconds = started.elapsed().as_secs_f64();
    let result = FoldResult {
        n_train: fold.train.len(),
        fit_seconds,
        ..FoldResult::of_rows(&fitted, data, &fold.test)?
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
        let scaled = fitted.transform(&test_x)?;
        let predicted = fitted.model().predict(&scaled)?;
        let predict_seconds = started.elapsed().as_secs_f64();
        let confusion = ConfusionMatrix::from_predictions(&test_y, &predicted, &data.classes)?;
        Ok(Self {
            n_train: 0,
            n_test: test.len(),
            accuracy: confusion.accuracy(),
            balanced_accuracy: confusion.balanced_accuracy(),
            confusion,
            predicted,
            proba: where_it_has(fitted.model().predict_proba(&scaled))?,
            decision: where_it_has(fitted.model().decision_function(&scaled))?,
            fit_seconds: 0.0,
            predict_seconds,
            n_iter: fitted.model().n_iter(),
            converged: fitted.model().converged(),
        })
    }
}

/// `None` for an output that the method does not have.
fn where_it_has(scores: Result<ScoreMatrix>) -> Result<Option<ScoreMatrix>> {
    match scores {
        Ok(scores) => Ok(Some(scores)),
        Err(LearnError::Unsupported { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Does one piece of work on a pool of `n_jobs` threads, or of as many as there are cores.
///
/// # Errors
/// `InvalidParameter` for no thread at all, `Threads` where the system gives none; those of the work.
pub fn with_threads<T: Send>(n_jobs: Option<usize>, work: impl Fn() -> Result<T> + Sync) -> Result<T> {
    let mut done = in_parallel(1, n_jobs, |_| work())?;
    Ok(done.remove(0))
}

/// Runs `n_tasks` on `n_jobs` threads in all; each task sees a thread pool of its own share of them. Results are in
/// the order of the tasks; of several errors the one of the lowest task is returned.
pub(crate) fn in_parallel<T: Send>(
    n_tasks: usize,
    n_jobs: Option<usize>,
    task: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let n_jobs = match n_jobs {
        Some(0) => return Err(LearnError::parameter("n_jobs", 0, "must be at least 1")),
        Some(n) => n,
        None => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let n_workers = n_jobs.min(n_tasks).max(1);
    let threads_per_worker = (n_jobs / n_workers).max(1);
    let pools = (0..n_workers)
        .map(|_| {
            rayon::ThreadPoolBuilder::new()
                .num_threads(threads_per_worker)
                .build()
        })
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(|error| LearnError::Threads {
            reason: error.to_string(),
        })?;
    let next = AtomicUsize::new(0);
    let slots: Vec<Mutex<Option<Result<T>>>> = (0..n_tasks).map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for pool in &pools {
            let (next, slots, task) = (&next, &slots, &task);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= n_tasks {
                        break;
                    }
                    let result = pool.install(|| task(index));
                    if let Ok(mut slot) = slots[index].lock() {
                        *slot = Some(result);
                    }
                }
            });
        }
    });
    slots
        .into_iter()
        .map(|slot| match slot.into_inner() {
            Ok(Some(result)) => result,
            _ => Err(LearnError::Threads {
                reason: "a worker ended without a result".into(),
            }),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::data::matrix::Matrix;
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
            &*Method::LinearSvc.classifier(0),
            &data,
            &folds,
            &CvOptions::default(),
        )
        .unwrap();
        assert_eq!(
            (result.method, result.n_rows, result.n_features),
            (Method::LinearSvc, 120, 4)
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
    fn scaling_is_fitted_on_the_training_rows() {
        // The test row is far out: if it took part in the scaling, the others would shrink to nothing.
        let x = Matrix::new(5, 1, vec![0.0, 1.0, 0.0, 1.0, 1e9]).unwrap();
        let data = Dataset::new(x, vec![0, 1, 0, 1, 1], vec!["Folk".into(), "Rock".into()]).unwrap();
        let split = Fold {
            train: vec![0, 1, 2, 3],
            test: vec![4],
        };
        let classifier = Method::LinearSvc.classifier(0);
        let (pipeline, result) = hold_out_validate(&*classifier, &data, &split, Scaling::Auto).unwrap();
        assert_eq!(result.accuracy, 1.0);
        assert_eq!(
            pipeline.transform(&data.x).unwrap().as_slice()[..4],
            [-1.0, 1.0, -1.0, 1.0]
        );
        let (plain, _) = hold_out_validate(&*classifier, &data, &split, Scaling::None).unwrap();
        assert_eq!(plain.transform(&data.x).unwrap(), data.x);
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
            cross_validate(&*Method::LinearSvc.classifier(0), data, &folds, &options)
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
    fn work_is_done_on_as_many_threads_as_asked_for() {
        for n in [1, 3] {
            assert_eq!(
                with_threads(Some(n), || Ok(rayon::current_num_threads())).unwrap(),
                n
            );
        }
        assert!(with_threads(Some(0), || Ok(())).is_err());
        let failed = with_threads(Some(2), || Err::<(), _>(LearnError::Empty { what: "it" }));
        assert!(matches!(failed, Err(LearnError::Empty { what: "it" })));
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
            cross_validate(&*Method::DecisionTree.classifier(0), &data, folds, &options)
        };
        assert!(matches!(
            run(&folds, 3),
            Err(LearnError::OneClass {
                class: 0,
                n_rows: 40,
                ..
            })
        ));
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
