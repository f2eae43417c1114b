#![allow(clippy::unwrap_used)]

use cratedigger_stats::rng::SeededRng;

use super::*;
use crate::data::matrix::Matrix;
use crate::state::{ModelState, TensorValues};
use crate::test_support::{assert_close, floats, golden, indices};

fn matrix(n_cols: usize, values: Vec<f32>) -> Matrix {
    Matrix::new(values.len() / n_cols, n_cols, values).unwrap()
}

fn knn(n_neighbors: usize, p: u8) -> KNeighborsClassifier {
    KNeighborsClassifier {
        n_neighbors,
        p,
        ..Default::default()
    }
}

fn kept(parameters: &KNeighborsClassifier, x: &Matrix) -> FittedNeighbors {
    let y: Vec<usize> = (0..x.n_rows()).map(|row| row % 2).collect();
    parameters.keep(&TrainSet::new(x, &y, 2).unwrap()).unwrap()
}

#[test]
fn neighbours_and_probabilities_equal_scikit_learn() {
    let golden = golden(include_str!("../../../tests/golden/neighbours.json"));
    let rows = |name: &str| {
        matrix(
            6,
            floats(&golden[name]).iter().map(|&value| value as f32).collect(),
        )
    };
    let (x, other) = (rows("x"), rows("other"));
    for case in golden["cases"].as_array().unwrap() {
        let parameters: KNeighborsClassifier = serde_json::from_value(case["parameters"].clone()).unwrap();
        let y = indices(&case["y"]);
        let n_classes = y.iter().max().unwrap() + 1;
        let model = parameters
            .keep(&TrainSet::new(&x, &y, n_classes).unwrap())
            .unwrap();
        if !case["neighbours"].is_null() {
            let found = model.neighbors(&other);
            let found: Vec<usize> = found.iter().flatten().map(|neighbor| neighbor.row).collect();
            assert_eq!(found, indices(&case["neighbours"]));
        }
        assert_eq!(model.predict(&other).unwrap(), indices(&case["class"]));
        let proba = |x| model.predict_proba(x).unwrap();
        assert_close(proba(&x).as_slice(), &floats(&case["proba"]), 1e-12);
        assert_close(proba(&other).as_slice(), &floats(&case["other_proba"]), 1e-12);
    }
}

/// All distances by the formula, sorted with their rows.
fn slow(train: &Matrix, x: &Matrix, k: usize, p: u8) -> Vec<Vec<(f64, usize)>> {
    let of = |a: &[f32], b: &[f32]| -> f64 {
        let differences = a
            .iter()
            .zip(b)
            .map(|(a, b)| (f64::from(*a) - f64::from(*b)).abs());
        match p {
            1 => differences.sum(),
            _ => differences.map(|d| d * d).sum::<f64>().sqrt(),
        }
    };
    let nearest = |row: &[f32]| {
        let all = train.rows().enumerate();
        let mut all: Vec<(f64, usize)> = all.map(|(at, other)| (of(row, other), at)).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        all.truncate(k);
        all
    };
    x.rows().map(nearest).collect()
}

fn assert_nearest(train: &Matrix, x: &Matrix, k: usize, what: &str) {
    for p in [1, 2] {
        let found = kept(&knn(k, p), train).neighbors(x);
        let found: Vec<Vec<(f64, usize)>> = found
            .iter()
            .map(|row| row.iter().map(|n| (n.distance, n.row)).collect())
            .collect();
        assert_eq!(found, slow(train, x, k, p), "{what}, k = {k}, p = {p}");
    }
}

#[test]
fn neighbours_are_those_of_the_slow_formula_ties_going_to_the_lowest_row() {
    // Multiples of 1/8: sums of their squares are exact in `f64`, and most distances occur often.
    for (n_rows, n_cols, k) in [
        (7, 1, 1),
        (7, 1, 7),
        (300, 3, 5),
        (300, 40, 20),
        (4200, 2, 3),
        (2049, 19, 8),
    ] {
        let mut rng = SeededRng::new(n_rows as u64);
        let mut rows = |n: usize| {
            let value = |_| (rng.uniform(-4.0, 4.0) * 8.0).round() as f32 / 8.0;
            matrix(n_cols, (0..n * n_cols).map(value).collect())
        };
        let (train, x) = (rows(n_rows), rows(150));
        assert_nearest(&train, &x, k, &format!("{n_rows} x {n_cols}"));
    }
}

