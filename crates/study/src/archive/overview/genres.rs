//! How often each genre is an archive's, and how many artists stand behind it.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, PrimitiveArray, StringArray};
use arrow::datatypes::Int64Type;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::table::{Table, list_at, text_at, value_at};

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

pub(super) fn n_genres_used(table: &Table<'_>) -> Result<Option<u64>> {
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

pub(super) fn count_genres(
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
