#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, NullArray, TimestampMicrosecondArray};

use super::*;
use crate::archive::missingness::missingness;

fn describe(columns: &[(&str, ArrayRef)]) -> Overview {
    let batch =
        RecordBatch::try_from_iter(columns.iter().map(|(name, array)| (*name, array.clone()))).unwrap();
    overview(&batch, None, &missingness(&batch), Vec::new()).unwrap()
}

fn ints(values: &[Option<i64>]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

#[test]
fn genres_artists_and_albums_are_counted() {
    let genres = StringArray::from(vec![
        Some("Rock"),
        Some("Folk"),
        None,
        Some("Rock"),
        Some("Blues"),
    ]);
    let found = describe(&[
        ("track_id", ints(&[Some(1), Some(2), Some(3), Some(4), Some(5)])),
        ("album.id", ints(&[Some(-1), Some(3), Some(3), Some(4), None])),
        ("artist.id", ints(&[Some(7), Some(8), Some(9), Some(7), None])),
        ("track.genre_top", Arc::new(genres)),
    ]);
    assert_eq!(
        (found.n_tracks, found.n_artists, found.n_albums),
        (5, Some(3), Some(2))
    );
    assert_eq!(found.n_with_genre_top, 4);
    let genres: Vec<(&str, u64, u64, f64)> = found
        .genre_top
        .iter()
        .map(|g| (g.genre.as_str(), g.n_tracks, g.n_artists, g.share))
        .collect();
    assert_eq!(
        genres,
        [("Rock", 2, 1, 0.5), ("Blues", 1, 0, 0.25), ("Folk", 1, 1, 0.25)]
    );
    assert_eq!((found.cells.n, found.cells.n_missing), (15, 3));
    assert!((found.cells.proportion - 0.2).abs() < 1e-15);
}

#[test]
fn absurd_bit_rates_and_durations_are_told() {
    let mut rates = vec![
        Some(320_000),
        Some(256_000),
        Some(256_000),
        None,
        Some(-1),
        Some(448_000),
    ];
    rates.extend((0..12).map(|k| Some(1000 + k)));
    let n = rates.len();
    let mut durations = vec![Some(0), Some(59), Some(60), Some(30), Some(901), Some(18_350)];
    durations.resize(n, None);
    let found = describe(&[
        ("track_id", Arc::new((1..=n as i64).collect::<Int64Array>())),
        ("track.bit_rate", ints(&rates)),
        ("track.duration", ints(&durations)),
    ]);
    let rates = found.bit_rate.unwrap();
    assert_eq!((rates.n_below, rates.n_above, rates.quantiles.n), (13, 1, 17));
    assert_eq!(
        rates.common[0],
        BitRateCount {
            bit_rate: 256_000,
            n: 2
        }
    );
    let shown: Vec<(i64, i64)> = rates
        .implausible
        .iter()
        .map(|t| (t.track_id, t.bit_rate))
        .collect();
    assert_eq!(shown.len(), 10);
    assert_eq!((shown[0], shown[1], shown[9]), ((5, -1), (7, 1000), (6, 448_000)));
    let durations = found.duration.unwrap();
    assert_eq!(durations.n_not_positive, 1);
    let minutes: Vec<u64> = durations.by_minute.iter().map(|class| class.n).collect();
    assert_eq!(
        (minutes[0], minutes[1], minutes[15], minutes.len()),
        (3, 1, 2, 16)
    );
    assert!((durations.total_hours - (59 + 60 + 30 + 901 + 18_350) as f64 / 3600.0).abs() < 1e-12);
}

#[test]
fn dates_and_genre_lists() {
    let day = 86_400_000_000_i64;
    let dates = TimestampMicrosecondArray::from(vec![Some(14_209 * day + 5), None, Some(14_610 * day)]);
    let lists = arrow::array::ListArray::from_iter_primitive::<Int64Type, _, _>([
        Some(vec![Some(21), Some(38)]),
        None,
        Some(vec![]),
    ]);
    let fallback = arrow::array::ListArray::from_iter_primitive::<Int64Type, _, _>([
        Some(vec![Some(1)]),
        Some(vec![Some(38), Some(4)]),
        None,
    ]);
    let found = describe(&[
        ("track.date_created", Arc::new(dates)),
        ("track.genres_all", Arc::new(lists)),
        ("track.genres", Arc::new(fallback)),
    ]);
    let range = DateRange {
        column: "track.date_created".into(),
        n: 2,
        first: "2008-11-26".into(),
        last: "2010-01-01".into(),
    };
    assert_eq!(found.dates, [range]);
    assert_eq!(
        found.tracks_by_year,
        [YearCount { year: 2008, n: 1 }, YearCount { year: 2010, n: 1 }]
    );
    assert_eq!(found.n_genres_used, Some(3));
}

#[test]
fn empty_columns_give_nothing_rather_than_zeros() {
    let empty: ArrayRef = Arc::new(NullArray::new(2));
    let columns: Vec<(&str, ArrayRef)> = COLUMNS.iter().map(|name| (*name, empty.clone())).collect();
    let found = describe(&columns);
    assert_eq!(found.n_tracks, 2);
    assert_eq!(
        (found.n_artists, found.n_albums, found.n_genres_used),
        (None, None, None)
    );
    assert!(found.duration.is_none() && found.bit_rate.is_none());
    assert!(found.dates.is_empty() && found.genre_top.is_empty() && found.tracks_by_year.is_empty());
    assert_eq!(found.cells.proportion, 1.0);
}
