//! Bins, trees and probabilities against those of XGBoost, which `tests/golden/make_golden.py` wrote down.

use super::*;
use crate::methods::boosting::cuts;
use crate::test_support::{floats, golden, indices};

#[test]
fn probabilities_equal_xgboost() {
    let golden = golden(include_str!("../../../../tests/golden/boosting.json"));
    let matrix = |name: &str| {
        let values: Vec<f32> = floats(&golden[name]).into_iter().map(|v| v as f32).collect();
        Matrix::new(values.len() / 5, 5, values).unwrap()
    };
    let (x, other) = (matrix("x"), matrix("other"));
    let cases = golden["cases"].as_array().unwrap();
    assert!(cases.len() >= 7);
    for case in cases {
        let parameters: GradientBoosting = serde_json::from_value(case["parameters"].clone()).unwrap();
        let y = indices(&case["y"]);
        let weights = floats(&case["sample_weight"]);
        let train = TrainSet::new(&x, &y, y.iter().max().unwrap() + 1).unwrap();
        let model = parameters
            .fit(&train.with_sample_weight(&weights).unwrap())
            .unwrap();
        // XGBoost adds up in f32.
        let proba = model.predict_proba(&x).unwrap();
        assert_close(proba.as_slice(), &floats(&case["proba"]), 1e-5);
        let proba = model.predict_proba(&other).unwrap();
        assert_close(proba.as_slice(), &floats(&case["other_proba"]), 1e-5);
        let importance = model.feature_importance().unwrap();
        assert_close(&importance, &floats(&case["importance"]), 1e-4);
    }
}

#[test]
fn trees_equal_xgboost() {
    let golden = golden(include_str!("../../../../tests/golden/boosting.json"));
    let values: Vec<f32> = floats(&golden["x"]).into_iter().map(|v| v as f32).collect();
    let x = Matrix::new(values.len() / 5, 5, values).unwrap();
    let mut n_nodes = 0;
    for case in golden["cases"].as_array().unwrap() {
        let parameters: GradientBoosting = serde_json::from_value(case["parameters"].clone()).unwrap();
        let y = indices(&case["y"]);
        let weights = floats(&case["sample_weight"]);
        let n_classes = y.iter().max().unwrap() + 1;
        let train = TrainSet::new(&x, &y, n_classes)
            .unwrap()
            .with_sample_weight(&weights)
            .unwrap();
        let classes: Vec<usize> = (0..n_classes).collect();
        let forest = train::fit(&parameters, &train, classes, &vec![1.0; n_classes])
            .unwrap()
            .forest;
        let trees = case["trees"].as_array().unwrap();
        assert_eq!(forest.n_trees(), trees.len());
        for (tree, want) in trees.iter().enumerate() {
            let start = forest.starts[tree] as usize;
            let end = forest
                .starts
                .get(tree + 1)
                .map_or(forest.left.len(), |&end| end as usize);
            assert_eq!(
                end - start,
                want["left"].as_array().unwrap().len(),
                "tree {tree} of {parameters:?}"
            );
            let (value, gain) = (floats(&want["value"]), floats(&want["gain"]));
            let (left, right, feature) = (
                floats(&want["left"]),
                floats(&want["right"]),
                indices(&want["feature"]),
            );
            for node in 0..end - start {
                let at = start + node;
                let place = format!("node {node} of tree {tree} of {parameters:?}");
                n_nodes += 1;
                if left[node] < 0.0 {
                    assert_eq!(forest.left[at] as usize, node, "{place} is a leaf");
                    let error = (f64::from(forest.value[at]) - value[node]).abs();
                    assert!(error < 2e-6, "{place}: {} and {}", forest.value[at], value[node]);
                    continue;
                }
                assert_eq!(f64::from(forest.left[at]), left[node], "{place}");
                assert_eq!(f64::from(forest.right[at]), right[node], "{place}");
                assert_eq!(forest.feature[at] as usize, feature[node], "{place}");
                assert_eq!(forest.threshold[at], value[node] as f32, "{place}");
                // A difference of larger numbers, in f32 on both sides.
                let error = (f64::from(forest.gain[at]) - gain[node]).abs();
                assert!(error < 1e-4, "{place}: {} and {}", forest.gain[at], gain[node]);
            }
        }
    }
    assert!(n_nodes > 2000, "{n_nodes}");
}

#[test]
fn bins_equal_xgboost() {
    let golden = golden(include_str!("../../../../tests/golden/boosting.json"));
    for case in golden["bins"].as_array().unwrap() {
        let max_bin = case["max_bin"].as_u64().unwrap() as usize;
        for (values, want) in golden["values"]
            .as_array()
            .unwrap()
            .iter()
            .zip(case["bounds"].as_array().unwrap())
        {
            let values: Vec<f32> = floats(values).into_iter().map(|v| v as f32).collect();
            let weights = match &case["weight"] {
                serde_json::Value::Null => vec![1.0; values.len()],
                weights => floats(weights),
            };
            let bounds = cuts::lower_bounds(&values, &weights, max_bin);
            let bounds: Vec<f64> = bounds.into_iter().map(f64::from).collect();
            assert_eq!(bounds, floats(want), "max_bin {max_bin}");
        }
    }
}
