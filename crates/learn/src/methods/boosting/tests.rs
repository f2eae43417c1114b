#![allow(clippy::unwrap_used)]

use super::objective::CrossEntropy;
use super::*;
use crate::data::matrix::Matrix;
use crate::test_support::assert_close;
use cratedigger_stats::rng::SeededRng;

mod against_xgboost;
mod parameters;

/// Two features that matter and one that does not, in three classes.
fn rows(n: usize) -> (Matrix, Vec<usize>) {
    let mut rng = SeededRng::new(3);
    let values: Vec<f32> = (0..3 * n).map(|_| rng.uniform(-1.0, 1.0) as f32).collect();
    let x = Matrix::new(n, 3, values).unwrap();
    let label = |row: &[f32]| {
        if row[0] > 0.3 {
            2
        } else {
            usize::from(row[2] * row[2] > 0.4)
        }
    };
    let y = x.rows().map(label).collect();
    (x, y)
}

fn fit(boosting: &GradientBoosting, x: &Matrix, y: &[usize]) -> Box<dyn FittedClassifier> {
    let n_classes = y.iter().max().unwrap() + 1;
    boosting.fit(&TrainSet::new(x, y, n_classes).unwrap()).unwrap()
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let (x, y) = rows(3000);
    let bytes = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .unwrap();
        let boosting = GradientBoosting {
            n_estimators: 6,
            subsample: 0.8,
            colsample_bytree: 0.7,
            early_stopping_rounds: Some(6),
            max_bin: 100,
            ..Default::default()
        };
        let train = TrainSet::new(&x, &y, 3).unwrap();
        pool.install(|| {
            serde_json::to_vec(&train::fit(&boosting, &train, vec![0, 1, 2], &[1.0; 3]).unwrap()).unwrap()
        })
    };
    let one = bytes(1);
    for n_threads in [2, 3, 7] {
        assert_eq!(bytes(n_threads), one, "{n_threads} threads");
    }
}

