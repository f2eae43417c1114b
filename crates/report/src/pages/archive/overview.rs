//! The section on the problem and the archive.

use cratedigger_study::Findings;
use cratedigger_study::archive::overview::{Durations, Overview, YearCount};
use serde_json::json;

use crate::block::{Block, Cell, Figure, Section, Stat, Table};
use crate::format::{clock, count, count_of, percent};

/// Rows of long tables that the page shows.
const SHOWN: usize = 30;

pub(crate) fn section(findings: &Findings) -> Option<Section> {
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
        pictures.push(year_bars(&overview.tracks_by_year, n));
    }
    if let Some(durations) = &overview.duration {
        pictures.push(duration_bars(durations));
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
    Some(Section {
        title: "Problem and data",
        gist: count_of(overview.n_tracks, "track"),
        blocks,
    })
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

/// Bars of tracks by year of entry.
fn year_bars(years: &[YearCount], n: u64) -> Figure {
    Figure {
        id: "fig-years".into(),
        title: "Tracks by year of entry".into(),
        subtitle: format!("n = {}", count_of(n, "track")),
        caption:
            "The year of track.date_created: when the track came into the archive, not when it was recorded."
                .into(),
        alt: "Bar chart of tracks by the year in which they came into the archive.".into(),
        height: 320,
        data: json!([{
            "type": "bar", "x": years.iter().map(|year| year.year).collect::<Vec<_>>(),
            "y": years.iter().map(|year| year.n).collect::<Vec<_>>(), "marker": {"color": "@c1"}, "name": "Tracks",
            "hovertemplate": "%{x}: %{y:,} tracks<extra></extra>",
        }]),
        layout: json!({
            "xaxis": {
                "title": {"text": "Year"}, "dtick": if years.len() > 12 { 2 } else { 1 }, "tickformat": "d",
                // A single year would otherwise be drawn as an axis of fractions of years.
                "range": [years.first().map_or(0.0, |first| f64::from(first.year) - 0.6), years.last().map_or(1.0, |last| f64::from(last.year) + 0.6)],
            },
            "yaxis": {"title": {"text": "Tracks"}, "tickformat": ",", "automargin": true},
        }),
    }
}

/// Bars of tracks by minutes.
fn duration_bars(durations: &Durations) -> Figure {
    let label = |from: u64, to: Option<u64>| match to {
        Some(to) => format!("{from}\u{2013}{to}"),
        None => format!("{from}+"),
    };
    Figure {
        id: "fig-durations".into(),
        title: "Tracks by duration".into(),
        subtitle: format!("n = {}", count_of(durations.quantiles.n, "track")),
        caption: "Full tracks, by track.duration. The last class has no end.".into(),
        alt: "Bar chart of tracks by duration in classes of one minute.".into(),
        height: 320,
        data: json!([{
            "type": "bar", "name": "Tracks", "marker": {"color": "@c1"},
            "x": durations.by_minute.iter().map(|class| label(class.from, class.to)).collect::<Vec<_>>(),
            "y": durations.by_minute.iter().map(|class| class.n).collect::<Vec<_>>(),
            "hovertemplate": "%{x} min: %{y:,} tracks<extra></extra>",
        }]),
        layout: json!({
            "bargap": 0.06,
            "xaxis": {"title": {"text": "Minutes", "standoff": 12}, "type": "category", "automargin": true},
            "yaxis": {"title": {"text": "Tracks"}, "tickformat": ",", "automargin": true},
        }),
    }
}
