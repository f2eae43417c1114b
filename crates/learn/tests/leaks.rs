#![allow(clippy::unwrap_used)]
//! What a model may recognise in place of a genre must not be on both sides of a split by artist: with features that tell nothing
//! else, scores are those of guessing.

use cratedigger_learn::{
    BothSides, Classifier, CvOptions, Dataset, Fold, GradientBoosting, Matrix, Method, MlpClassifier,
    Splitter, cross_validate, hold_out_validate,
};
use cratedigger_stats::rng::SeededRng;

const N_CLASSES: usize = 3;

/// Rows of four features that say of which of `n_units` units they are, and nothing else: class and features are drawn for each unit.
fn telling_units(n_units: usize, rows_of_unit: usize, seed: u64) -> (Dataset, Vec<i64>) {
    let mut rng = SeededRng::new(seed);
    let (mut values, mut y, mut units) = (Vec::new(), Vec::new(), Vec::new());
    for unit in 0..n_units {
        let class = rng.below(N_CLASSES);
        let center: Vec<f64> = (0..4).map(|_| rng.uniform(-1.0, 1.0)).collect();
        for _ in 0..rows_of_unit {
            values.extend(
                center
                    .iter()
                    .map(|value| (value + rng.uniform(-1e-3, 1e-3)) as f32),
            );
            y.push(class);
            units.push(unit as i64 + 1);
        }
    }
    let x = Matrix::new(y.len(), 4, values).unwrap();
    let classes = ["Folk", "Jazz", "Rock"].map(str::to_owned).to_vec();
    (Dataset::new(x, y, classes).unwrap(), units)
}

fn accuracy(data: &Dataset, splitter: Splitter) -> f64 {
    let folds = splitter.k_fold(data, 4, 0).unwrap();
    let classifier = Method::DECISION_TREE.classifier(0);
    cross_validate(&*classifier, data, &folds, &CvOptions::default())
        .unwrap()
        .confusion
        .accuracy()
}

/// Accuracy of guessing over so many units that succeed or fail as a whole, and four standard deviations of it.
fn guessing(n_units: usize) -> std::ops::RangeInclusive<f64> {
    let p = 1.0 / N_CLASSES as f64;
    let sd = (p * (1.0 - p) / n_units as f64).sqrt();
    p - 4.0 * sd..=p + 4.0 * sd
}

#[test]
fn albums_of_several_artists_do_not_leak() {
    // Every track of an album is by another artist, as on a compilation.
    let (mut data, albums) = telling_units(120, 4, 1);
    data.artists = Some((0..480).map(|row| Some(row + 1)).collect());
    data.albums = Some(albums.into_iter().map(Some).collect());
    data.unite_groups();
    assert_eq!(data.grouping().n_groups, 120);
    let (united, plain) = (
        accuracy(&data, Splitter::Artist),
        accuracy(&data, Splitter::ArtistPlain),
    );
    assert!(guessing(120).contains(&united), "{united}");
    assert!(
        plain > 0.9,
        "{plain}: artists alone do not keep the album out of training"
    );
    let on_both = |splitter: Splitter| BothSides::of(&data, &splitter.k_fold(&data, 4, 0).unwrap());
    assert_eq!(on_both(Splitter::Artist), BothSides::default());
    let plain = on_both(Splitter::ArtistPlain);
    assert_eq!((plain.n_artists, plain.n_test_of_artists), (0, 0));
    assert!(plain.n_albums > 100 && plain.n_test > 400, "{plain:?}");
}

#[test]
fn tracks_that_are_there_twice_do_not_leak() {
    // Every recording is on two albums of two artists, with labels that are noise.
    let mut rng = SeededRng::new(5);
    let (mut data, _) = telling_units(240, 2, 2);
    for row in (0..480).step_by(2) {
        let twin = data.x.row(row).to_vec();
        data.x.as_mut_slice()[4 * (row + 1)..4 * (row + 2)].copy_from_slice(&twin);
        data.y[row] = rng.below(N_CLASSES);
        data.y[row + 1] = data.y[row];
    }
    data.artists = Some((0..480).map(Some).collect());
    data.albums = Some((0..480).map(|row| Some(row + 1)).collect());
    data.unite_groups();
    assert_eq!((data.grouping().n_doubles, data.grouping().n_groups), (480, 240));
    for splitter in [
        Splitter::Artist,
        Splitter::ArtistPlain,
        Splitter::Stratified,
        Splitter::Random,
    ] {
        let kept = accuracy(&data, splitter);
        assert!(guessing(240).contains(&kept), "{splitter}: {kept}");
    }
    // Without numbers that are equal, what tells the recordings apart is on both sides.
    let mut rng = SeededRng::new(6);
    for value in data.x.as_mut_slice() {
        *value += 1e-4 * rng.unit() as f32;
    }
    let divided = accuracy(&data, Splitter::ArtistPlain);
    assert!(divided > 0.75, "{divided}");
}

