//! Whether the probabilities can be trusted: calibration, ROC and precision-recall curves.

use cratedigger_study::learning::inspection::{Curve, Inspection};
use cratedigger_study::learning::methods::{ClassifierFinding, Probability};
use serde_json::{Value, json};

use super::method_names::{capitalised, colour, name_of};
use crate::block::{Block, Figure};
use crate::format::{count, count_of, percent, plain};

/// Calibration, ROC and precision-recall curves.
pub(crate) fn probabilities(
    classifiers: &[ClassifierFinding],
    inspection: Option<&Inspection>,
    n_test: u64,
    blocks: &mut Vec<Block>,
) {
    let calibrations = calibration(classifiers);
    let drawn = inspection.map_or_else(Vec::new, |inspection| curves(inspection, n_test));
    if calibrations.is_empty() && drawn.is_empty() {
        return;
    }
    blocks.push(Block::heading("Can the probabilities be trusted?"));
    let error = |found: &ClassifierFinding| {
        found
            .probability
            .as_ref()
            .map_or(0.0, |scores| scores.expected_calibration_error)
    };
    let furthest = classifiers
        .iter()
        .filter(|found| found.probability.is_some())
        .reduce(|most, found| if error(found) > error(most) { found } else { most });
    if let Some(furthest) = furthest {
        let scaled = furthest
            .scaled_probability
            .as_ref()
            .map_or_else(String::new, |scaled| {
                format!(
                    ", after temperature scaling {}",
                    percent(scaled.expected_calibration_error)
                )
            });
        blocks.push(Block::text(format!(
            "A probability keeps its word where of the tracks that were given 80 % four in five are right. {} is furthest from \
             it: its probabilities are {} off on average{scaled}.",
            capitalised(&name_of(&furthest.name)),
            percent(error(furthest)),
        )));
    }
    for figures in [calibrations, drawn] {
        if !figures.is_empty() {
            blocks.push(Block::Figures { figures });
        }
    }
}

