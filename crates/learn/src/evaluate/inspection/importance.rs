use rayon::prelude::*;

use crate::data::dataset::check_labels;
use crate::data::matrix::Matrix;
use crate::error::{LearnError, Result, same_length};
use crate::estimator::FittedClassifier;
use crate::metrics::ConfusionMatrix;
use cratedigger_stats::rng::SeededRng;

/// Columns that are permuted together, such as a family of features.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeatureGroup {
    /// Its name, such as `mfcc`.
    pub name: String,
    /// Indices of its columns.
    pub columns: Vec<usize>,
}

impl FeatureGroup {
    /// Groups by what `family` says of each column's name, in the order of their first columns.
    pub fn by_family<'a>(feature_names: &'a [String], family: impl Fn(&'a str) -> &'a str) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for (column, name) in feature_names.iter().enumerate() {
            let name = family(name);
            match groups.iter_mut().find(|group| group.name == name) {
                Some(group) => group.columns.push(column),
                None => groups.push(Self {
                    name: name.to_owned(),
                    columns: vec![column],
                }),
            }
        }
        groups
    }
}

/// How often and from which seed columns are permuted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportanceOptions {
    /// Permutations of each group (`n_repeats`). Default: 5.
    pub n_repeats: usize,
    /// The seed. Default: 0.
    pub seed: u64,
}

impl Default for ImportanceOptions {
    fn default() -> Self {
        Self {
            n_repeats: 5,
            seed: 0,
        }
    }
}

/// What a model loses without a group of features.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupImportance {
    /// The group.
    pub name: String,
    /// Its columns.
    pub n_columns: usize,
    /// Loss of accuracy in each repeat; below 0 where the permuted group did better.
    pub losses: Vec<f64>,
    /// Their mean (`importances_mean`).
    pub mean: f64,
    /// Their population standard deviation (`importances_std`).
    pub std: f64,
    /// Mean loss of balanced accuracy.
    pub mean_balanced: f64,
}

