//! What the best method relies on.

use cratedigger_study::learning::inspection::{Importance, Inspection, LearningPoint};
use serde_json::json;

use super::method_names::{colour, name_of};
use crate::block::{Block, Cell, Figure, Table};
use crate::format::{count, count_of, list, percent, plain};

/// Importance by family and the learning curve.
pub(crate) fn reliance(inspection: &Inspection, n_test: u64, blocks: &mut Vec<Block>) {
    blocks.push(Block::heading(format!(
        "What does {} rely on?",
        name_of(&inspection.method)
    )));
    let mut words = Vec::new();
    words.extend(most_of_all(&inspection.importance));
    if inspection.roc_by_method.len() > 1 && !inspection.importance.is_empty() {
        words.push("This is measured on the test tracks that the method was chosen on.".to_owned());
    }
    if let [.., before, last] = inspection.learning_curve.as_slice() {
        words.push(format!(
            "From {} to {} its accuracy goes from {} to {}.",
            count_of(before.n_train, "training track"),
            count(last.n_train),
            percent(before.accuracy),
            percent(last.accuracy)
        ));
    }
    blocks.push(Block::text(words.join(" ")));
    let importance = importance_bars(inspection).into_iter();
    let drawn: Vec<_> = importance.chain(learning_curve(inspection, n_test)).collect();
    if !drawn.is_empty() {
        blocks.push(Block::Figures { figures: drawn });
    }
    let rows = inspection.importance.iter().map(|family| {
        vec![
            Cell::text(&family.family),
            Cell::count(family.n_columns),
            Cell::real(100.0 * family.mean, 2),
            Cell::real(100.0 * family.std, 2),
            Cell::real(100.0 * family.mean_balanced, 2),
        ]
    });
    let table = Table::new(
        "importance",
        "Percentage points lost when a family is shuffled",
        &[
            ("family", "Family", false),
            ("n_columns", "Columns", true),
            ("mean", "Accuracy", true),
            ("std", "Standard deviation", true),
            ("mean_balanced", "Balanced accuracy", true),
        ],
        rows.collect(),
        usize::MAX,
    );
    blocks.push(Block::Table {
        table: table.folded(),
    });
    let rows = inspection.learning_curve.iter().map(|point| {
        vec![
            Cell::count(point.n_train),
            point.n_artists.map_or_else(Cell::missing, Cell::count),
            Cell::share(point.train_accuracy),
            Cell::bar(point.accuracy),
            Cell::bar(point.balanced_accuracy),
            Cell::real(point.fit_seconds, 2),
        ]
    });
    let table = Table::new(
        "learning-curve",
        "Scores by number of training tracks",
        &[
            ("n_train", "Training tracks", true),
            ("n_artists", "Artists", true),
            ("train_accuracy", "Accuracy on them", true),
            ("accuracy", "on test tracks", true),
            ("balanced_accuracy", "Balanced accuracy", true),
            ("fit_seconds", "Training (s)", true),
        ],
        rows.collect(),
        usize::MAX,
    );
    blocks.push(Block::Table {
        table: table.folded(),
    });
}

/// The family whose shuffling costs most, in a sentence; families that cost the same are named together.
fn most_of_all(importance: &[Importance]) -> Option<String> {
    let most = importance.first()?.mean;
    if most <= 0.0 {
        return Some(
            "Shuffling any one family of features among the test tracks costs it no accuracy.".to_owned(),
        );
    }
    let names: Vec<String> = importance
        .iter()
        .take_while(|family| family.mean == most)
        .map(|family| family.family.clone())
        .collect();
    Some(format!(
        "Most of all on {}: shuffling {} among the test tracks costs {:.1} percentage points of accuracy{}.",
        list(&names),
        if names.len() == 1 { "it" } else { "one of them" },
        100.0 * most,
        if importance.len() == 1 {
            ""
        } else {
            ", with all other families in place"
        }
    ))
}

