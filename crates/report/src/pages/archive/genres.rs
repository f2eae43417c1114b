//! The section on the archive's genres.

use cratedigger_study::Findings;
use cratedigger_study::archive::overview::GenreCount;
use serde_json::json;

use crate::block::{Block, Cell, Figure, Section, Table};
use crate::format::{count_of, list, percent, plain};

pub(crate) fn section(findings: &Findings) -> Option<Section> {
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
        blocks.push(Block::figure(genre_bars(
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
    Some(Section {
        title: "Genres",
        gist,
        blocks,
    })
}

/// Bars of tracks and artists of every genre.
fn genre_bars(genres: &[GenreCount], n_with_genre: u64, selected: &[String]) -> Figure {
    let names: Vec<String> = genres.iter().map(|genre| plain(&genre.genre)).collect();
    let tracks: Vec<u64> = genres.iter().map(|genre| genre.n_tracks).collect();
    let artists: Vec<u64> = genres.iter().map(|genre| genre.n_artists).collect();
    let bar = |name: &str, x: &[u64], color: &str| {
        json!({
            "type": "bar", "orientation": "h", "name": name, "y": names, "x": x, "marker": {"color": color},
            "hovertemplate": format!("%{{y}}: %{{x:,}} {}<extra></extra>", name.to_lowercase()),
        })
    };
    let leading = genres.first().map_or(String::new(), |first| {
        let as_many = genres.iter().take_while(|genre| genre.n_tracks == first.n_tracks);
        let names: Vec<String> = as_many.map(|genre| genre.genre.clone()).collect();
        format!(
            "{} with {} ({}){}. ",
            match names.as_slice() {
                [one] => format!("{one} leads"),
                many => format!("{} lead", list(many)),
            },
            count_of(first.n_tracks, "track"),
            percent(first.share),
            if names.len() == 1 { "" } else { " each" }
        )
    });
    Figure {
        id: "fig-genres".into(),
        title: "Tracks and artists by genre".into(),
        subtitle: format!("n = {} with a genre_top", count_of(n_with_genre, "track")),
        caption: format!(
            "Every track has at most one genre_top. {}",
            if selected.is_empty() {
                String::new()
            } else {
                format!("The study tells apart: {}.", list(selected))
            }
        ),
        alt: format!(
            "Bar chart of the tracks and artists of {} genres. {leading}The table has all numbers.",
            genres.len()
        ),
        height: 170 + 34 * genres.len() as u32,
        data: json!([bar("Tracks", &tracks, "@c1"), bar("Artists", &artists, "@c2")]),
        layout: json!({
            "meta": {"genres": "y"}, "barmode": "group", "bargap": 0.25,
            "xaxis": {"title": {"text": "Number"}, "tickformat": ","},
            "yaxis": {"autorange": "reversed", "title": {"text": "Genre"}, "automargin": true, "ticklabelstandoff": 6},
        }),
    }
}
