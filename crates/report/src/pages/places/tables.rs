//! The tables of places: tracks and artists by continent, country and region, and by place and genre.

use cratedigger_study::places::geography::{CrossTable, Geography, PlaceCount};

use crate::block::{Block, Cell, Table};
use crate::format::count_of;
use crate::maps::FEWEST_FOR_SHARES;

/// Rows of long tables that the page shows.
const SHOWN: usize = 25;

pub(crate) fn place_tables(geography: &Geography, blocks: &mut Vec<Block>) {
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

pub(crate) fn places(
    id: &str,
    caption: &str,
    places: &[&PlaceCount],
    genres: &[String],
    inhabitants: bool,
) -> Table {
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

pub(crate) fn cross_tables(geography: &Geography, blocks: &mut Vec<Block>) {
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
pub(crate) enum Shares {
    None,
    Rows,
    Columns,
}

/// A table of counts, each with its share beside it.
pub(crate) fn cross(id: &str, caption: &str, table: &CrossTable, shares: Shares) -> Table {
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
