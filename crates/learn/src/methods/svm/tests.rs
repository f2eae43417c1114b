#![allow(clippy::unwrap_used)]

use serde_json::Value;

use super::*;
use crate::data::matrix::Matrix;
use crate::methods::class_weight::ClassWeight;
use crate::test_support::{assert_close, floats, golden, indices};

const GOLDEN: &str = include_str!("../../../tests/golden/linear.json");

fn matrix(golden: &Value) -> Matrix {
    Matrix::new(
        90,
        5,
        floats(&golden["x"])
            .into_iter()
            .map(|value| value as f32)
            .collect(),
    )
    .unwrap()
}

/// The objective, written out row by row: penalty plus costs, `scores` being `w . x + intercept`.
fn slow_objective(loss: SvmLoss, w: &[f64], scores: &[f64], signs: &[f64], costs: &[f64]) -> f64 {
    let mut value = 0.5 * w.iter().map(|w| w * w).sum::<f64>();
    for ((score, sign), cost) in scores.iter().zip(signs).zip(costs) {
        let slack = (1.0 - sign * score).max(0.0);
        value += cost
            * if loss == SvmLoss::Hinge {
                slack
            } else {
                slack * slack
            };
    }
    value
}

#[test]
fn objectives_and_decisions_equal_scikit_learn() {
    let golden = golden(GOLDEN);
    let x = matrix(&golden);
    for case in golden["svm"].as_array().unwrap() {
        let parameters: LinearSvc = serde_json::from_value(case["parameters"].clone()).unwrap();
        let y = indices(&case["y"]);
        let n_classes = y.iter().max().unwrap() + 1;
        let weights = floats(&case["sample_weight"]);
        let train = TrainSet::new(&x, &y, n_classes)
            .unwrap()
            .with_sample_weight(&weights)
            .unwrap();
        let solvers = match parameters.loss {
            SvmLoss::Hinge => vec![SvmSolver::Dual],
            SvmLoss::SquaredHinge => vec![SvmSolver::Dual, SvmSolver::Primal],
        };
        for solver in solvers {
            let tight = LinearSvc {
                tol: 1e-9,
                max_iter: 1_000_000,
                solver,
                ..parameters.clone()
            };
            let model = tight.fit(&train).unwrap();
            assert!(model.converged(), "{tight:?}");
            let decision = model.decision_function(&x).unwrap();
            assert_close(decision.as_slice(), &floats(&case["decision"]), 1e-6);

            // At the default tolerance the objective is within 1e-4 of the minimum.
            let loose = LinearSvc {
                solver,
                ..parameters.clone()
            };
            let model = loose.fit(&train).unwrap();
            assert!(model.converged(), "{loose:?}");
            let decision = model.decision_function(&x).unwrap();
            let minima = floats(&case["objective"]);
            let class_weight = parameters.class_weight.weights(&y, n_classes).unwrap();
            for (plane, minimum) in minima.iter().enumerate() {
                let positive = if n_classes == 2 { 1 } else { plane };
                let signs: Vec<f64> = y
                    .iter()
                    .map(|&label| if label == positive { 1.0 } else { -1.0 })
                    .collect();
                let weight = |label: usize| {
                    if label == positive || n_classes == 2 {
                        class_weight[label]
                    } else {
                        1.0
                    }
                };
                let costs: Vec<f64> = (0..90)
                    .map(|row| loose.c * weights[row] * weight(y[row]))
                    .collect();
                let scores: Vec<f64> = decision.rows().map(|row| row[plane]).collect();
                let w = weights_of(&x, &scores, loose.fit_intercept, loose.intercept_scaling);
                let value = slow_objective(loose.loss, &w, &scores, &signs, &costs);
                assert!(
                    (value - minimum).abs() <= 1e-4 * minimum,
                    "{loose:?}: {value} {minimum}"
                );
            }
        }
    }
}

