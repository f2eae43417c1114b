//! What is in the archive: tracks, artists, albums, genres, durations, dates, bit rates, empty cells.
//!
//! Every part but the number of tracks is optional, since archives differ in what they know: a column that is not there or
//! completely empty gives `null` or an empty list, not a zero.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, PrimitiveArray, RecordBatch, StringArray};
use arrow::compute::{DatePart, date_part, max, min};
use arrow::datatypes::{Int32Type, Int64Type};
use arrow::temporal_conversions::timestamp_us_to_datetime;
use serde::{Deserialize, Serialize};

use crate::archive::missingness::Missingness;
use crate::error::Result;
use crate::genres::GenreTree;
use crate::table::{Table, list_at, text_at, value_at};

/// Bit rates outside of this range (bits per second) are no MP3's: MPEG audio layer III knows 8 to 320 kbit/s
/// (ISO/IEC 11172-3 and 13818-3).
pub const PLAUSIBLE_BIT_RATES: (i64, i64) = (8_000, 320_000);

/// The columns of `tracks` that [`overview`] reads.
pub const COLUMNS: [&str; 15] = [
    "track_id",
    "album.id",
    "album.date_created",
    "album.date_released",
    "artist.active_year_begin",
    "artist.active_year_end",
    "artist.date_created",
    "artist.id",
    "track.bit_rate",
    "track.date_created",
    "track.date_recorded",
    "track.duration",
    "track.genre_top",
    "track.genres",
    "track.genres_all",
];

const DATES: [&str; 7] = [
    "album.date_created",
    "album.date_released",
    "artist.active_year_begin",
    "artist.active_year_end",
    "artist.date_created",
    "track.date_created",
    "track.date_recorded",
];

/// The finding `overview`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Overview {
    /// Tracks in the archive.
    pub n_tracks: u64,
    /// Different values of `artist.id`.
    pub n_artists: Option<u64>,
    /// Different values of `album.id`; an id that is not positive stands for no album.
    pub n_albums: Option<u64>,
    /// Genres in the genre table.
    pub n_genres_listed: Option<u64>,
    /// Genres that a track has, by `track.genres_all`, or by `track.genres` where that is empty.
    pub n_genres_used: Option<u64>,
    /// Tracks with a `track.genre_top`.
    pub n_with_genre_top: u64,
    /// Tracks and artists of every `track.genre_top`, most tracks first, ties by name.
    pub genre_top: Vec<GenreCount>,
    /// `track.duration`.
    pub duration: Option<Durations>,
    /// First and last value of every column of dates that has any.
    pub dates: Vec<DateRange>,
    /// Tracks by the year of `track.date_created`; years without tracks are left out.
    pub tracks_by_year: Vec<YearCount>,
    /// `track.bit_rate`.
    pub bit_rate: Option<BitRates>,
    /// The tables of the archive.
    pub tables: Vec<TableSize>,
    /// The cells of the `tracks` table.
    pub cells: Cells,
}

/// How often a genre is `track.genre_top`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GenreCount {
    /// The genre's title.
    pub genre: String,
    /// Its tracks.
    pub n_tracks: u64,
    /// Different artists of these tracks; tracks without an artist are not counted.
    pub n_artists: u64,
    /// `n_tracks` divided by the tracks with a `track.genre_top`.
    pub share: f64,
}

/// Order statistics, interpolated linearly as numpy's `quantile` does by default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Values.
    pub n: u64,
    /// The mean.
    pub mean: f64,
    /// The smallest value.
    pub min: f64,
    /// The 0.25 quantile.
    pub q25: f64,
    /// The 0.5 quantile.
    pub median: f64,
    /// The 0.75 quantile.
    pub q75: f64,
    /// The 0.99 quantile.
    pub q99: f64,
    /// The greatest value.
    pub max: f64,
}

/// How long the tracks are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Durations {
    /// The unit of the quantiles: `s`.
    pub unit: String,
    /// Order statistics.
    pub quantiles: Quantiles,
    /// All durations together, in hours.
    pub total_hours: f64,
    /// Tracks whose duration is given as 0 or less.
    pub n_not_positive: u64,
    /// Tracks by minutes: 0 to 1, ..., 14 to 15, and 15 or more.
    pub by_minute: Vec<MinuteCount>,
}

