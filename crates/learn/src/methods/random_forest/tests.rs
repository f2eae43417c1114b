#![allow(clippy::unwrap_used)]

use super::fitted::FittedForest;
use super::*;
use crate::data::matrix::Matrix;
use crate::methods::tree::{Criterion, DecisionTree, MaxFeatures, MinSamples};
use crate::test_support::{assert_close, floats, golden, indices};
use cratedigger_stats::rng::SeededRng;

fn fitted(forest: &RandomForest, train: &TrainSet<'_>) -> FittedForest {
    fit::fit(forest, train).unwrap()
}

#[test]
fn forests_without_chance_equal_scikit_learn() {
    let golden = golden(include_str!("../../../tests/golden/forest.json"));
    let matrix = |name: &str| {
        let values: Vec<f32> = floats(&golden[name])
            .into_iter()
            .map(|value| value as f32)
            .collect();
        Matrix::new(values.len() / 6, 6, values).unwrap()
    };
    let (x, other) = (matrix("x"), matrix("other"));
    for case in golden["cases"].as_array().unwrap() {
        let forest: RandomForest = serde_json::from_value(case["parameters"].clone()).unwrap();
        let y = indices(&case["y"]);
        let weights = floats(&case["sample_weight"]);
        let train = TrainSet::new(&x, &y, y.iter().max().unwrap() + 1).unwrap();
        let model = fitted(&forest, &train.with_sample_weight(&weights).unwrap());
        assert_close(
            model.predict_proba(&other).unwrap().as_slice(),
            &floats(&case["proba"]),
            1e-12,
        );
        assert_close(&model.importance, &floats(&case["importance"]), 1e-10);
    }
}

/// Rows whose class two of the features tell, more or less; some values recur.
fn rows(n: usize, seed: u64) -> (Matrix, Vec<usize>) {
    let mut rng = SeededRng::new(seed);
    let values: Vec<f32> = (0..n * 9)
        .map(|at| {
            let value = rng.uniform(-1.0, 1.0) as f32;
            if at % 9 == 3 { (value * 4.0).round() } else { value }
        })
        .collect();
    let x = Matrix::new(n, 9, values).unwrap();
    let class = |row: usize| {
        let sum = x.get(row, 0) + x.get(row, 1) + rng.uniform(-0.4, 0.4) as f32;
        usize::from(sum > -0.3) + usize::from(sum > 0.5)
    };
    let y = (0..n).map(class).collect();
    (x, y)
}

#[test]
fn a_tree_on_all_rows_and_features_is_the_decision_tree() {
    let (x, y) = rows(700, 1);
    let mut rng = SeededRng::new(9);
    let weights: Vec<f64> = (0..700).map(|_| rng.below(4) as f64).collect();
    let train = TrainSet::new(&x, &y, 3)
        .unwrap()
        .with_sample_weight(&weights)
        .unwrap();
    let (other, _) = rows(200, 2);
    for tree in [
        DecisionTree::default(),
        DecisionTree {
            criterion: Criterion::Entropy,
            max_depth: Some(6),
            ..DecisionTree::default()
        },
        DecisionTree {
            max_leaf_nodes: Some(20),
            min_samples_leaf: MinSamples::Count(5),
            ..DecisionTree::default()
        },
        DecisionTree {
            min_weight_fraction_leaf: 0.03,
            min_samples_split: MinSamples::Share(0.1),
            min_impurity_decrease: 0.002,
            ..DecisionTree::default()
        },
    ] {
        let forest = RandomForest {
            n_estimators: 1,
            bootstrap: false,
            max_features: MaxFeatures::All,
            criterion: tree.criterion,
            max_depth: tree.max_depth,
            min_samples_split: tree.min_samples_split,
            min_samples_leaf: tree.min_samples_leaf,
            min_weight_fraction_leaf: tree.min_weight_fraction_leaf,
            max_leaf_nodes: tree.max_leaf_nodes,
            min_impurity_decrease: tree.min_impurity_decrease,
            ..RandomForest::default()
        };
        let (got, want) = (forest.fit(&train).unwrap(), tree.fit(&train).unwrap());
        assert_eq!(
            got.predict_proba(&other).unwrap(),
            want.predict_proba(&other).unwrap()
        );
        assert_close(
            &got.feature_importance().unwrap(),
            &want.feature_importance().unwrap(),
            1e-12,
        );
    }
}

/// The mean of trees that are grown on the drawn rows, repeated as often as they were drawn, by the other code.
#[test]
fn a_forest_is_the_mean_of_trees_on_rows_that_were_drawn() {
    let (x, y) = rows(120, 3);
    let train = TrainSet::new(&x, &y, 3).unwrap();
    let forest = RandomForest {
        n_estimators: 7,
        max_features: MaxFeatures::All,
        seed: 5,
        ..RandomForest::default()
    };
    let got = fitted(&forest, &train).predict_proba(&x).unwrap();
    let mut want = vec![0.0; 360];
    for number in 0..7 {
        let mut rng = SeededRng::stream(5, number);
        let mut drawn: Vec<usize> = (0..120).map(|_| rng.below(120)).collect();
        drawn.sort_unstable();
        let own = x.take_rows(&drawn).unwrap();
        let own_y: Vec<usize> = drawn.iter().map(|&row| y[row]).collect();
        let tree = DecisionTree::default()
            .fit(&TrainSet::new(&own, &own_y, 3).unwrap())
            .unwrap();
        let proba = tree.predict_proba(&x).unwrap();
        for (want, proba) in want.iter_mut().zip(proba.as_slice()) {
            *want += proba / 7.0;
        }
    }
    assert_close(got.as_slice(), &want, 1e-12);
}

