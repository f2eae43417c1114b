//! The section on where the music comes from.

use cratedigger_study::Findings;
use cratedigger_study::places::Atlas;
use cratedigger_study::places::geography::{Geography, PlaceCount};

use super::tables::{Shares, cross, cross_tables, place_tables, places};
use crate::block::{Block, Cell, Section, Stat, Table};
use crate::format::{count, count_of, list, percent};
use crate::maps::{self, Map, Measure, Part};

/// Rows of long tables that the page shows.
const SHOWN: usize = 25;

/// Genres that have maps of their shares.
const N_SHARE_MAPS: usize = 3;

pub(crate) fn section(findings: &Findings) -> Option<Section> {
    let mut blocks = Vec::new();
    let gist = match &findings.geography {
        None => {
            blocks.push(Block::Notice {
                text: "No track of this archive has coordinates or an artist's location, so nothing can be said of places.".into(),
            });
            "not known".to_owned()
        }
        Some(geography) => {
            coverage(geography, &mut blocks);
            if geography.coverage.n_placed > 0 {
                drawn(findings, geography, &mut blocks);
            }
            languages(geography, &mut blocks);
            geography
                .countries
                .first()
                .filter(|place| place.n_tracks > 0)
                .map_or_else(
                    || "no coordinates".to_owned(),
                    |place| format!("{} of {}", percent(place.share), place.name),
                )
        }
    };
    Some(Section {
        title: "Where the music comes from",
        gist,
        blocks,
    })
}

fn coverage(geography: &Geography, blocks: &mut Vec<Block>) {
    let coverage = &geography.coverage;
    let share = coverage.n_with_coordinates as f64 / coverage.n_tracks.max(1) as f64;
    blocks.push(Block::Stats {
        stats: vec![
            Stat::new(
                percent(share),
                "of the tracks have coordinates",
                count_of(coverage.n_with_coordinates, "track"),
            ),
            Stat::new(
                coverage.share_placed.map_or("\u{2013}".to_owned(), percent),
                "of these can be placed",
                format!("{} of them off the coast", count(coverage.n_near)),
            ),
            Stat::new(
                count(coverage.n_artists_placed),
                "artists placed",
                format!("at {}", count_of(coverage.n_positions, "position")),
            ),
            Stat::new(
                count(geography.text.n_found),
                "more by artists\u{2019} words",
                "reported apart",
            ),
        ],
    });
    let near = match (coverage.near_km_median, coverage.near_km_max) {
        (Some(median), Some(max)) => format!(
            " {} in no region but near one, such as just off a drawn coast, and {} counted there: half of them within {median:.1} km, \
             the farthest {max:.1} km away (limit {:.0} km).",
            if coverage.n_near == 1 {
                "One track lies".to_owned()
            } else {
                format!("{} tracks lie", count(coverage.n_near))
            },
            if coverage.n_near == 1 { "is" } else { "are" },
            coverage.near_km
        ),
        _ => String::new(),
    };
    blocks.push(Block::text(format!(
        "A track lies where its artist does: coordinates are the artist\u{2019}s, mostly of a city or the middle of a state. Each was \
         looked up in {} regions of {} countries ({}).{near}",
        count(geography.boundaries.n_regions),
        count(geography.boundaries.n_countries),
        geography.boundaries.name
    )));
    blocks.push(Block::text(format!(
        "{} {}",
        geography.boundaries.note, geography.boundaries.population_note
    )));
    if coverage.n_with_coordinates < coverage.n_tracks {
        blocks.push(Block::caveat(
            "Who tells a place may differ from who does not, so these are shares of the located tracks, not of all music in the archive.",
        ));
    }
    if !geography.unplaced.is_empty() {
        let rows = geography.unplaced.iter().flat_map(|reason| {
            reason.examples.iter().enumerate().map(move |(k, example)| {
                let real =
                    |value: Option<f64>| value.map_or_else(Cell::missing, |value| Cell::real(value, 4));
                vec![
                    Cell::text(if k == 0 { reason.words.as_str() } else { "" }),
                    if k == 0 {
                        Cell::count(reason.n_tracks)
                    } else {
                        Cell::missing()
                    },
                    Cell::integer(example.track_id),
                    Cell::text(example.artist.clone().unwrap_or_default()),
                    real(example.latitude),
                    real(example.longitude),
                ]
            })
        });
        let n: u64 = geography.unplaced.iter().map(|reason| reason.n_tracks).sum();
        blocks.push(Block::Table {
            table: Table::new(
                "unplaced",
                format!(
                    "{} with coordinates that could not be placed: reasons and examples",
                    count_of(n, "track")
                ),
                &[
                    ("reason", "Reason", false),
                    ("n_tracks", "Tracks", true),
                    ("track_id", "Such as track", true),
                    ("artist", "Artist", false),
                    ("latitude", "Latitude", true),
                    ("longitude", "Longitude", true),
                ],
                rows.collect(),
                SHOWN,
            )
            .folded(),
        });
    }
    let text = &geography.text;
    if text.n_texts > 0 {
        let agreement = if text.n_checked > 0 {
            format!(
                " Where there are coordinates too, both agree on the country for {} of {}.",
                percent(text.n_agreeing as f64 / text.n_checked as f64),
                count_of(text.n_checked, "track")
            )
        } else {
            String::new()
        };
        blocks.push(Block::text(format!(
            "{} without a place by coordinates {} with a location in their artist\u{2019}s own words. It names a country for {} \
             (by {}), may mean several for {}, and is not known for {}.{agreement} These tracks are in no map and no test; the \
             table of countries has them in a column of their own.",
            count_of(text.n_texts, "track"),
            if text.n_texts == 1 { "comes" } else { "come" },
            count(text.n_found),
            count_of(text.n_artists_found, "artist"),
            count(text.n_ambiguous),
            count(text.n_unknown)
        )));
    }
}