#[test]
fn neighbours_are_exact_where_single_precision_cannot_tell_them_apart() {
    // Far from the origin a product in `f32` is off by more than most distances here, whose sums are exact in `f64`.
    for offset in [100.0, 3000.0, 100_000.0] {
        let mut rng = SeededRng::new(3);
        let mut rows = |n: usize| {
            let value = |_| offset + (rng.uniform(-2.0, 2.0) * 64.0).round() as f32 / 64.0;
            matrix(30, (0..n * 30).map(value).collect())
        };
        let (train, x) = (rows(400), rows(140));
        assert_nearest(&train, &x, 5, &format!("around {offset}"));
    }
}

#[test]
fn neighbours_are_exact_at_the_ends_of_the_range() {
    // Products of these are infinite, NaN or 0 in `f32`; with one column sums are exact.
    let values = [
        0.0,
        1e-45,
        -1e-45,
        1e-30,
        1e-20,
        2.0,
        -3.0,
        1e20,
        -1e25,
        3e38,
        -3e38,
        f32::MAX,
    ];
    let train = matrix(1, values.to_vec());
    for k in [1, 3, 12] {
        assert_nearest(&train, &train, k, "extreme values");
    }
    let two = matrix(2, values.iter().flat_map(|&value| [value, -value]).collect());
    assert_nearest(&two, &two, 4, "extreme values in two columns");
}

#[test]
fn the_bound_holds_the_distance() {
    let mut rng = SeededRng::new(8);
    for n_cols in [1, 5, 64, 518] {
        let mut rows = |scale: f64| {
            let value = |_| (rng.uniform(-1.0, 1.5) * scale) as f32;
            matrix(n_cols, (0..40 * n_cols).map(value).collect())
        };
        for x in [rows(1.0), rows(1e4), rows(1e-20), rows(1e-23)] {
            let squared = nearest::squared_lengths(&x);
            let of_all = cratedigger_matmul::View::new(x.as_slice(), 40, n_cols);
            let products = cratedigger_matmul::product(of_all, of_all.t());
            for (at, row) in x.rows().enumerate() {
                for (other_at, other) in x.rows().enumerate() {
                    let exact = distance::Distance::new().squared_euclidean(row, other);
                    let bound = candidates::Bound::new(n_cols);
                    let (low, high) = bound.of(squared[at], squared[other_at], products[at * 40 + other_at]);
                    assert!(
                        low <= exact && exact <= high,
                        "{n_cols}: {low} <= {exact} <= {high}"
                    );
                }
            }
        }
    }
}

#[test]
fn few_rows_are_candidates() {
    let mut rng = SeededRng::new(4);
    let value = |_| rng.uniform(-1.7, 1.7) as f32;
    let x = matrix(100, (0..1000 * 100).map(value).collect());
    let squared = nearest::squared_lengths(&x);
    let of_all = cratedigger_matmul::View::new(x.as_slice(), 1000, 100);
    let products = cratedigger_matmul::product(of_all, of_all.t());
    let mut candidates = candidates::Candidates::new(5);
    for row in 0..1000 {
        let bound = candidates::Bound::new(100).of(squared[0], squared[row], products[row]);
        candidates.offer(bound, row);
    }
    assert!((5..10).contains(&candidates.rows().count()));
}

