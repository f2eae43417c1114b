#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, ListArray, NullArray, StringArray};
use arrow::datatypes::Int64Type;

use super::*;

fn tree() -> GenreTree {
    let batch = RecordBatch::try_from_iter([
        (
            "genre_id",
            Arc::new(Int64Array::from(vec![12, 25, 2, 21, 3])) as ArrayRef,
        ),
        (
            "title",
            Arc::new(StringArray::from(vec![
                "Rock",
                "Punk",
                "International",
                "Hip-Hop",
                "Blues",
            ])),
        ),
        ("top_level", Arc::new(Int64Array::from(vec![12, 12, 2, 21, 3]))),
    ])
    .unwrap();
    GenreTree::read(&batch).unwrap()
}

fn tracks(tops: &[Option<&str>], lists: &[Option<&[i64]>]) -> RecordBatch {
    let lists = lists
        .iter()
        .map(|list| list.map(|list| list.iter().copied().map(Some).collect::<Vec<_>>()));
    RecordBatch::try_from_iter([
        (
            "track.genre_top",
            Arc::new(StringArray::from(tops.to_vec())) as ArrayRef,
        ),
        (
            "track.genres_all",
            Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists)),
        ),
    ])
    .unwrap()
}

fn options(genres: &str, labels: &str) -> DataOptions {
    DataOptions {
        genres: genres.parse().unwrap(),
        labels: labels.parse().unwrap(),
        ..DataOptions::default()
    }
}

fn few() -> RecordBatch {
    tracks(
        &[
            Some("Rock"),
            Some("Hip-Hop"),
            None,
            Some("Rock"),
            Some("Blues"),
            None,
            Some("Hip-Hop"),
            None,
        ],
        &[
            Some(&[12]),
            Some(&[21]),
            Some(&[25, 2]),
            Some(&[12, 25]),
            Some(&[3]),
            Some(&[25, 21]),
            Some(&[21, 3]),
            Some(&[]),
        ],
    )
}

#[test]
fn genre_top_is_taken_as_it_is() {
    let labels = label_tracks(&few(), None, &options("top:2", "genre_top")).unwrap();
    // Rock and Hip-Hop have two tracks each: ties by name. Classes are sorted by name too.
    assert_eq!(labels.by_frequency, ["Hip-Hop", "Rock"]);
    assert_eq!(labels.classes, ["Hip-Hop", "Rock"]);
    assert_eq!(labels.n_labelled, 5);
    assert_eq!(
        labels.class_of,
        [Some(1), Some(0), None, Some(1), None, None, Some(0), None]
    );
    assert!(labels.notes.is_empty());
}

#[test]
fn unambiguous_tracks_have_one_selected_root() {
    let labels = label_tracks(&few(), Some(&tree()), &options("top:2", "unambiguous")).unwrap();
    // 2 is Rock (its other root is not selected), 5 is Rock and Hip-Hop, 6 is Hip-Hop, 7 has no genre at all.
    assert_eq!(
        labels.class_of,
        [Some(1), Some(0), Some(1), Some(1), None, None, Some(0), None]
    );
    assert_eq!(labels.n_labelled, 7);
    // With every genre selected, tracks with two roots have none.
    let labels = label_tracks(&few(), Some(&tree()), &options("all", "unambiguous")).unwrap();
    assert_eq!(labels.classes, ["Blues", "Hip-Hop", "International", "Rock"]);
    assert_eq!(
        labels.class_of,
        [Some(3), Some(1), None, Some(3), Some(0), None, None, None]
    );
    let error = label_tracks(&few(), None, &options("all", "unambiguous"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("genres.csv"), "{error}");
}

#[test]
fn without_genre_top_roots_rank() {
    let lists: [Option<&[i64]>; 4] = [Some(&[21]), Some(&[12]), Some(&[25]), Some(&[3])];
    let batch = tracks(&[None; 4], &lists);
    let labels = label_tracks(&batch, Some(&tree()), &options("top:2", "unambiguous")).unwrap();
    assert_eq!(labels.by_frequency, ["Rock", "Blues"]);
    let labels = label_tracks(&batch, Some(&tree()), &options("top:2", "genre_top")).unwrap();
    assert_eq!((labels.n_labelled, labels.classes.len()), (0, 0));
    assert_eq!(labels.notes.len(), 1);
}

#[test]
fn genres_are_found_by_name() {
    let labels = label_tracks(&few(), None, &options("rock, Blues,Rock", "genre_top")).unwrap();
    assert_eq!(labels.by_frequency, ["Rock", "Blues"]);
    assert_eq!(labels.classes, ["Blues", "Rock"]);
    let error = label_tracks(&few(), None, &options("Rock,Polka,Punk", "genre_top"))
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "there is no genre named \"Polka\", \"Punk\"; this archive has: Hip-Hop, Rock, Blues"
    );
}

#[test]
fn null_typed_columns_are_no_labels() {
    let empty: ArrayRef = Arc::new(NullArray::new(3));
    let batch = RecordBatch::try_from_iter(COLUMNS.map(|name| (name, empty.clone()))).unwrap();
    for rule in ["genre_top", "unambiguous"] {
        let labels = label_tracks(&batch, Some(&tree()), &options("top:3", rule)).unwrap();
        assert_eq!(labels.class_of, [None; 3], "{rule}");
    }
}

#[test]
fn lost_tracks_are_listed_up_to_a_limit() {
    let mut lost = LostTracks::default();
    for id in 0..1500 {
        lost.add(id, id % 3 == 0);
    }
    assert_eq!(
        (lost.n, lost.n_without_any_value, lost.track_ids.len()),
        (1500, 500, 1000)
    );
    assert_eq!(lost.track_ids[999], 999);
}
