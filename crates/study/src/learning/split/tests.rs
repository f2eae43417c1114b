#![allow(clippy::unwrap_used)]
use cratedigger_learn::Matrix;

use super::*;

fn data() -> Dataset {
    let mut data = Dataset::new(
        Matrix::new(6, 4, (0..24).map(|at| at as f32).collect()).unwrap(),
        vec![0, 0, 1, 1, 1, 0],
        vec!["Folk".into(), "Rock".into()],
    )
    .unwrap();
    data.groups = Some(vec![1, 1, 2, 3, 3, 4]);
    data
}

#[test]
fn each_side_needs_tracks_and_artists() {
    let options = StudyOptions::default();
    let of = |n_rows: usize, n_artists: usize, split: Splitter, test_size: f64| {
        let x = Matrix::new(n_rows, 1, (0..n_rows).map(|row| row as f32).collect()).unwrap();
        let classes = vec!["Folk".into(), "Rock".into()];
        let mut data = Dataset::new(x, (0..n_rows).map(|row| row % 2).collect(), classes).unwrap();
        data.groups = Some((0..n_rows).map(|row| (row % n_artists) as i64).collect());
        let options = StudyOptions {
            split,
            test_size,
            ..options.clone()
        };
        divide(&data, &options).map_err(|undivided| (undivided.reason, undivided.split.is_some()))
    };
    // Once only both sides together were looked at, which let 14 test tracks of three artists pass.
    let (reason, has_split) = of(56, 14, Splitter::Artist, 0.25).unwrap_err();
    assert!(
        has_split && reason.contains("to test on") && reason.contains("fewer than 20 tracks"),
        "{reason}"
    );
    let (reason, _) = of(200, 12, Splitter::Artist, 0.25).unwrap_err();
    assert!(reason.contains(" by 2 artists to test on"), "{reason}");
    assert!(of(200, 40, Splitter::Artist, 0.25).is_ok());
    let (reason, _) = of(60, 30, Splitter::Random, 0.75).unwrap_err();
    assert!(reason.contains("to train on"), "{reason}");
}

#[test]
fn artists_on_both_sides_are_counted_and_said() {
    let fold = Fold {
        train: vec![0, 2, 3],
        test: vec![1, 4],
    };
    let split = describe(&data(), Splitter::Random, &fold, 0.4, 7);
    assert_eq!((split.n_train, split.n_test, split.n_held_back), (3, 2, 1));
    assert_eq!((split.n_artists_train, split.n_artists_test), (Some(3), Some(2)));
    assert_eq!(
        (split.n_artists_shared, split.n_test_of_shared_artists),
        (Some(2), Some(2))
    );
    assert_eq!(split.classes[1].n_train, 2);
    assert!((split.classes[1].share_train - 2.0 / 3.0).abs() < 1e-15);
    assert_eq!(split.classes[0].share_test, 0.5);
    assert!(
        split.words.contains("2 of the 2 artists") && split.words.contains("flatters"),
        "{}",
        split.words
    );

    let apart = describe(
        &data(),
        Splitter::Artist,
        &Fold {
            train: vec![0, 1, 2],
            test: vec![3, 4, 5],
        },
        0.5,
        7,
    );
    assert_eq!(apart.n_artists_shared, Some(0));
    assert!(
        apart.words.contains("No artist is on both sides"),
        "{}",
        apart.words
    );

    let mut unknown = data();
    unknown.groups = None;
    let split = describe(&unknown, Splitter::Official, &fold, 0.4, 7);
    assert_eq!((split.n_artists_shared, split.test_size), (None, None));
    assert!(split.words.contains("not known"), "{}", split.words);
}

#[test]
fn never_heard_is_said_only_where_it_is_so() {
    let apart = Fold {
        train: vec![0, 1, 2],
        test: vec![3, 4, 5],
    };
    let words = |data: &Dataset, splitter| describe(data, splitter, &apart, 0.5, 7);
    let mut data = data();
    data.artists = data
        .groups
        .as_ref()
        .map(|groups| groups.iter().copied().map(Some).collect());
    assert!(words(&data, Splitter::Artist).words.contains("never heard"));
    // An album of artists 2 and 3.
    data.albums = Some(vec![None, None, Some(9), Some(9), None, None]);
    let split = words(&data, Splitter::ArtistPlain);
    assert_eq!(
        (
            split.n_artists_shared,
            split.n_albums_shared,
            split.n_test_of_shared
        ),
        (Some(0), 1, 1)
    );
    assert!(
        split
            .words
            .contains("1 album with several artists: 1 of the 3 test tracks"),
        "{}",
        split.words
    );
    assert!(!split.words.contains("never heard"), "{}", split.words);
    // One row of each side without its artist.
    data.albums = None;
    data.artists = Some(vec![Some(1), None, Some(2), Some(3), None, Some(4)]);
    let split = words(&data, Splitter::Artist);
    assert_eq!((split.n_without_artist, split.n_artists_test), (2, Some(2)));
    assert!(
        split
            .words
            .contains("The artist of 2 of the 6 tracks is not known"),
        "{}",
        split.words
    );
    assert!(!split.words.contains("never heard"), "{}", split.words);
    // A track that is there twice.
    let twin = data.x.row(0).to_vec();
    data.x.as_mut_slice()[20..].copy_from_slice(&twin);
    let split = words(&data, Splitter::Artist);
    assert_eq!(split.n_doubles, 2);
    assert!(split.words.contains("kept on one side"), "{}", split.words);
}

#[test]
fn what_a_split_lacks_is_said_with_the_remedy() {
    let mut data = data();
    assert_eq!(obstacle(&data, Splitter::Artist), None);
    assert!(obstacle(&data, Splitter::Official).unwrap().contains("set.split"));
    data.official = Some(vec![Part::Training; 6]);
    assert!(
        obstacle(&data, Splitter::Official)
            .unwrap()
            .contains("6 training and 0 test")
    );
    data.groups = None;
    assert!(
        obstacle(&data, Splitter::Artist)
            .unwrap()
            .contains("--split random")
    );
    assert_eq!(obstacle(&data, Splitter::Random), None);
}