/// The weights (the intercept's last) that give these scores: the least-squares solution, exact here as the scores are
/// linear in the features.
fn weights_of(x: &Matrix, scores: &[f64], fit_intercept: bool, scaling: f64) -> Vec<f64> {
    let rows: Vec<Vec<f64>> = x
        .rows()
        .map(|row| {
            let mut row: Vec<f64> = row.iter().map(|&value| f64::from(value)).collect();
            if fit_intercept {
                row.push(scaling);
            }
            row
        })
        .collect();
    let n = rows[0].len();
    let mut normal = vec![0.0; n * n];
    let mut rhs = vec![0.0; n];
    for (row, score) in rows.iter().zip(scores) {
        for i in 0..n {
            rhs[i] += row[i] * score;
            for j in 0..n {
                normal[i * n + j] += row[i] * row[j];
            }
        }
    }
    crate::methods::linear::Cholesky::new(normal, n)
        .unwrap()
        .solve(&rhs)
}

#[test]
fn the_l1_penalty_reaches_scikit_learns_objective() {
    let golden = golden(GOLDEN);
    let x = matrix(&golden);
    let cases = golden["svm_l1"].as_array().unwrap();
    assert_eq!(cases.len(), 4);
    for case in cases {
        let parameters: LinearSvc = serde_json::from_value(case["parameters"].clone()).unwrap();
        assert_eq!(parameters.penalty, SvmPenalty::L1);
        let y = indices(&case["y"]);
        let n_classes = y.iter().max().unwrap() + 1;
        let weights = floats(&case["sample_weight"]);
        let train = TrainSet::new(&x, &y, n_classes).unwrap();
        let train = train.with_sample_weight(&weights).unwrap();
        let minima = floats(&case["objective"]);
        for tol in [1e-9, parameters.tol] {
            let svm = LinearSvc {
                tol,
                max_iter: 100_000,
                ..parameters.clone()
            };
            let model = svm.fit(&train).unwrap();
            assert!(model.converged(), "{svm:?}");
            let decision = model.decision_function(&x).unwrap();
            if tol < 1e-8 {
                assert_close(decision.as_slice(), &floats(&case["decision"]), 1e-5);
            }
            for (plane, minimum) in minima.iter().enumerate() {
                let scores: Vec<f64> = decision.rows().map(|row| row[plane]).collect();
                let w = weights_of(&x, &scores, svm.fit_intercept, svm.intercept_scaling);
                let mut value: f64 = w.iter().map(|w| w.abs()).sum();
                for row in 0..90 {
                    let positive = if n_classes == 2 { 1 } else { plane };
                    let sign = if y[row] == positive { 1.0 } else { -1.0 };
                    value += svm.c * weights[row] * (1.0 - sign * scores[row]).max(0.0).powi(2);
                }
                assert!(
                    (value - minimum).abs() <= 1e-4 * minimum,
                    "{svm:?}: {value} {minimum}"
                );
            }
        }
    }
}

#[test]
fn a_strong_l1_penalty_leaves_nothing() {
    // At w = 0 every row costs 1 and the derivative by the weight is -2 C sum(sign x) = -12 C: with C below 1 / 12 the
    // penalty's slope of 1 keeps the weight at zero.
    let x = Matrix::new(4, 1, vec![-2.0, -1.0, 1.0, 2.0]).unwrap();
    let train = TrainSet::new(&x, &[0, 0, 1, 1], 2).unwrap();
    for (c, zero) in [(0.083, true), (0.084, false)] {
        let svm = LinearSvc {
            c,
            penalty: SvmPenalty::L1,
            fit_intercept: false,
            ..Default::default()
        };
        let scores = svm.fit(&train).unwrap().decision_function(&x).unwrap();
        assert_eq!(scores.as_slice()[3] == 0.0, zero, "{c}");
    }
}

