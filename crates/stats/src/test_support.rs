#![allow(clippy::unwrap_used)]
//! What the tests of several modules share: golden files and comparison of numbers.

use serde_json::Value;

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

/// Within 1e-10 of the value, or of 1 where the value is less.
#[track_caller]
pub(crate) fn close(got: f64, want: &Value, what: &str) {
    let want = want.as_f64().unwrap_or_else(|| panic!("{what}: {want}"));
    assert!(
        (got - want).abs() <= 1e-10 * want.abs().max(1.0),
        "{what}: {got} {want}"
    );
}

/// Within 1e-10 of the value, relatively.
#[track_caller]
pub(crate) fn relative(got: f64, want: &Value, what: &str) {
    let want = want.as_f64().unwrap_or_else(|| panic!("{what}: {want}"));
    assert!(
        (got - want).abs() <= 1e-10 * want.abs(),
        "{what}: {got:e} {want:e}"
    );
}