/// Tracks of a duration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MinuteCount {
    /// At least these minutes.
    pub from: u64,
    /// Less than these minutes; `null` for the last class, which has no end.
    pub to: Option<u64>,
    /// Tracks.
    pub n: u64,
}

/// First and last date of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DateRange {
    /// The column.
    pub column: String,
    /// Rows with a date.
    pub n: u64,
    /// The first day, such as `2008-11-26`.
    pub first: String,
    /// The last day.
    pub last: String,
}

/// Tracks of a year.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct YearCount {
    /// The year.
    pub year: i32,
    /// Tracks.
    pub n: u64,
}

/// Bit rates, and those that cannot be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BitRates {
    /// The unit: `bit/s`.
    pub unit: String,
    /// Order statistics.
    pub quantiles: Quantiles,
    /// The most frequent values, at most ten; ties by the lower rate.
    pub common: Vec<BitRateCount>,
    /// The lowest plausible rate.
    pub lowest_plausible: i64,
    /// The highest plausible rate.
    pub highest_plausible: i64,
    /// Tracks below the lowest plausible rate.
    pub n_below: u64,
    /// Tracks above the highest plausible rate.
    pub n_above: u64,
    /// The most extreme of these tracks, at most ten: the lowest first, then the highest.
    pub implausible: Vec<TrackBitRate>,
}

/// How often a bit rate occurs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BitRateCount {
    /// The rate.
    pub bit_rate: i64,
    /// Tracks.
    pub n: u64,
}

/// A track's bit rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrackBitRate {
    /// The track.
    pub track_id: i64,
    /// Its rate.
    pub bit_rate: i64,
}

/// The size of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableSize {
    /// The table, such as `tracks`.
    pub table: String,
    /// Its rows.
    pub n_rows: u64,
    /// Its columns, the index not counted.
    pub n_columns: u64,
}

/// The cells of a table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Cells {
    /// Rows times columns, the index not counted.
    pub n: u64,
    /// Cells without a value.
    pub n_missing: u64,
    /// `n_missing / n`; 0 for a table without cells.
    pub proportion: f64,
}

/// Describes an archive.
///
/// `tracks`: the columns [`COLUMNS`], as far as the archive has them. `genres`: the genre tree, where there is one.
///
/// # Errors
/// `ColumnType` where a column holds something else than its name says.
pub fn overview(
    tracks: &RecordBatch,
    genres: Option<&GenreTree>,
    missingness: &Missingness,
    tables: Vec<TableSize>,
) -> Result<Overview> {
    let table = Table::new("tracks", tracks);
    let artists = table.int64("artist.id")?;
    let genre_top = table.text("track.genre_top")?;
    let albums = table.int64("album.id")?;
    let n_with_genre_top = genre_top.as_ref().map_or(0, n_present);
    let n_missing = missingness.columns.iter().map(|column| column.n_missing).sum();
    let n_cells: u64 = missingness.columns.iter().map(|column| column.n).sum();
    Ok(Overview {
        n_tracks: table.n_rows() as u64,
        n_artists: artists.as_ref().and_then(|ids| n_different(ids, i64::MIN)),
        n_albums: albums.as_ref().and_then(|ids| n_different(ids, 1)),
        n_genres_listed: genres.map(|tree| tree.n_genres() as u64),
        n_genres_used: n_genres_used(&table)?,
        n_with_genre_top,
        genre_top: genre_top.map_or_else(Vec::new, |genres| {
            count_genres(&genres, artists.as_ref(), n_with_genre_top)
        }),
        duration: table
            .float64("track.duration")?
            .and_then(|values| durations(&present(values.iter()))),
        dates: date_ranges(&table)?,
        tracks_by_year: tracks_by_year(&table)?,
        bit_rate: bit_rates(&table)?,
        tables,
        cells: Cells {
            n: n_cells,
            n_missing,
            proportion: if n_cells == 0 {
                0.0
            } else {
                n_missing as f64 / n_cells as f64
            },
        },
    })
}

