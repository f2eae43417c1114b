//! What a map says of the place under the pointer.

use cratedigger_study::places::geography::{MapCell, PlaceCount};

use crate::format::{count, count_of};

/// Of an area: its tracks and artists, after the number that colours it, where it has one.
pub(crate) fn of_area(name: &str, counts: Option<&PlaceCount>, value: Option<String>, what: &str) -> String {
    match (counts, value) {
        (Some(place), Some(value)) => format!(
            "{name}: {value} {what} ({} by {})",
            count_of(place.n_tracks, "track"),
            count_of(place.n_artists, "artist")
        ),
        (Some(place), None) => format!(
            "{name}: {} by {}",
            count_of(place.n_tracks, "track"),
            count_of(place.n_artists, "artist")
        ),
        (None, _) => format!("{name}: no track"),
    }
}

/// Of a circle: its tracks, artists, and tracks of each of these genres, by their positions in `genres`.
pub(crate) fn of_circle(cell: &MapCell, genres: &[String], order: &[usize]) -> String {
    let parts: Vec<String> = order
        .iter()
        .filter(|&&genre| cell.n_by_genre[genre] > 0)
        .map(|&genre| format!("{} {}", genres[genre], count(cell.n_by_genre[genre])))
        .collect();
    format!(
        "{}: {} by {} ({})",
        cell.place,
        count_of(cell.n_tracks, "track"),
        count_of(cell.n_artists, "artist"),
        parts.join(", ")
    )
}