fn drawn(findings: &Findings, geography: &Geography, blocks: &mut Vec<Block>) {
    let synthetic = findings.provenance.synthetic.is_some();
    let atlas = if geography.boundaries.embedded {
        Atlas::embedded()
    } else {
        Atlas::read(std::path::Path::new(&geography.boundaries.name))
    };
    let atlas = match atlas {
        Ok(atlas) => Some(atlas),
        Err(error) => {
            blocks.push(Block::Notice {
                text: format!("There are no maps, since the boundaries cannot be read any more: {error}."),
            });
            None
        }
    };
    let map = |blocks: &mut Vec<Block>, of: &dyn Fn(&Atlas) -> Vec<Option<Map>>| {
        let maps: Vec<Map> = atlas
            .as_ref()
            .map(of)
            .unwrap_or_default()
            .into_iter()
            .flatten()
            .collect();
        if !maps.is_empty() {
            blocks.push(Block::Maps { maps });
        }
    };
    let shares = geography.genres.len().min(N_SHARE_MAPS);
    let one = |part: Part, measure: Measure| {
        move |atlas: &Atlas| vec![maps::choropleth(geography, atlas, part, measure, synthetic)]
    };
    let of_genres = |part: Part| {
        move |atlas: &Atlas| {
            (0..shares)
                .map(|genre| {
                    maps::choropleth(
                        geography,
                        atlas,
                        part,
                        Measure::Share(most(geography, genre)),
                        synthetic,
                    )
                })
                .collect()
        }
    };
    if !geography.boundaries.embedded {
        map(blocks, &one(Part::Areas, Measure::Tracks));
        map(blocks, &one(Part::Areas, Measure::PerMillion));
        map(blocks, &of_genres(Part::Areas));
        place_tables(geography, blocks);
        cross_tables(geography, blocks);
        return;
    }
    blocks.push(Block::heading("The world"));
    map(blocks, &|atlas| {
        vec![maps::world_by_genre(geography, atlas, synthetic)]
    });
    let leading: Vec<String> = geography
        .continents
        .iter()
        .take(2)
        .map(|place| {
            format!(
                "{} ({} of the placed tracks, {})",
                place.name,
                percent(place.share),
                count_of(place.n_artists, "artist")
            )
        })
        .collect();
    blocks.push(Block::text(format!("Most of it comes from {}.", list(&leading))));
    map(blocks, &one(Part::World, Measure::Tracks));
    place_tables(geography, blocks);
    cross_tables(geography, blocks);
    for (part, heading, code) in [
        (Part::Usa, "The states of the USA", "USA"),
        (Part::Europe, "Europe", ""),
    ] {
        let hot: Vec<&PlaceCount> = match part {
            Part::Usa => geography
                .regions
                .iter()
                .filter(|place| place.country == code)
                .collect(),
            _ => geography
                .countries
                .iter()
                .filter(|place| place.continent == "Europe" && place.n_tracks > 0)
                .collect(),
        };
        if hot.is_empty() {
            continue;
        }
        blocks.push(Block::heading(heading));
        blocks.push(Block::text(told(&hot)));
        map(blocks, &one(part, Measure::Tracks));
        map(blocks, &one(part, Measure::PerMillion));
        if shares > 1 {
            map(blocks, &of_genres(part));
        }
        if part == Part::Usa {
            blocks.push(Block::Table {
                table: places(
                    "usa-states",
                    "Tracks and artists by state of the USA",
                    &hot,
                    &geography.genres,
                    true,
                ),
            });
        }
    }
}