#[test]
fn four_points_on_a_line_are_separated_in_the_middle() {
    // Rows at -2 and -1 against 1 and 2, no intercept. With w > 0 the rows at +-1 have slack 1 - w, those at +-2 none
    // once w >= 1/2: minimise w^2 / 2 + 2 (1 - w)^2, so w = 4 / 5.
    let x = Matrix::new(4, 1, vec![-2.0, -1.0, 1.0, 2.0]).unwrap();
    let train = TrainSet::new(&x, &[0, 0, 1, 1], 2).unwrap();
    for solver in [SvmSolver::Dual, SvmSolver::Primal] {
        let svm = LinearSvc {
            fit_intercept: false,
            solver,
            tol: 1e-12,
            ..Default::default()
        };
        let scores = svm.fit(&train).unwrap().decision_function(&x).unwrap();
        assert_close(scores.as_slice(), &[-1.6, -0.8, 0.8, 1.6], 1e-9);
    }
    // The hinge: w^2 / 2 + 2 (1 - w) falls until w = 1, where the rows at +-1 reach their margin; C = 0.25 gives
    // w^2 / 2 + 0.5 (1 - w) + 0.5 max(0, 1 - 2 w) and its minimum at w = 1/2.
    for (c, w) in [(1.0, 1.0), (0.25, 0.5)] {
        let svm = LinearSvc {
            c,
            loss: SvmLoss::Hinge,
            fit_intercept: false,
            tol: 1e-12,
            ..Default::default()
        };
        let scores = svm.fit(&train).unwrap().decision_function(&x).unwrap();
        assert_close(scores.as_slice(), &[-2.0 * w, -w, w, 2.0 * w], 1e-9);
    }
}

#[test]
fn the_primal_solver_copes_with_features_of_very_different_size() {
    let n = 300;
    let value = |i: usize| ((i * 7919) % 1000) as f32 / 1000.0 - 0.5;
    let mut values = Vec::new();
    let mut y = Vec::new();
    for row in 0..n {
        let (a, b) = (value(row * 3), value(row * 5 + 1));
        values.extend([a * 1e4, b * 1e-3, 1e3, a * 1e4 + b]);
        y.push(usize::from(a + 0.2 * value(row * 11 + 3) > 0.0));
    }
    let x = Matrix::new(n, 4, values).unwrap();
    let train = TrainSet::new(&x, &y, 2).unwrap();
    for c in [1e-6, 1.0, 1e4] {
        let model = LinearSvc {
            c,
            solver: SvmSolver::Primal,
            ..Default::default()
        }
        .fit(&train)
        .unwrap();
        assert!(
            model.converged() && model.n_iter().unwrap() < 60,
            "{c}: {:?}",
            model.n_iter()
        );
    }
}

#[test]
fn bad_parameters_are_named() {
    let x = Matrix::new(2, 1, vec![0.0, 1.0]).unwrap();
    let train = TrainSet::new(&x, &[0, 1], 2).unwrap();
    let default = LinearSvc::default;
    for (name, bad) in [
        ("C", LinearSvc { c: -1.0, ..default() }),
        (
            "tol",
            LinearSvc {
                tol: 0.0,
                ..default()
            },
        ),
        (
            "max_iter",
            LinearSvc {
                max_iter: 0,
                ..default()
            },
        ),
        (
            "intercept_scaling",
            LinearSvc {
                intercept_scaling: 0.0,
                ..default()
            },
        ),
        (
            "dual",
            LinearSvc {
                loss: SvmLoss::Hinge,
                solver: SvmSolver::Primal,
                ..default()
            },
        ),
        (
            "loss",
            LinearSvc {
                penalty: SvmPenalty::L1,
                loss: SvmLoss::Hinge,
                ..default()
            },
        ),
        (
            "dual",
            LinearSvc {
                penalty: SvmPenalty::L1,
                solver: SvmSolver::Dual,
                ..default()
            },
        ),
        (
            "class_weight",
            LinearSvc {
                class_weight: ClassWeight::Given(vec![1.0, -1.0]),
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
