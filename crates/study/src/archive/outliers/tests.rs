#![allow(clippy::unwrap_used)]
use serde_json::Value;

use super::*;

fn column(of: impl Fn(f64) -> f64) -> Vec<Option<f64>> {
    (1..=400).map(|k| Some(of(f64::from(k)))).collect()
}

/// scripts/check_outliers.py
#[test]
fn scores_are_those_of_scipy() {
    let golden: Value = serde_json::from_str(include_str!("../../../tests/golden/outliers.json")).unwrap();
    let columns = [
        (
            "normal-like",
            column(|k| (k * 12.9898).sin() + (k * 78.233).sin() + (k * 37.719).sin()),
        ),
        ("heavy tail", column(|k| 1.0 / ((k * 0.7).sin().abs() + 1e-3))),
        (
            "half constant",
            column(|k| if k % 2.0 == 0.0 { 1.0 } else { (k % 7.0) * 0.5 }),
        ),
        (
            "mostly constant",
            column(|k| if k % 10.0 == 0.0 { k * 0.25 } else { 2.0 }),
        ),
    ];
    let ids: Vec<i64> = (1..=400).collect();
    for (name, values) in columns {
        let (found, beyond) = describe(name, &values, &ids, 3.0).unwrap();
        let want = &golden[name];
        for (got, field) in [
            (found.mean, "mean"),
            (found.std, "std"),
            (found.median, "median"),
            (found.mad, "mad"),
            (found.lowest.value, "min"),
            (found.highest.value, "max"),
            (found.lowest.z, "min_z"),
            (found.highest.z, "max_z"),
        ] {
            let want = want[field].as_f64().unwrap();
            assert!(
                (got - want).abs() <= 1e-10 * want.abs().max(1.0),
                "{name} {field}: {got} {want}"
            );
        }
        assert_eq!(
            (Some(found.n_above), Some(found.n_below), found.n_robust),
            (
                want["n_above"].as_u64(),
                want["n_below"].as_u64(),
                want["n_robust"].as_u64()
            ),
            "{name}"
        );
        assert_eq!(beyond.len() as u64, found.n_beyond());
        assert_eq!(found.histogram.iter().sum::<u64>(), 400);
    }
}

/// By hand: 0, 0, 0, 0, 10 has mean 2, population standard deviation 4, median 0 and no absolute deviation.
#[test]
fn a_column_by_hand() {
    let values = [
        Some(0.0),
        None,
        Some(0.0),
        Some(0.0),
        Some(f64::NAN),
        Some(0.0),
        Some(10.0),
    ];
    let (found, beyond) = describe("x", &values, &[1, 2, 3, 4, 5, 6, 7], 1.5).unwrap();
    assert_eq!((found.n, found.n_missing), (5, 2));
    assert_eq!(
        (found.mean, found.std, found.median, found.mad),
        (2.0, 4.0, 0.0, 0.0)
    );
    assert_eq!(
        (found.highest.track_id, found.highest.z, found.highest.robust_z),
        (7, 2.0, None)
    );
    assert_eq!((found.lowest.track_id, found.lowest.z), (1, -0.5));
    assert_eq!(
        (found.n_above, found.n_below, found.n_robust, beyond),
        (1, 0, None, vec![6])
    );
    assert_eq!(found.share_beyond, 0.2);
    // z of -0.5 is in the class [-0.5, 0), z of 2 in [2, 2.5).
    let edges = edges();
    let class = |z: f64| edges.iter().position(|&edge| edge == z).unwrap() + 1;
    assert_eq!(
        (found.histogram[class(-0.5)], found.histogram[class(2.0)]),
        (4, 1)
    );
    assert_eq!(found.histogram.len(), edges.len() + 1);
    // A constant column has no outliers.
    let (constant, _) = describe("c", &[Some(0.1); 7], &[1; 7], 3.0).unwrap();
    assert_eq!(
        (constant.highest.z, constant.n_beyond(), constant.n_robust),
        (0.0, 0, None)
    );
    assert!(describe("none", &[None, Some(f64::INFINITY)], &[1, 2], 3.0).is_none());
}

#[test]
fn enormous_and_infinite_values_are_counted_as_what_they_are() {
    let values = [
        Some(0.0),
        None,
        Some(0.0),
        Some(0.0),
        Some(0.0),
        Some(f64::INFINITY),
        Some(10.0),
    ];
    let plain = describe("x", &values, &[1, 2, 3, 4, 5, 6, 7], 1.5).unwrap().0;
    assert_eq!((plain.n, plain.n_missing, plain.n_infinite), (5, 1, 1));
    // The same in another unit, so large that squares of it are no numbers: scores have no unit.
    for unit in [1e39, 1e200, -1.7e307] {
        let values = values.map(|value| value.map(|value| value * unit));
        let found = describe("x", &values, &[1, 2, 3, 4, 5, 6, 7], 1.5).unwrap().0;
        assert_eq!((found.n, found.n_missing, found.n_infinite), (5, 1, 1));
        let far = if unit > 0.0 { &found.highest } else { &found.lowest };
        assert_eq!((far.track_id, far.value), (7, 10.0 * unit));
        assert!((far.z.abs() - plain.highest.z).abs() < 1e-12, "{unit}: {}", far.z);
        assert!(
            (found.mean / unit - plain.mean).abs() < 1e-12
                && (found.std / unit.abs() - plain.std).abs() < 1e-12
        );
        assert_eq!(found.n_beyond(), plain.n_beyond());
    }
}
