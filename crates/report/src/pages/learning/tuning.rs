//! Whether tuning helps.

use cratedigger_study::learning::tuning::{Candidate, TunedScores, Tuning};
use serde_json::json;

use super::method_names::name_of;
use super::method_pairs::p_is;
use crate::block::{Block, Cell, Figure, Table};
use crate::format::{count_of, minus, percent};

/// Before and after tuning.
pub(crate) fn tuned(tuning: &Tuning, n_test: u64, blocks: &mut Vec<Block>) {
    blocks.push(Block::heading("Does tuning help?"));
    let parameters = |parameters: &serde_json::Map<String, serde_json::Value>| {
        let each = parameters.iter().map(|(name, value)| format!("{name} = {value}"));
        each.collect::<Vec<_>>().join(", ")
    };
    let verdict = if tuning.p.p >= 0.05 {
        "which may be chance"
    } else if tuning.difference > 0.0 {
        "which is more than chance"
    } else {
        "and that is more than chance: what did best on some tracks does not have to do best on others"
    };
    blocks.push(Block::text(format!(
        "Of {} for {}, cross-validated on {} in {} folds, {} {}. Trained on all training tracks it moves the accuracy \
         on the test tracks from {} to {} ({} percentage points, {}), {verdict}. This is a small search; cratedigger \
         tune makes a larger one.",
        count_of(tuning.candidates.len() as u64, "candidate"),
        name_of(&tuning.method),
        count_of(tuning.n_search, "training track"),
        tuning.n_folds,
        leading(&tuning.candidates),
        parameters(&tuning.best),
        percent(tuning.before.accuracy),
        percent(tuning.after.accuracy),
        minus(&format!("{:+.1}", 100.0 * tuning.difference)),
        p_is(&tuning.p)
    )));
    blocks.push(Block::figure(before_and_after(tuning, n_test)));
    let rows = tuning.candidates.iter().map(|candidate| {
        vec![
            Cell::text(parameters(&candidate.parameters)),
            candidate.mean.map_or_else(Cell::missing, Cell::bar),
            candidate.std.map_or_else(Cell::missing, Cell::share),
            Cell::real(candidate.fit_seconds, 2),
        ]
    });
    blocks.push(Block::Table {
        table: Table::new(
            "tuning",
            "Candidates, the best first",
            &[
                ("parameters", "Parameters", false),
                ("mean", "Mean accuracy", true),
                ("std", "Standard deviation", true),
                ("fit_seconds", "Training (s)", true),
            ],
            rows.collect(),
            usize::MAX,
        ),
    });
}

/// What is said of the first candidate: others may have the same mean.
fn leading(candidates: &[Candidate]) -> String {
    let best = candidates.first().and_then(|candidate| candidate.mean);
    match candidates.iter().filter(|other| other.mean == best).count() {
        0 | 1 => "the best is".to_owned(),
        n => format!("{n} are equally good, of which the first is"),
    }
}

/// Scores before and after tuning.
fn before_and_after(found: &Tuning, n_test: u64) -> Figure {
    let x = ["accuracy", "balanced accuracy", "mean F1"];
    let bar = |name: &str, color: &str, scores: &TunedScores| {
        let interval = scores.accuracy_interval;
        json!({
            "type": "bar", "name": name, "x": x, "y": [scores.accuracy, scores.balanced_accuracy, scores.macro_f1],
            "marker": {"color": color},
            "error_y": {
                "type": "data", "symmetric": false, "array": [interval.map(|ends| ends.high - scores.accuracy), null, null],
                "arrayminus": [interval.map(|ends| scores.accuracy - ends.low), null, null], "color": "@ink", "thickness": 1.4, "width": 0,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_that_are_equally_good_are_counted() {
        let of = |means: &[f64]| {
            let candidates: Vec<Candidate> = means
                .iter()
                .map(|&mean| Candidate {
                    parameters: serde_json::Map::new(),
                    mean: Some(mean),
                    std: None,
                    fit_seconds: 0.0,
                })
                .collect();
            leading(&candidates)
        };
        assert_eq!(of(&[0.9, 0.8]), "the best is");
        assert_eq!(of(&[0.9, 0.9, 0.8]), "2 are equally good, of which the first is");
    }
}
