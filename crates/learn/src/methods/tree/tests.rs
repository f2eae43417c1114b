#![allow(clippy::unwrap_used)]

use super::*;
use crate::data::matrix::Matrix;
use crate::test_support::{assert_close, floats, golden, indices};

#[test]
fn trees_equal_scikit_learn() {
    let golden = golden(include_str!("../../../tests/golden/tree.json"));
    let x: Vec<f32> = floats(&golden["x"])
        .into_iter()
        .map(|value| value as f32)
        .collect();
    let x = Matrix::new(160, 6, x).unwrap();
    let other: Vec<f32> = floats(&golden["other"])
        .into_iter()
        .map(|value| value as f32)
        .collect();
    let other = Matrix::new(80, 6, other).unwrap();
    for case in golden["cases"].as_array().unwrap() {
        let parameters: DecisionTree = serde_json::from_value(case["parameters"].clone()).unwrap();
        let y = indices(&case["y"]);
        let n_classes = y.iter().max().unwrap() + 1;
        let weights = floats(&case["sample_weight"]);
        let train = TrainSet::new(&x, &y, n_classes)
            .unwrap()
            .with_sample_weight(&weights)
            .unwrap();
        let model = parameters.fit(&train).unwrap();
        assert_close(
            model.predict_proba(&x).unwrap().as_slice(),
            &floats(&case["proba"]),
            1e-12,
        );
        assert_close(
            model.predict_proba(&other).unwrap().as_slice(),
            &floats(&case["other_proba"]),
            1e-12,
        );
        assert_close(
            &model.feature_importance().unwrap(),
            &floats(&case["importance"]),
            1e-10,
        );
    }
}

/// The best split by trying every threshold of every feature and counting both sides anew.
fn slow_best(x: &Matrix, y: &[usize], n_classes: usize) -> (usize, f64) {
    let gini = |rows: &[usize]| {
        let mut counts = vec![0.0; n_classes];
        rows.iter().for_each(|&row| counts[y[row]] += 1.0);
        let n = rows.len() as f64;
        n * (1.0 - counts.iter().map(|count| (count / n) * (count / n)).sum::<f64>())
    };
    let mut best = (f64::INFINITY, 0, 0.0);
    for feature in 0..x.n_cols() {
        let mut values: Vec<f32> = (0..x.n_rows()).map(|row| x.get(row, feature)).collect();
        values.sort_by(f32::total_cmp);
        values.dedup();
        for pair in values.windows(2) {
            let threshold = (f64::from(pair[0]) + f64::from(pair[1])) / 2.0;
            let (left, right): (Vec<usize>, Vec<usize>) =
                (0..x.n_rows()).partition(|&row| f64::from(x.get(row, feature)) <= threshold);
            let impurity = gini(&left) + gini(&right);
            if impurity < best.0 - 1e-9 {
                best = (impurity, feature, threshold);
            }
        }
    }
    (best.1, best.2)
}

#[test]
fn the_first_split_is_the_best_there_is() {
    for seed in 0..20u64 {
        let mut rng = cratedigger_stats::rng::SeededRng::new(seed);
        let values: Vec<f32> = (0..150)
            .map(|_| (rng.uniform(-4.0, 4.0) * 4.0).round() as f32 / 4.0)
            .collect();
        let x = Matrix::new(50, 3, values).unwrap();
        let y: Vec<usize> = (0..50).map(|_| rng.below(3)).collect();
        let labels: Vec<u16> = y.iter().map(|&label| label as u16).collect();
        let stump = DecisionTree {
            max_depth: Some(1),
            ..Default::default()
        };
        let nodes = grow::grow(&stump, &x, &labels, &[1.0; 50], 3).unwrap();
        let split = nodes[0].split.unwrap();
        assert_eq!(
            (split.feature, split.threshold),
            slow_best(&x, &y, 3),
            "seed {seed}"
        );
        assert_eq!(nodes.len(), 3);
    }
}

#[test]
fn a_chain_of_splits_does_not_exhaust_the_stack() {
    // Alternating labels on a line: every split peels one row off.
    let n = 4000;
    let x = Matrix::new(n, 1, (0..n).map(|row| row as f32).collect()).unwrap();
    let y: Vec<usize> = (0..n).map(|row| row % 2).collect();
    let model = DecisionTree::default()
        .fit(&TrainSet::new(&x, &y, 2).unwrap())
        .unwrap();
    assert_eq!(model.predict(&x).unwrap(), y);
}

