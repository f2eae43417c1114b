#![allow(clippy::unwrap_used)]

use serde_json::Value;

use super::*;
use crate::data::matrix::Matrix;
use crate::error::LearnError;
use crate::test_support::{floats, golden};

/// `f32` values from rows of a golden file; they are all exact.
fn matrix(rows: &Value) -> Matrix {
    let rows: Vec<Vec<f32>> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| floats(row).into_iter().map(|value| value as f32).collect())
        .collect();
    Matrix::from_rows(&rows).unwrap()
}

/// The fitted steps on every row in `f64`, without the rounding to `f32` at the end.
fn exact(steps: &FittedSteps, x: &Matrix) -> Vec<f64> {
    let mut out = Vec::new();
    for row in x.rows() {
        let mut wide: Vec<f64> = row.iter().map(|&value| f64::from(value)).collect();
        for step in steps.parts() {
            step.apply_row(&mut wide);
        }
        out.extend(wide);
    }
    out
}

#[test]
fn every_step_equals_scikit_learn() {
    let golden = golden(include_str!("../../tests/golden/preprocess.json"));
    let (x, fresh) = (matrix(&golden["x"]), matrix(&golden["fresh"]));
    let cases = golden["cases"].as_array().unwrap();
    assert!(cases.len() >= 22, "{}", cases.len());
    for case in cases {
        let text = case["pipeline"].as_str().unwrap();
        let steps = text.parse::<Pipeline>().unwrap().fit(&x).unwrap();
        for (rows, want) in [(&x, &case["train"]), (&fresh, &case["fresh"])] {
            let want: Vec<f64> = want.as_array().unwrap().iter().flat_map(floats).collect();
            let got = exact(&steps, rows);
            let worst = got
                .iter()
                .zip(&want)
                .map(|(got, want)| match (got.is_nan(), want.is_nan()) {
                    (true, true) => 0.0,
                    (false, false) => (got - want).abs() / want.abs().max(1.0),
                    _ => f64::INFINITY,
                })
                .fold(0.0, f64::max);
            assert!(worst <= 1e-12, "{text}: {worst:e}");
            let rounded: Vec<f32> = got.iter().map(|&value| value as f32).collect();
            let transformed = steps.transform(rows).unwrap();
            let same = transformed
                .as_slice()
                .iter()
                .zip(&rounded)
                .all(|(a, b)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()));
            assert!(same, "{text}: transform is not the rounded result");
        }
    }
}

#[test]
fn quantiles_are_the_share_of_training_values_below() {
    // Without ties and with a landmark per row, the place of a training value is its rank over n - 1.
    let values = [3.0f32, -1.0, 7.0, 0.5, 2.0];
    let x = Matrix::new(5, 1, values.to_vec()).unwrap();
    let pipeline: Pipeline = "quantile=uniform".parse().unwrap();
    let got = pipeline.fit(&x).unwrap().transform(&x).unwrap();
    for (value, share) in values.iter().zip(got.as_slice()) {
        let rank = values.iter().filter(|other| *other < value).count();
        assert!((f64::from(*share) - rank as f64 / 4.0).abs() < 1e-7, "{value}");
    }
}

#[test]
fn outliers_are_those_of_the_obvious_formula() {
    // Mean 1 and variance (9 * 1 + 81) / 10 = 9: the last value is 9 / 3 = 3 deviations out, the others 1/3.
    let mut values = vec![0.0f32; 10];
    values[9] = 10.0;
    let x = Matrix::new(10, 1, values).unwrap();
    let treated = |text: &str| {
        let pipeline: Pipeline = text.parse().unwrap();
        let out = pipeline.fit(&x).unwrap().transform(&x).unwrap();
        assert_eq!(out.as_slice()[..9], [0.0; 9]);
        out.as_slice()[9]
    };
    assert_eq!(treated("outliers=clip"), 10.0);
    assert_eq!(treated("outliers=clip:2"), 7.0);
    assert_eq!(treated("outliers=mean:2"), 1.0);
    assert_eq!(treated("outliers=median:2"), 0.0);
    assert!(treated("outliers=nan:2").is_nan());
    assert_eq!(treated("outliers=keep:2"), 10.0);
    // More than half of the values are equal: the robust spread is zero, and nothing is an outlier.
    assert_eq!(treated("outliers=clip:2:robust"), 10.0);
}

