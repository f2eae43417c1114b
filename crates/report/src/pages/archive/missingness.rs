//! The section on gaps in the archive, and on what is missing together.

use cratedigger_study::Findings;
use cratedigger_study::archive::missingness::{ColumnMissingness, Missingness};
use serde_json::{Value, json};

use super::{selection, sound};
use crate::block::{Block, Cell, Figure, Section, Table};
use crate::format::{count, count_of, list, percent, plain};

const TITLE: &str = "Wrangling";

/// Rows of long tables that the page shows.
const SHOWN: usize = 30;

pub(crate) fn section(findings: &Findings) -> Option<Section> {
    let missingness = &findings.missingness;
    if findings.left_out("missingness") {
        let mut blocks = Vec::new();
        lost_and_left_out(findings, &mut blocks);
        return Some(Section {
            title: TITLE,
            gist: "what the selection costs".to_owned(),
            blocks,
        });
    }
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
    let row = |column: &&ColumnMissingness| {
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
    blocks.push(Block::figure(missing_bars(missingness)));
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
    lost_and_left_out(findings, &mut blocks);
    Some(Section {
        title: TITLE,
        gist: format!("{n_above} columns above {}", percent(missingness.threshold)),
        blocks,
    })
}

/// What of the sound was lost, and what the selection costs.
fn lost_and_left_out(findings: &Findings, blocks: &mut Vec<Block>) {
    if let Some(found) = &findings.sound {
        sound::losses(found, blocks);
    }
    selection::cost(&findings.selection, blocks);
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
        blocks.push(Block::figure(phi_map(missingness)));
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

/// Bars of the share of missing values of every column, coloured by level.
fn missing_bars(missingness: &Missingness) -> Figure {
    let levels = ["album", "artist", "set", "track"];
    let mut others: Vec<&str> = missingness
        .columns
        .iter()
        .map(|column| column.level.as_str())
        .collect();
    others.retain(|level| !levels.contains(level));
    others.dedup();
    let traces: Vec<Value> = levels
        .iter()
        .copied()
        .chain(others)
        .enumerate()
        .filter_map(|(index, level)| {
            let columns: Vec<_> = missingness.columns.iter().filter(|column| column.level == level).collect();
            if columns.is_empty() {
                return None;
            }
            Some(json!({
                "type": "bar", "orientation": "h", "name": plain(level), "marker": {"color": format!("@c{}", index % 6 + 1)},
                "y": columns.iter().map(|column| plain(&column.column)).collect::<Vec<_>>(),
                "x": columns.iter().map(|column| column.proportion).collect::<Vec<_>>(),
                "customdata": columns.iter().map(|column| count(column.n_missing)).collect::<Vec<_>>(),
                "hovertemplate": "%{y}: %{x:.1%} missing (%{customdata} tracks)<extra></extra>",
            }))
        })
        .collect();
    let order: Vec<String> = missingness
        .columns
        .iter()
        .map(|column| plain(&column.column))
        .collect();
    let n_above: usize = missingness
        .above_threshold
        .iter()
        .map(|level| level.columns.len())
        .sum();
    Figure {
        id: "fig-missingness".into(),
        title: "Missing values by column".into(),
        subtitle: format!("n = {}", count_of(missingness.n_tracks, "track")),
        caption: format!(
            "Columns above {} come first, grouped by what they describe; the dotted line is at {}.",
            percent(missingness.threshold),
            percent(missingness.threshold)
        ),
        alt: format!(
            "Bar chart of the share of missing values of {} columns; {n_above} are above {}. The table has all numbers.",
            missingness.columns.len(),
            percent(missingness.threshold)
        ),
        height: 130 + 17 * missingness.columns.len() as u32,
        data: Value::Array(traces),
        layout: json!({
            "barmode": "overlay", "bargap": 0.2,
            "xaxis": {"title": {"text": "Share of tracks without a value"}, "tickformat": ".0%", "range": [0, 1]},
            "yaxis": {
                "autorange": "reversed", "categoryorder": "array", "categoryarray": order, "automargin": true,
                "tickfont": {"size": 11}, "dtick": 1, "ticklabelstandoff": 6, "title": {"text": "Column"},
            },
            "shapes": [{
                "type": "line", "x0": missingness.threshold, "x1": missingness.threshold, "yref": "paper", "y0": 0, "y1": 1,
                "line": {"color": "@ink", "width": 1.2, "dash": "dot"},
            }],
        }),
    }
}

/// Heat map of phi between the columns that have one.
fn phi_map(missingness: &Missingness) -> Figure {
    let columns = columns_with_phi(missingness);
    let n = columns.len();
    let mut z = vec![vec![Value::Null; n]; n];
    for (k, row) in z.iter_mut().enumerate() {
        row[k] = json!(1.0);
    }
    for pair in &missingness.phi {
        let at = |name: &String| columns.iter().position(|column| *column == name);
        if let (Some(a), Some(b)) = (at(&pair.a), at(&pair.b)) {
            z[a][b] = json!(pair.phi);
            z[b][a] = json!(pair.phi);
        }
    }
    let names: Vec<String> = columns.iter().map(|column| plain(column)).collect();
    let size = (260 + 19 * n as u32).min(900);
    Figure {
        id: "fig-phi".into(),
        title: "Which columns are missing together".into(),
        subtitle: format!("Phi of {} columns, n = {}", n, count_of(missingness.n_tracks, "track")),
        caption: "Phi is 1 where two columns are always missing together, 0 where one says nothing about the other, and below 0 \
                  where one tends to be there when the other is not. Columns that are never or always missing have no phi."
            .into(),
        alt: format!("Heat map of the phi coefficients of {n} columns. The table lists the strongest pairs."),
        height: size,
        data: json!([{
            "type": "heatmap", "x": names, "y": names, "z": z, "zmin": -1, "zmax": 1, "xgap": 1, "ygap": 1,
            "colorscale": [[0, "@low"], [0.5, "@mid"], [1, "@high"]],
            "colorbar": {"title": {"text": "Phi"}, "thickness": 14, "outlinewidth": 0},
            "hovertemplate": "%{y}<br>%{x}<br>phi = %{z:.3f}<extra></extra>",
        }]),
        layout: json!({
            "xaxis": {"tickangle": -60, "automargin": true, "dtick": 1, "tickfont": {"size": 10}, "showgrid": false},
            "yaxis": {"autorange": "reversed", "automargin": true, "dtick": 1, "tickfont": {"size": 10}, "showgrid": false},
        }),
    }
}

/// The columns that have a phi, in the order of the table (all columns above the threshold come first in the findings).
fn columns_with_phi(missingness: &Missingness) -> Vec<&String> {
    let undefined = |name: &String| {
        missingness
            .phi_undefined
            .iter()
            .any(|entry| &entry.column == name)
    };
    let mut columns: Vec<&String> = missingness
        .columns
        .iter()
        .map(|column| &column.column)
        .filter(|name| !undefined(name))
        .collect();
    columns.sort_unstable();
    columns
}