#[test]
fn votes_are_counted_by_weight_and_distance() {
    let x = matrix(1, vec![0.0, 1.0, 2.0, 4.0, 100.0]);
    let y = [0, 1, 1, 2, 2];
    let at = matrix(1, vec![0.0, 3.0]);
    let proba = |parameters: KNeighborsClassifier, weights: &[f64]| {
        let train = TrainSet::new(&x, &y, 4)
            .unwrap()
            .with_sample_weight(weights)
            .unwrap();
        let model = parameters.fit(&train).unwrap();
        let proba = model.predict_proba(&at).unwrap();
        (
            model.predict(&at).unwrap(),
            proba.row(0).to_vec(),
            proba.row(1).to_vec(),
        )
    };
    let by_distance = |k: usize| KNeighborsClassifier {
        weights: NeighborWeights::Distance,
        ..knn(k, 2)
    };
    // Ties of votes go to the lowest class, of distances to the lowest row.
    let (class, first, second) = proba(knn(2, 2), &[1.0; 5]);
    assert_eq!((class, first), (vec![0, 1], vec![0.5, 0.5, 0.0, 0.0]));
    assert_eq!(second, [0.0, 0.5, 0.5, 0.0]);
    assert_eq!(
        proba(knn(1, 2), &[1.0; 5]).2,
        [0.0, 1.0, 0.0, 0.0],
        "2.0 is before 4.0"
    );
    // Only rows at distance 0 vote; else the inverse of the distance: 1, 1 and 1/2 from 3.0.
    let (_, first, second) = proba(by_distance(3), &[1.0; 5]);
    assert_eq!(first, [1.0, 0.0, 0.0, 0.0]);
    assert_close(&second, &[0.0, 0.6, 0.4, 0.0], 1e-15);
    // Weights multiply votes, whatever their scale, and rows of weight 0 take no part.
    for scale in [1.0, 1e-300, 1e300] {
        let weights = [0.0, 1.0, 0.0, 3.0, 1.0].map(|weight| weight * scale);
        let (class, first, second) = proba(knn(2, 2), &weights);
        assert_eq!(class, [2, 2]);
        assert_close(&first, &[0.0, 0.25, 0.75, 0.0], 1e-15);
        assert_close(&second, &[0.0, 0.25, 0.75, 0.0], 1e-15);
        let (_, first, _) = proba(by_distance(2), &weights);
        assert_close(&first, &[0.0, 4.0 / 7.0, 3.0 / 7.0, 0.0], 1e-15);
    }
    let weights = [0.0, 1.0, 0.0, 3.0, 1.0];
    let train = TrainSet::new(&x, &y, 4)
        .unwrap()
        .with_sample_weight(&weights)
        .unwrap();
    let error = knn(4, 2).fit(&train).unwrap_err().to_string();
    assert!(error.contains("n_neighbors") && error.contains('4'), "{error}");
}

#[test]
fn bad_parameters_are_named() {
    for (parameters, name) in [(knn(0, 2), "n_neighbors"), (knn(5, 0), "p"), (knn(5, 3), "p")] {
        assert!(matches!(
            parameters.check().unwrap_err(),
            LearnError::InvalidParameter { name: found, .. } if found == name
        ));
    }
}

#[test]
fn a_state_that_does_not_fit_is_refused() {
    let x = matrix(2, (0..20).map(|value| value as f32).collect());
    let good = kept(&knn(5, 1), &x).to_state().unwrap();
    assert_eq!(state::from_state(&good, 2, 2).unwrap().state().unwrap(), good);
    let refuse = |what: &str, n_features: usize, n_classes: usize, change: &dyn Fn(&mut ModelState)| {
        let mut bad = good.clone();
        change(&mut bad);
        let result = state::from_state(&bad, n_features, n_classes);
        assert!(matches!(result, Err(LearnError::BadState { .. })), "{what}");
    };
    let nothing = |_: &mut ModelState| ();
    refuse("features", 3, 2, &nothing);
    refuse("no features", 0, 2, &nothing);
    refuse("classes", 2, 1, &nothing);
    refuse("neighbours", 2, 2, &|state| {
        state.put_fact("parameters", knn(11, 2))
    });
    refuse("power", 2, 2, &|state| state.put_fact("parameters", knn(5, 3)));
    refuse("label", 2, 2, &|state| {
        state.put_indices("labels", &[2; 10]).unwrap()
    });
    refuse("labels", 2, 2, &|state| {
        state.put_indices("labels", &[1; 9]).unwrap()
    });
    for weights in [vec![1.0; 9], vec![0.0; 10], vec![-1.0; 10], vec![1.5; 10]] {
        refuse("weights", 2, 2, &|state| {
            let values = TensorValues::F64(weights.clone());
            state.put("weights", &[weights.len()], values).unwrap();
        });
    }
    refuse("rows", 2, 2, &|state| {
        state
            .put("rows", &[19], TensorValues::F32(vec![1.0; 19]))
            .unwrap();
    });
}