#[test]
fn as_many_features_are_tried_as_was_asked_for() {
    let (x, y) = rows(300, 4);
    let train = TrainSet::new(&x, &y, 3).unwrap();
    // Stumps that may look at one feature: each is the first about as often as any other.
    let stumps = RandomForest {
        n_estimators: 900,
        max_features: MaxFeatures::Count(1),
        max_depth: Some(1),
        bootstrap: false,
        ..RandomForest::default()
    };
    let mut times = [0usize; 9];
    for tree in &fitted(&stumps, &train).trees {
        times[tree.nodes[0].feature as usize] += 1;
    }
    assert!(times.iter().all(|&n| (60..140).contains(&n)), "{times:?}");
    // With all features the best is always the same.
    let all = RandomForest {
        max_features: MaxFeatures::All,
        ..stumps
    };
    let first = |tree: &nodes::Tree| tree.nodes[0].feature;
    let trees = fitted(&all, &train).trees;
    assert!(trees.iter().all(|tree| first(tree) == first(&trees[0])));
}

#[test]
fn constant_features_are_passed_over() {
    let x = Matrix::new(40, 50, {
        let value = |at: usize| if at % 50 == 17 { (at / 50) as f32 } else { 3.0 };
        (0..40 * 50).map(value).collect()
    })
    .unwrap();
    let y: Vec<usize> = (0..40).map(|row| usize::from(row >= 20)).collect();
    let forest = RandomForest {
        n_estimators: 20,
        bootstrap: false,
        ..RandomForest::default()
    };
    let model = fitted(&forest, &TrainSet::new(&x, &y, 2).unwrap());
    assert!(model.trees.iter().all(|tree| tree.nodes[0].feature == 17));
    assert_eq!(model.predict(&x).unwrap(), y);
}

#[test]
fn a_smaller_forest_is_the_beginning_of_a_larger_one() {
    let (x, y) = rows(200, 5);
    let train = TrainSet::new(&x, &y, 3).unwrap();
    let of = |n_estimators| {
        let forest = RandomForest {
            n_estimators,
            ..RandomForest::default()
        };
        fitted(&forest, &train).trees
    };
    assert_eq!(of(3)[..], of(8)[..3]);
    assert_ne!(of(8)[0], of(8)[1]);
}

#[test]
fn rows_that_trees_did_not_see_tell_how_good_the_forest_is() {
    let (x, y) = rows(900, 6);
    let (other, other_y) = rows(900, 7);
    let train = TrainSet::new(&x, &y, 3).unwrap();
    let forest = RandomForest {
        oob_score: true,
        ..RandomForest::default()
    };
    let model = fitted(&forest, &train);
    let share = |x: &Matrix, y: &[usize]| {
        let said = model.predict(x).unwrap();
        said.iter().zip(y).filter(|(a, b)| a == b).count() as f64 / y.len() as f64
    };
    let told = model.out_of_bag_accuracy().unwrap();
    assert!((told - share(&other, &other_y)).abs() < 0.04, "{told}");
    assert!(
        share(&x, &y) > told + 0.05,
        "the rows themselves are known by heart"
    );
    let without = RandomForest::default();
    assert_eq!(fitted(&without, &train).out_of_bag_accuracy(), None);
}

#[test]
fn bad_parameters_are_named() {
    let default = RandomForest::default;
    for (name, bad) in [
        (
            "n_estimators",
            RandomForest {
                n_estimators: 0,
                ..default()
            },
        ),
        (
            "oob_score",
            RandomForest {
                oob_score: true,
                bootstrap: false,
                ..default()
            },
        ),
        (
            "max_features",
            RandomForest {
                max_features: MaxFeatures::Count(0),
                ..default()
            },
        ),
        (
            "max_leaf_nodes",
            RandomForest {
                max_leaf_nodes: Some(1),
                ..default()
            },
        ),
    ] {
        let error = bad.check().unwrap_err();
        assert!(
            matches!(error, LearnError::InvalidParameter { name: found, .. } if found == name),
            "{error}"
        );
    }
}

#[test]
fn states_that_do_not_fit_are_refused() {
    let (x, y) = rows(80, 8);
    let forest = RandomForest {
        n_estimators: 3,
        ..RandomForest::default()
    };
    let model = fitted(&forest, &TrainSet::new(&x, &y, 3).unwrap());
    let state = model.state().unwrap();
    let again = Method::RANDOM_FOREST.restore(&state, 9, 3).unwrap();
    assert_eq!(again.predict_proba(&x).unwrap(), model.predict_proba(&x).unwrap());
    assert!(Method::RANDOM_FOREST.restore(&state, 8, 3).is_err());
    assert!(Method::RANDOM_FOREST.restore(&state, 9, 2).is_err());
    for name in [
        "n_nodes",
        "child",
        "feature",
        "threshold",
        "n_shares",
        "share_class",
        "share",
        "importance",
        "classes",
    ] {
        let mut bad = state.clone();
        bad.tensors.remove(name);
        assert!(Method::RANDOM_FOREST.restore(&bad, 9, 3).is_err(), "{name}");
    }
    // A child before its parent would be a circle.
    let mut child = state.indices("child", usize::MAX).unwrap();
    let at = (1..child.len()).find(|&at| child[at] > 0).unwrap();
    child[at] = 1;
    let mut bad = state.clone();
    bad.put_indices("child", &child).unwrap();
    assert!(Method::RANDOM_FOREST.restore(&bad, 9, 3).is_err());
    let mut n_nodes = state.indices("n_nodes", usize::MAX).unwrap();
    n_nodes[2] -= 1;
    let mut bad = state;
    bad.put_indices("n_nodes", &n_nodes).unwrap();
    assert!(Method::RANDOM_FOREST.restore(&bad, 9, 3).is_err());
}
