#![allow(clippy::unwrap_used)]

use super::*;
use crate::error::LearnError;
use crate::split::given_folds;
use crate::test_support::{assert_close, floats, golden, indices, matrix};

#[test]
fn distances_and_what_is_usual_equal_scikit_learn() {
    let golden = golden(include_str!("../../../tests/golden/novelty.json"));
    let (mut own, mut together) = (0, 0);
    for case in golden["cases"].as_array().unwrap() {
        let n_cols = case["n_cols"].as_u64().unwrap() as usize;
        let (y, groups) = (indices(&case["y"]), indices(&case["groups"]));
        let case = &case["families"];
        let names: Vec<String> = serde_json::from_value(case["names"].clone()).unwrap();
        let test = |fold: usize| (0..groups.len()).filter(|&row| groups[row] % 2 == fold).collect();
        let folds = given_folds(groups.len(), &[test(0), test(1)]).unwrap();
        let fitted = Families::fit(&matrix(&case["scaled"], n_cols), &y, &names, &folds, 0).unwrap();
        let new = matrix(&case["scaled_new"], n_cols);
        let usual: Vec<f64> = fitted.parts.iter().map(|part| part.usual).collect();
        assert_close(&usual, &floats(&case["usual"]), 1e-9);
        assert_close(
            &fitted.distances(&new).concat(),
            &floats(&case["distances"]),
            1e-9,
        );
        assert_close(&fitted.scores(&new), &floats(&case["scores"]), 1e-9);
        for part in &fitted.parts {
            let differ = part
                .classes
                .iter()
                .any(|class| class.factor != part.classes[0].factor);
            *(if differ { &mut own } else { &mut together }) += 1;
        }
    }
    assert!(
        own > 0 && together > 0,
        "both kinds of shapes: {own} and {together}"
    );
}

#[test]
fn parts_are_what_the_names_say() {
    let names = [
        "chroma_cens.mean.01",
        "mfcc.mean.01",
        "tonnetz.std.02",
        "tempo",
        "spectral_rolloff.max.01",
        "rmse.mean.01",
        "chroma_stft.mean.01",
        "zcr.mean.01",
        "loudness",
        "spectral_contrast.max.01",
    ];
    let found = parts(&names.map(str::to_owned));
    assert_eq!(
        found,
        [vec![0, 2, 6], vec![1], vec![3, 8], vec![4, 9], vec![5, 7]]
    );
}

/// Near enough to normal.
fn normal(rng: &mut SeededRng) -> f32 {
    (0..3).map(|_| rng.uniform(-1.0, 1.0)).sum::<f64>() as f32
}

/// Two classes of 60 rows by 24 artists; ten columns of one part, ten of another.
fn rows(rng: &mut SeededRng) -> (Matrix, Vec<usize>, Vec<String>) {
    let y: Vec<usize> = (0..120).map(|row| row / 5 % 2).collect();
    let values = y.iter().flat_map(|&class| {
        (0..20)
            .map(|column| class as f32 * 3.0 + normal(rng) * (1.0 + column as f32))
            .collect::<Vec<f32>>()
    });
    let values = values.collect();
    let names = (0..20).map(|column| format!("{}.mean.{column:02}", ["mfcc", "tonnetz"][column / 10]));
    (Matrix::new(120, 20, values).unwrap(), y, names.collect())
}

#[test]
fn what_is_strange_in_one_part_is_strange_however_usual_the_others() {
    let mut rng = SeededRng::new(4);
    let (x, y, names) = rows(&mut rng);
    let groups: Vec<i64> = (0..120).map(|row| row / 5).collect();
    let folds = crate::split::inner_folds(&y, 2, Some(&groups), 5, 0).unwrap();
    let fitted = Families::fit(&x, &y, &names, &folds, 0).unwrap();
    let (mut new, ..) = rows(&mut rng);
    let plain = fitted.scores(&new);
    // About a tenth of rows is above what a tenth exceeds in one part, a fifth in one of two.
    let above = plain.iter().filter(|score| **score > 1.0).count();
    assert!((6..48).contains(&above), "{above} of 120");
    for row in 0..120 {
        for column in 10..20 {
            new.as_mut_slice()[row * 20 + column] *= if column % 2 == 0 { 30.0 } else { -30.0 };
        }
    }
    let strange = fitted.scores(&new);
    assert!(
        strange
            .iter()
            .zip(&plain)
            .all(|(strange, plain)| strange > plain && *strange > 1.0)
    );
    let by_part = fitted.distances(&new);
    assert!(
        by_part
            .iter()
            .zip(&strange)
            .all(|(parts, score)| *score == parts[1] / fitted.parts[1].usual)
    );
}

#[test]
fn columns_that_do_not_differ_have_no_say_and_all_of_them_are_refused() {
    let mut rng = SeededRng::new(6);
    let (mut x, y, names) = rows(&mut rng);
    let folds = given_folds(120, &[(0..60).collect(), (60..120).collect()]).unwrap();
    let before = Families::fit(&x, &y, &names, &folds, 0).unwrap();
    for row in 0..120 {
        x.as_mut_slice()[row * 20 + 10..][..10].fill(7.0);
    }
    let fitted = Families::fit(&x, &y, &names, &folds, 0).unwrap();
    assert_eq!(fitted.parts, before.parts[..1]);
    x.as_mut_slice().fill(0.0);
    assert!(matches!(
        Families::fit(&x, &y, &names, &folds, 0),
        Err(LearnError::InvalidParameter { .. })
    ));
}

#[test]
fn large_classes_are_drawn_from_and_small_ones_kept() {
    let mut y = vec![0; 2 * MOST_ROWS];
    y.extend([1; 30]);
    let rows = kept(&y, 3);
    assert_eq!(rows.iter().filter(|row| y[**row] == 0).count(), MOST_ROWS);
    assert_eq!(rows.iter().filter(|row| y[**row] == 1).count(), 30);
    assert!(rows.is_sorted() && rows != kept(&y, 4) && rows == kept(&y, 3));
}