/// The position of the genre of this rank by its placed tracks.
fn most(geography: &Geography, rank: usize) -> usize {
    let table = &geography.continents_by_genre;
    let mut order: Vec<usize> = (0..geography.genres.len()).collect();
    order.sort_by_key(|&genre| std::cmp::Reverse(table.counts.iter().map(|row| row[genre]).sum::<u64>()));
    order.get(rank).copied().unwrap_or(0)
}

/// The leading places in a sentence or two, with what a single artist makes of them.
fn told(places: &[&PlaceCount]) -> String {
    let leading: Vec<String> = places
        .iter()
        .take(4)
        .map(|place| {
            format!(
                "{} ({} by {})",
                place.name,
                count_of(place.n_tracks, "track"),
                count_of(place.n_artists, "artist")
            )
        })
        .collect();
    let mut text = format!("Most tracks come from {}.", list(&leading));
    let enough =
        |place: &&&PlaceCount| place.n_artists >= 5 && place.population.is_some_and(|n| n >= 500_000);
    let mut dense: Vec<&&PlaceCount> = places.iter().filter(enough).collect();
    dense.sort_by(|a, b| {
        b.artists_per_million
            .unwrap_or(0.0)
            .total_cmp(&a.artists_per_million.unwrap_or(0.0))
    });
    if let [first, ..] = dense.as_slice() {
        text.push_str(&format!(
            " For its inhabitants, {} has the most artists: {:.1} for a million.",
            first.name,
            first.artists_per_million.unwrap_or(0.0)
        ));
    }
    let single =
        |place: &&&PlaceCount| place.n_tracks >= 20 && place.n_of_largest_artist * 2 >= place.n_tracks;
    if let Some(place) = places.iter().find(single) {
        text.push_str(&format!(
            " {} is a hot spot of one artist, who made {} of its {}.",
            place.name,
            count(place.n_of_largest_artist),
            count_of(place.n_tracks, "track")
        ));
    }
    text
}

fn languages(geography: &Geography, blocks: &mut Vec<Block>) {
    let Some(first) = geography.languages.first() else {
        return;
    };
    blocks.push(Block::heading("Languages"));
    let name = |code: &str, name: &str| {
        if name.is_empty() {
            code.to_owned()
        } else {
            name.to_owned()
        }
    };
    blocks.push(Block::text(format!(
        "{} of {} have a language. {} of these are in {}.",
        count(geography.n_with_language),
        count_of(geography.coverage.n_tracks, "track"),
        percent(first.share),
        name(&first.code, &first.name)
    )));
    let rows = geography.languages.iter().map(|language| {
        vec![
            Cell::text(name(&language.code, &language.name)),
            Cell::text(&language.code),
            Cell::count(language.n_tracks),
            Cell::bar(language.share),
            Cell::count(language.n_artists),
        ]
    });
    blocks.push(Block::Table {
        table: Table::new(
            "languages",
            "Tracks by language",
            &[
                ("name", "Language", false),
                ("code", "Code", false),
                ("n_tracks", "Tracks", true),
                ("share", "Share", true),
                ("n_artists", "Artists", true),
            ],
            rows.collect(),
            SHOWN,
        ),
    });
    if geography.languages_by_continent.n > 0 {
        blocks.push(Block::Table {
            table: cross(
                "languages-by-continent",
                "Languages by continent, with the share of the continent\u{2019}s tracks that have a language",
                &geography.languages_by_continent,
                Shares::Rows,
            ),
        });
    }
    blocks.push(Block::caveat(
        "A language is entered for few tracks and mostly by choice of English-speaking users; tracks without one are not without words.",
    ));
}
