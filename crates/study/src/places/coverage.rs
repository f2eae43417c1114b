//! How many tracks could be placed, which could not, and what artists' own words say of them.

use std::collections::{BTreeMap, BTreeSet};

use super::geography::{Coverage, TextMatches, Unplaced, UnplacedTrack};
use super::located::Located;
use crate::archive::quantiles::Quantiles;
use cratedigger_places::TextPlace;
use cratedigger_places::{Atlas, NEAR_KM, Outcome, Reason};

/// Tracks that the findings name for each reason.
const N_EXAMPLES: usize = 10;

pub(super) fn coverage(located: &Located) -> Coverage {
    let mut distances = Vec::new();
    let mut positions: BTreeSet<(u64, u64)> = BTreeSet::new();
    let (mut with, mut placed) = (BTreeSet::new(), BTreeSet::new());
    let (mut n_with, mut n_inside, mut n_of_genres) = (0, 0, 0);
    for row in 0..located.n_tracks() {
        if let (Some(latitude), Some(longitude)) = located.coordinates[row] {
            n_with += 1;
            with.insert(located.artists[row]);
            positions.insert((latitude.to_bits(), longitude.to_bits()));
        }
        match located.outcomes[row] {
            Some(Outcome::Inside { .. }) => n_inside += 1,
            Some(Outcome::Near { distance_km, .. }) => distances.push(distance_km),
            _ => continue,
        }
        placed.insert(located.artists[row]);
        n_of_genres += u64::from(located.classes[row].is_some());
    }
    distances.sort_unstable_by(f64::total_cmp);
    let n_near = distances.len() as u64;
    let n_placed = n_inside + n_near;
    Coverage {
        n_tracks: located.n_tracks() as u64,
        n_with_coordinates: n_with,
        n_artists_with_coordinates: with.len() as u64,
        n_positions: positions.len() as u64,
        n_inside,
        n_near,
        near_km: NEAR_KM,
        near_km_median: Quantiles::of_sorted(&distances).map(|q| q.median),
        near_km_max: distances.last().copied(),
        n_placed,
        share_placed: (n_with > 0).then(|| n_placed as f64 / n_with as f64),
        n_artists_placed: placed.len() as u64,
        n_placed_of_genres: n_of_genres,
    }
}

pub(super) fn unplaced(located: &Located) -> Vec<Unplaced> {
    let mut found = Vec::new();
    for reason in Reason::ALL {
        let rows: Vec<usize> = (0..located.n_tracks())
            .filter(|&row| located.outcomes[row] == Some(Outcome::Nowhere { reason }))
            .collect();
        if rows.is_empty() {
            continue;
        }
        let mut artists = BTreeSet::new();
        let mut examples = Vec::new();
        for &row in &rows {
            if artists.insert(located.artists[row]) && examples.len() < N_EXAMPLES {
                examples.push(UnplacedTrack {
                    track_id: located.track_ids[row],
                    artist: located.artist_names.get(&located.artists[row]).cloned(),
                    latitude: located.coordinates[row].0,
                    longitude: located.coordinates[row].1,
                });
            }
        }
        found.push(Unplaced {
            reason,
            words: reason.words().to_owned(),
            n_tracks: rows.len() as u64,
            n_artists: artists.len() as u64,
            examples,
        });
    }
    found
}

/// Tracks by the country that their artist's text names, where coordinates name none.
pub(super) fn text_countries(located: &Located) -> BTreeMap<usize, u64> {
    let mut counts = BTreeMap::new();
    for row in 0..located.n_tracks() {
        if let (None, Some(TextPlace::Found { country, .. })) = (located.region(row), located.texts[row]) {
            *counts.entry(country).or_default() += 1;
        }
    }
    counts
}

pub(super) fn texts(located: &Located, atlas: &Atlas) -> TextMatches {
    let mut found = TextMatches::default();
    let mut artists = BTreeSet::new();
    for row in 0..located.n_tracks() {
        let Some(text) = located.texts[row] else { continue };
        match (located.region(row), text) {
            (Some(region), TextPlace::Found { country, .. }) => {
                found.n_checked += 1;
                found.n_agreeing += u64::from(atlas.region(region).country == country);
            }
            (Some(_), _) => {}
            (None, text) => {
                found.n_texts += 1;
                match text {
                    TextPlace::Found { region, .. } => {
                        found.n_found += 1;
                        found.n_found_region += u64::from(region.is_some());
                        artists.insert(located.artists[row]);
                    }
                    TextPlace::Ambiguous => found.n_ambiguous += 1,
                    TextPlace::Unknown => found.n_unknown += 1,
                }
            }
        }
    }
    found.n_artists_found = artists.len() as u64;
    found
}
