#![allow(clippy::unwrap_used)]

mod solver;

use super::fitted::FittedSvc;
use super::parameters::DecisionShape;
use super::platt::{Sigmoid, couple};
use super::*;
use crate::data::matrix::Matrix;
use crate::test_support::{assert_close, floats, golden, indices, matrix};
use cratedigger_stats::rng::SeededRng;

fn fitted(svc: &Svc, train: &TrainSet<'_>) -> FittedSvc {
    train::fit(svc, train).unwrap()
}

#[test]
fn machines_equal_scikit_learn() {
    let golden = golden(include_str!("../../../tests/golden/svc.json"));
    let (x, other) = (matrix(&golden["x"], 6), matrix(&golden["other"], 6));
    for case in golden["cases"].as_array().unwrap() {
        let svc: Svc = serde_json::from_value(case["parameters"].clone()).unwrap();
        let y = indices(&case["y"]);
        let weights = floats(&case["sample_weight"]);
        let train = TrainSet::new(&x, &y, y.iter().max().unwrap() + 1).unwrap();
        let model = fitted(&svc, &train.with_sample_weight(&weights).unwrap());
        let scores = model.scores(&other).unwrap();
        assert_close(
            scores.decision.unwrap().as_slice(),
            &floats(&case["decision"]),
            1e-9,
        );
        assert_eq!(scores.class, indices(&case["class"]), "{svc:?}");
        assert_eq!(model.machine.n_support, indices(&case["n_support"]), "{svc:?}");
        assert_close(&model.machine.rho, &floats(&case["rho"]), 1e-9);
        assert_eq!(model.n_iter().unwrap() as u64, case["n_iter"].as_u64().unwrap());
        assert!(model.converged());
    }
}

#[test]
fn probabilities_of_pairs_are_coupled_as_in_scikit_learn() {
    let golden = golden(include_str!("../../../tests/golden/svc.json"));
    for case in golden["coupling"].as_array().unwrap() {
        let (a, b) = (floats(&case["prob_a"]), floats(&case["prob_b"]));
        let n_classes = case["n_classes"].as_u64().unwrap() as usize;
        let got: Vec<f64> = floats(&case["decision"])
            .chunks_exact(a.len())
            .flat_map(|row| {
                let of_pair = |(at, value): (usize, &f64)| {
                    let sigmoid = Sigmoid {
                        slope: a[at],
                        offset: b[at],
                    };
                    sigmoid.of(*value)
                };
                couple(
                    &row.iter().enumerate().map(of_pair).collect::<Vec<_>>(),
                    n_classes,
                )
            })
            .collect();
        assert_close(&got, &floats(&case["proba"]), 1e-9);
    }
}

#[test]
fn sigmoids_equal_those_of_scikit_learn() {
    let golden = golden(include_str!("../../../tests/golden/svc.json"));
    for case in golden["sigmoids"].as_array().unwrap() {
        let labels: Vec<bool> = indices(&case["labels"]).iter().map(|&label| label == 1).collect();
        let got = Sigmoid::fit(&floats(&case["values"]), &labels);
        // Both stop at small gradients, of different norms.
        assert_close(
            &[got.slope, got.offset],
            &[case["slope"].as_f64().unwrap(), case["offset"].as_f64().unwrap()],
            1e-5,
        );
    }
}

/// Rows in three classes around three points.
fn three_clouds(n: usize) -> (Matrix, Vec<usize>) {
    let mut rng = SeededRng::new(8);
    let y: Vec<usize> = (0..n).map(|row| row % 3).collect();
    let value = |class: usize, column: usize| {
        let centre = if class == column { 0.8 } else { 0.0 };
        (centre + rng.uniform(-1.0, 1.0)) as f32
    };
    let mut value = value;
    let values = y
        .iter()
        .flat_map(|&class| [value(class, 0), value(class, 1), value(class, 2)])
        .collect();
    (Matrix::new(n, 3, values).unwrap(), y)
}

#[test]
fn probabilities_say_how_often_a_class_is_right() {
    let (x, y) = three_clouds(600);
    let svc = Svc {
        probability: true,
        ..Svc::default()
    };
    let train = TrainSet::new(&x, &y, 3).unwrap();
    let scores = fitted(&svc, &train).scores(&x).unwrap();
    let proba = scores.probabilities.unwrap();
    for (row, class) in proba.rows().zip(&scores.class) {
        assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(
            row.iter().all(|p| *p <= row[*class]),
            "the class is the likeliest"
        );
    }
    for class in 0..3 {
        let mean = proba.rows().map(|row| row[class]).sum::<f64>() / 600.0;
        assert!((mean - 1.0 / 3.0).abs() < 0.02, "{class}: {mean}");
    }
    let right: f64 = proba.rows().zip(&y).map(|(row, &class)| row[class]).sum();
    assert!(right / 600.0 > 0.5, "{right}");
    let other = Svc {
        seed: 1,
        ..svc.clone()
    };
    let others = fitted(&other, &train).scores(&x).unwrap();
    assert_eq!(scores.decision, others.decision, "the seed draws folds only");
    assert_ne!(proba, others.probabilities.unwrap());
}