/// How often the predicted genre is right, by the probability that it was given: as it comes, and scaled.
fn calibration(classifiers: &[ClassifierFinding]) -> Vec<Figure> {
    let own = |found: &ClassifierFinding| found.probability.clone();
    let scaled = |found: &ClassifierFinding| found.scaled_probability.clone();
    [
        calibration_of(
            classifiers,
            "fig-calibration",
            "Calibration of the probabilities",
            "Below the diagonal probabilities promise too much, above it too little. Methods without probabilities of their own \
             are not drawn.",
            &own,
        ),
        calibration_of(
            classifiers,
            "fig-calibration-scaled",
            "The same after temperature scaling",
            "One number for each method, fitted on other test artists, moves all probabilities towards what they promise; the \
             predicted genres stay the same.",
            &scaled,
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn calibration_of(
    classifiers: &[ClassifierFinding],
    id: &str,
    title: &str,
    caption: &str,
    of: &dyn Fn(&ClassifierFinding) -> Option<Probability>,
) -> Option<Figure> {
    let mut data: Vec<Value> = classifiers
        .iter()
        .filter_map(|found| {
            let probability = of(found)?;
            let points = &probability.calibration;
            Some(json!({
                "type": "scatter", "mode": "lines+markers",
                "name": format!("{} ({:.3})", found.name, probability.expected_calibration_error),
                "x": points.iter().map(|point| point.mean_predicted).collect::<Vec<_>>(),
                "y": points.iter().map(|point| point.fraction_right).collect::<Vec<_>>(),
                "customdata": points.iter().map(|point| count(point.n)).collect::<Vec<_>>(),
                "line": {"color": colour(&found.name), "width": 2}, "marker": {"color": colour(&found.name), "size": 6},
                "hovertemplate": format!("{}: promised %{{x:.1%}}, right %{{y:.1%}} of %{{customdata}} tracks<extra></extra>", found.name),
            }))
        })
        .collect();
    if data.is_empty() {
        return None;
    }
    data.insert(0, diagonal("perfect"));
    Some(Figure {
        id: id.into(),
        title: title.into(),
        subtitle: format!(
            "n = {}; in brackets the expected calibration error",
            count_of(classifiers[0].n_test, "test track")
        ),
        caption: caption.into(),
        alt: format!("{title}: share of right predictions against their mean probability, by method."),
        height: 460,
        data: Value::Array(data),
        layout: json!({
            "legend": Figure::legend_below(),
            "xaxis": {"title": {"text": "Probability of the predicted genre"}, "tickformat": ".0%", "range": [0, 1.02]},
            "yaxis": {"title": {"text": "Share that is right"}, "tickformat": ".0%", "range": [0, 1.02], "automargin": true},
        }),
    })
}

fn diagonal(name: &str) -> Value {
    json!({
        "type": "scatter", "mode": "lines", "name": name, "x": [0, 1], "y": [0, 1], "hoverinfo": "skip",
        "line": {"color": "@soft", "width": 1.2, "dash": "dash"},
    })
}

/// ROC curves of all methods; ROC and precision-recall curves of every genre by the best one.
fn curves(found: &Inspection, n_test: u64) -> Vec<Figure> {
    if found.roc.is_empty() {
        return Vec::new();
    }
    let line = |curve: &Curve, line: Value| {
        json!({
            "type": "scatter", "mode": "lines", "name": format!("{} ({:.3})", plain(&curve.label), curve.area),
            "x": curve.x, "y": curve.y, "line": line,
            "hovertemplate": format!("{}: %{{x:.1%}}, %{{y:.1%}}<extra></extra>", plain(&curve.label)),
        })
    };
    let by_class = |curves: &[Curve]| -> Vec<Value> {
        curves
            .iter()
            .enumerate()
            .map(|(index, curve)| line(curve, class_line(index)))
            .collect()
    };
    let roc_layout = json!({
        "legend": Figure::legend_below(),
        "xaxis": {"title": {"text": "False positive rate"}, "tickformat": ".0%", "range": [-0.01, 1.01]},
        "yaxis": {"title": {"text": "True positive rate"}, "tickformat": ".0%", "range": [0, 1.02], "automargin": true},
    });
    let figure =
        |id: &str, title: String, area: &str, caption: &str, data: Vec<Value>, layout: Value| Figure {
            id: id.into(),
            title: title.clone(),
            subtitle: format!("n = {}; in brackets {area}", count_of(n_test, "test track")),
            caption: caption.into(),
            alt: format!("{title}, one line each; the areas below are in the tables."),
            height: 460 + 18 * (data.len() as u32 / 3),
            data: Value::Array(data),
            layout,
        };
    let with_diagonal = |mut data: Vec<Value>| {
        data.insert(0, diagonal("guessing (0.500)"));
        data
    };
    let by_genre = |mut layout: Value| {
        layout["meta"] = json!({"genres": "traces"});
        layout
    };
    let methods = found
        .roc_by_method
        .iter()
        .map(|curve| line(curve, json!({"color": colour(&curve.label), "width": 2})))
        .collect();
    vec![
        figure(
            "fig-roc-methods",
            "ROC by method".into(),
            "the area below, mean over the genres",
            "The mean over the genres, each against all others: what share of a genre's tracks is found at the price of which \
             share of false alarms.",
            with_diagonal(methods),
            roc_layout.clone(),
        ),
        figure(
            "fig-roc",
            format!("{}: ROC by genre", found.method),
            "the area below",
            "Each genre against all others.",
            with_diagonal(by_class(&found.roc)),
            by_genre(roc_layout),
        ),
        figure(
            "fig-precision-recall",
            format!("{}: precision, recall", found.method),
            "the average precision",
            "With rare genres this says more than the ROC curve: a few false alarms among many tracks of others weigh as much \
             as they do for a listener.",
            by_class(&found.precision_recall),
            json!({
                "meta": {"genres": "traces"}, "legend": Figure::legend_below(),
                "xaxis": {"title": {"text": "Recall"}, "tickformat": ".0%", "range": [-0.01, 1.01]},
                "yaxis": {"title": {"text": "Precision"}, "tickformat": ".0%", "range": [0, 1.02], "automargin": true},
            }),
        ),
    ]
}

/// A line for one of many classes: six colours, then the same ones dashed and dotted.
fn class_line(index: usize) -> Value {
    let dash = ["solid", "dash", "dot"][index / 6 % 3];
    json!({"color": format!("@c{}", index % 6 + 1), "width": 2, "dash": dash})
}
