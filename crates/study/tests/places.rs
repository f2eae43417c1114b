//! Where real tracks come from, against geopandas on the same boundaries.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::shared;
use cratedigger_catalog::{ImportOptions, Store, import};
use cratedigger_study::places::{Atlas, Outcome};
use cratedigger_study::{Findings, StudyOptions, run};
use serde::Deserialize;

/// What scripts/check_places.py --tracks prints.
#[derive(Deserialize)]
struct Golden {
    n_located: u64,
    n_inside: u64,
    countries: BTreeMap<String, u64>,
    states: BTreeMap<String, u64>,
}

fn study(dir: &Path, options: &StudyOptions) -> Findings {
    let folder = tempfile::tempdir().unwrap();
    import(dir, folder.path(), &ImportOptions::default(), &|_| {}).unwrap();
    run(&Store::open(folder.path()).unwrap(), options, &|_| {}).unwrap()
}

fn without_classifiers() -> StudyOptions {
    let mut options = StudyOptions::default();
    options.methods = Vec::new();
    options
}

#[test]
fn real_tracks_lie_where_geopandas_finds_them() {
    let Some(dir) = shared("fma/echonest-13129") else {
        return;
    };
    let golden: Golden = serde_json::from_str(include_str!("golden/echonest-places.json")).unwrap();

    // Inside of polygons, track by track.
    let atlas = Atlas::embedded().unwrap();
    let text = std::fs::read_to_string(dir.join("tracks.csv")).unwrap();
    let mut reader = Csv::new(&text);
    let (first, second) = (reader.record().unwrap(), reader.record().unwrap());
    let column = |name: &str| {
        (0..first.len())
            .find(|&k| format!("{}.{}", first[k], second[k]) == name)
            .unwrap()
    };
    let (latitude, longitude) = (column("artist.latitude"), column("artist.longitude"));
    reader.record();
    let (mut countries, mut states, mut n_located) = (BTreeMap::new(), BTreeMap::new(), 0);
    while let Some(record) = reader.record() {
        let (Ok(latitude), Ok(longitude)) = (record[latitude].parse(), record[longitude].parse()) else {
            continue;
        };
        n_located += 1;
        if let Outcome::Inside { region } = atlas.locate(latitude, longitude) {
            let code = atlas.country_of(region).code.clone();
            if code == "USA" {
                *states.entry(atlas.region(region).name.clone()).or_insert(0) += 1;
            }
            *countries.entry(code).or_insert(0) += 1;
        }
    }
    assert_eq!(
        (n_located, countries.values().sum::<u64>()),
        (golden.n_located, golden.n_inside)
    );
    assert_eq!(countries, golden.countries);
    assert_eq!(states, golden.states);

    // And with the coast's neighbourhood, at least 99 of 100.
    let found = study(&dir, &without_classifiers());
    let geography = found.geography.unwrap();
    let coverage = &geography.coverage;
    assert_eq!(
        (coverage.n_with_coordinates, coverage.n_inside),
        (golden.n_located, golden.n_inside)
    );
    assert!(coverage.share_placed.unwrap() >= 0.99, "{coverage:?}");
    let unplaced: u64 = geography.unplaced.iter().map(|reason| reason.n_tracks).sum();
    assert_eq!(coverage.n_placed + unplaced, coverage.n_with_coordinates);
    for places in [&geography.continents, &geography.countries, &geography.regions] {
        assert_eq!(
            places.iter().map(|place| place.n_tracks).sum::<u64>(),
            coverage.n_placed
        );
        assert!(places.is_sorted_by(|a, b| a.n_tracks >= b.n_tracks));
    }
    for (code, n) in &golden.countries {
        let place = geography
            .countries
            .iter()
            .find(|place| &place.country == code)
            .unwrap();
        assert!(
            place.n_tracks >= *n && place.n_artists >= 1 && place.n_artists <= place.n_tracks,
            "{place:?}"
        );
    }
}

/// Records of a CSV file with quoted cells.
struct Csv<'a> {
    rest: &'a str,
}