#[test]
fn a_weight_that_f32_cannot_hold_is_refused() {
    let (x, y) = rows(50);
    let mut weights = vec![1.0; 50];
    weights[7] = 1e39;
    let train = TrainSet::new(&x, &y, 3)
        .unwrap()
        .with_sample_weight(&weights)
        .unwrap();
    let error = GradientBoosting::default().fit(&train).err().unwrap();
    assert!(
        matches!(
            error,
            LearnError::InvalidParameter {
                name: "sample_weight",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn one_tree_of_one_split_has_the_leaves_of_the_formula() {
    // Rows 0..3 are of class 1, rows 3..8 of class 0. At the log odds of 3 to 5 every gradient is p - y and every
    // Hessian p (1 - p), p = 3/8. Leaves are -G / (H + lambda) times the learning rate.
    let x = Matrix::new(8, 1, (0..8).map(|row| row as f32).collect()).unwrap();
    let boosting = GradientBoosting {
        n_estimators: 1,
        max_depth: 1,
        min_child_weight: 0.0,
        learning_rate: 0.5,
        reg_lambda: 2.0,
        ..Default::default()
    };
    let model = fit(&boosting, &x, &[1, 1, 1, 0, 0, 0, 0, 0]);
    let p = 3.0 / 8.0;
    let leaf = |n: f64, gradient: f64| -0.5 * n * gradient / (n * p * (1.0 - p) + 2.0);
    let base = (p / (1.0 - p)).ln();
    let (left, right) = (base + leaf(3.0, p - 1.0), base + leaf(5.0, p));
    let want = [left, left, left, right, right, right, right, right];
    assert_close(model.decision_function(&x).unwrap().as_slice(), &want, 1e-6);
    assert_eq!(model.feature_importance().unwrap(), [1.0]);
}

#[test]
fn derivatives_are_the_slopes_of_the_loss() {
    for n_outputs in [1, 3] {
        let y = [0, 1, 1, 0, n_outputs - 1];
        let weights = [1.0, 0.5, 2.0, 1.0, 3.0];
        let loss = CrossEntropy {
            y: &y,
            weights: &weights,
            n_outputs,
        };
        let total: f64 = weights.iter().sum();
        let mut margins: Vec<f64> = (0..5 * n_outputs).map(|i| (i as f64 * 1.7).sin() * 2.0).collect();
        let derivatives = loss.derivatives(&margins);
        for at in 0..margins.len() {
            let (row, output) = (at / n_outputs, at % n_outputs);
            let mut value = |shift: f64| {
                margins[at] += shift;
                let value = loss.mean_loss(&margins) * total;
                let gradient = f64::from(loss.derivatives(&margins)[output][row][0]);
                margins[at] -= shift;
                (value, gradient)
            };
            let ((above, slope_above), (below, slope_below)) = (value(1e-3), value(-1e-3));
            let gradient = f64::from(derivatives[output][row][0]);
            assert!((gradient - (above - below) / 2e-3).abs() < 1e-5);
            let hessian = f64::from(derivatives[output][row][1]);
            let factor = if n_outputs == 1 { 1.0 } else { 2.0 };
            assert!((hessian - factor * (slope_above - slope_below) / 2e-3).abs() < 2e-3);
        }
    }
    // Far out nothing overflows.
    let loss = CrossEntropy {
        y: &[0, 1],
        weights: &[1.0, 1.0],
        n_outputs: 1,
    };
    assert_eq!(loss.mean_loss(&[-800.0, 800.0]), 0.0);
    assert_eq!(loss.mean_loss(&[800.0, -800.0]), 800.0);
}

#[test]
fn early_stopping_keeps_the_best_round() {
    // Labels are noise but for a little: the loss on rows that were set aside soon rises.
    let (x, mut y) = rows(400);
    let mut rng = SeededRng::new(5);
    y.iter_mut()
        .filter(|_| rng.unit() < 0.5)
        .for_each(|label| *label = (*label + 1) % 3);
    let boosting = GradientBoosting {
        early_stopping_rounds: Some(5),
        ..Default::default()
    };
    let stopped = fit(&boosting, &x, &y);
    let n_rounds = stopped.n_iter().unwrap();
    assert!((1..60).contains(&n_rounds), "{n_rounds}");
    // The same rounds without a limit of patience: no round has a lower loss on the rows set aside.
    let fold = crate::split::set_aside(&y, 3, None, 0.1, 0).unwrap();
    let train_y: Vec<usize> = fold.train.iter().map(|&row| y[row]).collect();
    let train_x = x.take_rows(&fold.train).unwrap();
    let test_x = x.take_rows(&fold.test).unwrap();
    let loss_after = |n_estimators: usize| {
        let model = fit(
            &GradientBoosting {
                n_estimators,
                ..Default::default()
            },
            &train_x,
            &train_y,
        );
        let proba = model.predict_proba(&test_x).unwrap();
        let losses = fold
            .test
            .iter()
            .zip(proba.rows())
            .map(|(&row, p)| -p[y[row]].ln());
        losses.sum::<f64>()
    };
    let losses: Vec<f64> = (1..=n_rounds + 5).map(loss_after).collect();
    let best = losses
        .iter()
        .enumerate()
        .min_by(|a, b| a.1.total_cmp(b.1))
        .unwrap()
        .0;
    assert_eq!(best + 1, n_rounds, "{losses:?}");
}

#[test]
fn drawn_rows_and_features_depend_on_the_seed_alone() {
    let (x, y) = rows(300);
    let proba = |subsample, colsample_bytree, seed| {
        let boosting = GradientBoosting {
            n_estimators: 8,
            subsample,
            colsample_bytree,
            seed,
            ..Default::default()
        };
        fit(&boosting, &x, &y).predict_proba(&x).unwrap()
    };
    let all = proba(1.0, 1.0, 0);
    assert_eq!(all, proba(1.0, 1.0, 1), "nothing is drawn");
    for (rows, features) in [(0.5, 1.0), (1.0, 0.4), (0.7, 0.7)] {
        assert_eq!(proba(rows, features, 0), proba(rows, features, 0));
        assert_ne!(proba(rows, features, 0), proba(rows, features, 1));
        assert_ne!(proba(rows, features, 0), all);
    }
    // One feature a tree and hardly a row: still a model.
    let tiny = proba(1e-9, 1e-9, 0);
    assert!(tiny.as_slice().iter().all(|p| p.is_finite()));
}

#[test]
fn limits_of_the_tree_are_kept() {
    let (x, y) = rows(300);
    let two: Vec<usize> = y.iter().map(|&label| usize::from(label == 0)).collect();
    let values = |boosting: GradientBoosting| {
        let model = fit(&boosting, &x, &two);
        let mut values: Vec<u64> = model
            .decision_function(&x)
            .unwrap()
            .as_slice()
            .iter()
            .map(|v| v.to_bits())
            .collect();
        values.sort_unstable();
        values.dedup();
        values.len()
    };
    let one = GradientBoosting {
        n_estimators: 1,
        min_child_weight: 0.1,
        ..Default::default()
    };
    // Three bounds make the first class, so more than two leaves are needed.
    let free = values(GradientBoosting {
        max_depth: 0,
        ..one.clone()
    });
    assert!(free > 3);
    assert_eq!(
        values(GradientBoosting {
            max_depth: 1,
            ..one.clone()
        }),
        2
    );
    assert_eq!(
        values(GradientBoosting {
            max_leaves: 3,
            ..one.clone()
        }),
        3
    );
    assert_eq!(
        values(GradientBoosting { gamma: 1e6, ..one }),
        1,
        "no split gains as much"
    );
}

#[test]
fn a_forest_from_a_file_is_checked() {
    let (x, y) = rows(100);
    let train = TrainSet::new(&x, &y, 3).unwrap();
    let boosting = GradientBoosting {
        n_estimators: 2,
        ..Default::default()
    };
    let model = train::fit(&boosting, &train, vec![0, 1, 2], &[1.0; 3]).unwrap();
    let text = serde_json::to_string(&model).unwrap();
    let again: FittedBoosting = serde_json::from_str(&text).unwrap();
    assert_eq!(again, model);
    assert!(again.forest.check(3).is_ok());
    assert!(again.forest.check(1).is_err(), "a feature the rows do not have");
    let spoil = |change: fn(&mut super::forest::Forest)| {
        let mut forest = model.forest.clone();
        change(&mut forest);
        forest.check(3)
    };
    assert!(spoil(|forest| forest.left[0] = 0).is_err(), "round in circles");
    assert!(spoil(|forest| forest.right[0] = 10_000).is_err());
    assert!(spoil(|forest| forest.starts[1] = 10_000).is_err());
    assert!(
        spoil(|forest| {
            forest.value.pop();
        })
        .is_err()
    );
}
