#![allow(clippy::unwrap_used)]
use super::*;
use crate::data::matrix::Matrix;
use crate::methods::linear::LogisticRegression;
use crate::methods::mlp::{Activation, MlpClassifier, Solver};
use crate::split::Splitter;
use crate::test_support::{assert_close, floats, golden, indices};
use cratedigger_stats::rng::SeededRng;

/// 0 Rock with 1 Punk below it, 2 Folk; 240 rows of 60 artists, of which features 0 to 2 tell.
fn rows() -> (Dataset, LabelMatrix, Hierarchy) {
    let mut rng = SeededRng::new(3);
    let (mut values, mut labels, mut y) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..240_usize {
        let rock = row % 2 == 0;
        let punk = rock && row % 3 == 0;
        let folk = row % 5 < 2;
        let has = [rock, punk, folk];
        values.extend(has.map(|has| (f64::from(u8::from(has)) + 0.5 * 1.5 * rng.uniform(-1.0, 1.0)) as f32));
        values.push(1.5 * rng.uniform(-1.0, 1.0) as f32);
        labels.push((0..3).filter(|&label| has[label]).collect());
        y.push(usize::from(rock));
    }
    let x = Matrix::new(240, 4, values).unwrap();
    let mut data = Dataset::new(x, y, vec!["Other".into(), "Rock".into()]).unwrap();
    data.groups = Some((0..240).map(|row| row / 4).collect());
    let names = ["Rock", "Punk", "Folk"].map(str::to_owned).to_vec();
    (
        data,
        LabelMatrix::new(names, &labels).unwrap(),
        Hierarchy::new(vec![None, Some(0), None]).unwrap(),
    )
}

#[test]
fn every_row_is_scored_by_a_model_that_has_not_seen_it() {
    let (data, labels, tree) = rows();
    let folds = Splitter::Artist.k_fold(&data, 3, 0).unwrap();
    for method in [
        Method::LOGISTIC_REGRESSION,
        Method::GRADIENT_BOOSTING,
        Method::MLP,
    ] {
        let classifier = method.classifier(0);
        let of = |n_jobs| {
            let options = CvOptions {
                n_jobs: Some(n_jobs),
                ..CvOptions::default()
            };
            evaluate_labels(&*classifier, &data, (&labels, &tree), &folds, &options, &[], 0).unwrap()
        };
        let found = of(2);
        assert_eq!((found.rows.len(), &found.labels), (240, &labels));
        assert_eq!(
            (&found.proba, &found.claims),
            (&of(1).proba, &of(3).claims),
            "{method}"
        );
        assert!(found.proba.rows().all(|row| row[1] <= row[0]), "{method}");
        assert!(
            found.claims[0].claimed.rows().all(|row| row[0] || !row[1]),
            "{method}"
        );
        let auc = found.ranking.roc_auc.macro_average.unwrap();
        assert!(auc > 0.85, "{method}: {auc}");
        assert!(
            found.hierarchical().f1 > 0.75,
            "{method}: {:?}",
            found.hierarchical()
        );
        // By hand for one fold: model, probabilities, thresholds of the other folds' rows.
        let x = data.x.take_rows(&folds[1].train).unwrap();
        let part = LabelRows {
            rows: Rows {
                x: &x,
                y: &take(&data.y, &folds[1].train),
                groups: Some(&take(data.groups.as_ref().unwrap(), &folds[1].train)),
                ..Rows::of(&data)
            },
            labels: &labels.take_rows(&folds[1].train),
            tree: &tree,
        };
        let model = fit_labels(&*classifier, &part, None).unwrap();
        let want = model.proba(&data.x.take_rows(&folds[1].test).unwrap()).unwrap();
        let at: Vec<usize> = (0..240).filter(|&at| found.fold[at] == 1).collect();
        assert_eq!(found.proba.take_rows(&at), want, "{method}");
        let others: Vec<usize> = (0..240).filter(|&at| found.fold[at] != 1).collect();
        let thresholds = Thresholds::choose(
            &labels.take_rows(&others),
            &found.proba.take_rows(&others),
            ThresholdFor::F1,
        )
        .unwrap();
        assert_eq!(found.claims[0].thresholds[1], thresholds, "{method}");
    }
}

#[test]
fn a_hold_out_chooses_thresholds_within_its_training_rows() {
    let (data, labels, tree) = rows();
    let fold = Splitter::Artist.hold_out(&data, 0.3, 0).unwrap();
    let of = |labels: &LabelMatrix| {
        let classifier = Method::LOGISTIC_REGRESSION.classifier(0);
        let options = CvOptions::default();
        evaluate_labels(
            &*classifier,
            &data,
            (labels, &tree),
            std::slice::from_ref(&fold),
            &options,
            &[ThresholdFor::F1, ThresholdFor::Precision(0.95)],
            0,
        )
        .unwrap()
    };
    let found = of(&labels);
    assert_eq!(found.rows, fold.test);
    // Other labels of the test rows change the scores, and neither thresholds nor probabilities.
    let turned: Vec<Vec<usize>> = (0..240)
        .map(|row| {
            let has = labels.row(row);
            let tested = fold.test.contains(&row);
            (0..3).filter(|&label| has[label] != tested).collect()
        })
        .collect();
    let other = of(&LabelMatrix::new(labels.names().to_vec(), &turned).unwrap());
    assert_eq!(
        (&other.claims[0].thresholds, &other.proba),
        (&found.claims[0].thresholds, &found.proba)
    );
    assert!(other.hierarchical().f1 < found.hierarchical().f1);
    // What is asked of precision is dearer.
    let [plain, precise] = [&found.claims[0].hierarchical, &found.claims[1].hierarchical];
    assert!(
        precise.precision > plain.precision && precise.recall < plain.recall,
        "{plain:?} {precise:?}"
    );
    // The model of the fold, with the same probabilities and thresholds.
    let (model, same) = hold_out_labels(
        &*Method::LOGISTIC_REGRESSION.classifier(0),
        &data,
        (&labels, &tree),
        &fold,
        &CvOptions::default(),
        ThresholdFor::Precision(0.95),
        0,
    )
    .unwrap();
    assert_eq!((&same.proba, &same.claims[0]), (&found.proba, &found.claims[1]));
    assert_eq!(
        model.proba(&data.x.take_rows(&fold.test).unwrap()).unwrap(),
        found.proba
    );
}

