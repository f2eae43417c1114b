//! From placed tracks to counts of places.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::RecordBatch;
use cratedigger_catalog::{Store, TableId};

use super::cells::cells;
use super::coverage::{coverage, text_countries, texts, unplaced};
use super::geography::{CrossTable, Geography, PlaceCount};
use super::languages::languages;
use super::located::Located;
use crate::dataset::{read_genres, read_some};
use crate::error::Result;
use crate::options::{DataOptions, LabelRule};
use crate::selection::{self, Labels, label_tracks};
use cratedigger_places::Atlas;

/// The columns of `tracks` that [`geography`] reads, beside those of [`crate::selection::COLUMNS`].
pub const COLUMNS: [&str; 7] = [
    "track_id",
    "artist.id",
    "artist.name",
    "artist.latitude",
    "artist.longitude",
    "artist.location",
    "track.language_code",
];

/// Places and counts the tracks in a store.
///
/// # Errors
/// `Catalog` where a table cannot be read; those of [`geography`].
pub fn of_store(store: &Store, options: &DataOptions, atlas: &Atlas) -> Result<Option<(Geography, Located)>> {
    let columns: Vec<&str> = COLUMNS.into_iter().chain(selection::COLUMNS).collect();
    let tracks = read_some(store, TableId::Tracks, &columns)?;
    let genres = match options.labels {
        LabelRule::Unambiguous => read_genres(store)?,
        LabelRule::GenreTop => None,
    };
    let labels = label_tracks(&tracks, genres.as_ref(), options)?;
    geography(&tracks, &labels, atlas)
}

/// Places every track and counts; `None` where no track has coordinates or an artist's location.
///
/// `tracks`: the columns [`COLUMNS`], as far as they are there. `labels`: the genre of each track, where it has one of the
/// selection.
///
/// # Errors
/// `ColumnType` where a column holds something else than its name says.
pub fn geography(
    tracks: &RecordBatch,
    labels: &Labels,
    atlas: &Atlas,
) -> Result<Option<(Geography, Located)>> {
    let Some(located) = Located::new(tracks, labels, atlas)? else {
        return Ok(None);
    };
    Ok(Some((count(&located, labels, atlas), located)))
}

fn count(located: &Located, labels: &Labels, atlas: &Atlas) -> Geography {
    let continents = places(
        located,
        labels.classes.len(),
        |region| Some(atlas.region(region).continent.clone()),
        &|name: &String| PlaceCount {
            name: name.clone(),
            continent: name.clone(),
            ..empty()
        },
    );
    let by_text = text_countries(located);
    let mut countries = places(
        located,
        labels.classes.len(),
        |region| Some(atlas.region(region).country),
        &|&country: &usize| {
            let entry = &atlas.countries()[country];
            PlaceCount {
                country: entry.code.clone(),
                name: entry.name.clone(),
                continent: entry.continent.clone(),
                population: entry.population,
                n_by_text: by_text.get(&country).copied().unwrap_or(0),
                ..empty()
            }
        },
    );
    for (&country, &n) in &by_text {
        let entry = &atlas.countries()[country];
        if !countries.iter().any(|place| place.country == entry.code) {
            countries.push(PlaceCount {
                country: entry.code.clone(),
                name: entry.name.clone(),
                continent: entry.continent.clone(),
                population: entry.population,
                n_by_text: n,
                n_by_genre: vec![0; labels.classes.len()],
                tracks_per_million: entry.population.map(|_| 0.0),
                artists_per_million: entry.population.map(|_| 0.0),
                ..empty()
            });
        }
    }
    let regions = places(located, labels.classes.len(), Some, &|&region: &usize| {
        let entry = atlas.region(region);
        PlaceCount {
            country: atlas.country_of(region).code.clone(),
            name: entry.name.clone(),
            continent: entry.continent.clone(),
            population: entry.population,
            ..empty()
        }
    });
    let names: Vec<String> = continents.iter().map(|place| place.name.clone()).collect();
    let (tracks_by_genre, artists_by_genre) = by_genre(located, labels, atlas, &names);
    let (languages, n_with_language, languages_by_continent) = languages(located, atlas, &names);
    Geography {
        boundaries: atlas.source().clone(),
        genres: labels.classes.clone(),
        coverage: coverage(located),
        unplaced: unplaced(located),
        text: texts(located, atlas),
        continents,
        countries,
        regions,
        continents_by_genre: tracks_by_genre,
        continents_by_genre_artists: artists_by_genre,
        cells: cells(located, labels.classes.len(), atlas),
        languages,
        n_with_language,
        languages_by_continent,
    }
}

