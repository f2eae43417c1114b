//! How many genres can be told apart.

use cratedigger_study::learning::genre_sets::{GenreSet, SetScores};
use serde_json::{Value, json};

use super::method_names::colour;
use crate::block::{Block, Cell, Figure, Table};
use crate::format::{count, count_of};

/// The methods on fewer and more genres.
pub(crate) fn sets(sets: &[GenreSet], blocks: &mut Vec<Block>) {
    if sets.is_empty() {
        return;
    }
    blocks.push(Block::heading("How many genres can be told apart?"));
    blocks.extend(accuracy_lines(sets).map(Block::figure));
    if let Some(most) = sets.iter().rfind(|set| set.n_train < set.n_train_available) {
        blocks.push(Block::caveat(format!(
            "For this comparison alone every set was trained on about {} (of {} genres there are {}), so that it takes a short \
             time and sets differ in nothing but their genres. With all tracks scores are higher.",
            count_of(most.n_train, "track"),
            most.genres.len(),
            count(most.n_train_available),
        )));
    }
    let row = |set: &GenreSet, scores: &SetScores| {
        vec![
            Cell::count(set.genres.len() as u64),
            Cell::name(&scores.name),
            Cell::bar(scores.accuracy),
            scores
                .accuracy_interval
                .map_or_else(Cell::missing, |ends| Cell::share(ends.low)),
            scores
                .accuracy_interval
                .map_or_else(Cell::missing, |ends| Cell::share(ends.high)),
            Cell::bar(scores.balanced_accuracy),
            Cell::real(scores.macro_f1, 3),
            Cell::share(set.baseline_accuracy),
            Cell::count(set.n_train),
            Cell::count(set.n_test),
            Cell::real(scores.fit_seconds, 2),
        ]
    };
    let rows = sets
        .iter()
        .flat_map(|set| set.methods.iter().map(move |scores| row(set, scores)));
    blocks.push(Block::Table {
        table: Table::new(
            "genre-sets",
            "Scores by number of genres",
            &[
                ("n_genres", "Genres", true),
                ("name", "Method", false),
                ("accuracy", "Accuracy", true),
                ("accuracy_low", "from", true),
                ("accuracy_high", "to", true),
                ("balanced_accuracy", "Balanced accuracy", true),
                ("macro_f1", "Mean F1", true),
                ("baseline", "Simplest guess", true),
                ("n_train", "Trained on", true),
                ("n_test", "Tested on", true),
                ("fit_seconds", "Training (s)", true),
            ],
            rows.collect(),
            usize::MAX,
        ),
    });
    let skipped = sets.iter().flat_map(|set| &set.skipped);
    blocks.extend(skipped.map(|reason| Block::Notice { text: reason.clone() }));
}

/// Accuracy of every method by number of genres.
fn accuracy_lines(sets: &[GenreSet]) -> Option<Figure> {
    if sets.len() < 2 {
        return None;
    }
    let x: Vec<String> = sets
        .iter()
        .map(|set| format!("{} genres", set.genres.len()))
        .collect();
    let mut names: Vec<&str> = Vec::new();
    for scores in sets.iter().flat_map(|set| &set.methods) {
        if !names.contains(&scores.name.as_str()) {
            names.push(&scores.name);
        }
    }
    let mut data: Vec<Value> = names
        .iter()
        .map(|name| {
            let scores = |set: &GenreSet| set.methods.iter().find(|scores| scores.name == *name).cloned();
            let of: Vec<_> = sets.iter().map(scores).collect();
            let values = |value: fn(&SetScores) -> Option<f64>| -> Vec<Option<f64>> {
                of.iter().map(|scores| scores.as_ref().and_then(value)).collect()
            };
            let up = |scores: &SetScores| scores.accuracy_interval.map(|ends| ends.high - scores.accuracy);
            let down = |scores: &SetScores| scores.accuracy_interval.map(|ends| scores.accuracy - ends.low);
            json!({
                "type": "scatter", "mode": "lines+markers", "name": name, "x": x, "y": values(|scores| Some(scores.accuracy)),
                "line": {"color": colour(name), "width": 2}, "marker": {"size": 8, "color": colour(name)},
                "error_y": {
                    "type": "data", "symmetric": false, "array": values(up), "arrayminus": values(down), "color": colour(name), "thickness": 1,
                },
                "hovertemplate": format!("%{{x}}: {name} %{{y:.1%}}<extra></extra>"),
            })
        })
        .collect();
    data.push(json!({
        "type": "scatter", "mode": "lines+markers", "name": "always the most frequent", "x": x,
        "y": sets.iter().map(|set| set.baseline_accuracy).collect::<Vec<_>>(), "line": {"color": "@soft", "dash": "dash"},
        "marker": {"color": "@soft", "size": 6}, "hovertemplate": "%{x}: %{y:.1%}<extra></extra>",
    }));
    let sizes: Vec<String> = sets
        .iter()
        .map(|set| format!("{} of {} genres", count(set.n_train), set.genres.len()))
        .collect();
    Some(Figure {
        id: "fig-genre-sets".into(),
        title: "More genres are harder to tell apart".into(),
        subtitle: format!("Training tracks: {}", sizes.join(", ")),
        caption: format!(
            "The most frequent genres{}. Whiskers: 95 % interval.",
            if sets.iter().any(|set| set.n_train < set.n_train_available) {
                ", each set with about as many training tracks, so that only the question differs"
            } else {
                " with all of their tracks"
            }
        ),
        alt: "Line chart of the accuracy of each method by number of genres. The table has all numbers."
            .into(),
        height: 420,
        data: Value::Array(data),
        layout: json!({
            "legend": Figure::legend_below(),
            "xaxis": {"type": "category", "title": {"text": "Genres to tell apart"}},
            "yaxis": {"title": {"text": "Accuracy"}, "tickformat": ".0%", "range": [0, 1], "automargin": true},
        }),
    })
}
