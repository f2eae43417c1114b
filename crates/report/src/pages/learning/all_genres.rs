//! How well all genres of a track can be named, along their tree.

use cratedigger_study::Findings;
use cratedigger_study::learning::all_genres::{AllGenres, ClaimScores, GenreScore};
use serde_json::json;

use super::method_names::name_of;
use crate::block::{Block, Cell, Figure, Section, Table};
use crate::format::{count, count_of, list, percent, plain};

/// Genres in the picture.
const SHOWN: usize = 40;

/// Genres left out that are named.
const NAMED: usize = 8;

/// The section; `None` where it was not asked for.
pub(crate) fn section(findings: &Findings) -> Option<Section> {
    let found = findings.all_genres.as_ref()?;
    let mean = found.average_precision.plain.unwrap_or_default();
    let mut blocks = vec![
        Block::text(format!(
            "{} with an output for each genre was fitted to {} with {} genres in the mean, and scored on {} in {} ({}). The \
             average precision says how early the tracks of a genre come when all are ordered by its probability: {} in the mean over \
             {}, where chance gives {}. The area under the ROC curve is {} in the mean.",
            name_of(&found.method),
            count_of(found.n_tracks, "track"),
            decimal(found.genres_per_track, 1),
            count(found.n_tested),
            count_of(found.n_folds, "fold"),
            found.split,
            decimal(mean, 3),
            count_of(found.genres.len() as u64, "genre"),
            decimal(found.chance, 3),
            found
                .roc_auc
                .plain
                .map_or_else(|| "not known".to_owned(), |auc| decimal(auc, 3)),
        )),
        Block::text(format!(
            "Of what is claimed, each genre with all above it, {} is right, and {} of the tracks' genres are claimed (F1 {}). A genre is \
             claimed from the probability on that had the largest F1 on other artists; none is likelier than the one above it.",
            percent(found.hierarchical_precision),
            percent(found.hierarchical_recall),
            decimal(found.hierarchical_f1, 3),
        )),
        Block::figure(picture(found)),
        Block::Table { table: table(found) },
        Block::Table { table: levels(found) },
        Block::Table { table: claims(found) },
    ];
    if !found.left_out.is_empty() {
        let named: Vec<String> = found
            .left_out
            .iter()
            .take(NAMED)
            .map(|out| {
                format!(
                    "{} ({} of {})",
                    out.genre,
                    out.n_tracks,
                    count_of(out.n_artists, "artist")
                )
            })
            .collect();
        blocks.push(Block::caveat(format!(
            "{} of fewer than {} or of fewer than five artists are not learnt, the largest of them {}.",
            count_of(found.left_out.len() as u64, "genre"),
            count_of(found.min_support, "track"),
            list(&named)
        )));
    }
    Some(Section {
        title: "All genres of a track",
        gist: format!("mean average precision {}", decimal(mean, 3)),
        blocks,
    })
}

/// A number with so many decimals.
fn decimal(value: f64, decimals: usize) -> String {
    format!("{value:.decimals$}")
}

/// The name of a genre, indented by its level.
fn indented(genre: &GenreScore) -> String {
    format!("{}{}", "\u{2003}".repeat(genre.level as usize), genre.genre)
}

