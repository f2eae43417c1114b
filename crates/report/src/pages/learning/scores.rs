//! The pictures of scores: accuracies, time, confusion matrices, precision, recall and F1.

use cratedigger_study::learning::methods::{ClassScores, ClassifierFinding, Confusion};
use serde_json::{Value, json};

use super::method_names::colour;
use crate::block::Figure;
use crate::format::{count, count_of, percent, plain};

/// Genres up to which bars stand beside each other; more are a heat map.
const MOST_BARS: usize = 8;

/// Accuracies of all classifiers beside the majority's.
pub(crate) fn accuracies(classifiers: &[ClassifierFinding]) -> Option<Figure> {
    let first = classifiers.first()?;
    let mut names: Vec<&str> = classifiers.iter().map(|found| found.name.as_str()).collect();
    names.push(&first.baseline.name);
    // The majority has no whiskers.
    let (up, down): (Vec<Option<f64>>, Vec<Option<f64>>) =
        classifiers.iter().map(whiskers).chain([(None, None)]).unzip();
    let over = classifiers
        .iter()
        .find_map(|found| found.accuracy_interval.as_ref())
        .map_or_else(
            || " There are too few artists for intervals.".to_owned(),
            |interval| format!(" Whiskers: 95 % interval over the test {}.", interval.independent),
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
            "The last pair is what always saying the most frequent genre ({}) gets.{over}",
            first.baseline.label
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

/// How far the accuracy's interval reaches up and down, where there is one.
fn whiskers(found: &ClassifierFinding) -> (Option<f64>, Option<f64>) {
    let interval = found.accuracy_interval.as_ref();
    (
        interval.map(|interval| interval.high - found.accuracy),
        interval.map(|interval| found.accuracy - interval.low),
    )
}

/// Accuracy against the time to train.
pub(crate) fn accuracy_and_time(classifiers: &[ClassifierFinding]) -> Option<Figure> {
    let first = classifiers.first()?;
    let seconds = classifiers.iter().map(|found| found.fit_seconds.max(1e-3));
    let (low, high) = seconds.fold((f64::INFINITY, 0.0f64), |(low, high), s| {
        (low.min(s), high.max(s))
    });
    let middle = 0.5 * (low.log10() + high.log10());
    let points = classifiers.iter().map(|found| {
        let (up, down) = whiskers(found);
        json!({
            "type": "scatter", "mode": "markers+text", "name": found.name, "showlegend": false,
            "x": [found.fit_seconds.max(1e-3)], "y": [found.accuracy],
            "text": [found.name], "textposition": if found.fit_seconds.max(1e-3).log10() > middle { "middle left" } else { "middle right" }, "cliponaxis": false, "textfont": {"color": "@ink"},
            "marker": {"size": 11, "color": colour(&found.name)},
            "error_y": {
                "type": "data", "symmetric": false, "array": [up], "arrayminus": [down], "color": colour(&found.name), "thickness": 1.4, "width": 5,
            },
            "hovertemplate": format!("{}: %{{y:.1%}} after %{{x:.2f}} s<extra></extra>", found.name),
        })
    });
    Some(Figure {
        id: "fig-accuracy-time".into(),
        title: "Accuracy and time to train".into(),
        subtitle: format!(
            "{} to train on, {} features, {} to test on",
            count_of(first.n_train, "track"),
            first.n_features,
            count_of(first.n_test, "track")
        ),
        caption: format!(
            "Up and to the left is better; time is on a logarithmic scale. Whiskers: 95 % interval. The dashed line is always saying \
             {}.",
            first.baseline.label
        ),
        alt: format!(
            "Scatter plot of accuracy against seconds to train: {}.",
            classifiers
                .iter()
                .map(|found| format!(
                    "{} {} in {:.2} s",
                    found.name,
                    percent(found.accuracy),
                    found.fit_seconds
                ))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        height: 380,
        data: Value::Array(points.collect()),
        layout: json!({
            "xaxis": {
                "title": {"text": "Seconds to train"}, "type": "log", "tickformat": "~g",
                "range": [low.log10() - 0.3, high.log10() + 0.3],
            },
            "yaxis": {"title": {"text": "Accuracy"}, "tickformat": ".0%", "automargin": true},
            "shapes": [{
                "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": first.baseline.accuracy, "y1": first.baseline.accuracy,
                "line": {"color": "@soft", "width": 1.4, "dash": "dash"},
            }],
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

/// F1 of every genre by every method.
pub(crate) fn f1_by_genre(classifiers: &[ClassifierFinding]) -> Option<Figure> {
    let first = classifiers.first()?;
    let label = |class: &ClassScores| format!("{} (n = {})", plain(&class.label), count(class.support));
    let labels: Vec<String> = first.per_class.iter().map(label).collect();
    let f1 = |found: &ClassifierFinding| found.per_class.iter().map(|class| class.f1).collect::<Vec<_>>();
    let bars = labels.len() <= MOST_BARS;
    let data: Vec<Value> = if bars {
        let bar = |found: &ClassifierFinding| {
            json!({
                "type": "bar", "name": found.name, "x": labels, "y": f1(found), "marker": {"color": colour(&found.name)},
                "hovertemplate": format!("%{{x}}: {} F1 %{{y:.3f}}<extra></extra>", found.name),
            })
        };
        classifiers.iter().map(bar).collect()
    } else {
        vec![json!({
            "type": "heatmap", "x": classifiers.iter().map(|found| &found.name).collect::<Vec<_>>(), "y": labels,
            "z": (0..labels.len()).map(|class| classifiers.iter().map(|found| found.per_class[class].f1).collect()).collect::<Vec<Vec<f64>>>(),
            "zmin": 0, "zmax": 1, "xgap": 2, "ygap": 2, "colorscale": [[0, "@heat0"], [1, "@heat1"]], "texttemplate": "%{z:.2f}",
            "colorbar": {"title": {"text": "F1"}, "thickness": 12, "outlinewidth": 0},
            "hovertemplate": "%{y}: %{x} F1 %{z:.3f}<extra></extra>",
        })]
    };
    let layout = if bars {
        json!({
            "meta": {"genres": "x"}, "barmode": "group", "bargap": 0.25,
            "xaxis": {"title": {"text": "Genre"}, "type": "category", "automargin": true},
            "yaxis": {"title": {"text": "F1"}, "range": [0, 1], "tickformat": ".1f"},
        })
    } else {
        json!({
            "meta": {"genres": "y"},
            "xaxis": {"type": "category", "automargin": true, "showgrid": false, "title": {"text": "Method"}},
            "yaxis": {"type": "category", "autorange": "reversed", "automargin": true, "showgrid": false, "dtick": 1},
        })
    };
    Some(Figure {
        id: "fig-f1".into(),
        title: "F1 by genre and method".into(),
        subtitle: format!("n = {}", count_of(first.n_test, "test track")),
        caption: "F1 is the harmonic mean of precision and recall; a genre that a method never names has 0."
            .into(),
        alt: "F1 of each genre by each method. The tables have all numbers.".into(),
        height: if bars { 380 } else { 200 + 26 * labels.len() as u32 },
        data: Value::Array(data),
        layout,
    })
}
