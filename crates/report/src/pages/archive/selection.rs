//! What the selection of tracks costs: the last part of the section on gaps.

use cratedigger_study::dataset::name_tracks;
use cratedigger_study::selection::{LostTracks, Selection};
use serde_json::json;

use crate::block::{Block, Cell, Figure, Table};
use crate::format::{count, count_of, percent};

/// Rows of long tables that the page shows.
const SHOWN: usize = 30;

pub(crate) fn cost(selection: &Selection, blocks: &mut Vec<Block>) {
    let (first, last) = match (selection.steps.first(), selection.steps.last()) {
        (Some(first), Some(last)) => (first.n, last.n),
        _ => return,
    };
    blocks.push(Block::heading("What the selection costs"));
    let rule = match selection.labels_option.as_str() {
        "unambiguous" => "whose genres lead to exactly one of the selected roots",
        _ => "whose genre_top is one of the selected genres",
    };
    blocks.push(Block::text(format!(
        "Genres were chosen by {}, labels by {}: the study learns from tracks {rule}. That leaves {} of {} ({}).",
        selection.genres_option,
        selection.labels_option,
        count(last),
        count_of(first, "track"),
        percent(last as f64 / first.max(1) as f64)
    )));
    blocks.push(Block::figure(funnel(selection)));
    let rows = selection.steps.iter().map(|step| {
        vec![
            Cell::text(&step.step),
            Cell::count(step.n),
            Cell::count(step.n_lost),
            Cell::bar(step.n as f64 / first.max(1) as f64),
        ]
    });
    blocks.push(Block::Table {
        table: Table::new(
            "selection",
            "Tracks left after each step",
            &[
                ("step", "Step", false),
                ("n", "Left", true),
                ("n_lost", "Lost", true),
                ("share", "Share of all", true),
            ],
            rows.collect(),
            SHOWN,
        ),
    });
    lost(
        &selection.without_features,
        "selected",
        "no row of features at all",
        blocks,
    );
    lost(
        &selection.incomplete_features,
        "selected",
        "empty cells in their row of features",
        blocks,
    );
    blocks.extend(selection.out_of_range.sentence().map(Block::caveat));
    if selection.n_without_artist > 0 {
        blocks.push(Block::caveat(format!(
            "{} no known artist; each counts as an artist of its own.",
            have(selection.n_without_artist)
        )));
    }
    blocks.extend(selection.notes.iter().map(Block::caveat));
}

fn lost(lost: &LostTracks, which: &str, why: &str, blocks: &mut Vec<Block>) {
    if lost.n == 0 {
        return;
    }
    let empty = match lost.n_without_any_value {
        n if n == lost.n || n == 0 => String::new(),
        n => format!(" ({} not a single value)", have(n)),
    };
    blocks.push(Block::caveat(format!(
        "{} {which} {} {why}{empty} and are left out: {}.",
        count(lost.n),
        if lost.n == 1 { "track has" } else { "tracks have" },
        name_tracks(lost, 20)
    )));
}

fn have(n: u64) -> String {
    format!("{} {}", count_of(n, "track"), if n == 1 { "has" } else { "have" })
}

/// Bars of the tracks that each step of the selection keeps and costs.
fn funnel(selection: &Selection) -> Figure {
    let steps: Vec<String> = selection.steps.iter().map(|step| step.step.clone()).collect();
    let first = selection.steps.first().map_or(0, |step| step.n);
    let last = selection.steps.last().map_or(0, |step| step.n);
    let kept: Vec<u64> = selection.steps.iter().map(|step| step.n).collect();
    let lost: Vec<u64> = selection.steps.iter().map(|step| step.n_lost).collect();
    let share = |n: u64| if first == 0 { 0.0 } else { n as f64 / first as f64 };
    Figure {
        id: "fig-selection".into(),
        title: "What the selection costs".into(),
        subtitle: format!("From {} to {}", count_of(first, "track"), count_of(last, "track")),
        caption: "Each bar is what is left after a step; the pale part is what the step cost.".into(),
        alt: format!(
            "Bar chart of the tracks left after each step of the selection: {}.",
            selection
                .steps
                .iter()
                .map(|step| format!("{} {}", count(step.n), step.step))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        height: 120 + 56 * selection.steps.len() as u32,
        data: json!([
            {
                "type": "bar", "orientation": "h", "name": "left", "y": steps, "x": kept, "marker": {"color": "@c1"},
                "text": kept.iter().map(|&n| format!("{} ({})", count(n), percent(share(n)))).collect::<Vec<_>>(),
                "textposition": "inside", "insidetextanchor": "start", "textfont": {"color": "@on"},
                "hovertemplate": "%{y}: %{x:,} tracks left<extra></extra>",
            },
            {
                "type": "bar", "orientation": "h", "name": "lost in this step", "y": steps, "x": lost,
                "marker": {"color": "@pale"},
                "hovertemplate": "%{y}: %{x:,} tracks lost<extra></extra>",
            },
        ]),
        layout: json!({
            "barmode": "stack", "bargap": 0.25,
            "xaxis": {"title": {"text": "Tracks"}, "tickformat": ","},
            "yaxis": {"autorange": "reversed", "automargin": true, "ticklabelstandoff": 6, "title": {"text": "Step"}},
        }),
    }
}