impl<'a> Csv<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    fn record(&mut self) -> Option<Vec<String>> {
        if self.rest.is_empty() {
            return None;
        }
        let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
        for (at, letter) in self.rest.char_indices() {
            match letter {
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(std::mem::take(&mut cell)),
                '\n' if !quoted => {
                    self.rest = &self.rest[at + 1..];
                    cells.push(cell);
                    return Some(cells);
                }
                other => cell.push(other),
            }
        }
        self.rest = "";
        cells.push(cell);
        Some(cells)
    }
}

const GEOJSON: &str = r#"{"type": "FeatureCollection", "features": [
    {"type": "Feature", "properties": {"name": "North", "continent": "Up", "pop_est": 2000000},
     "geometry": {"type": "Polygon", "coordinates": [[[-180, 0], [180, 0], [180, 85], [-180, 85]]]}},
    {"type": "Feature", "properties": {"name": "South", "continent": "Down"},
     "geometry": {"type": "Polygon", "coordinates": [[[-180, -85], [180, -85], [180, 0], [-180, 0]]]}}]}"#;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture")
}

#[test]
fn a_users_boundaries_replace_the_embedded_ones() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("halves.geojson");
    std::fs::write(&path, GEOJSON).unwrap();
    let mut options = without_classifiers();
    options.boundaries = Some(path.clone());
    let findings = study(&fixture(), &options);
    let geography = findings.geography.unwrap();
    assert_eq!(geography.boundaries.name, path.display().to_string());
    let coverage = &geography.coverage;
    assert_eq!(coverage.n_placed, coverage.n_with_coordinates);
    assert!(coverage.n_with_coordinates > 20);
    let mut names: Vec<&str> = geography
        .countries
        .iter()
        .map(|place| place.name.as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["North", "South"]);
    let north = geography
        .countries
        .iter()
        .find(|place| place.name == "North")
        .unwrap();
    assert_eq!(north.tracks_per_million, Some(north.n_tracks as f64 / 2.0));
    // Artists have three tracks each, all at one place.
    assert_eq!(north.n_tracks, 3 * north.n_artists);
    assert_eq!(north.n_of_largest_artist, 3);
    let differences = findings.differences.unwrap();
    let tests = differences.continents.unwrap();
    assert_eq!(tests.tracks.n, geography.continents_by_genre.n);
    assert_eq!(tests.artists.unwrap().n, coverage.n_artists_placed);

    options.boundaries = Some(folder.path().join("none.geojson"));
    let store = tempfile::tempdir().unwrap();
    import(&fixture(), store.path(), &ImportOptions::default(), &|_| {}).unwrap();
    let error = run(&Store::open(store.path()).unwrap(), &options, &|_| {})
        .unwrap_err()
        .to_string();
    assert!(error.contains("none.geojson"), "{error}");
}

#[test]
fn the_published_figures_are_shown_on_request_only() {
    let mut options = without_classifiers();
    assert_eq!(study(&fixture(), &options).comparison, None);
    options.compare = true;
    let findings = study(&fixture(), &options);
    let comparison = findings.comparison.unwrap();
    assert!(!comparison.whole_dataset);
    assert!(comparison.figures.len() >= 60, "{}", comparison.figures.len());
    let verdicts =
        comparison.n_equal + comparison.n_near + comparison.n_different + comparison.n_not_computable;
    assert_eq!(verdicts, comparison.figures.len() as u64);
    let find = |name: &str| {
        comparison
            .figures
            .iter()
            .find(|figure| figure.figure == name)
            .unwrap()
    };
    let genre_top = find("track.genre_top");
    assert_eq!(
        (genre_top.published, genre_top.ours),
        (0.534_614, Some(10.0 / 90.0))
    );
    let tuned = find("neural network after tuning");
    assert!(tuned.ours.is_none() && !tuned.note.is_empty());
}

#[test]
fn geography_and_tests_do_not_depend_on_threads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("halves.geojson");
    std::fs::write(&path, GEOJSON).unwrap();
    let mut options = without_classifiers();
    options.boundaries = Some(path);
    let mut found = Vec::new();
    for n_jobs in [1, 3] {
        options.n_jobs = Some(n_jobs);
        found.push(study(&fixture(), &options).without_times().unwrap());
    }
    assert_eq!(found[0], found[1]);
    // There is something that could differ.
    assert!(
        found[0]["differences"]["continents"]["permutation"]["median_statistic"]
            .as_f64()
            .unwrap()
            > 0.0
    );
}
