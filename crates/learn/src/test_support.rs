#![allow(clippy::unwrap_used)]
//! What the tests of several modules share: golden files and comparison of numbers.

use proptest::test_runner::{Config, RngSeed};
use serde_json::Value;

use crate::data::dataset::Dataset;
use crate::data::matrix::Matrix;
use crate::data::score_matrix::ScoreMatrix;
use cratedigger_stats::rng::SeededRng;

/// The content of a golden file.
pub(crate) fn golden(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// An array of numbers; `null` is NaN.
pub(crate) fn floats(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value.as_f64().unwrap_or(f64::NAN))
        .collect()
}

/// Rows of an array of numbers in single precision.
pub(crate) fn matrix(value: &Value, n_cols: usize) -> Matrix {
    let values: Vec<f32> = floats(value).into_iter().map(|value| value as f32).collect();
    Matrix::new(values.len() / n_cols, n_cols, values).unwrap()
}

/// An array of indices.
pub(crate) fn indices(value: &Value) -> Vec<usize> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value.as_u64().unwrap() as usize)
        .collect()
}

/// Fails unless both have the same length and every pair differs by at most `tolerance`, absolutely for values below
/// 1 and relatively above; NaN equals NaN only.
#[track_caller]
pub(crate) fn assert_close(got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len(), "lengths differ");
    let error = |(got, want): (&f64, &f64)| match (got.is_nan(), want.is_nan()) {
        (true, true) => 0.0,
        (false, false) => (got - want).abs() / want.abs().max(1.0),
        _ => f64::INFINITY,
    };
    let errors = got.iter().zip(want).map(error);
    let (worst, error) = errors
        .enumerate()
        .fold((0, 0.0), |a, b| if b.1 > a.1 { b } else { a });
    assert!(
        error <= tolerance,
        "index {worst}: got {}, want {}, error {error:e}",
        got[worst],
        want[worst]
    );
}

/// The cases of scores that are made probabilities: what is wanted, true classes and decision values.
pub(crate) fn scaling_cases() -> Vec<(Value, Vec<usize>, ScoreMatrix)> {
    let all = golden(include_str!("../tests/golden/scores.json"));
    let cases = all["scaling"].as_array().unwrap().iter();
    cases
        .map(|case| {
            let y = indices(&case["y"]);
            let n_cols = case["n_cols"].as_u64().unwrap() as usize;
            let decision = ScoreMatrix::new(y.len(), n_cols, floats(&case["decision"])).unwrap();
            (case.clone(), y, decision)
        })
        .collect()
}

/// 120 rows in three classes that two of four features tell apart, at very different scales.
pub(crate) fn three_classes() -> Dataset {
    let mut rng = SeededRng::new(6);
    let mut values = Vec::new();
    let mut y = Vec::new();
    for row in 0..120 {
        let class = row % 3;
        let noise: Vec<f64> = (0..4).map(|_| rng.uniform(-1.0, 1.0)).collect();
        values.extend([
            1e4 * (class as f64 + 0.7 * noise[0]),
            1e-3 * noise[1],
            class as f64 % 2.0 + noise[2],
            noise[3],
        ]);
        y.push(class);
    }
    let x = Matrix::new(120, 4, values.into_iter().map(|value| value as f32).collect()).unwrap();
    Dataset::new(x, y, vec!["Folk".into(), "Pop".into(), "Rock".into()]).unwrap()
}

/// The same `n` cases of a property test in every run, unless `PROPTEST_RNG_SEED` and `PROPTEST_CASES` ask for others.
pub(crate) fn cases(n: u32) -> Config {
    let asked = Config::default();
    let is_asked = |name| std::env::var_os(name).is_some();
    Config {
        cases: if is_asked("PROPTEST_CASES") {
            asked.cases
        } else {
            n
        },
        rng_seed: if is_asked("PROPTEST_RNG_SEED") {
            asked.rng_seed
        } else {
            RngSeed::Fixed(0)
        },
        ..asked
    }
}