impl Quantiles {
    /// Quantiles of `values`, which must be sorted; `None` without values.
    pub fn of_sorted(values: &[f64]) -> Option<Self> {
        let n = values.len();
        let at = |q: f64| {
            let position = q * (n - 1) as f64;
            let below = position.floor() as usize;
            let fraction = position - below as f64;
            let above = values[(below + 1).min(n - 1)];
            values[below] + (above - values[below]) * fraction
        };
        (n > 0).then(|| Self {
            n: n as u64,
            mean: values.iter().sum::<f64>() / n as f64,
            min: values[0],
            q25: at(0.25),
            median: at(0.5),
            q75: at(0.75),
            q99: at(0.99),
            max: values[n - 1],
        })
    }
}

fn n_present(array: &StringArray) -> u64 {
    (array.len() - array.null_count()) as u64
}

fn present(values: impl Iterator<Item = Option<f64>>) -> Vec<f64> {
    let mut values: Vec<f64> = values.flatten().filter(|value| value.is_finite()).collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// Different ids of `lowest` or more; `None` for a column without values.
fn n_different(ids: &PrimitiveArray<Int64Type>, lowest: i64) -> Option<u64> {
    let mut ids: Vec<i64> = ids.iter().flatten().collect();
    if ids.is_empty() {
        return None;
    }
    ids.retain(|&id| id >= lowest);
    ids.sort_unstable();
    ids.dedup();
    Some(ids.len() as u64)
}

fn n_genres_used(table: &Table<'_>) -> Result<Option<u64>> {
    let genres_all = table.int64_lists("track.genres_all")?;
    let genres = table.int64_lists("track.genres")?;
    let mut used: BTreeSet<i64> = BTreeSet::new();
    let mut any = false;
    for row in 0..table.n_rows() {
        let list = list_at(genres_all.as_ref(), row).or_else(|| list_at(genres.as_ref(), row));
        any |= list.is_some();
        used.extend(list.unwrap_or_default());
    }
    Ok(any.then_some(used.len() as u64))
}

fn count_genres(
    genres: &StringArray,
    artists: Option<&PrimitiveArray<Int64Type>>,
    n_with_genre_top: u64,
) -> Vec<GenreCount> {
    let mut counts: BTreeMap<&str, (u64, Vec<i64>)> = BTreeMap::new();
    for row in 0..genres.len() {
        if let Some(genre) = text_at(Some(genres), row) {
            let entry = counts.entry(genre).or_default();
            entry.0 += 1;
            entry.1.extend(value_at(artists, row));
        }
    }
    let mut counts: Vec<GenreCount> = counts
        .into_iter()
        .map(|(genre, (n_tracks, mut artists))| {
            artists.sort_unstable();
            artists.dedup();
            GenreCount {
                genre: genre.to_owned(),
                n_tracks,
                n_artists: artists.len() as u64,
                share: n_tracks as f64 / n_with_genre_top as f64,
            }
        })
        .collect();
    // Stable: equal counts stay in the order of the names.
    counts.sort_by_key(|count| std::cmp::Reverse(count.n_tracks));
    counts
}

fn durations(sorted: &[f64]) -> Option<Durations> {
    const LAST: usize = 15;
    let quantiles = Quantiles::of_sorted(sorted)?;
    let mut by_minute = [0_u64; LAST + 1];
    for &seconds in sorted.iter().filter(|&&seconds| seconds >= 0.0) {
        by_minute[((seconds / 60.0) as usize).min(LAST)] += 1;
    }
    Some(Durations {
        unit: "s".to_owned(),
        quantiles,
        total_hours: sorted.iter().filter(|&&seconds| seconds > 0.0).sum::<f64>() / 3600.0,
        n_not_positive: sorted.iter().filter(|&&seconds| seconds <= 0.0).count() as u64,
        by_minute: by_minute
            .into_iter()
            .enumerate()
            .map(|(from, n)| MinuteCount {
                from: from as u64,
                to: (from < LAST).then_some(from as u64 + 1),
                n,
            })
            .collect(),
    })
}

fn date_ranges(table: &Table<'_>) -> Result<Vec<DateRange>> {
    let day = |micros: i64| {
        timestamp_us_to_datetime(micros).map_or_else(
            || "out of range".to_owned(),
            |time| time.format("%Y-%m-%d").to_string(),
        )
    };
    let mut ranges = Vec::new();
    for column in DATES {
        let Some(dates) = table.timestamps(column)? else {
            continue;
        };
        if let (Some(first), Some(last)) = (min(&dates), max(&dates)) {
            ranges.push(DateRange {
                column: column.to_owned(),
                n: (dates.len() - dates.null_count()) as u64,
                first: day(first),
                last: day(last),
            });
        }
    }
    Ok(ranges)
}

fn tracks_by_year(table: &Table<'_>) -> Result<Vec<YearCount>> {
    let Some(dates) = table.timestamps("track.date_created")? else {
        return Ok(Vec::new());
    };
    let years = date_part(&dates, DatePart::Year)?;
    let years = arrow::array::AsArray::as_primitive::<Int32Type>(&years);
    let mut counts: BTreeMap<i32, u64> = BTreeMap::new();
    for year in years.iter().flatten() {
        *counts.entry(year).or_default() += 1;
    }
    Ok(counts
        .into_iter()
        .map(|(year, n)| YearCount { year, n })
        .collect())
}

fn bit_rates(table: &Table<'_>) -> Result<Option<BitRates>> {
    const SHOWN: usize = 10;
    let (lowest, highest) = PLAUSIBLE_BIT_RATES;
    let Some(rates) = table.int64("track.bit_rate")? else {
        return Ok(None);
    };
    let ids = table.int64("track_id")?;
    let sorted = present(rates.iter().map(|rate| rate.map(|rate| rate as f64)));
    let Some(quantiles) = Quantiles::of_sorted(&sorted) else {
        return Ok(None);
    };
    let mut counts: BTreeMap<i64, u64> = BTreeMap::new();
    for rate in rates.iter().flatten() {
        *counts.entry(rate).or_default() += 1;
    }
    let outside = |range: &dyn Fn(i64) -> bool| -> Vec<TrackBitRate> {
        (0..table.n_rows())
            .filter_map(|row| {
                let bit_rate = value_at(Some(&rates), row).filter(|&rate| range(rate))?;
                Some(TrackBitRate {
                    track_id: value_at(ids.as_ref(), row).unwrap_or(row as i64),
                    bit_rate,
                })
            })
            .collect()
    };
    let mut below = outside(&|rate| rate < lowest);
    let mut above = outside(&|rate| rate > highest);
    let (n_below, n_above) = (below.len() as u64, above.len() as u64);
    below.sort_by_key(|track| track.bit_rate);
    above.sort_by_key(|track| std::cmp::Reverse(track.bit_rate));
    // Half of the list for each side, or more where the other side has less.
    let n_first = below.len().min(SHOWN.saturating_sub(above.len()).max(SHOWN / 2));
    below.truncate(n_first);
    above.truncate(SHOWN - n_first);
    below.append(&mut above);

    let mut common: Vec<BitRateCount> = counts
        .into_iter()
        .map(|(bit_rate, n)| BitRateCount { bit_rate, n })
        .collect();
    common.sort_by_key(|count| std::cmp::Reverse(count.n));
    common.truncate(SHOWN);
    Ok(Some(BitRates {
        unit: "bit/s".to_owned(),
        quantiles,
        common,
        lowest_plausible: lowest,
        highest_plausible: highest,
        n_below,
        n_above,
        implausible: below,
    }))
}

#[cfg(test)]
mod tests {
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
    fn quantiles_are_numpys() {
        // numpy.quantile([1, 2, 4, 8], [0.25, 0.5, 0.75, 0.99]) = [1.75, 3.0, 5.0, 7.88]
        let quantiles = Quantiles::of_sorted(&[1.0, 2.0, 4.0, 8.0]).unwrap();
        assert_eq!((quantiles.q25, quantiles.median, quantiles.q75), (1.75, 3.0, 5.0));
        assert!((quantiles.q99 - 7.88).abs() < 1e-12);
        assert_eq!((quantiles.mean, quantiles.min, quantiles.max), (3.75, 1.0, 8.0));
        assert_eq!(Quantiles::of_sorted(&[7.0]).unwrap().q75, 7.0);
        assert_eq!(Quantiles::of_sorted(&[]), None);
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
}
