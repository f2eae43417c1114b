//! The pictures of scores: accuracies, confusion matrices, precision and recall.

use serde_json::json;

use crate::block::Figure;
use crate::format::{count, count_of, percent};
use crate::pages::archive::genres::plain;
use cratedigger_study::learning::methods::{ClassifierFinding, Confusion};

/// Accuracies of all classifiers beside the majority's.
pub(crate) fn accuracies(classifiers: &[ClassifierFinding]) -> Option<Figure> {
    let first = classifiers.first()?;
    let mut names: Vec<&str> = classifiers.iter().map(|found| found.name.as_str()).collect();
    names.push(&first.baseline.name);
    let up = classifiers
        .iter()
        .map(|found| found.accuracy_interval.high - found.accuracy);
    let down = classifiers
        .iter()
        .map(|found| found.accuracy - found.accuracy_interval.low);
    // The majority has no whiskers.
    let (up, down): (Vec<Option<f64>>, Vec<Option<f64>>) = (
        up.map(Some).chain([None]).collect(),
        down.map(Some).chain([None]).collect(),
    );
    let accuracy: Vec<f64> = classifiers
        .iter()
        .map(|found| found.accuracy)
        .chain([first.baseline.accuracy])
        .collect();
    let balanced: Vec<f64> = classifiers
        .iter()
        .map(|found| found.balanced_accuracy)
        .chain([first.baseline.balanced_accuracy])
        .collect();
    Some(Figure {
        id: "fig-accuracy".into(),
        title: "Accuracy beside the simplest guess".into(),
        subtitle: format!("n = {}", count_of(first.n_test, "test track")),
        caption: format!(
            "The last pair is what always saying the most frequent genre ({}) gets. Whiskers: 95 % interval over resamples of \
             the test {}.",
            first.baseline.label, first.accuracy_interval.resampled
        ),
        alt: format!(
            "Bar chart of accuracy and balanced accuracy: {}.",
            names
                .iter()
                .zip(&accuracy)
                .map(|(name, value)| format!("{name} {}", percent(*value)))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        height: 340,
        data: json!([
            {
                "type": "bar", "name": "accuracy", "x": names, "y": accuracy, "marker": {"color": "@c1"},
                "error_y": {"type": "data", "symmetric": false, "array": up, "arrayminus": down, "color": "@ink", "thickness": 1.4, "width": 0},
                "hovertemplate": "%{x}: accuracy %{y:.3f}<extra></extra>",
            },
            {
                "type": "bar", "name": "balanced accuracy", "x": names, "y": balanced, "marker": {"color": "@c2"},
                "hovertemplate": "%{x}: balanced accuracy %{y:.3f}<extra></extra>",
            },
        ]),
        layout: json!({
            "barmode": "group", "bargap": 0.35,
            "xaxis": {"title": {"text": "Method"}, "type": "category", "automargin": true},
            "yaxis": {"title": {"text": "Score"}, "tickformat": ".0%", "range": [0, 1]},
        }),
    })
}

/// The confusion matrix, as counts or with every row divided by its sum.
pub(crate) fn confusion(name: &str, confusion: &Confusion, n_test: u64, normalised: bool) -> Figure {
    let labels: Vec<String> = confusion.labels.iter().map(|label| plain(label)).collect();
    let n = labels.len() as u32;
    let z = if normalised {
        json!(confusion.row_normalised)
    } else {
        json!(confusion.counts)
    };
    let (id, title, unit) = if normalised {
        ("rows", "share of each true genre", "Share")
    } else {
        ("counts", "test tracks", "Tracks")
    };
    let greatest = confusion.counts.iter().flatten().copied().max().unwrap_or(0);
    let mut trace = json!({
        "type": "heatmap", "x": labels, "y": labels, "z": z, "xgap": 2, "ygap": 2, "zmin": 0,
        "zmax": if normalised { 1.0 } else { greatest.max(1) as f64 },
        "colorscale": [[0, "@heat0"], [1, "@heat1"]],
        "colorbar": {"title": {"text": unit}, "thickness": 12, "outlinewidth": 0, "tickformat": if normalised { ".0%" } else { "," }},
        "hovertemplate": if normalised {
            "true %{y}, predicted %{x}: %{z:.1%}<extra></extra>"
        } else {
            "true %{y}, predicted %{x}: %{z:,} tracks<extra></extra>"
        },
    });
    if n <= 12 {
        trace["texttemplate"] = json!(if normalised { "%{z:.0%}" } else { "%{z:,}" });
    }
    Figure {
        id: format!("fig-confusion-{name}-{id}"),
        title: format!("{name}: {title}"),
        subtitle: format!(
            "Rows true, columns predicted; n = {}",
            count_of(n_test, "test track")
        ),
        caption: if normalised {
            "Every row sums to 100 %; the diagonal holds the recalls.".into()
        } else {
            "The diagonal holds the tracks that were recognised.".into()
        },
        alt: format!("Heat map of the confusion matrix of {name}, as {title}. The table has all numbers."),
        height: (300 + 34 * n).min(820),
        data: json!([trace]),
        layout: json!({
            "meta": {"genres": "xy"},
            "xaxis": {"title": {"text": "Predicted genre"}, "type": "category", "automargin": true, "showgrid": false, "dtick": 1},
            "yaxis": {
                "title": {"text": "True genre"}, "type": "category", "autorange": "reversed", "automargin": true,
                "showgrid": false, "dtick": 1,
            },
        }),
    }
}

/// Precision, recall and F1 of every class.
pub(crate) fn class_scores(found: &ClassifierFinding) -> Figure {
    let labels: Vec<String> = found.per_class.iter().map(|class| plain(&class.label)).collect();
    let bar = |name: &str, color: &str, values: Vec<f64>| {
        json!({
            "type": "bar", "name": name, "x": labels, "y": values, "marker": {"color": color},
            "customdata": found.per_class.iter().map(|class| count(class.support)).collect::<Vec<_>>(),
            "hovertemplate": format!("%{{x}}: {name} %{{y:.3f}} (%{{customdata}} test tracks)<extra></extra>"),
        })
    };
    Figure {
        id: format!("fig-scores-{}", found.name),
        title: format!("{}: scores by genre", found.name),
        subtitle: format!("n = {}", count_of(found.n_test, "test track")),
        caption: "Precision: of the tracks called by this genre's name, the share that are of it. Recall: of the genre's tracks, \
                  the share that were found. F1: their harmonic mean."
            .into(),
        alt: format!("Bar chart of precision, recall and F1 of each genre for {}. The table has all numbers.", found.name),
        height: 360,
        data: json!([
            bar("precision", "@c1", found.per_class.iter().map(|class| class.precision).collect()),
            bar("recall", "@c2", found.per_class.iter().map(|class| class.recall).collect()),
            bar("F1", "@c3", found.per_class.iter().map(|class| class.f1).collect()),
        ]),
        layout: json!({
            "meta": {"genres": "x"}, "barmode": "group", "bargap": 0.3,
            "xaxis": {"title": {"text": "Genre"}, "type": "category", "automargin": true},
            "yaxis": {"title": {"text": "Score"}, "range": [0, 1], "tickformat": ".1f"},
        }),
    }
}