/// Loss of accuracy when a family of features is shuffled.
fn importance_bars(found: &Inspection) -> Option<Figure> {
    if found.importance.is_empty() {
        return None;
    }
    let names: Vec<String> = found
        .importance
        .iter()
        .map(|family| format!("{} ({})", plain(&family.family), family.n_columns))
        .collect();
    Some(Figure {
        id: "fig-importance".into(),
        title: format!("What {} relies on", found.method),
        subtitle: format!(
            "n = {}, {} permutations; in brackets the family's columns",
            count_of(found.importance_n, "test track"),
            found.importance_repeats
        ),
        caption: "How many percentage points of accuracy are lost when a family's values are shuffled among the tracks, all of its \
                  columns together. Whiskers: one standard deviation over the shuffles. Families that say the same can stand in for \
                  each other, and then each seems to matter little."
            .into(),
        alt: "Bar chart of the loss of accuracy when each family of features is shuffled. The table has all numbers.".into(),
        height: 150 + 30 * names.len() as u32,
        data: json!([{
            "type": "bar", "orientation": "h", "y": names, "marker": {"color": colour(&found.method)}, "showlegend": false,
            "x": found.importance.iter().map(|family| 100.0 * family.mean).collect::<Vec<_>>(),
            "error_x": {
                "type": "data", "array": found.importance.iter().map(|family| 100.0 * family.std).collect::<Vec<_>>(),
                "color": "@ink", "thickness": 1.2,
            },
            "hovertemplate": "%{y}: %{x:.2f} points lost<extra></extra>",
        }]),
        layout: json!({
            "bargap": 0.3,
            "xaxis": {"title": {"text": "Percentage points of accuracy lost"}},
            "yaxis": {"autorange": "reversed", "automargin": true, "type": "category", "ticklabelstandoff": 6},
        }),
    })
}

/// Accuracy by training tracks.
fn learning_curve(found: &Inspection, n_test: u64) -> Option<Figure> {
    if found.learning_curve.len() < 2 {
        return None;
    }
    let n: Vec<u64> = found.learning_curve.iter().map(|point| point.n_train).collect();
    let artists: Vec<String> = found
        .learning_curve
        .iter()
        .map(|point| {
            point
                .n_artists
                .map_or_else(String::new, |n| format!(" by {}", count_of(n, "artist")))
        })
        .collect();
    let line = |name: &str, color: &str, y: Vec<f64>| {
        json!({
            "type": "scatter", "mode": "lines+markers", "name": name, "x": n, "y": y, "customdata": artists,
            "line": {"color": color, "width": 2}, "marker": {"size": 7, "color": color},
            "hovertemplate": format!("%{{x:,}} tracks%{{customdata}}: {name} %{{y:.1%}}<extra></extra>"),
        })
    };
    let of = |value: fn(&LearningPoint) -> f64| found.learning_curve.iter().map(value).collect::<Vec<_>>();
    Some(Figure {
        id: "fig-learning-curve".into(),
        title: format!("{}: would more tracks help?", found.method),
        subtitle: format!("The same {} each time", count_of(n_test, "test track")),
        caption: "Artists are added in random order, each with all of their tracks. A test line that still rises says that more \
                  music would help; a training line far above it says that the method knows its tracks by heart."
            .into(),
        alt: "Line chart of accuracy on training and test tracks by number of training tracks. The table has all numbers.".into(),
        height: 380,
        data: json!([
            line("training tracks", "@c2", of(|point| point.train_accuracy)),
            line("test tracks", "@c1", of(|point| point.accuracy)),
        ]),
        layout: json!({
            "xaxis": {
                "title": {"text": "Training tracks (logarithmic)"}, "type": "log", "tickvals": n,
                "ticktext": n.iter().map(|&n| count(n)).collect::<Vec<_>>(),
            },
            "yaxis": {"title": {"text": "Accuracy"}, "tickformat": ".0%", "automargin": true},
        }),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_shuffled_is_not_called_left_out_and_a_tie_names_all() {
        let family = |family: &str, mean: f64| Importance {
            family: family.to_owned(),
            n_columns: 7,
            mean,
            std: 0.0,
            mean_balanced: mean,
        };
        let words = |found: &[Importance]| most_of_all(found).unwrap();
        let one = words(&[family("mfcc 02", 0.125), family("mfcc 01", 0.1)]);
        assert_eq!(
            one,
            "Most of all on mfcc 02: shuffling it among the test tracks costs 12.5 percentage points of accuracy, with all other \
             families in place."
        );
        assert!(
            words(&[family("a", 0.5), family("b", 0.5)])
                .starts_with("Most of all on a and b: shuffling one of them")
        );
        assert!(words(&[family("a", 0.0), family("b", -0.1)]).contains("costs it no accuracy"));
        assert_eq!(most_of_all(&[]), None);
    }
}