#[test]
fn ties_of_votes_go_to_the_lowest_class_unless_they_are_broken() {
    let mut rng = SeededRng::new(3);
    let x = Matrix::new(200, 3, (0..600).map(|_| rng.uniform(-1.0, 1.0) as f32).collect()).unwrap();
    let y: Vec<usize> = (0..200).map(|_| rng.below(5)).collect();
    let train = TrainSet::new(&x, &y, 5).unwrap();
    let said = |break_ties| {
        let svc = Svc {
            break_ties,
            ..Svc::default()
        };
        let scores = fitted(&svc, &train).scores(&x).unwrap();
        let decision = scores.decision.unwrap();
        let largest: Vec<usize> = decision.rows().map(crate::data::score_matrix::argmax).collect();
        (scores.class, largest)
    };
    let (voted, largest) = said(false);
    assert_ne!(voted, largest, "no row had a tie");
    assert_eq!(said(true).0, largest);
}

#[test]
fn a_class_without_a_price_is_not_there() {
    let (x, y) = three_clouds(90);
    let train = TrainSet::new(&x, &y, 3).unwrap();
    let weighing = |weights: [f64; 3]| Svc {
        class_weight: crate::ClassWeight::Given(weights.to_vec()),
        ..Svc::default()
    };
    let model = fitted(&weighing([1.0, 0.0, 2.0]), &train);
    assert_eq!(model.classes, [0, 2]);
    assert!(matches!(
        weighing([0.0, 0.0, 2.0]).fit(&train),
        Err(LearnError::OneClass { .. })
    ));
    assert!(matches!(
        weighing([0.0; 3]).fit(&train),
        Err(LearnError::InvalidParameter {
            name: "class_weight",
            ..
        })
    ));
}

#[test]
fn bad_parameters_are_named() {
    let default = Svc::default;
    for (name, bad) in [
        ("C", Svc { c: 0.0, ..default() }),
        (
            "tol",
            Svc {
                tol: -1.0,
                ..default()
            },
        ),
        (
            "cache_size",
            Svc {
                cache_size: f64::NAN,
                ..default()
            },
        ),
        (
            "coef0",
            Svc {
                coef0: f64::INFINITY,
                ..default()
            },
        ),
        (
            "gamma",
            Svc {
                gamma: Gamma::Value(-0.1),
                ..default()
            },
        ),
        (
            "max_iter",
            Svc {
                max_iter: Some(0),
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
    assert_eq!(default().decision_function_shape, DecisionShape::Ovr);
}

#[test]
fn a_limit_of_steps_is_told() {
    let (x, y) = three_clouds(300);
    let svc = Svc {
        max_iter: Some(3),
        ..Svc::default()
    };
    let model = fitted(&svc, &TrainSet::new(&x, &y, 3).unwrap());
    assert_eq!((model.n_iter(), model.converged()), (Some(3), false));
}

#[test]
fn states_that_do_not_fit_are_refused() {
    let (x, y) = three_clouds(60);
    let svc = Svc {
        probability: true,
        ..Svc::default()
    };
    let state = fitted(&svc, &TrainSet::new(&x, &y, 3).unwrap()).state().unwrap();
    assert!(Method::SVC.restore(&state, 3, 3).is_ok());
    assert!(Method::SVC.restore(&state, 4, 3).is_err());
    assert!(Method::SVC.restore(&state, 0, 3).is_err());
    assert!(Method::SVC.restore(&state, 3, 2).is_err());
    for name in ["support", "n_support", "dual_coef", "rho", "sigmoids", "classes"] {
        let mut bad = state.clone();
        bad.tensors.remove(name);
        assert!(Method::SVC.restore(&bad, 3, 3).is_err(), "{name}");
    }
    for name in ["kernel", "probability", "break_ties", "n_iter", "converged"] {
        let mut bad = state.clone();
        bad.facts.remove(name);
        assert!(Method::SVC.restore(&bad, 3, 3).is_err(), "{name}");
    }
    let mut bad = state.clone();
    bad.put_indices("n_support", &[1, 1, 1]).unwrap();
    assert!(Method::SVC.restore(&bad, 3, 3).is_err());
}