#[test]
fn a_saved_model_says_the_same() {
    let (data, labels, tree) = rows();
    let none: Vec<Vec<usize>> = (0..240)
        .map(|row| if row % 2 == 0 { vec![0] } else { vec![] })
        .collect();
    let with_empty = LabelMatrix::new(labels.names().to_vec(), &none).unwrap();
    for (method, labels) in [
        (Method::LOGISTIC_REGRESSION, &labels),
        (Method::GRADIENT_BOOSTING, &with_empty),
        (Method::MLP, &labels),
    ] {
        let rows = LabelRows {
            rows: Rows::of(&data),
            labels,
            tree: &tree,
        };
        let model = fit_labels(&*method.classifier(0), &rows, None).unwrap();
        let state = model.to_state().unwrap();
        let back = FittedLabels::from_state(&state, 4).unwrap();
        assert_eq!(
            back.proba(&data.x).unwrap(),
            model.proba(&data.x).unwrap(),
            "{method}"
        );
        assert_eq!((back.names(), back.tree()), (model.names(), model.tree()));
        // Trees know the columns that they ask, and no others.
        let n_features = if method == Method::GRADIENT_BOOSTING { 1 } else { 5 };
        assert!(FittedLabels::from_state(&state, n_features).is_err(), "{method}");
    }
    let svm = Method::LINEAR_SVC.classifier(0);
    let rows = LabelRows {
        rows: Rows::of(&data),
        labels: &labels,
        tree: &tree,
    };
    let error = fit_labels(&*svm, &rows, None)
        .unwrap()
        .proba(&data.x)
        .unwrap_err();
    assert!(error.to_string().contains("probabilities"), "{error}");
}

#[test]
fn fits_equal_scikit_learn() {
    let golden = golden(include_str!("../../../tests/golden/multilabel.json"));
    let fits = &golden["fits"];
    let x = |name: &str| {
        let values: Vec<f32> = floats(&fits[name])
            .into_iter()
            .map(|value| value as f32)
            .collect();
        Matrix::new(values.len() / 4, 4, values).unwrap()
    };
    let (train, test) = (x("x"), x("x_test"));
    let labels: Vec<Vec<usize>> = indices(&fits["y"])
        .chunks(6)
        .map(|row| (0..6).filter(|&label| row[label] == 1).collect())
        .collect();
    let labels = LabelMatrix::new((0..6).map(|label| label.to_string()).collect(), &labels).unwrap();
    let data = Dataset::new(train, vec![0; 90], vec!["all".into()]).unwrap();
    let flat = Hierarchy::flat(6);
    let rows = LabelRows {
        rows: Rows::of(&data),
        labels: &labels,
        tree: &flat,
    };
    let linear = LogisticRegression {
        c: 0.5,
        tol: 1e-10,
        max_iter: 10_000,
        ..LogisticRegression::default()
    };
    let plain = Pipeline::default();
    let found = fit_labels(&linear, &rows, Some(&plain))
        .unwrap()
        .proba(&test)
        .unwrap();
    assert_close(found.as_slice(), &floats(&fits["logistic"]), 1e-6);
    // A perceptron from another start reaches a loss of the same size, by the same measure.
    let network = MlpClassifier {
        hidden_layer_sizes: vec![5],
        activation: Activation::Tanh,
        solver: Solver::Lbfgs,
        alpha: 0.1,
        max_iter: 2000,
        max_fun: 100_000,
        tol: 1e-7,
        ..MlpClassifier::default()
    };
    let model = fit_labels(&network, &rows, Some(&plain)).unwrap();
    let loss = model
        .to_state()
        .unwrap()
        .f64("all.loss_curve")
        .unwrap()
        .1
        .last()
        .copied()
        .unwrap();
    let want = fits["network_loss"].as_f64().unwrap();
    assert!((loss - want).abs() < 0.1 * want, "{loss} and {want}");
    // The weights that scikit-learn found give its probabilities here.
    let mut state = model.to_state().unwrap();
    for layer in 0..2 {
        for (name, values) in [
            ("weights", &fits["weights"][layer]),
            ("biases", &fits["biases"][layer]),
        ] {
            let values: Vec<f32> = floats(values).into_iter().map(|value| value as f32).collect();
            let name = format!("all.{name}.{layer}");
            let shape = state.f32(&name).unwrap().0.to_vec();
            state
                .put(&name, &shape, crate::state::TensorValues::F32(values))
                .unwrap();
        }
    }
    let theirs = FittedLabels::from_state(&state, 4).unwrap().proba(&test).unwrap();
    assert_close(theirs.as_slice(), &floats(&fits["network"]), 2e-6);
}
