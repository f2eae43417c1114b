//! The sections on the problem and the archive, and on its genres.

use crate::block::{Block, Cell, Section, Stat, Table};
use crate::format::{clock, count, count_of, list, percent};
use crate::pages::archive::genres as figures;
use cratedigger_study::Findings;
use cratedigger_study::archive::overview::Overview;

/// Rows of long tables that the page shows.
const SHOWN: usize = 30;

pub(crate) fn overview(findings: &Findings) -> Section {
    let overview = &findings.overview;
    let mut blocks = vec![
        Block::text(
            "More music is uploaded every day than anyone can listen to, so genres have to be told from the sound itself. This \
             study looks at an archive in the shape of the Free Music Archive: what it holds, what is missing in it, and how \
             well its genres can be told from audio features.",
        ),
        Block::Stats {
            stats: stats(overview),
        },
    ];
    if let Some(durations) = &overview.duration {
        let q = &durations.quantiles;
        blocks.push(Block::text(format!(
            "Half of the tracks last between {} and {} minutes (median {}); the longest lasts {}. All of them together would play \
             for {} hours.",
            clock(q.q25),
            clock(q.q75),
            clock(q.median),
            clock(q.max),
            count(durations.total_hours.round() as u64)
        )));
        if durations.n_not_positive > 0 {
            blocks.push(Block::caveat(format!(
                "{} with a duration of 0 s or less: not audio that can be analysed.",
                count_of(durations.n_not_positive, "track")
            )));
        }
    }
    let mut pictures = Vec::new();
    if !overview.tracks_by_year.is_empty() {
        let n = overview.tracks_by_year.iter().map(|year| year.n).sum();
        pictures.push(figures::years(&overview.tracks_by_year, n));
    }
    if let Some(durations) = &overview.duration {
        pictures.push(figures::durations(durations));
    }
    if !pictures.is_empty() {
        blocks.push(Block::Figures { figures: pictures });
    }
    bit_rates(overview, &mut blocks);
    let tables = overview.tables.iter().map(|table| {
        vec![
            Cell::text(&table.table),
            Cell::count(table.n_rows),
            Cell::count(table.n_columns),
        ]
    });
    blocks.push(Block::Table {
        table: Table::new(
            "tables",
            "Tables of the archive",
            &[
                ("table", "Table", false),
                ("n_rows", "Rows", true),
                ("n_columns", "Columns", true),
            ],
            tables.collect(),
            SHOWN,
        ),
    });
    if !overview.dates.is_empty() {
        let rows = overview.dates.iter().map(|range| {
            vec![
                Cell::text(&range.column),
                Cell::count(range.n),
                Cell::text(&range.first),
                Cell::text(&range.last),
            ]
        });
        blocks.push(Block::Table {
            table: Table::new(
                "dates",
                "First and last dates",
                &[
                    ("column", "Column", false),
                    ("n", "Tracks with a date", true),
                    ("first", "First", false),
                    ("last", "Last", false),
                ],
                rows.collect(),
                SHOWN,
            ),
        });
    }
    Section {
        id: "data",
        title: "Problem and data",
        gist: count_of(overview.n_tracks, "track"),
        blocks,
    }
}

fn stats(overview: &Overview) -> Vec<Stat> {
    let mut stats = vec![Stat::new(count(overview.n_tracks), "tracks", "")];
    if let Some(n) = overview.n_artists {
        stats.push(Stat::new(count(n), "artists", ""));
    }
    if let Some(n) = overview.n_albums {
        stats.push(Stat::new(count(n), "albums", ""));
    }
    if let Some(used) = overview.n_genres_used {
        let note = overview
            .n_genres_listed
            .map_or(String::new(), |listed| format!("of {listed} listed"));
        stats.push(Stat::new(count(used), "genres used", note));
    }
    let share = overview.n_with_genre_top as f64 / overview.n_tracks.max(1) as f64;
    stats.push(Stat::new(
        percent(share),
        "have a top genre",
        count_of(overview.n_with_genre_top, "track"),
    ));
    stats.push(Stat::new(
        percent(overview.cells.proportion),
        "of all cells are empty",
        format!("of {}", count(overview.cells.n)),
    ));
    stats
}

