#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use super::*;
use crate::data::dataset::{class_counts, take};
use crate::data::matrix::Matrix;
use crate::test_support::{golden, indices};

const GOLDEN: &str = include_str!("../../tests/golden/splits.json");

fn dataset(y: Vec<usize>, n_classes: usize, groups: Option<Vec<i64>>) -> Dataset {
    let n = y.len();
    let classes = (0..n_classes).map(|class| class.to_string()).collect();
    let mut data = Dataset::new(Matrix::new(n, 1, vec![0.0; n]).unwrap(), y, classes).unwrap();
    data.groups = groups;
    data
}

/// 300 rows, 4 unequal classes, 60 artists of 1 to 9 tracks with a favourite class each.
fn artists() -> Dataset {
    let mut y = Vec::new();
    let mut groups = Vec::new();
    let mut artist = 0;
    while y.len() < 300 {
        let size = (1 + (artist * 7) % 9).min(300 - y.len());
        for track in 0..size {
            y.push(if track % 4 == 3 {
                artist % 4
            } else {
                [0, 0, 0, 1, 1, 2, 3][artist % 7]
            });
            groups.push(1000 - artist as i64);
        }
        artist += 1;
    }
    dataset(y, 4, Some(groups))
}

#[test]
fn splitters_are_called_what_the_command_line_calls_them() {
    let names: Vec<String> = Splitter::ALL.iter().map(Splitter::to_string).collect();
    assert_eq!(
        names,
        ["random", "stratified", "artist", "artist-plain", "official"]
    );
    for (name, &splitter) in names.iter().zip(Splitter::ALL) {
        assert_eq!(name.parse::<Splitter>().unwrap(), splitter);
    }
}

fn assert_partition(folds: &[Fold], n_rows: usize) {
    let mut tested = vec![0; n_rows];
    for fold in folds {
        assert!(!fold.train.is_empty() && !fold.test.is_empty());
        assert!(fold.train.is_sorted() && fold.test.is_sorted());
        let all: BTreeSet<usize> = fold.train.iter().chain(&fold.test).copied().collect();
        assert_eq!(all.len(), n_rows);
        assert_eq!(fold.train.len() + fold.test.len(), n_rows);
        fold.test.iter().for_each(|&row| tested[row] += 1);
    }
    assert!(tested.iter().all(|&n| n == 1), "every row is tested once");
}

fn assert_no_shared_group(fold: &Fold, groups: &[i64]) {
    let train: BTreeSet<i64> = take(groups, &fold.train).into_iter().collect();
    assert!(fold.test.iter().all(|&row| !train.contains(&groups[row])));
}

#[test]
fn allocations_equal_scikit_learn() {
    for case in golden(GOLDEN)["cases"].as_array().unwrap() {
        let n_classes = case["n_classes"].as_u64().unwrap() as usize;
        let n_splits = case["n_splits"].as_u64().unwrap() as usize;
        let groups: Vec<i64> = serde_json::from_value(case["groups"].clone()).unwrap();
        let data = dataset(indices(&case["y"]), n_classes, Some(groups.clone()));
        let counts = |rows: &[usize]| class_counts(&take(&data.y, rows), n_classes);

        let folds = Splitter::Stratified.k_fold(&data, n_splits, 5).unwrap();
        let want = case["stratified_counts"].as_array().unwrap();
        for (fold, want) in folds.iter().zip(want) {
            assert_eq!(counts(&fold.test), indices(want));
        }
        let fold = Splitter::Stratified.hold_out(&data, 0.25, 5).unwrap();
        assert_eq!(counts(&fold.train), indices(&case["hold_out_train_counts"]));
        assert_eq!(counts(&fold.test), indices(&case["hold_out_test_counts"]));

        let tests_of = |fold_of_row: &[usize]| k_fold::folds_of(fold_of_row, n_splits);
        let n_groups = groups.iter().collect::<BTreeSet<_>>().len();
        let shares = vec![1.0 / n_splits as f64; n_splits];
        let in_order = group::stratified_parts(&data.y, n_classes, &groups, &shares, (0..n_groups).collect());
        let want = case["stratified_group_tests"].as_array().unwrap();
        for (fold, want) in tests_of(&in_order).iter().zip(want) {
            assert_eq!(fold.test, indices(want));
        }
        if let Some(want) = case["group_tests"].as_array() {
            let mut got: Vec<Vec<usize>> = Splitter::ArtistPlain
                .k_fold(&data, n_splits, 0)
                .unwrap()
                .into_iter()
                .map(|fold| fold.test)
                .collect();
            let mut want: Vec<Vec<usize>> = want.iter().map(indices).collect();
            got.sort();
            want.sort();
            assert_eq!(got, want);
        }
    }
}