#[test]
fn what_is_not_known_of_artists_is_counted_and_albums_stand_in() {
    // 60 artists of two albums with five tracks each, of whom two rows tell the name.
    let (mut data, artists) = telling_units(60, 10, 3);
    let album = |row: i64| Some(row / 5 + 1);
    data.artists = Some(artists.iter().map(|&artist| Some(artist)).collect());
    data.albums = Some((0..600).map(album).collect());
    data.unite_groups();
    let known = accuracy(&data, Splitter::Artist);
    assert!(guessing(60).contains(&known), "{known}");
    let two = |row: usize| (row == 0 || row == 590).then(|| artists[row]);
    data.artists = Some((0..600).map(two).collect());
    data.unite_groups();
    let found = data.grouping();
    assert_eq!(
        (found.n_without_artist, found.n_alone, found.n_groups),
        (598, 0, 120)
    );
    // Neither artists nor albums: nothing can be kept apart, and the counts say so.
    data.albums = None;
    data.unite_groups();
    let found = data.grouping();
    assert_eq!(
        (found.n_without_artist, found.n_alone, found.n_groups),
        (598, 598, 600)
    );
    assert!(accuracy(&data, Splitter::Artist) > 0.9);
}

fn that_stop_early() -> [Box<dyn Classifier>; 2] {
    let boosting = GradientBoosting {
        n_estimators: 150,
        early_stopping_rounds: Some(5),
        ..GradientBoosting::default()
    };
    let mlp = MlpClassifier {
        early_stopping: true,
        learning_rate_init: 0.02,
        max_iter: 400,
        ..MlpClassifier::default()
    };
    [Box::new(boosting), Box::new(mlp)]
}

#[test]
fn early_stopping_asks_artists_that_are_not_fitted_on() {
    // Nothing can be learnt but who the artist is: rows of known artists get better round after round, others never.
    let (mut data, artists) = telling_units(80, 10, 4);
    let fold = Fold {
        train: (0..720).collect(),
        test: (720..800).collect(),
    };
    for classifier in that_stop_early() {
        let n_iter = |data: &Dataset| {
            let (_, result) = hold_out_validate(&*classifier, data, &fold, None).unwrap();
            result.n_iter.unwrap()
        };
        data.groups = None;
        let by_rows = n_iter(&data);
        data.groups = Some(artists.clone());
        let by_artists = n_iter(&data);
        assert!(
            2 * by_artists < by_rows,
            "{classifier:?}: {by_artists} and {by_rows}"
        );
    }
}

#[test]
fn a_class_with_one_training_row_does_not_end_the_fit() {
    let (mut data, artists) = telling_units(30, 4, 5);
    data.classes.push("Spoken".into());
    data.y[0] = 3;
    let fold = Fold {
        train: (0..100).collect(),
        test: (100..120).collect(),
    };
    for groups in [None, Some(artists)] {
        data.groups = groups;
        for classifier in that_stop_early() {
            let (model, _) = hold_out_validate(&*classifier, &data, &fold, None).unwrap();
            let spoken = model.scores(&data.x).unwrap().probabilities.unwrap();
            assert!(spoken.rows().all(|row| row[3] > 0.0), "it was fitted on");
        }
    }
    // What cannot be fitted says so with the name of the genre.
    data.y.fill(1);
    for classifier in that_stop_early() {
        let error = hold_out_validate(&*classifier, &data, &fold, None).unwrap_err();
        assert!(error.to_string().contains("are of `Jazz`"), "{error}");
    }
}
