//! The section on where the music comes from.

use super::block::{Block, Cell, Section, Stat, Table};
use super::format::{count, count_of, list, percent};
use super::maps::{self, FEWEST_FOR_SHARES, Map, Measure, Part};
use crate::Findings;
use crate::geography::{CrossTable, Geography, PlaceCount};
use crate::places::Atlas;

/// Rows of long tables that the page shows.
const SHOWN: usize = 25;

/// Genres that have maps of their shares.
const N_SHARE_MAPS: usize = 3;

pub(super) fn section(findings: &Findings) -> Section {
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
    Section {
        id: "places",
        title: "Where the music comes from",
        gist,
        blocks,
    }
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
            "{} without a place by coordinates come with a location in their artist\u{2019}s own words. It names a country for {} \
             (by {}), may mean several for {}, and is not known for {}.{agreement} These tracks are in no map and no test; the \
             table of countries has them in a column of their own.",
            count_of(text.n_texts, "track"),
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

fn place_tables(geography: &Geography, blocks: &mut Vec<Block>) {
    let continents: Vec<&PlaceCount> = geography.continents.iter().collect();
    if geography.boundaries.embedded {
        blocks.push(Block::Table {
            table: places(
                "continents",
                "Tracks and artists by continent",
                &continents,
                &geography.genres,
                false,
            ),
        });
    }
    let countries: Vec<&PlaceCount> = geography.countries.iter().collect();
    blocks.push(Block::Table {
        table: places(
            "countries",
            "Tracks and artists by country",
            &countries,
            &geography.genres,
            true,
        ),
    });
    let regions: Vec<&PlaceCount> = geography
        .regions
        .iter()
        .filter(|place| !place.name.is_empty())
        .collect();
    if !regions.is_empty() {
        blocks.push(Block::Table {
            table: places(
                "regions",
                "Tracks and artists by first-level region",
                &regions,
                &geography.genres,
                true,
            )
            .folded(),
        });
    }
}

fn places(id: &str, caption: &str, places: &[&PlaceCount], genres: &[String], inhabitants: bool) -> Table {
    let by_country = id == "countries";
    let with_country = id == "regions";
    let mut columns: Vec<(String, String, bool)> = Vec::new();
    let mut column =
        |name: &str, title: &str, numeric: bool| columns.push((name.to_owned(), title.to_owned(), numeric));
    column("name", "Place", false);
    if with_country {
        column("country", "Country", false);
    }
    column("n_tracks", "Tracks", true);
    column("share", "Share", true);
    column("n_artists", "Artists", true);
    column("n_of_largest_artist", "By one artist at most", true);
    if inhabitants {
        column("tracks_per_million", "Tracks per million", true);
        column("artists_per_million", "Artists per million", true);
    }
    if by_country {
        column("n_by_text", "By words", true);
    }
    for genre in genres.iter().take(8) {
        column(&format!("n_{genre}"), genre, true);
    }
    let rows = places.iter().map(|place| {
        let per_million = |value: Option<f64>| value.map_or_else(Cell::missing, |value| Cell::real(value, 1));
        let mut row = vec![Cell::text(&place.name)];
        if with_country {
            row.push(Cell::text(&place.country));
        }
        row.extend([
            Cell::count(place.n_tracks),
            Cell::bar(place.share),
            Cell::count(place.n_artists),
            Cell::count(place.n_of_largest_artist),
        ]);
        if inhabitants {
            row.extend([
                per_million(place.tracks_per_million),
                per_million(place.artists_per_million),
            ]);
        }
        if by_country {
            row.push(Cell::count(place.n_by_text));
        }
        row.extend(place.n_by_genre.iter().take(8).map(|&n| Cell::count(n)));
        row
    });
    let titles: Vec<(&str, &str, bool)> = columns
        .iter()
        .map(|(name, title, numeric)| (name.as_str(), title.as_str(), *numeric))
        .collect();
    Table::new(id, caption, &titles, rows.collect(), SHOWN)
}

fn cross_tables(geography: &Geography, blocks: &mut Vec<Block>) {
    let table = &geography.continents_by_genre;
    if table.n == 0 {
        return;
    }
    blocks.push(Block::heading("Continents and genres"));
    blocks.push(Block::text(format!(
        "{} of the selected genres are placed. Below, how the genres share out each continent\u{2019}s tracks; whether continents \
         differ by more than chance is asked in the next section.",
        count_of(table.n, "track")
    )));
    blocks.push(Block::Table {
        table: cross(
            "continents-by-genre",
            "Tracks by continent and genre, with the share of the continent\u{2019}s tracks",
            table,
            Shares::Rows,
        ),
    });
    blocks.push(Block::Table {
        table: cross(
            "genres-by-continent",
            "The same with the share of the genre\u{2019}s tracks",
            table,
            Shares::Columns,
        )
        .folded(),
    });
    blocks.push(Block::Table {
        table: cross(
            "continents-by-genre-artists",
            "Artists with at least one such track, by continent and genre",
            &geography.continents_by_genre_artists,
            Shares::None,
        )
        .folded(),
    });
    if geography
        .countries
        .iter()
        .any(|place| place.n_of_genres > 0 && place.n_of_genres < FEWEST_FOR_SHARES)
    {
        blocks.push(Block::caveat(format!(
            "Maps of a genre\u{2019}s share leave out places with fewer than {FEWEST_FOR_SHARES} tracks of the genres: a share of a handful \
             says little."
        )));
    }
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Shares {
    None,
    Rows,
    Columns,
}

/// A table of counts, each with its share beside it.
pub(super) fn cross(id: &str, caption: &str, table: &CrossTable, shares: Shares) -> Table {
    let mut columns: Vec<(String, String, bool)> = vec![("row".to_owned(), "Continent".to_owned(), false)];
    for name in &table.columns {
        columns.push((format!("n_{name}"), name.clone(), true));
        if shares != Shares::None {
            columns.push((format!("share_{name}"), "share".to_owned(), true));
        }
    }
    columns.push(("n".to_owned(), "All".to_owned(), true));
    let share = |r: usize, c: usize| match shares {
        Shares::Columns => table.column_shares[r][c],
        _ => table.row_shares[r][c],
    };
    let rows = (0..table.rows.len()).map(|r| {
        let mut row = vec![Cell::text(&table.rows[r])];
        for c in 0..table.columns.len() {
            row.push(Cell::count(table.counts[r][c]));
            if shares != Shares::None {
                row.push(Cell::share(share(r, c)));
            }
        }
        row.push(Cell::count(table.counts[r].iter().sum()));
        row
    });
    let titles: Vec<(&str, &str, bool)> = columns
        .iter()
        .map(|(name, title, numeric)| (name.as_str(), title.as_str(), *numeric))
        .collect();
    Table::new(id, caption, &titles, rows.collect(), usize::MAX)
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