fn empty() -> PlaceCount {
    PlaceCount {
        country: String::new(),
        name: String::new(),
        continent: String::new(),
        n_tracks: 0,
        n_artists: 0,
        share: 0.0,
        n_by_genre: Vec::new(),
        n_of_genres: 0,
        n_of_largest_artist: 0,
        largest_artist: None,
        population: None,
        tracks_per_million: None,
        artists_per_million: None,
        n_by_text: 0,
    }
}

/// Counts the placed tracks by a key of their region, most tracks first, ties by key.
fn places<K: Ord>(
    located: &Located,
    n_classes: usize,
    key_of: impl Fn(usize) -> Option<K>,
    begin: &dyn Fn(&K) -> PlaceCount,
) -> Vec<PlaceCount> {
    let mut groups: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for row in 0..located.n_tracks() {
        if let Some(key) = located.region(row).and_then(&key_of) {
            groups.entry(key).or_default().push(row);
        }
    }
    let n_placed: usize = groups.values().map(Vec::len).sum();
    let mut counts: Vec<PlaceCount> = groups
        .into_iter()
        .map(|(key, rows)| {
            let mut place = begin(&key);
            let mut artists: BTreeMap<i64, u64> = BTreeMap::new();
            place.n_by_genre = vec![0; n_classes];
            for &row in &rows {
                *artists.entry(located.artists[row]).or_default() += 1;
                if let Some(class) = located.classes[row] {
                    place.n_by_genre[class] += 1;
                }
            }
            place.n_tracks = rows.len() as u64;
            place.n_artists = artists.len() as u64;
            place.share = rows.len() as f64 / n_placed as f64;
            place.n_of_genres = place.n_by_genre.iter().sum();
            for (artist, n) in artists {
                if n > place.n_of_largest_artist {
                    place.n_of_largest_artist = n;
                    place.largest_artist = located.artist_names.get(&artist).cloned();
                }
            }
            let per_million = |n: u64| {
                place
                    .population
                    .map(|population| n as f64 / (population as f64 / 1e6))
            };
            place.tracks_per_million = per_million(place.n_tracks);
            place.artists_per_million = per_million(place.n_artists);
            place
        })
        .collect();
    // Stable: equal counts stay in the order of the keys.
    counts.sort_by_key(|place| std::cmp::Reverse(place.n_tracks));
    counts
}

/// Tracks, and artists with at least one track, by continent and genre.
fn by_genre(
    located: &Located,
    labels: &Labels,
    atlas: &Atlas,
    continents: &[String],
) -> (CrossTable, CrossTable) {
    let zero = vec![vec![0_u64; labels.classes.len()]; continents.len()];
    let (mut tracks, mut artists) = (zero.clone(), zero);
    let mut seen = BTreeSet::new();
    for row in 0..located.n_tracks() {
        let (Some(region), Some(class)) = (located.region(row), located.classes[row]) else {
            continue;
        };
        let continent = &atlas.region(region).continent;
        let Some(position) = continents.iter().position(|name| name == continent) else {
            continue;
        };
        tracks[position][class] += 1;
        artists[position][class] += u64::from(seen.insert((position, class, located.artists[row])));
    }
    let table = |counts| CrossTable::new(continents.to_vec(), labels.classes.clone(), counts);
    (table(tracks), table(artists))
}
