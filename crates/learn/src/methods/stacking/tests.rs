#![allow(clippy::unwrap_used)]

mod files;

use super::*;
use crate::data::dataset::{Dataset, take};
use crate::data::matrix::Matrix;
use crate::data::score_matrix::ScoreMatrix;
use crate::metrics::{Logits, TemperatureScaling};
use crate::preprocess::{FittedPipeline, Pipeline, Rows};
use crate::split::{Fold, given_folds};
use crate::test_support::{assert_close, floats, golden, indices, three_classes};
use cratedigger_stats::rng::SeededRng;

fn matrix(n_cols: usize, values: Vec<f64>) -> Matrix {
    let values: Vec<f32> = values.into_iter().map(|value| value as f32).collect();
    Matrix::new(values.len() / n_cols, n_cols, values).unwrap()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn stack(estimators: &str) -> StackingClassifier {
    StackingClassifier {
        estimators: estimators.to_owned(),
        ..StackingClassifier::default()
    }
}

#[test]
fn probabilities_equal_scikit_learn() {
    let golden = golden(include_str!("../../../tests/golden/stacking.json"));
    let x = matrix(5, floats(&golden["x"]));
    let other = matrix(5, floats(&golden["other"]));
    let tests: Vec<Vec<usize>> = golden["tests"].as_array().unwrap().iter().map(indices).collect();
    let folds = given_folds(180, &tests).unwrap();
    let names = names(&["a.0", "a.1", "a.2", "b.0", "b.1"]);
    for case in golden["cases"].as_array().unwrap() {
        let y = indices(&case["y"]);
        let classifier = StackingClassifier {
            estimators: case["estimators"].as_str().unwrap().to_owned(),
            final_estimator: case["final_estimator"].as_str().unwrap().to_owned(),
            passthrough: case["passthrough"].as_bool().unwrap(),
            ..StackingClassifier::default()
        };
        let rows = Rows {
            x: &x,
            y: &y,
            n_classes: y.iter().max().unwrap() + 1,
            sample_weight: None,
            groups: None,
            class_names: None,
            feature_names: Some(&names),
            watch: None,
        };
        let model = classifier.stack().unwrap().fit(&rows, &folds).unwrap();
        for (x, want) in [(&x, &case["proba"]), (&other, &case["other_proba"])] {
            let proba = model.predict_proba(x).unwrap();
            assert_close(proba.as_slice(), &floats(want), 2e-6);
        }
    }
}

/// 200 rows of 40 groups in three classes: `a` tells class 0, `b` class 2, `kind.category` something of all, and gaps.
fn rows(seed: u64) -> Dataset {
    let mut rng = SeededRng::new(seed);
    let (mut values, mut y, mut groups) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..200 {
        let group = row / 5;
        let class = (group * 7 + row % 2) % 3;
        values.push(f64::from(u8::from(class == 0)) + rng.uniform(-1.0, 1.0));
        values.push(if rng.unit() < 0.1 {
            f64::NAN
        } else {
            f64::from(u8::from(class == 2)) * 2.0 + rng.uniform(-1.5, 1.5)
        });
        values.push(rng.uniform(-1.0, 1.0));
        values.push(if rng.unit() < 0.2 {
            f64::NAN
        } else {
            (class as f64 + 3.0 * rng.unit()).floor()
        });
        y.push(class);
        groups.push(group as i64);
    }
    let classes = names(&["Folk", "Jazz", "Rock"]);
    let mut data = Dataset::new(matrix(4, values), y, classes).unwrap();
    data.feature_names = names(&["a.0", "b.0.optional", "c.0", "kind.category"]);
    data.groups = Some(groups);
    data
}

/// What a member says of rows, as the final estimator sees it: by margins, with a temperature.
fn said(pipeline: &FittedPipeline, x: &Matrix) -> Result<ScoreMatrix> {
    let scores = pipeline.scores(x)?;
    Ok(scores.probabilities.or(scores.decision).unwrap())
}

/// Stacking written down as it is told: every fold, every member, one after the other.
fn slowly(
    data: &Dataset,
    members: &[(&str, Vec<usize>, Option<&str>)],
    folds: &[Fold],
    passed: bool,
    new: &Matrix,
) -> ScoreMatrix {
    let n = data.n_rows();
    let (mut level, mut level_new) = (vec![Vec::new(); n], vec![Vec::new(); new.n_rows()]);
    let fit = |method: &str, part: &Dataset, pipeline: Option<&str>| {
        let pipeline: Option<Pipeline> = pipeline.map(|text| text.parse().unwrap());
        let classifier = method.parse::<Method>().unwrap().classifier(0);
        FittedPipeline::fit_rows(&*classifier, Rows::of(part), pipeline.as_ref()).unwrap()
    };
    for (method, columns, pipeline) in members {
        let own = data.take_cols(columns).unwrap();
        let mut out = vec![Vec::new(); n];
        for fold in folds {
            let fitted = fit(method, &own.take_rows(&fold.train).unwrap(), *pipeline);
            let of_fold = said(&fitted, &own.x.take_rows(&fold.test).unwrap()).unwrap();
            for (row, scores) in fold.test.iter().zip(of_fold.rows()) {
                out[*row] = scores.to_vec();
            }
        }
        let whole = said(&fit(method, &own, *pipeline), &new.take_cols(columns).unwrap()).unwrap();
        let soft = |scores: &[Vec<f64>], y: &[usize], of: &[Vec<f64>]| {
            let logits = |rows: &[Vec<f64>]| {
                Logits::of_decision(&ScoreMatrix::new(rows.len(), 3, rows.concat()).unwrap())
            };
            let fitted = TemperatureScaling::fit(&logits(scores), y).unwrap();
            let proba = fitted.scaling.proba(&logits(of));
            proba.rows().map(<[f64]>::to_vec).collect::<Vec<_>>()
        };
        let mut of_new: Vec<Vec<f64>> = whole.rows().map(<[f64]>::to_vec).collect();
        if *method == "linear-svc" {
            of_new = soft(&out, &data.y, &of_new);
            let margins = out.clone();
            for fold in folds {
                let own: Vec<Vec<f64>> = take(&margins, &fold.test);
                let proba = soft(&take(&margins, &fold.train), &take(&data.y, &fold.train), &own);
                for (row, proba) in fold.test.iter().zip(proba) {
                    out[*row] = proba;
                }
            }
        }
        level
            .iter_mut()
            .zip(out)
            .for_each(|(level, out)| level.extend(out));
        level_new
            .iter_mut()
            .zip(of_new)
            .for_each(|(level, out)| level.extend(out));
    }
    if passed {
        let pipeline = Pipeline::default_for(Method::LOGISTIC_REGRESSION, &data.feature_names);
        let (steps, seen) = pipeline.fit_transform(&Rows::of(data)).unwrap();
        let wide = |row: &[f32]| row.iter().map(|&value| f64::from(value)).collect::<Vec<_>>();
        level
            .iter_mut()
            .zip(seen.rows())
            .for_each(|(level, row)| level.extend(wide(row)));
        let seen = steps.transform(new).unwrap();
        level_new
            .iter_mut()
            .zip(seen.rows())
            .for_each(|(level, row)| level.extend(wide(row)));
    }
    let x = matrix(level[0].len(), level.concat());
    let train = TrainSet::new(&x, &data.y, 3).unwrap();
    let last = Method::LOGISTIC_REGRESSION.classifier(0).fit(&train).unwrap();
    last.predict_proba(&matrix(level_new[0].len(), level_new.concat()))
        .unwrap()
}

#[test]
fn a_stack_is_what_a_slow_one_is() {
    let data = rows(1);
    let new = rows(2).x;
    let text =
        "linear-svc@a,c; decision-tree; logistic-regression@b,kind|encode=target:3,impute=mean,standard";
    let text = text.replace("decision-tree;", "decision-tree@a,b,c;");
    let members = [
        ("linear-svc", vec![0, 2], None),
        ("decision-tree", vec![0, 1, 2], None),
        (
            "logistic-regression",
            vec![1, 3],
            Some("encode=target:3,impute=mean,standard"),
        ),
    ];
    for passthrough in [false, true] {
        let classifier = StackingClassifier {
            passthrough,
            cv: 4,
            seed: 3,
            ..stack(&text)
        };
        let model = FittedPipeline::fit_rows(&classifier, Rows::of(&data), None).unwrap();
        let folds = inner_folds(&data.y, 3, data.groups.as_deref(), 4, 3).unwrap();
        assert_eq!(folds.len(), 4);
        let want = slowly(&data, &members, &folds, passthrough, &new);
        let proba = model.model().predict_proba(&new).unwrap();
        assert_eq!(proba.as_slice(), want.as_slice(), "passthrough {passthrough}");
    }
}

/// Rows of 60 artists each of two classes, with a column that tells a little and others that tell only who the artist is.
fn known_by_heart(seed: u64) -> Dataset {
    let mut rng = SeededRng::new(seed);
    let (mut values, mut y, mut groups) = (Vec::new(), Vec::new(), Vec::new());
    for artist in 0..120 {
        let class = artist % 2;
        let place: Vec<f64> = (0..3).map(|_| rng.uniform(-1.0, 1.0)).collect();
        for _ in 0..4 {
            values.push(class as f64 + rng.uniform(-1.2, 1.2));
            values.extend(place.iter().map(|center| center + rng.uniform(-1e-3, 1e-3)));
            y.push(class);
            groups.push(1000 * seed as i64 + artist as i64);
        }
    }
    let mut data = Dataset::new(matrix(4, values), y, names(&["Folk", "Rock"])).unwrap();
    data.feature_names = names(&["true.0", "who.0", "who.1", "who.2"]);
    data.groups = Some(groups);
    data
}

#[test]
fn a_member_that_knows_rows_by_heart_gets_no_weight() {
    let (data, new) = (known_by_heart(1), known_by_heart(2));
    let text = "logistic-regression@true; k-nearest-neighbours(n_neighbors=1)@who";
    let accuracy = |text: &str, groups: Option<Vec<i64>>| {
        let mut data = data.clone();
        data.groups = groups;
        let model = FittedPipeline::fit_rows(&stack(text), Rows::of(&data), None).unwrap();
        let said = model.predict(&new.x).unwrap();
        said.iter().zip(&new.y).filter(|(a, b)| a == b).count() as f64 / new.n_rows() as f64
    };
    let alone = accuracy("logistic-regression@true", data.groups.clone());
    let stacked = accuracy(text, data.groups.clone());
    assert!(alone > 0.65 && stacked > alone - 0.03, "{alone} {stacked}");
    // With every row for itself the member knows the artists of the rows that it is asked about, and is believed: on new artists
    // that is no better than chance.
    let leaking = accuracy(text, None);
    assert!(leaking < 0.6, "{leaking}");
}

#[test]
fn members_are_asked_only_about_rows_that_they_were_not_fitted_on() {
    // A class of its own for nobody: labels are noise and every row is known by heart, so that in-sample answers would be right.
    let mut rng = SeededRng::new(9);
    let values = (0..600).map(|_| rng.uniform(-1.0, 1.0)).collect();
    let y: Vec<usize> = (0..300).map(|_| rng.below(2)).collect();
    let data = Dataset::new(matrix(2, values), y, names(&["Folk", "Rock"])).unwrap();
    let fitted = FittedPipeline::fit_rows(
        &stack("k-nearest-neighbours(n_neighbors=1)"),
        Rows::of(&data),
        None,
    )
    .unwrap();
    let proba = fitted.model().predict_proba(&data.x).unwrap();
    assert!(
        proba.as_slice().iter().all(|p| (0.35..0.65).contains(p)),
        "{:?}",
        &proba.as_slice()[..4]
    );
}

#[test]
fn a_fold_of_one_class_and_classes_without_rows_do_no_harm() {
    // All rows of class 2 are of one artist, and there are two artists: the training rows of each fold are of one class.
    let mut data = three_classes();
    data.classes.push("Spoken".to_owned());
    data.y = (0..120).map(|row| if row < 60 { 0 } else { 2 }).collect();
    data.groups = Some((0..120).map(|row| row / 60).collect());
    for text in [
        "linear-svc; decision-tree",
        "gradient-boosting(n_estimators=5); k-nearest-neighbours",
    ] {
        let model = FittedPipeline::fit_rows(&stack(text), Rows::of(&data), None).unwrap();
        let proba = model.model().predict_proba(&data.x).unwrap();
        assert!(
            proba
                .rows()
                .all(|row| (row[1], row[3]) == (0.0, 0.0) && (row[2] - 0.5).abs() < 0.1)
        );
    }
}

#[test]
fn bad_parameters_are_named() {
    let refused = |stack: StackingClassifier| stack.check().unwrap_err().to_string();
    let cv = StackingClassifier {
        cv: 1,
        ..stack("mlp")
    };
    assert!(refused(cv).contains("cv = 1"));
    assert!(refused(stack("mlp(alfa=1)")).contains("alfa"));
    for last in ["mlp@a", "mlp|standard", "stacking", "none"] {
        let last = StackingClassifier {
            final_estimator: last.to_owned(),
            ..stack("mlp")
        };
        refused(last);
    }
    let data = rows(1);
    let error = FittedPipeline::fit_rows(&stack("decision-tree@d"), Rows::of(&data), None).unwrap_err();
    assert!(
        error.to_string().contains("`d`; there are a, b, c, kind"),
        "{error}"
    );
    // A member whose pipeline leaves gaps says so.
    let error = FittedPipeline::fit_rows(&stack("decision-tree@b|none"), Rows::of(&data), None).unwrap_err();
    assert!(matches!(error, LearnError::NotFinite { .. }), "{error}");
}

#[test]
fn a_pipeline_before_the_stack_keeps_the_families() {
    let data = rows(5);
    let fit = |pipeline: Option<&str>, text: &str| {
        let pipeline: Option<Pipeline> = pipeline.map(|text| text.parse().unwrap());
        let fitted = FittedPipeline::fit_rows(&stack(text), Rows::of(&data), pipeline.as_ref()).unwrap();
        (fitted.steps().n_outputs(), fitted.predict(&data.x).unwrap())
    };
    let text = "logistic-regression@kind; decision-tree(max_depth=3)@a";
    assert_eq!(fit(None, text).0, 4);
    assert_eq!(
        fit(Some("encode=target,impute=mean"), text).0,
        6,
        "three shares for a category"
    );
}
