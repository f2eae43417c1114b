#![allow(clippy::unwrap_used)]

use super::*;
use crate::preprocess::Pipeline;
use crate::test_support::{assert_close, floats, golden, indices};
use cratedigger_stats::rng::SeededRng;

fn rows<'a>(x: &'a Matrix, y: &'a [usize], groups: Option<&'a [i64]>) -> Rows<'a> {
    Rows {
        x,
        y,
        n_classes: y.iter().max().unwrap() + 1,
        sample_weight: None,
        groups,
        class_names: None,
        feature_names: None,
        watch: None,
    }
}

fn wide(x: &Matrix) -> Vec<f64> {
    x.as_slice().iter().map(|&value| f64::from(value)).collect()
}

#[test]
fn codes_equal_scikit_learn() {
    let golden = golden(include_str!("../../../tests/golden/encoder.json"));
    let all: Vec<f32> = golden["rows"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(floats)
        .map(|value| value as f32)
        .collect();
    let n = golden["n_train"].as_u64().unwrap() as usize;
    let x = Matrix::new(n, 2, all[..2 * n].to_vec()).unwrap();
    let other = Matrix::new(all.len() / 2 - n, 2, all[2 * n..].to_vec()).unwrap();
    for case in golden["cases"].as_array().unwrap() {
        let y = indices(&case["y"]);
        let encoding = Encoding {
            target: Some(case["smooth"].as_f64().map_or(Smooth::Auto, Smooth::Rows)),
            count: false,
        };
        let (encoder, _) = FittedEncoder::fit_transform(encoding, &rows(&x, &y, None), &[0, 1]).unwrap();
        for (x, want) in [(&x, &case["encoded"]), (&other, &case["other"])] {
            assert_close(&wide(&encoder.transform(x).unwrap()), &floats(want), 1e-7);
        }
    }
}

/// 90 rows of 30 groups, three classes, a number, and categories that some rows lack.
fn data() -> (Matrix, Vec<usize>, Vec<i64>) {
    let mut rng = SeededRng::new(2);
    let (mut values, mut y) = (Vec::new(), Vec::new());
    for row in 0..90 {
        let class = rng.below(3);
        values.push(row as f32);
        values.push(match rng.below(5) {
            0 => f32::NAN,
            _ => (10 * class + rng.below(4)) as f32,
        });
        values.push(-1.0);
        y.push(class);
    }
    (
        Matrix::new(90, 3, values).unwrap(),
        y,
        (0..90).map(|row| row / 3).collect(),
    )
}

#[test]
fn training_rows_are_encoded_by_other_groups_alone() {
    let (x, y, groups) = data();
    let encoding: Pipeline = "encode=target:2:count".parse().unwrap();
    let (encoding, _) = encoding.encoding();
    let rows = rows(&x, &y, Some(&groups));
    let (encoder, encoded) = FittedEncoder::fit_transform(encoding, &rows, &[1]).unwrap();
    assert_eq!((encoder.n_outputs(), encoded.n_cols()), (6, 6));
    assert_eq!(encoder.sources(), [0, 1, 1, 1, 1, 2]);
    let same = |a: f32, b: f32| a == b || (a.is_nan() && b.is_nan());
    let folds = inner_folds(&y, 3, Some(&groups), 5, 0).unwrap();
    for Fold { train, test } in &folds {
        for &row in test {
            assert!(train.iter().all(|&other| groups[other] != groups[row]));
            let of_category: Vec<usize> = train
                .iter()
                .copied()
                .filter(|&other| same(x.get(other, 1), x.get(row, 1)))
                .collect();
            let share = |rows: &[usize], class| rows.iter().filter(|&&row| y[row] == class).count() as f64;
            for class in 0..3 {
                let mean = share(&(0..90).collect::<Vec<_>>(), class) / 90.0;
                let n = of_category.len() as f64;
                let own = if n > 0.0 {
                    share(&of_category, class) / n
                } else {
                    0.0
                };
                // Of artists with one, two or three tracks each.
                let tracks =
                    |artist: i64| of_category.iter().filter(|&&row| groups[row] == artist).count() as f64;
                let squares: f64 = (0..30).map(|artist| tracks(artist).powi(2)).sum();
                let n_artists = if n > 0.0 { n * n / squares } else { 0.0 };
                let want = (n_artists * own + 2.0 * mean) / (n_artists + 2.0);
                assert!((f64::from(encoded.get(row, 1 + class)) - want).abs() < 1e-7);
            }
            // The share of all rows tells nothing of classes and comes from all.
            let n = (0..90)
                .filter(|&other| same(x.get(other, 1), x.get(row, 1)))
                .count();
            assert!((f64::from(encoded.get(row, 4)) - n as f64 / 90.0).abs() < 1e-7);
            assert_eq!((encoded.get(row, 0), encoded.get(row, 5)), (row as f32, -1.0));
        }
    }
    // New rows are encoded by all of them, unknown categories by the classes' shares.
    let new = Matrix::new(1, 3, vec![7.0, 99.0, 8.0]).unwrap();
    let new = encoder.transform(&new).unwrap();
    for class in 0..3 {
        let mean = y.iter().filter(|&&label| label == class).count() as f64 / 90.0;
        assert!((f64::from(new.get(0, 1 + class)) - mean).abs() < 1e-7);
    }
    assert_eq!((new.get(0, 0), new.get(0, 4), new.get(0, 5)), (7.0, 0.0, 8.0));
}

#[test]
fn a_category_for_each_group_tells_nothing_in_training() {
    // With a code for each artist and an encoding by all rows, training rows would tell their own class.
    let (_, y, groups) = data();
    let y: Vec<usize> = groups.iter().map(|group| y[*group as usize]).collect();
    let x = Matrix::new(90, 1, groups.iter().map(|&group| group as f32).collect()).unwrap();
    let rows = rows(&x, &y, Some(&groups));
    let encoding = Encoding {
        target: Some(Smooth::Rows(0.0)),
        count: false,
    };
    let (encoder, encoded) = FittedEncoder::fit_transform(encoding, &rows, &[0]).unwrap();
    let by_all = encoder.transform(&x).unwrap();
    for row in 0..90 {
        assert_eq!(by_all.get(row, y[row]), 1.0);
        assert!(
            (0..3).all(|class| encoded.get(row, class) < 0.6),
            "the classes' shares in other folds"
        );
    }
}

#[test]
fn weights_count_as_rows() {
    let (x, y, _) = data();
    let doubled: Vec<usize> = (0..90).flat_map(|row| vec![row; 1 + row % 2]).collect();
    let weights: Vec<f64> = (0..90).map(|row| 1.0 + (row % 2) as f64).collect();
    let encoding = Encoding {
        count: true,
        ..Encoding::default()
    };
    let all: Vec<usize> = (0..90).collect();
    let weighed = Rows {
        sample_weight: Some(&weights),
        ..rows(&x, &y, None)
    };
    let weighed = FittedEncoder::fit(encoding, &weighed, &[1], &all)
        .transform(&x)
        .unwrap();
    let (twice_x, twice_y) = (
        x.take_rows(&doubled).unwrap(),
        doubled.iter().map(|&row| y[row]).collect::<Vec<_>>(),
    );
    let all: Vec<usize> = (0..doubled.len()).collect();
    let twice = FittedEncoder::fit(encoding, &rows(&twice_x, &twice_y, None), &[1], &all)
        .transform(&x)
        .unwrap();
    assert_close(&wide(&weighed), &wide(&twice), 1e-6);
}

#[test]
fn a_pipeline_encodes_first_and_says_so() {
    let (x, y, groups) = data();
    let names: Vec<String> = ["a", "kind.category", "b.optional"].map(str::to_owned).to_vec();
    let named = Rows {
        feature_names: Some(&names),
        ..rows(&x, &y, Some(&groups))
    };
    // Codes of categories are never taken for numbers.
    let (steps, seen) = "standard"
        .parse::<Pipeline>()
        .unwrap()
        .fit_transform(&named)
        .unwrap();
    assert_eq!(steps.pipeline().to_string(), "encode=target:10,standard");
    assert_eq!(seen.n_cols(), 5);
    assert_eq!(
        steps.output_names(&names),
        ["a", "kind.0", "kind.1", "kind.2", "b.optional"]
    );
    assert_eq!(steps.transform(&x).unwrap().n_cols(), 5);
    for text in [
        "encode=target:10",
        "encode=target:auto",
        "encode=target:12.5",
        "encode=target:10:count",
        "encode=count",
        "encode=target:0:count",
    ] {
        assert_eq!(text.parse::<Pipeline>().unwrap().to_string(), text);
    }
    for text in [
        "encode",
        "encode=mean",
        "encode=target:-1",
        "encode=count:3",
        "impute=mean,encode=target",
    ] {
        assert!(text.parse::<Pipeline>().is_err(), "{text}");
    }
    assert!(
        "encode=target".parse::<Pipeline>().unwrap().fit(&x).is_err(),
        "there are no labels"
    );
}

#[test]
fn a_state_is_read_back_and_damage_is_refused() {
    let (x, y, _) = data();
    let encoding = Encoding {
        count: true,
        ..Encoding::default()
    };
    let (encoder, _) = FittedEncoder::fit_transform(encoding, &rows(&x, &y, None), &[1, 2]).unwrap();
    let mut state = ModelState::default();
    encoder.put(&mut state, "p.").unwrap();
    assert_eq!(
        FittedEncoder::read(encoding, &state, "p.", 3, 3).unwrap(),
        encoder
    );
    let refuse = |n_features: usize, n_classes: usize, change: &dyn Fn(&mut ModelState)| {
        let mut bad = state.clone();
        change(&mut bad);
        assert!(FittedEncoder::read(encoding, &bad, "p.", n_features, n_classes).is_err());
    };
    refuse(2, 3, &|_| ());
    refuse(3, 4, &|_| ());
    refuse(3, 3, &|state| state.put_indices("p.columns", &[2, 1]).unwrap());
    refuse(3, 3, &|state| {
        state
            .put("p.0.codes", &[2], TensorValues::F32(vec![1.0, 1.0]))
            .unwrap()
    });
    refuse(3, 3, &|state| {
        state
            .put("p.0.codes", &[1], TensorValues::F32(vec![1.0]))
            .unwrap()
    });
    refuse(3, 3, &|state| {
        state
            .put("p.1.values", &[7], TensorValues::F64(vec![1.0; 7]))
            .unwrap()
    });
    refuse(3, 3, &|state| {
        state
            .put("p.1.unknown", &[3], TensorValues::F64(vec![1.0; 3]))
            .unwrap()
    });
}