/// How much accuracy a model loses when the columns of a group are permuted together over the rows, so that each row keeps
/// one whole row of the group, but another's.
///
/// `x`: held-out rows as the model sees them (after the preprocessing). Permuting whole families avoids what single columns
/// suffer from: a column that others can replace seems to matter little.
///
/// Source: L. Breiman (2001), "Random forests", section 10; scikit-learn 1.9, `permutation_importance`. Differs: groups of
/// columns.
///
/// # Errors
/// `ShapeMismatch`, `Empty`, `UnknownLabel`; `InvalidParameter` without repeats or for a column that is none.
pub fn permutation_importance(
    model: &dyn FittedClassifier,
    x: &Matrix,
    y_true: &[usize],
    groups: &[FeatureGroup],
    options: &ImportanceOptions,
) -> Result<Vec<GroupImportance>> {
    same_length("labels", x.n_rows(), y_true.len())?;
    check_labels(y_true, model.n_classes())?;
    if options.n_repeats == 0 {
        return Err(LearnError::parameter("n_repeats", 0, "must be at least 1"));
    }
    if let Some(column) = groups
        .iter()
        .flat_map(|group| &group.columns)
        .find(|&&column| column >= x.n_cols())
    {
        return Err(LearnError::parameter(
            "columns",
            column,
            "must be columns of the matrix",
        ));
    }
    let labels: Vec<String> = (0..model.n_classes()).map(|class| class.to_string()).collect();
    let score = |x: &Matrix| -> Result<(f64, f64)> {
        let confusion = ConfusionMatrix::from_predictions(y_true, &model.predict(x)?, &labels)?;
        Ok((confusion.accuracy(), confusion.balanced_accuracy()))
    };
    let (accuracy, balanced) = score(x)?;
    let tasks: Vec<(usize, usize)> = (0..groups.len())
        .flat_map(|group| (0..options.n_repeats).map(move |repeat| (group, repeat)))
        .collect();
    let losses = tasks
        .par_iter()
        .map(|&(group, repeat)| {
            // The same permutations for every group, so that groups are compared on equal terms.
            let order = SeededRng::stream(options.seed, repeat as u64).permutation(x.n_rows());
            let (permuted, permuted_balanced) = score(&permute(x, &groups[group].columns, &order)?)?;
            Ok((accuracy - permuted, balanced - permuted_balanced))
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(groups
        .iter()
        .zip(losses.chunks(options.n_repeats))
        .map(|(group, losses)| {
            let n = losses.len() as f64;
            let mean = losses.iter().map(|loss| loss.0).sum::<f64>() / n;
            let variance = losses.iter().map(|loss| (loss.0 - mean).powi(2)).sum::<f64>() / n;
            GroupImportance {
                name: group.name.clone(),
                n_columns: group.columns.len(),
                losses: losses.iter().map(|loss| loss.0).collect(),
                mean,
                std: variance.sqrt(),
                mean_balanced: losses.iter().map(|loss| loss.1).sum::<f64>() / n,
            }
        })
        .collect())
}

/// `x` with these columns of row `order[row]` in each row.
fn permute(x: &Matrix, columns: &[usize], order: &[usize]) -> Result<Matrix> {
    let mut values = x.as_slice().to_vec();
    for (row, &from) in order.iter().enumerate() {
        for &column in columns {
            values[row * x.n_cols() + column] = x.get(from, column);
        }
    }
    x.with_values(x.n_cols(), values)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::data::train_set::TrainSet;
    use crate::estimator::Classifier;
    use crate::methods::tree::DecisionTree;
    use crate::test_support::assert_close;

    /// The class is the sign of the difference of columns 0 and 1; columns 2 and 3 are noise.
    fn rows(n: usize) -> (Matrix, Vec<usize>) {
        let mut rng = SeededRng::new(11);
        let values: Vec<f32> = (0..4 * n).map(|_| rng.uniform(-1.0, 1.0) as f32).collect();
        let y = values.chunks(4).map(|row| usize::from(row[0] > row[1])).collect();
        (Matrix::new(n, 4, values).unwrap(), y)
    }

    fn group(name: &str, columns: &[usize]) -> FeatureGroup {
        FeatureGroup {
            name: name.into(),
            columns: columns.to_vec(),
        }
    }

    fn tree(x: &Matrix, y: &[usize]) -> Box<dyn FittedClassifier> {
        DecisionTree::default()
            .fit(&TrainSet::new(x, y, 2).unwrap())
            .unwrap()
    }

    #[test]
    fn what_decides_matters_and_noise_does_not() {
        let (x, y) = rows(800);
        let model = tree(&x, &y);
        let (test, truth) = (x.take_rows(&(0..400).collect::<Vec<_>>()).unwrap(), &y[..400]);
        let groups = [
            group("both", &[0, 1]),
            group("first", &[0]),
            group("noise", &[2, 3]),
            group("none", &[]),
        ];
        let found =
            permutation_importance(&*model, &test, truth, &groups, &ImportanceOptions::default()).unwrap();
        // Without both columns the model guesses; without one it still has a half of the story.
        assert!((found[0].mean - 0.5).abs() < 0.06, "{found:?}");
        assert!(found[1].mean > 0.2 && found[1].mean < 0.45, "{found:?}");
        assert!(found[2].mean.abs() < 0.05, "{found:?}");
        assert_eq!(
            (found[3].mean, found[3].std, found[3].mean_balanced),
            (0.0, 0.0, 0.0)
        );
        assert_eq!((found[0].n_columns, found[0].losses.len()), (2, 5));
    }

    #[test]
    fn losses_are_those_of_the_slow_way() {
        let (x, y) = rows(90);
        let model = tree(&x.take_rows(&(0..60).collect::<Vec<_>>()).unwrap(), &y[..60]);
        let options = ImportanceOptions {
            n_repeats: 3,
            seed: 9,
        };
        let groups = [group("a", &[0, 3]), group("b", &[1])];
        let found = permutation_importance(&*model, &x, &y, &groups, &options).unwrap();
        let accuracy = |x: &Matrix| {
            let predicted = model.predict(x).unwrap();
            predicted.iter().zip(&y).filter(|(a, b)| a == b).count() as f64 / 90.0
        };
        for (group, found) in groups.iter().zip(&found) {
            let mut losses = Vec::new();
            for repeat in 0..3 {
                let order = SeededRng::stream(9, repeat).permutation(90);
                let cell = |row: usize, column: usize| {
                    x.get(
                        if group.columns.contains(&column) {
                            order[row]
                        } else {
                            row
                        },
                        column,
                    )
                };
                let values = (0..90 * 4).map(|at| cell(at / 4, at % 4)).collect();
                losses.push(accuracy(&x) - accuracy(&Matrix::new(90, 4, values).unwrap()));
            }
            assert_close(&found.losses, &losses, 0.0);
            let mean = losses.iter().sum::<f64>() / 3.0;
            let variance = losses.iter().map(|loss| loss * loss).sum::<f64>() / 3.0 - mean * mean;
            assert_close(&[found.mean, found.std], &[mean, variance.sqrt()], 1e-9);
        }
    }

    #[test]
    fn the_result_does_not_depend_on_the_threads_and_nonsense_is_refused() {
        let (x, y) = rows(60);
        let model = tree(&x, &y);
        let groups = [group("a", &[0]), group("b", &[1, 2])];
        let run = |n: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
            pool.install(|| permutation_importance(&*model, &x, &y, &groups, &ImportanceOptions::default()))
                .unwrap()
        };
        assert_eq!(run(1), run(4));
        let none = ImportanceOptions {
            n_repeats: 0,
            seed: 0,
        };
        assert!(permutation_importance(&*model, &x, &y, &groups, &none).is_err());
        let outside = [group("a", &[4])];
        assert!(permutation_importance(&*model, &x, &y, &outside, &ImportanceOptions::default()).is_err());
        assert!(
            permutation_importance(&*model, &x, &y[1..], &groups, &ImportanceOptions::default()).is_err()
        );
    }

    #[test]
    fn families_keep_the_order_of_their_columns() {
        let names = ["mfcc.mean.01", "rmse.mean.01", "mfcc.mean.02"].map(str::to_owned);
        let groups = FeatureGroup::by_family(&names, |name| name.split('.').next().unwrap());
        assert_eq!(groups, [group("mfcc", &[0, 2]), group("rmse", &[1])]);
    }
}