#[test]
fn features_are_drawn_by_the_seed() {
    let mut rng = cratedigger_stats::rng::SeededRng::new(1);
    let x = Matrix::new(200, 9, (0..1800).map(|_| rng.uniform(-1.0, 1.0) as f32).collect()).unwrap();
    let y: Vec<usize> = (0..200)
        .map(|row| usize::from(x.get(row, 0) + x.get(row, 1) > 0.0))
        .collect();
    let train = TrainSet::new(&x, &y, 2).unwrap();
    let fit = |max_features, seed| {
        let tree = DecisionTree {
            max_features,
            seed,
            max_depth: Some(4),
            ..Default::default()
        };
        tree.fit(&train).unwrap().predict_proba(&x).unwrap()
    };
    for max_features in [
        MaxFeatures::Sqrt,
        MaxFeatures::Log2,
        MaxFeatures::Count(2),
        MaxFeatures::Share(0.3),
    ] {
        assert_eq!(fit(max_features, 0), fit(max_features, 0));
        assert_ne!(fit(max_features, 0), fit(max_features, 1), "{max_features:?}");
        assert_ne!(fit(max_features, 0), fit(MaxFeatures::All, 0), "{max_features:?}");
    }
    assert_eq!(MaxFeatures::Log2.count(518), 9);
    assert_eq!(MaxFeatures::Sqrt.count(518), 22);
    assert_eq!(MaxFeatures::Share(0.001).count(518), 1);
    assert_eq!(MaxFeatures::Count(1000).count(518), 518);
}

#[test]
fn a_row_counts_as_often_as_it_weighs() {
    let mut rng = cratedigger_stats::rng::SeededRng::new(4);
    let x = Matrix::new(60, 3, (0..180).map(|_| rng.uniform(-1.0, 1.0) as f32).collect()).unwrap();
    let y: Vec<usize> = (0..60).map(|_| rng.below(3)).collect();
    let times: Vec<usize> = (0..60).map(|_| rng.below(3)).collect();
    let repeated: Vec<usize> = (0..60)
        .flat_map(|row| std::iter::repeat_n(row, times[row]))
        .collect();
    let weights: Vec<f64> = times.iter().map(|&n| n as f64).collect();
    let tree = DecisionTree {
        max_depth: Some(5),
        ..Default::default()
    };
    let weighted = tree
        .fit(
            &TrainSet::new(&x, &y, 3)
                .unwrap()
                .with_sample_weight(&weights)
                .unwrap(),
        )
        .unwrap();
    let repeated_y: Vec<usize> = repeated.iter().map(|&row| y[row]).collect();
    let repeated_x = x.take_rows(&repeated).unwrap();
    let plain = tree
        .fit(&TrainSet::new(&repeated_x, &repeated_y, 3).unwrap())
        .unwrap();
    assert_eq!(
        weighted.predict_proba(&x).unwrap(),
        plain.predict_proba(&x).unwrap()
    );
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let mut rng = cratedigger_stats::rng::SeededRng::new(5);
    let values: Vec<f32> = (0..800).map(|_| rng.uniform(-2.0, 2.0).round() as f32).collect();
    let x = Matrix::new(200, 4, values).unwrap();
    let y: Vec<usize> = (0..200).map(|_| rng.below(3)).collect();
    let order = rng.permutation(200);
    let shuffled_y: Vec<usize> = order.iter().map(|&row| y[row]).collect();
    let shuffled = x.take_rows(&order).unwrap();
    let tree = DecisionTree::default();
    let one = tree.fit(&TrainSet::new(&x, &y, 3).unwrap()).unwrap();
    let other = tree
        .fit(&TrainSet::new(&shuffled, &shuffled_y, 3).unwrap())
        .unwrap();
    assert_eq!(one.predict_proba(&x).unwrap(), other.predict_proba(&x).unwrap());
}

#[test]
fn bad_parameters_are_named() {
    let x = Matrix::new(2, 1, vec![0.0, 1.0]).unwrap();
    let train = TrainSet::new(&x, &[0, 1], 2).unwrap();
    let default = DecisionTree::default;
    for (name, bad) in [
        (
            "max_depth",
            DecisionTree {
                max_depth: Some(0),
                ..default()
            },
        ),
        (
            "min_samples_split",
            DecisionTree {
                min_samples_split: MinSamples::Count(1),
                ..default()
            },
        ),
        (
            "min_samples_leaf",
            DecisionTree {
                min_samples_leaf: MinSamples::Share(0.0),
                ..default()
            },
        ),
        (
            "min_weight_fraction_leaf",
            DecisionTree {
                min_weight_fraction_leaf: 0.6,
                ..default()
            },
        ),
        (
            "max_leaf_nodes",
            DecisionTree {
                max_leaf_nodes: Some(1),
                ..default()
            },
        ),
        (
            "max_features",
            DecisionTree {
                max_features: MaxFeatures::Count(0),
                ..default()
            },
        ),
        (
            "max_features",
            DecisionTree {
                max_features: MaxFeatures::Share(1.5),
                ..default()
            },
        ),
        (
            "min_impurity_decrease",
            DecisionTree {
                min_impurity_decrease: -1.0,
                ..default()
            },
        ),
        (
            "ccp_alpha",
            DecisionTree {
                ccp_alpha: f64::NAN,
                ..default()
            },
        ),
    ] {
        let error = bad.fit(&train).unwrap_err();
        assert!(
            matches!(error, LearnError::InvalidParameter { name: found, .. } if found == name),
            "{error}"
        );
    }
}
