//! Genres for tracks that have none, and whether they help.

use cratedigger_study::Findings;
use cratedigger_study::learning::imputation::{HiddenGenres, Imputation, Rescoring};

use super::method_names::name_of;
use crate::block::{Block, Cell, Section, Table};
use crate::format::{count, count_of, percent};

/// The section; `None` where no track was named.
pub(crate) fn section(findings: &Findings) -> Option<Section> {
    let found = findings.imputation.as_ref()?;
    let share = |n: u64| percent(n as f64 / found.n_open.max(1) as f64);
    let threshold = match found.threshold {
        Some(threshold) => format!("{threshold:.3}"),
        None => "none".to_owned(),
    };
    let without = found.n_open.saturating_sub(found.n_by_rule + found.n_by_model);
    let mut blocks = vec![
        Block::text(format!(
            "{} of {} have no top genre. First the rule: where all genres of a track lead to one root, that is its genre ({}, {}). Then the \
             model, {}, where the track's own genres do not speak against it and its probability is high enough ({}, {}). The others stay \
             without ({}, {}), {} of them since they have no complete features.",
            count(found.n_open),
            count_of(found.n_tracks, "track"),
            count(found.n_by_rule),
            share(found.n_by_rule),
            name_of(&found.method),
            count(found.n_by_model),
            share(found.n_by_model),
            count(without),
            share(without),
            count(found.n_without_features),
        )),
        Block::text(format!(
            "The least probability, {threshold}, was chosen on training artists that the model was not fitted on, so that at most {} of \
             what it names is wrong, with a confidence of {}. What that is worth is told by the test tracks, whose genres were hidden.",
            percent(found.max_risk),
            percent(found.confidence),
        )),
        Block::Table { table: table(found) },
    ];
    if let Some(rescoring) = &found.rescoring {
        blocks.push(Block::text(scored(rescoring)));
    }
    Some(Section {
        title: "Tracks without a genre",
        gist: format!("{} named", share(found.n_by_rule + found.n_by_model)),
        blocks,
    })
}

fn table(found: &Imputation) -> Table {
    let row = |name: &str, hidden: &HiddenGenres| {
        let real = |value: Option<f64>| value.map_or_else(Cell::missing, |value| Cell::real(value, 3));
        vec![
            Cell::text(name),
            Cell::count(hidden.n_tracks),
            Cell::count(hidden.n_named),
            Cell::count(hidden.n_right),
            real(hidden.precision),
            real(hidden.precision_interval.as_ref().map(|ends| ends.low)),
            real(hidden.precision_interval.as_ref().map(|ends| ends.high)),
        ]
    };
    Table::new(
        "imputation",
        "Test tracks named as if they had no genre; the interval is over artists".to_owned(),
        &[
            ("by", "Named by", false),
            ("n_tracks", "Tracks", true),
            ("n_named", "Named", true),
            ("n_right", "Right", true),
            ("precision", "Right of these", true),
            ("low", "From", true),
            ("high", "To", true),
        ],
        vec![row("the rule", &found.rule), row("the model", &found.model)],
        usize::MAX,
    )
}

fn scored(found: &Rescoring) -> String {
    let ends = &found.difference_interval;
    let verdict = match (ends.low > 0.0, ends.high < 0.0) {
        (true, _) => "they help",
        (_, true) => "they harm",
        _ => "whether they help is not shown",
    };
    format!(
        "As training tracks {verdict}: with {} beside {} the accuracy on the test tracks is {:.3}, without them {:.3} (difference {:+.3}, \
         95 % interval {:+.3} to {:+.3}); the mean F1 is {:.3} and {:.3}. {} more were named and not added, since their artist, album or \
         double is among the test tracks.",
        count_of(found.n_added, "named track"),
        count(found.n_train),
        found.accuracy_after,
        found.accuracy_before,
        found.difference,
        ends.low,
        ends.high,
        found.macro_f1_after,
        found.macro_f1_before,
        count(found.n_of_test_artists),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use cratedigger_study::learning::method_pairs::PValueFinding;
    use cratedigger_study::learning::methods::Ends;

    #[test]
    fn counts_precision_and_the_difference_are_said() {
        let mut findings = Findings::default();
        assert!(section(&findings).is_none());
        let hidden = |n_named, n_right| HiddenGenres {
            n_tracks: 100,
            n_named,
            n_right,
            precision: Some(n_right as f64 / n_named as f64),
            precision_interval: None,
        };
        findings.imputation = Some(Imputation {
            method: "logistic-regression".to_owned(),
            max_risk: 0.2,
            confidence: 0.9,
            threshold: Some(0.75),
            n_tracks: 1000,
            n_open: 500,
            n_by_rule: 50,
            n_by_model: 200,
            n_without_features: 20,
            rule: hidden(100, 99),
            model: hidden(60, 54),
            rescoring: Some(Rescoring {
                n_train: 300,
                n_added: 200,
                n_of_test_artists: 30,
                accuracy_before: 0.6,
                accuracy_after: 0.62,
                difference: 0.02,
                difference_interval: Ends {
                    low: -0.01,
                    high: 0.05,
                },
                macro_f1_before: 0.5,
                macro_f1_after: 0.51,
                p: PValueFinding {
                    p: 0.2,
                    log10_p: -0.7,
                },
            }),
        });
        let found = section(&findings).unwrap();
        let text = format!("{:?}", found.blocks).replace("\\u{a0}", " ");
        for part in [
            "(50, 10.0 %)",
            "(200, 40.0 %)",
            "(250, 50.0 %), 20 of them",
            "whether they help is not shown: with 200 named tracks beside 300",
            "0.750",
            "0.900",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(found.gist, "50.0\u{a0}% named");
    }
}
