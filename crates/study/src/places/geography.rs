//! The finding `geography`: tracks and artists by continent, country, region and language.
//!
//! Distinct artists stand beside tracks everywhere, since one artist with a large catalogue can make a hot spot.

use serde::{Deserialize, Serialize};

use cratedigger_places::{BoundarySource, Reason};

/// The finding `geography`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Geography {
    /// The boundaries.
    pub boundaries: BoundarySource,
    /// The genres that tracks are counted by: those of the selection.
    pub genres: Vec<String>,
    /// How many tracks could be placed, and how.
    pub coverage: Coverage,
    /// Tracks with coordinates that could not be placed, by reason.
    pub unplaced: Vec<Unplaced>,
    /// What artists' own words say, for tracks that coordinates do not place.
    pub text: TextMatches,
    /// Continents by tracks placed by their coordinates, most tracks first, ties by name.
    pub continents: Vec<PlaceCount>,
    /// Countries likewise, and those that only texts name.
    pub countries: Vec<PlaceCount>,
    /// First-level regions likewise.
    pub regions: Vec<PlaceCount>,
    /// Tracks of the genres by continent, placed by their coordinates.
    pub continents_by_genre: CrossTable,
    /// Artists with at least one such track.
    pub continents_by_genre_artists: CrossTable,
    /// Hexagonal bins of the world map.
    pub cells: Vec<MapCell>,
    /// Tracks by `track.language_code`, most tracks first, ties by code.
    pub languages: Vec<LanguageCount>,
    /// Tracks with a language.
    pub n_with_language: u64,
    /// The most frequent languages by continent, placed by coordinates.
    pub languages_by_continent: CrossTable,
}

/// How many tracks could be placed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// All tracks.
    pub n_tracks: u64,
    /// Tracks with latitude and longitude.
    pub n_with_coordinates: u64,
    /// Their artists.
    pub n_artists_with_coordinates: u64,
    /// Different positions among them.
    pub n_positions: u64,
    /// Tracks inside of a region.
    pub n_inside: u64,
    /// Tracks in none, but within `near_km` of one, where they are counted.
    pub n_near: u64,
    /// The limit, in km.
    pub near_km: f64,
    /// The median distance of those tracks, in km; `null` without any.
    pub near_km_median: Option<f64>,
    /// The greatest distance, in km.
    pub near_km_max: Option<f64>,
    /// `n_inside + n_near`.
    pub n_placed: u64,
    /// `n_placed / n_with_coordinates`; `null` without coordinates.
    pub share_placed: Option<f64>,
    /// Artists of the placed tracks.
    pub n_artists_placed: u64,
    /// Placed tracks of one of the genres.
    pub n_placed_of_genres: u64,
}

/// Tracks that could not be placed for one reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unplaced {
    /// The reason.
    pub reason: Reason,
    /// The reason in words.
    pub words: String,
    /// Tracks.
    pub n_tracks: u64,
    /// Their artists.
    pub n_artists: u64,
    /// The first of them, one for each artist, at most ten.
    pub examples: Vec<UnplacedTrack>,
}

/// A track that could not be placed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnplacedTrack {
    /// The track.
    pub track_id: i64,
    /// Its artist.
    pub artist: Option<String>,
    /// Its latitude.
    pub latitude: Option<f64>,
    /// Its longitude.
    pub longitude: Option<f64>,
}

/// What `artist.location` says.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TextMatches {
    /// Tracks that coordinates do not place and whose artist wrote something.
    pub n_texts: u64,
    /// Of these, tracks whose text names a country.
    pub n_found: u64,
    /// Artists of these.
    pub n_artists_found: u64,
    /// Of these, tracks whose text names a first-level region.
    pub n_found_region: u64,
    /// Tracks whose text may mean several places.
    pub n_ambiguous: u64,
    /// Tracks whose text names no place that is known.
    pub n_unknown: u64,
    /// Tracks placed by coordinates whose text names a country: a check of the texts.
    pub n_checked: u64,
    /// Of these, tracks where both agree on the country.
    pub n_agreeing: u64,
}

/// Tracks and artists of a place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlaceCount {
    /// Natural Earth's code of the country; empty for a continent.
    pub country: String,
    /// The name.
    pub name: String,
    /// The continent.
    pub continent: String,
    /// Tracks placed by their coordinates.
    pub n_tracks: u64,
    /// Their artists.
    pub n_artists: u64,
    /// `n_tracks` divided by all tracks placed by their coordinates.
    pub share: f64,
    /// Tracks of each of the genres.
    pub n_by_genre: Vec<u64>,
    /// Tracks of any of the genres.
    pub n_of_genres: u64,
    /// The tracks of the artist with the most tracks here.
    pub n_of_largest_artist: u64,
    /// The first of these artists, by id.
    pub largest_artist: Option<String>,
    /// Inhabitants, where they are known.
    pub population: Option<u64>,
    /// `n_tracks` for a million inhabitants.
    pub tracks_per_million: Option<f64>,
    /// `n_artists` for a million inhabitants.
    pub artists_per_million: Option<f64>,
    /// Tracks placed by their artist's text, which are in no other figure here.
    pub n_by_text: u64,
}

/// Counts of two properties.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CrossTable {
    /// What the rows are.
    pub rows: Vec<String>,
    /// What the columns are.
    pub columns: Vec<String>,
    /// Counts by rows.
    pub counts: Vec<Vec<u64>>,
    /// Each count divided by the sum of its row; 0 in an empty row.
    pub row_shares: Vec<Vec<f64>>,
    /// Each count divided by the sum of its column.
    pub column_shares: Vec<Vec<f64>>,
    /// All counts together.
    pub n: u64,
}

/// A bin of the world map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MapCell {
    /// The mean latitude of its tracks.
    pub latitude: f64,
    /// The mean longitude.
    pub longitude: f64,
    /// The region of most of its tracks.
    pub place: String,
    /// Tracks of the genres.
    pub n_tracks: u64,
    /// Their artists.
    pub n_artists: u64,
    /// Tracks of each genre.
    pub n_by_genre: Vec<u64>,
}

/// Tracks of a language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LanguageCount {
    /// The code, mostly ISO 639-1.
    pub code: String,
    /// Its English name; empty where the code is not known.
    pub name: String,
    /// Tracks.
    pub n_tracks: u64,
    /// Their artists.
    pub n_artists: u64,
    /// `n_tracks` divided by all tracks with a language.
    pub share: f64,
}

impl CrossTable {
    /// A table with its shares.
    pub fn new(rows: Vec<String>, columns: Vec<String>, counts: Vec<Vec<u64>>) -> Self {
        let divide = |n: u64, sum: u64| if sum == 0 { 0.0 } else { n as f64 / sum as f64 };
        let of_column = |c: usize| counts.iter().map(|row| row[c]).sum::<u64>();
        Self {
            row_shares: counts
                .iter()
                .map(|row| row.iter().map(|&n| divide(n, row.iter().sum())).collect())
                .collect(),
            column_shares: counts
                .iter()
                .map(|row| {
                    row.iter()
                        .enumerate()
                        .map(|(c, &n)| divide(n, of_column(c)))
                        .collect()
                })
                .collect(),
            n: counts.iter().flatten().sum(),
            rows,
            columns,
            counts,
        }
    }
}