#[test]
fn a_column_without_values_is_filled_with_zero() {
    let nan = f32::NAN;
    let x = Matrix::new(2, 2, vec![nan, 1.0, nan, 3.0]).unwrap();
    for text in [
        "impute=mean,standard",
        "impute=median,robust",
        "impute=mean,quantile=normal",
    ] {
        let steps = text.parse::<Pipeline>().unwrap().fit(&x).unwrap();
        let out = steps.transform(&x).unwrap();
        assert!(out.as_slice().iter().all(|value| value.is_finite()), "{text}");
    }
    let steps = "impute=mean".parse::<Pipeline>().unwrap().fit(&x).unwrap();
    assert_eq!(steps.transform(&x).unwrap().as_slice(), [0.0, 1.0, 0.0, 3.0]);
}

#[test]
fn standardising_alone_is_the_same_as_after_a_step_that_does_nothing() {
    let golden = golden(include_str!("../../tests/golden/preprocess.json"));
    let x = matrix(&golden["x"]);
    let alone = "standard".parse::<Pipeline>().unwrap().fit(&x).unwrap();
    let after = "outliers=keep,standard"
        .parse::<Pipeline>()
        .unwrap()
        .fit(&x)
        .unwrap();
    assert_eq!(alone.parts()[0], after.parts()[1]);
    let scaler = StandardScaler::fit(&x).unwrap();
    let bits = |x: Matrix| {
        x.as_slice()
            .iter()
            .map(|value| value.to_bits())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        bits(alone.transform(&x).unwrap()),
        bits(scaler.transform(&x).unwrap())
    );
}

#[test]
fn the_text_is_read_back() {
    for text in [
        "none",
        "standard",
        "impute=mean",
        "impute=constant:-2.5,log,robust",
        "outliers=nan:3,impute=median",
        "outliers=clip:5:robust,quantile=uniform:100,standard",
        "quantile=normal",
    ] {
        assert_eq!(text.parse::<Pipeline>().unwrap().to_string(), text);
    }
    let spaced: Pipeline = " impute=median , outliers=clip , log".parse().unwrap();
    assert_eq!(spaced.to_string(), "impute=median,outliers=clip:3,log");
    assert_eq!("".parse::<Pipeline>().unwrap(), Pipeline::default());
    for bad in [
        "scale",
        "impute",
        "impute=mode",
        "impute=constant:x",
        "impute=constant:inf",
        "outliers=clip:-1",
        "outliers=clip:NaN",
        "outliers=drop",
        "quantile=normal:1",
        "quantile=normal:1000000000",
        "quantile",
        "standard=2",
        "impute=mean:3",
        "standard,,log",
    ] {
        let error = bad.parse::<Pipeline>().unwrap_err();
        assert!(matches!(error, LearnError::UnknownStep { .. }), "{bad}: {error}");
    }
}

#[test]
fn bad_rows_are_refused() {
    let pipeline: Pipeline = "impute=mean,robust".parse().unwrap();
    let infinite = Matrix::new(1, 2, vec![0.0, f32::INFINITY]).unwrap();
    assert!(matches!(
        pipeline.fit(&infinite),
        Err(LearnError::NotFinite {
            row: 0,
            column: 1,
            ..
        })
    ));
    assert!(matches!(
        pipeline.fit(&Matrix::default()),
        Err(LearnError::Empty { .. })
    ));
    let steps = pipeline.fit(&Matrix::new(2, 1, vec![0.0, 1.0]).unwrap()).unwrap();
    assert!(steps.transform(&infinite).is_err());
}
