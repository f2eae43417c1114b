//! The section on gaps in the archive, and on what the selection of tracks costs.

use crate::block::{Block, Cell, Section, Table};
use crate::format::{count, count_of, list, percent};
use crate::pages::archive::genres as figures;
use cratedigger_study::Findings;
use cratedigger_study::archive::missingness::Missingness;
use cratedigger_study::dataset::name_tracks;
use cratedigger_study::selection::{LostTracks, Selection};

/// Rows of long tables that the page shows.
const SHOWN: usize = 30;

pub(crate) fn wrangling(findings: &Findings) -> Section {
    let missingness = &findings.missingness;
    let n_above: usize = missingness
        .above_threshold
        .iter()
        .map(|level| level.columns.len())
        .sum();
    let mut blocks = vec![Block::heading("What is missing")];
    let by_level: Vec<String> = missingness
        .above_threshold
        .iter()
        .map(|level| format!("{} of the {} level", level.columns.len(), level.level))
        .collect();
    blocks.push(Block::text(match n_above {
        0 => format!("None of the {} columns misses more than {} of its values.", missingness.columns.len(), percent(missingness.threshold)),
        _ => format!(
            "{n_above} of {} columns miss more than {} of their values: {}.{} Many of these columns are fields that artists fill in or \
             not, so their values are hardly missing at random: who fills them in may differ from who does not.",
            missingness.columns.len(),
            percent(missingness.threshold),
            list(&by_level),
            match undefined(missingness, "always missing").len() as u64 {
                0 => String::new(),
                n => format!(
                    " {} empty throughout: what this archive does not have, rather than gaps in it.",
                    if n == 1 { "One of them is".to_owned() } else { format!("{} of them are", count(n)) }
                ),
            }
        ),
    }));
    let (above, below): (Vec<_>, Vec<_>) = missingness
        .columns
        .iter()
        .partition(|column| column.proportion > missingness.threshold);
    let row = |column: &&cratedigger_study::archive::missingness::ColumnMissingness| {
        vec![
            Cell::text(&column.level),
            Cell::text(&column.column),
            Cell::count(column.n_missing),
            Cell::bar(column.proportion),
        ]
    };
    let columns = [
        ("level", "Level", false),
        ("column", "Column", false),
        ("n_missing", "Missing", true),
        ("proportion", "Share", true),
    ];
    if !above.is_empty() {
        blocks.push(Block::Table {
            table: Table::new(
                "missingness-above",
                format!(
                    "Columns that miss more than {}, by level",
                    percent(missingness.threshold)
                ),
                &columns,
                above.iter().map(row).collect(),
                usize::MAX,
            ),
        });
    }
    blocks.push(Block::figure(figures::missingness(missingness)));
    blocks.push(Block::Table {
        table: Table::new(
            "missingness-below",
            format!("Columns that miss {} or less", percent(missingness.threshold)),
            &columns,
            below.iter().map(row).collect(),
            usize::MAX,
        )
        .folded(),
    });
    together(missingness, &mut blocks);
    selection(&findings.selection, &mut blocks);
    Section {
        id: "wrangling",
        title: "Wrangling",
        gist: format!("{n_above} columns above {}", percent(missingness.threshold)),
        blocks,
    }
}

fn together(missingness: &Missingness, blocks: &mut Vec<Block>) {
    blocks.push(Block::heading("What is missing together"));
    let never: Vec<String> = undefined(missingness, "never missing");
    let always: Vec<String> = undefined(missingness, "always missing");
    if missingness.phi.is_empty() {
        blocks.push(Block::text(
            "No pair of columns has a phi coefficient: it takes two columns that are missing for some tracks and there for others.",
        ));
    } else {
        let n_identical = missingness.phi.iter().take_while(|pair| pair.phi == 1.0).count();
        let strongest = missingness.phi.iter().find(|pair| pair.phi < 1.0);
        let identical = match n_identical {
            0 => String::new(),
            1 => format!(
                " {} and {} are always missing together.",
                missingness.phi[0].a, missingness.phi[0].b
            ),
            n => format!(
                " {n} pairs are always missing together, such as {} and {}.",
                missingness.phi[0].a, missingness.phi[0].b
            ),
        };
        let strongest = strongest.map_or(String::new(), |pair| {
            format!(
                " After that, {} and {} go together most (phi {:.3}).",
                pair.a, pair.b, pair.phi
            )
        });
        blocks.push(Block::text(format!(
            "The phi coefficient says how far two columns are missing for the same tracks. {} pairs have one.{identical}{strongest}",
            count(missingness.phi.len() as u64)
        )));
        blocks.push(Block::figure(figures::phi(missingness)));
        let rows = missingness.phi.iter().map(|pair| {
            vec![
                Cell::text(&pair.a),
                Cell::text(&pair.b),
                Cell::real(pair.phi, 3),
                Cell::count(pair.n_a_missing),
                Cell::count(pair.n_b_missing),
                Cell::count(pair.n_both_missing),
                Cell::count(pair.n),
            ]
        });
        blocks.push(Block::Table {
            table: Table::new(
                "phi",
                "Pairs of columns by phi, greatest first",
                &[
                    ("a", "Column", false),
                    ("b", "Column", false),
                    ("phi", "Phi", true),
                    ("n_a_missing", "First missing", true),
                    ("n_b_missing", "Second missing", true),
                    ("n_both_missing", "Both missing", true),
                    ("n", "Tracks", true),
                ],
                rows.collect(),
                SHOWN,
            ),
        });
        blocks.push(Block::caveat(
            "Columns of an album or an artist repeat for each of its tracks, so that large catalogues weigh more here than small \
             ones.",
        ));
    }
    for (columns, what) in [(never, "never missing"), (always, "always missing")] {
        if !columns.is_empty() {
            blocks.push(Block::text(format!(
                "Without phi, because {what}: {} ({}).",
                count_of(columns.len() as u64, "column"),
                columns.join(", ")
            )));
        }
    }
}

fn undefined(missingness: &Missingness, reason: &str) -> Vec<String> {
    let columns = missingness
        .phi_undefined
        .iter()
        .filter(|entry| entry.reason == reason);
    columns.map(|entry| entry.column.clone()).collect()
}

fn selection(selection: &Selection, blocks: &mut Vec<Block>) {
    blocks.push(Block::heading("What the selection costs"));
    let (first, last) = match (selection.steps.first(), selection.steps.last()) {
        (Some(first), Some(last)) => (first.n, last.n),
        _ => return,
    };
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
    blocks.push(Block::figure(figures::funnel(selection)));
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