#[test]
fn every_row_is_tested_once_and_the_seed_decides() {
    let data = artists();
    for splitter in [
        Splitter::Random,
        Splitter::Stratified,
        Splitter::Artist,
        Splitter::ArtistPlain,
    ] {
        let folds = splitter.k_fold(&data, 5, 3).unwrap();
        assert_eq!(folds.len(), 5);
        assert_partition(&folds, 300);
        assert_eq!(folds, splitter.k_fold(&data, 5, 3).unwrap(), "{splitter}");
        if splitter != Splitter::ArtistPlain {
            assert_ne!(folds, splitter.k_fold(&data, 5, 4).unwrap(), "{splitter}");
        }
        let sizes: Vec<usize> = folds.iter().map(|fold| fold.test.len()).collect();
        assert!(
            sizes.iter().all(|size| size.abs_diff(60) <= 4),
            "{splitter}: {sizes:?}"
        );
    }
}

#[test]
fn artists_stay_whole_and_classes_in_proportion() {
    let data = artists();
    let groups = data.groups.clone().unwrap();
    let totals = data.class_counts();
    for fold in Splitter::Artist.k_fold(&data, 5, 0).unwrap() {
        assert_no_shared_group(&fold, &groups);
        let counts = class_counts(&take(&data.y, &fold.test), 4);
        for class in 0..4 {
            assert!(
                (counts[class] as f64 - totals[class] as f64 / 5.0).abs() < 5.0,
                "{counts:?} of {totals:?}"
            );
        }
    }
    for splitter in [Splitter::Artist, Splitter::ArtistPlain] {
        let fold = splitter.hold_out(&data, 0.25, 0).unwrap();
        assert_no_shared_group(&fold, &groups);
        assert_partition(
            &[
                fold.clone(),
                Fold {
                    train: fold.test.clone(),
                    test: fold.train.clone(),
                },
            ],
            300,
        );
        assert!(
            fold.test.len().abs_diff(75) <= 4,
            "{splitter}: {}",
            fold.test.len()
        );
    }
}

#[test]
fn hold_outs_have_the_size_asked_for() {
    let data = artists();
    for splitter in [Splitter::Random, Splitter::Stratified] {
        let fold = splitter.hold_out(&data, 0.25, 0).unwrap();
        assert_eq!((fold.train.len(), fold.test.len()), (225, 75));
        // scikit-learn rounds the test side up: 0.251 * 300 = 75.3.
        assert_eq!(splitter.hold_out(&data, 0.251, 0).unwrap().test.len(), 76);
        assert_ne!(fold, splitter.hold_out(&data, 0.25, 1).unwrap());
    }
}

#[test]
fn the_official_split_leaves_validation_rows_out() {
    let mut data = dataset(vec![0, 1, 0, 1], 2, None);
    assert!(matches!(
        Splitter::Official.hold_out(&data, 0.25, 0),
        Err(LearnError::MissingForSplit { .. })
    ));
    data.official = Some(vec![Part::Test, Part::Training, Part::Validation, Part::Training]);
    let fold = Splitter::Official.hold_out(&data, 0.25, 0).unwrap();
    assert_eq!((fold.train, fold.test), (vec![1, 3], vec![0]));
    let both = official_fold(&data, &[Part::Training, Part::Validation], Part::Test).unwrap();
    assert_eq!((both.train, both.test), (vec![1, 2, 3], vec![0]));
    let choose = official_fold(&data, &[Part::Training], Part::Validation).unwrap();
    assert_eq!((choose.train, choose.test), (vec![1, 3], vec![2]));
    data.official = Some(vec![Part::Training; 4]);
    assert!(matches!(
        Splitter::Official.hold_out(&data, 0.25, 0),
        Err(LearnError::CannotSplit { .. })
    ));
    assert!(Splitter::Official.k_fold(&data, 2, 0).is_err());
}

