use std::collections::BTreeSet;

use crate::data::dataset::{Dataset, take};
use crate::error::{LearnError, Result};
use crate::estimator::Classifier;
use crate::evaluate::fold::hold_out_validate;
use crate::preprocess::Pipeline;
use crate::split::Fold;

/// How a learning curve is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct CurveOptions {
    /// Shares of the training rows, rising, each above 0 and at most 1 (`train_sizes`). Default: 0.1, 0.25, 0.5, 0.75, 1.
    pub train_sizes: Vec<f64>,
    /// Whether whole groups (artists) are added, where the data set has them. Default: yes.
    pub by_group: bool,
    /// Preprocessing, fitted on the rows of each size; `None` for what the method gets unless told otherwise. Default: none.
    pub pipeline: Option<Pipeline>,
    /// Seed of the order in which groups or rows are added. Default: 0.
    pub seed: u64,
}

impl Default for CurveOptions {
    fn default() -> Self {
        Self {
            train_sizes: vec![0.1, 0.25, 0.5, 0.75, 1.0],
            by_group: true,
            pipeline: None,
            seed: 0,
        }
    }
}

/// Scores of a model that was trained on a part of the training rows.
#[derive(Debug, Clone, PartialEq)]
pub struct CurvePoint {
    /// Training rows.
    pub n_train: usize,
    /// Groups of these rows, where there are groups.
    pub n_groups: Option<usize>,
    /// Accuracy on the training rows themselves.
    pub train_accuracy: f64,
    /// Accuracy on the test rows, which are the same for every size.
    pub accuracy: f64,
    /// Balanced accuracy on the test rows.
    pub balanced_accuracy: f64,
    /// Seconds to scale and fit.
    pub fit_seconds: f64,
}

/// Scores on the same test rows after training on more and more of the training rows: does more music help?
///
/// The rows of a size hold those of every smaller one. With groups whole ones are added until the share is reached, as a
/// collection grows artist by artist. A size whose rows are of one class only is left out.
///
/// Source: scikit-learn 1.9, `learning_curve`. Differs: one split, groups, nested subsets.
///
/// # Errors
/// `InvalidParameter` for a share outside (0, 1]; whatever a fit returns.
pub fn learning_curve(
    classifier: &dyn Classifier,
    data: &Dataset,
    fold: &Fold,
    options: &CurveOptions,
) -> Result<Vec<CurvePoint>> {
    data.check()?;
    if let Some(share) = options
        .train_sizes
        .iter()
        .find(|share| !(**share > 0.0 && **share <= 1.0))
    {
        return Err(LearnError::parameter(
            "train_sizes",
            share,
            "every share must be above 0 and at most 1",
        ));
    }
    let groups = data.groups.as_ref().filter(|_| options.by_group);
    let mut points = Vec::with_capacity(options.train_sizes.len());
    for less in folds(fold, groups.map(Vec::as_slice), options) {
        let y = take(&data.y, &less.train);
        if y.windows(2).all(|pair| pair[0] == pair[1]) {
            continue;
        }
        let n_groups = groups.map(|groups| {
            let of_rows: BTreeSet<i64> = less.train.iter().map(|&row| groups[row]).collect();
            of_rows.len()
        });
        let (fitted, result) = hold_out_validate(classifier, data, &less, options.pipeline.as_ref())?;
        let on_train = fitted.predict(&data.x.take_rows(&less.train)?)?;
        let n_right = on_train.iter().zip(&y).filter(|(a, b)| a == b).count();
        points.push(CurvePoint {
            n_train: less.train.len(),
            n_groups,
            train_accuracy: n_right as f64 / less.train.len() as f64,
            accuracy: result.accuracy,
            balanced_accuracy: result.balanced_accuracy,
            fit_seconds: result.fit_seconds,
        });
    }
    Ok(points)
}

/// The same test rows with each share of the training rows.
fn folds<'a>(
    fold: &'a Fold,
    groups: Option<&'a [i64]>,
    options: &'a CurveOptions,
) -> impl Iterator<Item = Fold> + 'a {
    options.train_sizes.iter().map(move |share| {
        let n_rows = (share * fold.train.len() as f64).ceil() as usize;
        fold.with_less_training(groups, n_rows, options.seed)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::estimator::Method;
    use crate::test_support::three_classes;

    fn data() -> (Dataset, Fold) {
        let mut data = three_classes();
        data.groups = Some((0..120).map(|row| row / 5).collect());
        let fold = Fold {
            train: (0..90).collect(),
            test: (90..120).collect(),
        };
        (data, fold)
    }

    #[test]
    fn the_last_point_is_the_plain_hold_out() {
        let (data, fold) = data();
        let tree = Method::DECISION_TREE.classifier(0);
        let points = learning_curve(&*tree, &data, &fold, &CurveOptions::default()).unwrap();
        let sizes: Vec<_> = points
            .iter()
            .map(|point| (point.n_train, point.n_groups))
            .collect();
        // 9, 22.5, 45, 67.5 and 90 rows, in whole groups of five.
        assert_eq!(
            sizes,
            [
                (10, Some(2)),
                (25, Some(5)),
                (45, Some(9)),
                (70, Some(14)),
                (90, Some(18))
            ]
        );
        let (_, whole) = hold_out_validate(&*tree, &data, &fold, None).unwrap();
        let last = points.last().unwrap();
        assert_eq!(
            (last.accuracy, last.balanced_accuracy),
            (whole.accuracy, whole.balanced_accuracy)
        );
        // A tree without limits knows its training rows by heart.
        assert!(points.iter().all(|point| point.train_accuracy == 1.0));
    }

    #[test]
    fn no_row_is_trained_and_tested_on() {
        let (data, fold) = data();
        let all: Vec<Fold> = folds(&fold, data.groups.as_deref(), &CurveOptions::default()).collect();
        assert_eq!(all.len(), 5);
        for less in all {
            assert!(less.train.is_sorted() && less.test.is_sorted());
            assert!(less.train.iter().all(|row| less.test.binary_search(row).is_err()));
            assert_eq!(less.test, fold.test);
        }
    }

    #[test]
    fn rows_can_be_added_one_by_one() {
        let (data, fold) = data();
        let rows = CurveOptions {
            by_group: false,
            train_sizes: vec![0.5, 0.51],
            ..CurveOptions::default()
        };
        let points = learning_curve(&*Method::MAJORITY.classifier(0), &data, &fold, &rows).unwrap();
        assert_eq!((points[0].n_train, points[0].n_groups), (45, None));
        // 45.9 rows are 46.
        assert_eq!(points[1].n_train, 46);
    }

    #[test]
    fn sizes_are_checked_and_one_class_is_left_out() {
        let (mut data, fold) = data();
        let options = |train_sizes: Vec<f64>| CurveOptions {
            train_sizes,
            ..CurveOptions::default()
        };
        let tree = Method::DECISION_TREE.classifier(0);
        for share in [0.0, 1.5, f64::NAN] {
            assert!(learning_curve(&*tree, &data, &fold, &options(vec![share])).is_err());
        }
        // One artist for each class: the first artist is of one class.
        data.groups = Some(data.y.iter().map(|&class| class as i64).collect());
        let points = learning_curve(&*tree, &data, &fold, &options(vec![0.2, 1.0])).unwrap();
        assert_eq!(points.iter().map(|point| point.n_train).collect::<Vec<_>>(), [90]);
    }
}
