//! What is in the archive: tracks, artists, albums, genres, durations, dates, bit rates, empty cells.
//!
//! Every part but the number of tracks is optional, since archives differ in what they know: a column that is not there or
//! completely empty gives `null` or an empty list, not a zero.

mod bit_rates;
mod dates;
mod durations;
mod genres;

use arrow::array::{Array, PrimitiveArray, RecordBatch, StringArray};
use arrow::datatypes::Int64Type;
use cratedigger_catalog::{Store, TableId};
use serde::{Deserialize, Serialize};

use crate::archive::missingness::Missingness;
use crate::archive::quantiles::present;
use crate::dataset::{read_genres, read_some};
use crate::error::Result;
use crate::genres::GenreTree;
use crate::table::Table;

pub use bit_rates::{BitRateCount, BitRates, PLAUSIBLE_BIT_RATES, TrackBitRate};
pub use dates::{DateRange, YearCount};
pub use durations::{Durations, MinuteCount};
pub use genres::GenreCount;

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
/// `tracks`: the columns [`COLUMNS`], as far as the archive has them. `tree`: the genres, where there is one.
///
/// # Errors
/// `ColumnType` where a column holds something else than its name says.
pub fn overview(
    tracks: &RecordBatch,
    tree: Option<&GenreTree>,
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
        n_genres_listed: tree.map(|tree| tree.n_genres() as u64),
        n_genres_used: genres::n_genres_used(&table)?,
        n_with_genre_top,
        genre_top: genre_top.map_or_else(Vec::new, |genres| {
            genres::count_genres(&genres, artists.as_ref(), n_with_genre_top)
        }),
        duration: table
            .float64("track.duration")?
            .and_then(|values| durations::durations(&present(values.iter()))),
        dates: dates::date_ranges(&table)?,
        tracks_by_year: dates::tracks_by_year(&table)?,
        bit_rate: bit_rates::bit_rates(&table)?,
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

/// Describes the archive in a store, whose missing values were counted before.
///
/// # Errors
/// `Catalog` where a table cannot be read; those of [`overview`].
pub fn of_store(store: &Store, missingness: &Missingness) -> Result<Overview> {
    let tracks = read_some(store, TableId::Tracks, &COLUMNS)?;
    let genres = read_genres(store)?;
    let tables = store.tables().into_iter().map(|table| {
        Ok(TableSize {
            table: table.name().to_owned(),
            n_rows: store.n_rows(table)?,
            n_columns: store.schema(table)?.fields().len().saturating_sub(1) as u64,
        })
    });
    overview(
        &tracks,
        genres.as_ref(),
        missingness,
        tables.collect::<Result<_>>()?,
    )
}

fn n_present(array: &StringArray) -> u64 {
    (array.len() - array.null_count()) as u64
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

#[cfg(test)]
mod tests;
