//! One battery for every classifier: the promises of the `Classifier` and `FittedClassifier` traits.
#![allow(clippy::unwrap_used)]

use cratedigger_learn::{FittedClassifier, LearnError, Matrix, Method, TrainSet};

/// Three classes around three points in four dimensions, one column of them constant, in a mixed order.
fn blobs(n_rows: usize) -> (Matrix, Vec<usize>) {
    let mut state = 12345u64;
    let mut unit = || {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    };
    let mut values = Vec::new();
    let mut y = Vec::new();
    for row in 0..n_rows {
        let class = [0, 1, 2, 0, 1, 0][row % 6];
        let centre = [[0.0, 0.0, 3.0], [3.0, 0.0, 0.0], [0.0, 3.0, 0.0]][class];
        values.extend(centre.map(|centre: f32| centre + 1.5 * unit()));
        values.push(0.25);
        y.push(class);
    }
    (Matrix::new(n_rows, 4, values).unwrap(), y)
}

fn fit(method: Method, x: &Matrix, y: &[usize], n_classes: usize) -> Box<dyn FittedClassifier> {
    method
        .classifier(0)
        .fit(&TrainSet::new(x, y, n_classes).unwrap())
        .unwrap()
}

fn proba_bits(model: &dyn FittedClassifier, x: &Matrix) -> Option<Vec<u64>> {
    match model.predict_proba(x) {
        Ok(proba) => Some(proba.as_slice().iter().map(|p| p.to_bits()).collect()),
        Err(LearnError::Unsupported { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

/// Everything a model says about `x`, bit by bit.
fn answers(model: &dyn FittedClassifier, x: &Matrix) -> (Vec<usize>, Option<Vec<u64>>, Option<Vec<u64>>) {
    let decision = match model.decision_function(x) {
        Ok(scores) => Some(scores.as_slice().iter().map(|score| score.to_bits()).collect()),
        Err(LearnError::Unsupported { .. }) => None,
        Err(error) => panic!("{error}"),
    };
    (model.predict(x).unwrap(), proba_bits(model, x), decision)
}

#[test]
fn separable_classes_are_learnt() {
    let (x, y) = blobs(300);
    let (train, test) = ((0..200).collect::<Vec<_>>(), (200..300).collect::<Vec<_>>());
    for &method in Method::ALL {
        let train_y: Vec<usize> = train.iter().map(|&row| y[row]).collect();
        let model = fit(method, &x.take_rows(&train).unwrap(), &train_y, 3);
        let predicted = model.predict(&x.take_rows(&test).unwrap()).unwrap();
        let n_right = predicted
            .iter()
            .zip(&test)
            .filter(|(class, row)| **class == y[**row])
            .count();
        match method.name() {
            // Half of the rows are of class 0.
            "majority" => assert_eq!(n_right, 50),
            _ => assert!(n_right >= 95, "{method}: {n_right} of 100"),
        }
        assert_eq!(
            (model.method(), model.n_features(), model.n_classes()),
            (method, 4, 3)
        );
    }
}

#[test]
fn probabilities_are_probabilities_and_agree_with_the_prediction() {
    let (x, y) = blobs(120);
    for &method in Method::ALL {
        // Class 3 of 5 and class 0 of 5 have no row.
        let shifted: Vec<usize> = y.iter().map(|class| [1, 2, 4][*class]).collect();
        let model = fit(method, &x, &shifted, 5);
        let predicted = model.predict(&x).unwrap();
        if let Ok(proba) = model.predict_proba(&x) {
            assert_eq!((proba.n_rows(), proba.n_cols()), (120, 5));
            for (row, class) in proba.rows().zip(&predicted) {
                assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-6, "{method}: {row:?}");
                assert!(row.iter().all(|p| (0.0..=1.0).contains(p)), "{method}: {row:?}");
                assert_eq!((row[0], row[3]), (0.0, 0.0), "{method}");
                assert!(
                    row.iter().all(|p| *p <= row[*class]),
                    "{method}: {class} of {row:?}"
                );
            }
        }
        assert!(
            predicted.iter().all(|class| [1, 2, 4].contains(class)),
            "{method}"
        );
    }
}

#[test]
fn two_classes_decide_by_the_sign() {
    let (x, y) = blobs(120);
    let y: Vec<usize> = y.iter().map(|&class| usize::from(class == 1)).collect();
    for &method in Method::ALL {
        let model = fit(method, &x, &y, 2);
        let Ok(scores) = model.decision_function(&x) else {
            continue;
        };
        assert_eq!(scores.n_cols(), 1, "{method}");
        for (score, class) in scores.as_slice().iter().zip(model.predict(&x).unwrap()) {
            assert_eq!(usize::from(*score > 0.0), class, "{method}");
        }
    }
}

#[test]
fn a_second_fit_gives_the_same_bytes_whatever_the_number_of_threads() {
    let (x, y) = blobs(600);
    // 200 x 400 x 100 multiplications: enough for the matrix products of the perceptron to be divided over threads.
    let wide = Matrix::new(250, 400, blobs(25_000).0.as_slice().to_vec()).unwrap();
    let wide_y = &y[..250];
    for &method in Method::ALL {
        for (x, y) in [(&x, y.as_slice()), (&wide, wide_y)] {
            let run = |n_threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new()
                    .num_threads(n_threads)
                    .build()
                    .unwrap();
                pool.install(|| answers(&*fit(method, x, y, 3), x))
            };
            let one = run(1);
            assert_eq!(one, run(1), "{method}: second fit");
            assert_eq!(one, run(2), "{method}: two threads");
            assert_eq!(one, run(5), "{method}: five threads");
        }
    }
}

#[test]
fn a_row_gets_the_same_answer_in_any_company() {
    let (x, y) = blobs(150);
    for &method in Method::ALL {
        let model = fit(method, &x, &y, 3);
        let (classes, proba, decision) = answers(&*model, &x);
        for row in [0, 63, 64, 149] {
            let (class, row_proba, row_decision) = answers(&*model, &x.take_rows(&[row]).unwrap());
            assert_eq!(class, [classes[row]], "{method}");
            let part = |all: &Option<Vec<u64>>| all.as_ref().map(|all| all[row * 3..row * 3 + 3].to_vec());
            assert_eq!(row_proba, part(&proba), "{method}");
            assert_eq!(row_decision, part(&decision), "{method}");
        }
    }
}

#[test]
fn weights_of_one_change_nothing() {
    let (x, y) = blobs(90);
    for &method in Method::ALL {
        let weights = vec![1.0; 90];
        let train = TrainSet::new(&x, &y, 3)
            .unwrap()
            .with_sample_weight(&weights)
            .unwrap();
        let weighted = method.classifier(0).fit(&train).unwrap();
        assert_eq!(
            answers(&*weighted, &x),
            answers(&*fit(method, &x, &y, 3), &x),
            "{method}"
        );
    }
}

#[test]
fn rows_of_weight_zero_do_not_count() {
    let (x, y) = blobs(180);
    // Every second row is mislabelled and weighs nothing.
    let wrong: Vec<usize> = (0..180)
        .map(|row| if row % 2 == 0 { y[row] } else { (y[row] + 1) % 3 })
        .collect();
    let weights: Vec<f64> = (0..180).map(|row| [1.0, 0.0][row % 2]).collect();
    for &method in Method::ALL {
        if method == Method::MAJORITY {
            continue; // It predicts one class only; its own test covers the weights.
        }
        let train = TrainSet::new(&x, &wrong, 3)
            .unwrap()
            .with_sample_weight(&weights)
            .unwrap();
        let predicted = method.classifier(0).fit(&train).unwrap().predict(&x).unwrap();
        let n_right = predicted.iter().zip(&y).filter(|(a, b)| a == b).count();
        assert!(n_right >= 171, "{method}: {n_right} of 180");
    }
}

#[test]
fn equal_rows_with_different_labels_do_no_harm() {
    let x = Matrix::new(40, 2, vec![1.5; 80]).unwrap();
    let y: Vec<usize> = (0..40).map(|row| usize::from(row % 4 == 0)).collect();
    for &method in Method::ALL {
        let model = fit(method, &x, &y, 2);
        assert_eq!(
            model.predict(&x).unwrap(),
            [0; 40],
            "{method}: three in four rows are of class 0"
        );
        if let Some(proba) = proba_bits(&*model, &x) {
            assert!(
                proba.iter().all(|bits| f64::from_bits(*bits).is_finite()),
                "{method}"
            );
        }
    }
}

#[test]
fn one_class_is_an_error_for_all_but_the_majority() {
    let x = Matrix::new(3, 1, vec![0.0, 1.0, 2.0]).unwrap();
    for &method in Method::ALL {
        let result = method
            .classifier(0)
            .fit(&TrainSet::new(&x, &[1, 1, 1], 2).unwrap());
        match method.name() {
            "majority" => assert_eq!(result.unwrap().predict(&x).unwrap(), [1; 3]),
            _ => assert!(
                matches!(
                    result,
                    Err(LearnError::OneClass { ref class, n_rows: 3, .. }) if class == "1"
                ),
                "{method}"
            ),
        }
    }
}

#[test]
fn rows_to_predict_are_checked() {
    let (x, y) = blobs(30);
    for &method in Method::ALL {
        let model = fit(method, &x, &y, 3);
        let narrow = Matrix::new(1, 3, vec![0.0; 3]).unwrap();
        let nan = Matrix::new(1, 4, vec![0.0, 0.0, f32::NAN, 0.0]).unwrap();
        for bad in [model.predict(&narrow).err(), model.predict_proba(&narrow).err()] {
            let bad = bad.unwrap();
            assert!(
                matches!(
                    bad,
                    LearnError::ShapeMismatch {
                        expected: 4,
                        got: 3,
                        ..
                    } | LearnError::Unsupported { .. }
                ),
                "{method}: {bad}"
            );
        }
        assert!(
            matches!(
                model.predict(&nan),
                Err(LearnError::NotFinite {
                    row: 0,
                    column: 2,
                    ..
                })
            ),
            "{method}: NaN is refused"
        );
        let none = Matrix::new(0, 4, vec![]).unwrap();
        assert!(
            model.predict(&none).unwrap().is_empty(),
            "{method}: no rows, no predictions"
        );
    }
}