fn bit_rates(overview: &Overview, blocks: &mut Vec<Block>) {
    let Some(rates) = &overview.bit_rate else {
        return;
    };
    if rates.n_below + rates.n_above == 0 {
        return;
    }
    blocks.push(Block::caveat(format!(
        "{} with a bit rate that no MP3 has: {} below {} kbit/s and {} above {} kbit/s. Their tags are wrong, or the files are \
         damaged.",
        count_of(rates.n_below + rates.n_above, "track"),
        count(rates.n_below),
        rates.lowest_plausible / 1000,
        count(rates.n_above),
        rates.highest_plausible / 1000
    )));
    let rows = rates
        .implausible
        .iter()
        .map(|track| vec![Cell::integer(track.track_id), Cell::integer(track.bit_rate)]);
    blocks.push(Block::Table {
        table: Table::new(
            "bit-rates",
            "Tracks with the most extreme bit rates",
            &[
                ("track_id", "Track", true),
                ("bit_rate", "Bit rate (bit/s)", true),
            ],
            rows.collect(),
            SHOWN,
        )
        .folded(),
    });
}

pub(crate) fn genres(findings: &Findings) -> Section {
    let (overview, selection) = (&findings.overview, &findings.selection);
    let mut blocks = Vec::new();
    if overview.genre_top.is_empty() {
        blocks.push(Block::Notice {
            text: "No track of this archive has a genre_top.".into(),
        });
    } else {
        let share = overview.n_with_genre_top as f64 / overview.n_tracks.max(1) as f64;
        let few: Vec<String> = overview
            .genre_top
            .iter()
            .filter(|genre| genre.n_artists < 20)
            .map(|genre| genre.genre.clone())
            .collect();
        blocks.push(Block::text(format!(
            "{} of the tracks have a genre_top, which is one of {}.{}",
            percent(share),
            count_of(overview.genre_top.len() as u64, "genre"),
            if overview.n_with_genre_top < overview.n_tracks {
                " A track without one is not necessarily without a genre: its genres may lead to several roots."
            } else {
                ""
            }
        )));
        blocks.push(Block::figure(figures::genres(
            &overview.genre_top,
            overview.n_with_genre_top,
            &selection.genres,
        )));
        let rows = overview.genre_top.iter().map(|genre| {
            vec![
                Cell::text(&genre.genre),
                Cell::count(genre.n_tracks),
                Cell::count(genre.n_artists),
                Cell::bar(genre.share),
            ]
        });
        blocks.push(Block::Table {
            table: Table::new(
                "genres",
                "Tracks and artists by genre_top",
                &[
                    ("genre", "Genre", false),
                    ("n_tracks", "Tracks", true),
                    ("n_artists", "Artists", true),
                    ("share", "Share of labelled tracks", true),
                ],
                rows.collect(),
                usize::MAX,
            ),
        });
        if !few.is_empty() {
            blocks.push(Block::caveat(format!(
                "Fewer than 20 artists stand behind {}: what is learnt of it may be these artists rather than a genre.",
                list(&few)
            )));
        }
    }
    if !selection.classes.is_empty() {
        blocks.push(Block::heading("The tracks to learn from"));
        let rows = selection.classes.iter().map(|class| {
            vec![
                Cell::text(&class.label),
                Cell::count(class.n_tracks),
                Cell::count(class.n_artists),
                Cell::bar(class.share),
            ]
        });
        if let Some(features) = &selection.features {
            let families: Vec<String> = features
                .families
                .iter()
                .map(|family| format!("{} ({})", family.family, family.n_columns))
                .collect();
            blocks.push(Block::text(format!(
                "Each of them is described by {} of the {} table: {}.",
                count_of(features.n_features, "feature"),
                features.table,
                list(&families)
            )));
        }
        blocks.push(Block::Table {
            table: Table::new(
                "classes",
                "Selected tracks with complete features",
                &[
                    ("label", "Genre", false),
                    ("n_tracks", "Tracks", true),
                    ("n_artists", "Artists", true),
                    ("share", "Share", true),
                ],
                rows.collect(),
                usize::MAX,
            ),
        });
    }
    let gist = match selection.genres.len() {
        0 => "none to learn".to_owned(),
        n if n <= 3 => list(&selection.genres),
        n => format!("{n} told apart"),
    };
    Section {
        id: "genres",
        title: "Genres",
        gist,
        blocks,
    }
}
