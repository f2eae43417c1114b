//! From placed tracks to counts.

use std::collections::{BTreeMap, BTreeSet};

use super::geography::{
    Coverage, CrossTable, Geography, LanguageCount, MapCell, PlaceCount, TextMatches, Unplaced, UnplacedTrack,
};
use super::located::{Located, first_greatest};
use crate::places::Projection;
use crate::places::{Atlas, NEAR_KM, Outcome, Reason, TextPlace};
use crate::selection::Labels;

/// Tracks that the findings name for each reason.
const N_EXAMPLES: usize = 10;

/// Languages that the table by continent has columns for; the others share one.
const N_LANGUAGES: usize = 8;

/// The distance of the hexagons' centres in units of the Equal Earth plane, whose width is 5.4: about 350 km.
const HEXAGON: f64 = 0.055;

/// Names of the languages that the archive's codes stand for most often.
const LANGUAGES: [(&str, &str); 42] = [
    ("ar", "Arabic"),
    ("bg", "Bulgarian"),
    ("bm", "Bambara"),
    ("bn", "Bengali"),
    ("ca", "Catalan"),
    ("cs", "Czech"),
    ("cy", "Welsh"),
    ("da", "Danish"),
    ("de", "German"),
    ("ee", "Ewe"),
    ("el", "Greek"),
    ("en", "English"),
    ("es", "Spanish"),
    ("et", "Estonian"),
    ("eu", "Basque"),
    ("fa", "Persian"),
    ("fi", "Finnish"),
    ("fr", "French"),
    ("ga", "Irish"),
    ("gu", "Gujarati"),
    ("ha", "Hausa"),
    ("he", "Hebrew"),
    ("hi", "Hindi"),
    ("hu", "Hungarian"),
    ("id", "Indonesian"),
    ("it", "Italian"),
    ("ja", "Japanese"),
    ("ko", "Korean"),
    ("la", "Latin"),
    ("lt", "Lithuanian"),
    ("nl", "Dutch"),
    ("no", "Norwegian"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("ro", "Romanian"),
    ("ru", "Russian"),
    ("sr", "Serbian"),
    ("sv", "Swedish"),
    ("th", "Thai"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
    ("zh", "Chinese"),
];

pub(super) fn count(located: &Located, labels: &Labels, atlas: &Atlas) -> Geography {
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

fn coverage(located: &Located) -> Coverage {
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
        near_km_median: crate::archive::overview::Quantiles::of_sorted(&distances).map(|q| q.median),
        near_km_max: distances.last().copied(),
        n_placed,
        share_placed: (n_with > 0).then(|| n_placed as f64 / n_with as f64),
        n_artists_placed: placed.len() as u64,
        n_placed_of_genres: n_of_genres,
    }
}

fn unplaced(located: &Located) -> Vec<Unplaced> {
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
fn text_countries(located: &Located) -> BTreeMap<usize, u64> {
    let mut counts = BTreeMap::new();
    for row in 0..located.n_tracks() {
        if let (None, Some(TextPlace::Found { country, .. })) = (located.region(row), located.texts[row]) {
            *counts.entry(country).or_default() += 1;
        }
    }
    counts
}

fn texts(located: &Located, atlas: &Atlas) -> TextMatches {
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

fn languages(
    located: &Located,
    atlas: &Atlas,
    continents: &[String],
) -> (Vec<LanguageCount>, u64, CrossTable) {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (row, language) in located.languages.iter().enumerate() {
        if let Some(code) = language {
            groups.entry(code).or_default().push(row);
        }
    }
    let n: usize = groups.values().map(Vec::len).sum();
    let mut groups: Vec<(&str, Vec<usize>)> = groups.into_iter().collect();
    groups.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
    let mut counts = vec![vec![0; groups.len().min(N_LANGUAGES + 1)]; continents.len()];
    for (position, (_, rows)) in groups.iter().enumerate() {
        for region in rows.iter().filter_map(|&row| located.region(row)) {
            let name = &atlas.region(region).continent;
            if let Some(continent) = continents.iter().position(|other| other == name) {
                counts[continent][position.min(N_LANGUAGES)] += 1;
            }
        }
    }
    let mut columns: Vec<String> = groups
        .iter()
        .take(N_LANGUAGES)
        .map(|(code, _)| match language_name(code) {
            "" => (*code).to_owned(),
            name => name.to_owned(),
        })
        .collect();
    if groups.len() > N_LANGUAGES {
        columns.push("other languages".to_owned());
    }
    let languages = groups
        .iter()
        .map(|(code, rows)| LanguageCount {
            code: (*code).to_owned(),
            name: language_name(code).to_owned(),
            n_tracks: rows.len() as u64,
            n_artists: rows
                .iter()
                .map(|&row| located.artists[row])
                .collect::<BTreeSet<_>>()
                .len() as u64,
            share: rows.len() as f64 / n as f64,
        })
        .collect();
    (
        languages,
        n as u64,
        CrossTable::new(continents.to_vec(), columns, counts),
    )
}

fn language_name(code: &str) -> &'static str {
    LANGUAGES
        .iter()
        .find(|(known, _)| *known == code)
        .map_or("", |(_, name)| name)
}

/// Placed tracks of the genres in hexagons of the Equal Earth map.
fn cells(located: &Located, n_classes: usize, atlas: &Atlas) -> Vec<MapCell> {
    let mut bins: BTreeMap<(i64, i64), Vec<usize>> = BTreeMap::new();
    for row in 0..located.n_tracks() {
        let (Some(_), Some(_), (Some(latitude), Some(longitude))) = (
            located.region(row),
            located.classes[row],
            located.coordinates[row],
        ) else {
            continue;
        };
        let bin = hexagon(Projection::EqualEarth.project([longitude, latitude]));
        bins.entry(bin).or_default().push(row);
    }
    bins.into_values()
        .map(|rows| {
            let mean = |of: &dyn Fn(usize) -> Option<f64>| {
                rows.iter().filter_map(|&row| of(row)).sum::<f64>() / rows.len() as f64
            };
            let mut n_by_genre = vec![0; n_classes];
            let mut regions: BTreeMap<usize, u64> = BTreeMap::new();
            for &row in &rows {
                if let Some(class) = located.classes[row] {
                    n_by_genre[class] += 1;
                }
                if let Some(region) = located.region(row) {
                    *regions.entry(region).or_default() += 1;
                }
            }
            let counts: Vec<u64> = regions.values().copied().collect();
            let place = regions
                .keys()
                .nth(first_greatest(&counts))
                .map_or(String::new(), |&region| {
                    let (name, country) = (&atlas.region(region).name, &atlas.country_of(region).name);
                    if name.is_empty() || name == country {
                        country.clone()
                    } else {
                        format!("{name}, {country}")
                    }
                });
            MapCell {
                latitude: mean(&|row| located.coordinates[row].0),
                longitude: mean(&|row| located.coordinates[row].1),
                place,
                n_tracks: rows.len() as u64,
                n_artists: rows
                    .iter()
                    .map(|&row| located.artists[row])
                    .collect::<BTreeSet<_>>()
                    .len() as u64,
                n_by_genre,
            }
        })
        .collect()
}

/// The hexagon of a point: the nearest of the centres of two rectangular grids, each at the other's gaps.
fn hexagon([x, y]: [f64; 2]) -> (i64, i64) {
    let (width, height) = (HEXAGON, HEXAGON * 3.0_f64.sqrt());
    let nearest = |shift: f64| {
        let column = (x / width - shift).round();
        let row = (y / height - shift).round();
        let (dx, dy) = (x - (column + shift) * width, y - (row + shift) * height);
        (dx * dx + dy * dy, column as i64, row as i64)
    };
    let (even, odd) = (nearest(0.0), nearest(0.5));
    if even.0 <= odd.0 {
        (2 * even.1, 2 * even.2)
    } else {
        (2 * odd.1 + 1, 2 * odd.2 + 1)
    }
}
