//! How many genres can be told apart.

use cratedigger_study::learning::genre_sets::{GenreSet, SetScores, TRAIN_LIMIT};
use serde_json::{Value, json};

use super::method_names::colour;
use crate::block::{Block, Cell, Figure, Table};
use crate::format::{count, count_of, list};

/// The methods on fewer and more genres.
pub(crate) fn sets(sets: &[GenreSet], blocks: &mut Vec<Block>) {
    if sets.is_empty() {
        return;
    }
    blocks.push(Block::heading("How many genres can be told apart?"));
    blocks.extend(accuracy_lines(sets).map(Block::figure));
    blocks.extend(sizes(sets).map(Block::caveat));
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

/// How many tracks the sets were trained on, and what follows for the comparison; `None` where each had all of its own.
fn sizes(sets: &[GenreSet]) -> Option<String> {
    let most = sets.iter().rfind(|set| set.n_train < set.n_train_available)?;
    let sizes: Vec<String> = sets.iter().map(|set| count(set.n_train)).collect();
    Some(format!(
        "So that this comparison takes a short time, a set was trained on whole artists until there were {} (of {} genres there \
         are {}). Training tracks: {}. Sets differ in these and in their test tracks too, not in the number of genres alone.",
        count_of(TRAIN_LIMIT as u64, "track"),
        most.genres.len(),
        count(most.n_train_available),
        list(&sizes)
    ))
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
                ", each set with its own test tracks and with training tracks up to a limit"
            } else {
                ", each set with all of its tracks"
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn sets_of_other_sizes_are_said_to_be_so() {
        let set = |n_train: u64, n_train_available: u64| GenreSet {
            genres_option: "all".to_owned(),
            genres: vec!["Folk".to_owned(), "Rock".to_owned()],
            n_tracks: 9_000,
            n_train,
            n_train_available,
            n_test: 500,
            baseline_accuracy: 0.5,
            methods: Vec::new(),
            skipped: Vec::new(),
        };
        let words = sizes(&[set(1_441, 1_441), set(1_927, 1_927), set(2_006, 4_100)]).unwrap();
        assert!(
            words.contains("Training tracks: 1,441, 1,927 and 2,006."),
            "{words}"
        );
        assert!(words.contains("are 4,100"), "{words}");
        assert_eq!(sizes(&[set(1_441, 1_441)]), None);
    }
}
