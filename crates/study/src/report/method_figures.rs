//! The pictures that set methods side by side, and those of the best one.

use cratedigger_learn::Method;
use serde_json::{Value, json};

use super::block::Figure;
use super::figures::plain;
use super::format::{count, count_of, percent};
use crate::classify::ClassifierFinding;
use crate::genre_sets::GenreSet;
use crate::inspect::Inspection;
use crate::tuning::Tuning;

/// Genres up to which bars stand beside each other; more are a heat map.
const MOST_BARS: usize = 8;

/// A method's colour, the same in every picture.
pub(super) fn colour(method: &str) -> String {
    match Method::ALL.iter().position(|known| known.name() == method) {
        _ if method == Method::MAJORITY.name() => "@soft".to_owned(),
        Some(index) => format!("@c{}", index % 6 + 1),
        None => "@ink".to_owned(),
    }
}

/// The place of a legend with many entries: below the plot.
pub(super) fn below() -> Value {
    json!({"y": -0.22, "yanchor": "top"})
}

/// Accuracy against the time to train.
pub(super) fn accuracy_and_time(classifiers: &[ClassifierFinding]) -> Option<Figure> {
    let first = classifiers.first()?;
    let seconds = classifiers.iter().map(|found| found.fit_seconds.max(1e-3));
    let (low, high) = seconds.fold((f64::INFINITY, 0.0f64), |(low, high), s| {
        (low.min(s), high.max(s))
    });
    let middle = 0.5 * (low.log10() + high.log10());
    let points = classifiers.iter().map(|found| {
        let interval = &found.accuracy_interval;
        json!({
            "type": "scatter", "mode": "markers+text", "name": found.name, "showlegend": false,
            "x": [found.fit_seconds.max(1e-3)], "y": [found.accuracy],
            "text": [found.name], "textposition": if found.fit_seconds.max(1e-3).log10() > middle { "middle left" } else { "middle right" }, "cliponaxis": false, "textfont": {"color": "@ink"},
            "marker": {"size": 11, "color": colour(&found.name)},
            "error_y": {
                "type": "data", "symmetric": false, "array": [interval.high - found.accuracy],
                "arrayminus": [found.accuracy - interval.low], "color": colour(&found.name), "thickness": 1.4, "width": 5,
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

/// F1 of every genre by every method.
pub(super) fn f1_by_genre(classifiers: &[ClassifierFinding]) -> Option<Figure> {
    let first = classifiers.first()?;
    let label = |class: &crate::classify::ClassScores| {
        format!("{} (n = {})", plain(&class.label), count(class.support))
    };
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

/// Loss of accuracy without each family of features.
pub(super) fn importance(found: &Inspection) -> Option<Figure> {
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
        alt: "Bar chart of the loss of accuracy without each family of features. The table has all numbers.".into(),
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
pub(super) fn learning_curve(found: &Inspection, n_test: u64) -> Option<Figure> {
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
    let of = |value: fn(&crate::inspect::LearningPoint) -> f64| {
        found.learning_curve.iter().map(value).collect::<Vec<_>>()
    };
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

/// Accuracy of every method by number of genres.
pub(super) fn genre_sets(sets: &[GenreSet]) -> Option<Figure> {
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
            let values = |value: fn(&crate::genre_sets::SetScores) -> f64| -> Vec<Option<f64>> {
                of.iter().map(|scores| scores.as_ref().map(value)).collect()
            };
            json!({
                "type": "scatter", "mode": "lines+markers", "name": name, "x": x, "y": values(|scores| scores.accuracy),
                "line": {"color": colour(name), "width": 2}, "marker": {"size": 8, "color": colour(name)},
                "error_y": {
                    "type": "data", "symmetric": false, "array": values(|scores| scores.accuracy_interval.high - scores.accuracy),
                    "arrayminus": values(|scores| scores.accuracy - scores.accuracy_interval.low), "color": colour(name), "thickness": 1,
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
            "legend": below(),
            "xaxis": {"type": "category", "title": {"text": "Genres to tell apart"}},
            "yaxis": {"title": {"text": "Accuracy"}, "tickformat": ".0%", "range": [0, 1], "automargin": true},
        }),
    })
}

/// Scores before and after tuning.
pub(super) fn tuning(found: &Tuning, n_test: u64) -> Figure {
    let x = ["accuracy", "balanced accuracy", "mean F1"];
    let bar = |name: &str, color: &str, scores: &crate::tuning::TunedScores| {
        let interval = scores.accuracy_interval;
        json!({
            "type": "bar", "name": name, "x": x, "y": [scores.accuracy, scores.balanced_accuracy, scores.macro_f1],
            "marker": {"color": color},
            "error_y": {
                "type": "data", "symmetric": false, "array": [interval.high - scores.accuracy, null, null],
                "arrayminus": [scores.accuracy - interval.low, null, null], "color": "@ink", "thickness": 1.4, "width": 0,
            },
            "hovertemplate": format!("{name}: %{{x}} %{{y:.3f}}<extra></extra>"),
        })
    };
    Figure {
        id: "fig-tuning".into(),
        title: format!("{} before and after tuning", found.method),
        subtitle: format!("n = {}", count_of(n_test, "test track")),
        caption: "Before: default parameters. After: the best of the candidates, chosen on training tracks alone and trained on all \
                  of them. Whiskers: 95 % interval."
            .into(),
        alt: format!(
            "Bar chart of scores before and after tuning: accuracy {} and {}.",
            percent(found.before.accuracy),
            percent(found.after.accuracy)
        ),
        height: 340,
        data: json!([bar("before", "@c5", &found.before), bar("after", "@c1", &found.after)]),
        layout: json!({
            "barmode": "group", "bargap": 0.35,
            "xaxis": {"type": "category", "title": {"text": "Score"}},
            "yaxis": {"title": {"text": "Value"}, "range": [0, 1], "tickformat": ".0%"},
        }),
    }
}