fn picture(found: &AllGenres) -> Figure {
    let mut best: Vec<&GenreScore> = found
        .genres
        .iter()
        .filter(|genre| genre.average_precision.is_some())
        .collect();
    best.sort_by(|a, b| {
        b.average_precision
            .partial_cmp(&a.average_precision)
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    best.truncate(SHOWN);
    let names: Vec<String> = best.iter().map(|genre| plain(&genre.genre)).collect();
    let bar = |name: &str, x: Vec<Option<f64>>, color: &str| {
        json!({
            "type": "bar", "orientation": "h", "name": name, "y": names, "x": x, "marker": {"color": color},
            "hovertemplate": format!("%{{y}}: %{{x:.3f}} {}<extra></extra>", name.to_lowercase()),
        })
    };
    let leading = best.first().map_or_else(String::new, |genre| {
        format!(
            "{} leads with {}. ",
            genre.genre,
            decimal(genre.average_precision.unwrap_or_default(), 3)
        )
    });
    Figure {
        id: "fig-all-genres".into(),
        title: "Average precision by genre".into(),
        subtitle: match found.genres.len() > SHOWN {
            true => format!(
                "the {SHOWN} best of {}",
                count_of(found.genres.len() as u64, "genre")
            ),
            false => count_of(found.genres.len() as u64, "genre"),
        },
        caption: "Chance gives the share of tracks that have the genre.".into(),
        alt: format!(
            "Bar chart of the average precision and the share of tracks of {} genres. {leading}The table has all numbers.",
            best.len()
        ),
        height: 170 + 26 * best.len() as u32,
        data: json!([
            bar(
                "Average precision",
                best.iter().map(|genre| genre.average_precision).collect(),
                "@c1"
            ),
            bar(
                "Chance",
                best.iter().map(|genre| Some(genre.prevalence)).collect(),
                "@c2"
            ),
        ]),
        layout: json!({
            "barmode": "group", "bargap": 0.25,
            "xaxis": {"title": {"text": "Average precision"}, "range": [0, 1]},
            "yaxis": {"autorange": "reversed", "title": {"text": "Genre"}, "automargin": true, "ticklabelstandoff": 6},
        }),
    }
}

fn table(found: &AllGenres) -> Table {
    let rows = found.genres.iter().map(|genre| {
        vec![
            Cell::text(indented(genre)),
            Cell::count(genre.level),
            Cell::count(genre.n_tracks),
            Cell::share(genre.prevalence),
            Cell::optional(genre.roc_auc, 3),
            Cell::optional(genre.average_precision, 3),
        ]
    });
    Table::new(
        "all_genres",
        "Scores of each genre, below the one above it",
        &[
            ("genre", "Genre", false),
            ("level", "Level", true),
            ("n_tracks", "Tracks", true),
            ("prevalence", "Share of tracks", true),
            ("roc_auc", "ROC AUC", true),
            ("average_precision", "Average precision", true),
        ],
        rows.collect(),
        usize::MAX,
    )
}

/// The average precision of each level of the tree.
fn levels(found: &AllGenres) -> Table {
    let rows = found
        .average_precision_by_level
        .iter()
        .zip(0u64..)
        .map(|(means, level)| {
            let here = found.genres.iter().filter(|genre| genre.level == level);
            vec![
                Cell::count(level),
                Cell::count(here.count() as u64),
                Cell::optional(means.plain, 3),
                Cell::optional(means.weighted, 3),
            ]
        });
    Table::new(
        "all_genres_levels",
        "Average precision by level of the tree, 0 for its roots",
        &[
            ("level", "Level", true),
            ("n_genres", "Genres", true),
            ("average_precision", "Mean average precision", true),
            ("weighted", "Weighted by tracks", true),
        ],
        rows.collect(),
        usize::MAX,
    )
}

/// The claims by each way to choose thresholds.
fn claims(found: &AllGenres) -> Table {
    let wanted = |claims: &ClaimScores| match claims.threshold_for.split_once(':') {
        Some((_, share)) => format!("a precision of {share}"),
        None => "the largest F1".to_owned(),
    };
    let rows = found.claims.iter().map(|claims| {
        vec![
            Cell::text(wanted(claims)),
            Cell::count(claims.n_genres),
            Cell::optional(Some(claims.claims_per_track), 2),
            Cell::share(claims.precision),
            Cell::share(claims.recall),
            Cell::optional(Some(claims.f1), 3),
        ]
    });
    Table::new(
        "all_genres_claims",
        "Claims by what thresholds are chosen for, on other artists",
        &[
            ("threshold_for", "Thresholds for", false),
            ("n_genres", "Genres claimed", true),
            ("claims_per_track", "Claims a track", true),
            ("precision", "Right", true),
            ("recall", "Found", true),
            ("f1", "F1", true),
        ],
        rows.collect(),
        usize::MAX,
    )
}
