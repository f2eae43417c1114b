//! How training goes on and ends.

use super::*;

#[test]
fn early_stopping_keeps_the_best_weights() {
    // Labels are noise, so that validation accuracy cannot keep improving.
    let mut rng = SeededRng::new(2);
    let x = Matrix::new(200, 3, (0..600).map(|_| rng.uniform(-1.0, 1.0) as f32).collect()).unwrap();
    let y: Vec<usize> = (0..200).map(|_| rng.below(2)).collect();
    let mlp = MlpClassifier {
        early_stopping: true,
        n_iter_no_change: 5,
        ..Default::default()
    };
    let model = mlp.fit(&TrainSet::new(&x, &y, 2).unwrap()).unwrap();
    assert!(model.converged());
    assert!(model.n_iter().unwrap() < 200, "{:?}", model.n_iter());
}

#[test]
fn an_adaptive_rate_goes_on_longer_than_a_constant_one() {
    let x = Matrix::new(40, 1, (0..40).map(|row| row as f32 / 20.0 - 1.0).collect()).unwrap();
    let y: Vec<usize> = (0..40).map(|row| usize::from(row >= 20)).collect();
    let epochs = |learning_rate| {
        let mlp = MlpClassifier {
            solver: Solver::Sgd,
            learning_rate,
            learning_rate_init: 0.5,
            tol: 1e-2,
            n_iter_no_change: 2,
            ..Default::default()
        };
        mlp.fit(&TrainSet::new(&x, &y, 2).unwrap())
            .unwrap()
            .n_iter()
            .unwrap()
    };
    // From 0.5 it takes nine divisions by 5 to pass 1e-6, each after three epochs without improvement.
    assert!(epochs(LearningRate::Adaptive) >= epochs(LearningRate::Constant) + 27);
}

#[test]
fn a_wild_learning_rate_is_reported() {
    let x = Matrix::new(4, 1, vec![1e30, -1e30, 1e30, -1e30]).unwrap();
    let mlp = MlpClassifier {
        solver: Solver::Sgd,
        learning_rate_init: 1e30,
        ..Default::default()
    };
    let error = mlp
        .fit(&TrainSet::new(&x, &[0, 1, 0, 1], 2).unwrap())
        .unwrap_err();
    assert!(
        matches!(
            error,
            LearnError::Diverged {
                parameter: "learning_rate_init",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn bad_parameters_are_named() {
    let x = Matrix::new(2, 1, vec![0.0, 1.0]).unwrap();
    let train = TrainSet::new(&x, &[0, 1], 2).unwrap();
    let default = MlpClassifier::default;
    for (name, bad) in [
        (
            "hidden_layer_sizes",
            MlpClassifier {
                hidden_layer_sizes: vec![3, 0],
                ..default()
            },
        ),
        (
            "alpha",
            MlpClassifier {
                alpha: -1.0,
                ..default()
            },
        ),
        (
            "batch_size",
            MlpClassifier {
                batch_size: Some(0),
                ..default()
            },
        ),
        (
            "max_iter",
            MlpClassifier {
                max_iter: 0,
                ..default()
            },
        ),
        (
            "max_fun",
            MlpClassifier {
                max_fun: 0,
                ..default()
            },
        ),
        (
            "n_iter_no_change",
            MlpClassifier {
                n_iter_no_change: 0,
                ..default()
            },
        ),
        (
            "tol",
            MlpClassifier {
                tol: f64::NAN,
                ..default()
            },
        ),
        (
            "learning_rate_init",
            MlpClassifier {
                learning_rate_init: 0.0,
                ..default()
            },
        ),
        (
            "epsilon",
            MlpClassifier {
                epsilon: -1.0,
                ..default()
            },
        ),
        (
            "beta_1",
            MlpClassifier {
                beta_1: 1.0,
                ..default()
            },
        ),
        (
            "beta_2",
            MlpClassifier {
                beta_2: -0.1,
                ..default()
            },
        ),
        (
            "momentum",
            MlpClassifier {
                momentum: 1.5,
                ..default()
            },
        ),
        (
            "power_t",
            MlpClassifier {
                power_t: f64::INFINITY,
                ..default()
            },
        ),
        (
            "validation_fraction",
            MlpClassifier {
                early_stopping: true,
                validation_fraction: 1.0,
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

#[test]
fn a_run_passes_the_models_of_shorter_runs() {
    let mut rng = SeededRng::new(9);
    let x = Matrix::new(60, 3, (0..180).map(|_| rng.uniform(-1.0, 1.0) as f32).collect()).unwrap();
    let y: Vec<usize> = (0..60).map(|row| usize::from(x.get(row, 0) > 0.1)).collect();
    let train = TrainSet::new(&x, &y, 2).unwrap();
    for (solver, early_stopping) in [
        (Solver::Adam, false),
        (Solver::Sgd, false),
        (Solver::Sgd, true),
        (Solver::Adam, true),
    ] {
        let mlp = |max_iter, learning_rate| MlpClassifier {
            hidden_layer_sizes: vec![5],
            solver,
            learning_rate,
            early_stopping,
            learning_rate_init: 0.05,
            tol: 1e-3,
            n_iter_no_change: 3,
            max_iter,
            ..Default::default()
        };
        let schedules = match solver {
            Solver::Sgd => vec![LearningRate::Constant, LearningRate::Adaptive],
            _ => vec![LearningRate::Constant],
        };
        // Before, at and after the epochs in which the runs converge.
        let mut ends = Vec::new();
        let mut wanted = Vec::new();
        for &learning_rate in &schedules {
            let n_iter = mlp(3000, learning_rate).fit(&train).unwrap().n_iter().unwrap();
            assert!((3..3000).contains(&n_iter), "{n_iter}");
            for max_iter in [1, n_iter - 1, n_iter, n_iter + 1, 3000] {
                let end = PathEnd {
                    max_iter,
                    adaptive: learning_rate == LearningRate::Adaptive,
                };
                ends.push(RunEnd::from(end));
                wanted.push(mlp(max_iter, learning_rate).fit(&train).unwrap());
            }
        }
        if solver == Solver::Sgd {
            assert!(
                wanted[4].n_iter() < wanted[9].n_iter(),
                "the adaptive run goes on"
            );
        }
        let path = mlp(7, schedules[0]).fit_path(&train, &ends).unwrap();
        assert_eq!(path.len(), ends.len());
        for (((model, _), lone), end) in path.into_iter().zip(wanted).zip(ends) {
            assert_eq!(
                model.unwrap().state().unwrap(),
                lone.state().unwrap(),
                "{solver:?} {end:?}"
            );
        }
    }
    let lbfgs = MlpClassifier {
        solver: Solver::Lbfgs,
        ..Default::default()
    };
    let end = PathEnd {
        max_iter: 2,
        adaptive: false,
    };
    assert!(lbfgs.fit_path(&train, &[end.into()]).is_none());
}