#[test]
fn given_folds_are_checked() {
    let folds = given_folds(5, &[vec![3, 0], vec![1]]).unwrap();
    assert_eq!(
        (folds[0].train.clone(), folds[0].test.clone()),
        (vec![1, 2, 4], vec![0, 3])
    );
    assert_eq!(folds[1].train, [0, 2, 3, 4]);
    assert_eq!(
        given_folds(5, &[vec![5]]).unwrap_err(),
        LearnError::IndexOutOfRange { index: 5, n_rows: 5 }
    );
    for bad in [
        vec![vec![1], vec![1]],
        vec![vec![1, 1]],
        vec![vec![]],
        vec![vec![0, 1, 2, 3, 4]],
    ] {
        assert!(
            matches!(given_folds(5, &bad), Err(LearnError::CannotSplit { .. })),
            "{bad:?}"
        );
    }
}

#[test]
fn impossible_splits_say_why() {
    let data = dataset(vec![0, 1, 1], 2, Some(vec![1, 1, 1]));
    for splitter in [
        Splitter::Random,
        Splitter::Stratified,
        Splitter::Artist,
        Splitter::ArtistPlain,
    ] {
        assert!(
            matches!(splitter.k_fold(&data, 4, 0), Err(LearnError::CannotSplit { .. })),
            "{splitter}"
        );
        assert!(matches!(
            splitter.k_fold(&data, 1, 0),
            Err(LearnError::InvalidParameter { .. })
        ));
        for share in [0.0, 1.0, f64::NAN] {
            assert!(matches!(
                splitter.hold_out(&data, share, 0),
                Err(LearnError::InvalidParameter { .. })
            ));
        }
    }
    for splitter in [Splitter::Artist, Splitter::ArtistPlain] {
        assert!(
            matches!(
                splitter.hold_out(&data, 0.5, 0),
                Err(LearnError::CannotSplit { .. })
            ),
            "one artist"
        );
        let lonely = dataset(vec![0, 1, 1], 2, None);
        assert!(matches!(
            splitter.hold_out(&lonely, 0.5, 0),
            Err(LearnError::MissingForSplit { .. })
        ));
    }
    // Class 0 has one row, which cannot be on both sides; the class is called by its name.
    let mut named = data;
    named.classes[0] = "Folk".into();
    let error = Splitter::Stratified.hold_out(&named, 0.5, 0).unwrap_err();
    assert!(matches!(error, LearnError::CannotSplit { .. }));
    assert!(error.to_string().contains("`Folk` has one row only"), "{error}");
    let error = "groups".parse::<Splitter>().unwrap_err().to_string();
    assert!(error.contains("artist-plain"), "{error}");
}

#[test]
fn less_training_takes_whole_groups_and_is_nested() {
    let fold = Fold {
        train: (0..90).collect(),
        test: (90..100).collect(),
    };
    let groups: Vec<i64> = (0..100).map(|row| row % 18 * 7).collect();
    let few = fold.with_less_training(Some(&groups), 22, 3);
    let more = fold.with_less_training(Some(&groups), 50, 3);
    // Groups of five rows.
    assert_eq!((few.train.len(), more.train.len()), (25, 50));
    assert!(few.train.is_sorted() && few.train.iter().all(|row| more.train.contains(row)));
    for kept in [&few, &more] {
        let whole = |row: usize| {
            kept.train.contains(&row) == kept.train.iter().any(|&other| groups[other] == groups[row])
        };
        assert!((0..90).all(whole));
        assert_eq!(kept.test, fold.test);
    }
    assert_ne!(few, fold.with_less_training(Some(&groups), 22, 4));
    assert_eq!(fold.with_less_training(None, 7, 0).train.len(), 7);
    assert_eq!(fold.with_less_training(Some(&groups), 1000, 0), fold);
}
