//! What treatments of outliers do to the scores: the last part of the section on outliers.

use cratedigger_study::learning::treatment::Treatments;

use crate::block::{Block, Cell, Table};
use crate::format::{count_of, p_value};

/// Which treatments help, in words and as a table.
pub(crate) fn effect(found: &Treatments, blocks: &mut Vec<Block>) {
    blocks.push(Block::heading("Does it help to treat them?"));
    let better = found
        .treatments
        .iter()
        .filter(|entry| entry.p_holm.is_some_and(|p| p < 0.05));
    let names: Vec<String> = better
        .map(|entry| {
            format!(
                "{} ({}{:.1} points)",
                entry.treatment,
                if entry.difference < 0.0 { "\u{2212}" } else { "+" },
                100.0 * entry.difference.abs()
            )
        })
        .collect();
    blocks.push(Block::text(format!(
        "A linear support vector machine was trained on {} and tested on {} once for each treatment of values beyond {} standard \
         deviations of the training tracks. {} Test tracks of an artist are not independent, so the difference is tested with \
         artists as clusters, and corrected for the number of treatments.",
        count_of(found.n_train, "track"),
        count_of(found.n_test, "track"),
        found.threshold,
        if names.is_empty() {
            "None differs from leaving them alone by more than chance.".to_owned()
        } else {
            format!("By more than chance, these differ from leaving them alone: {}.", names.join(", "))
        }
    )));
    let rows = found.treatments.iter().map(|entry| {
        let p = |p: Option<f64>| {
            p.map_or_else(Cell::missing, |p| Cell {
                shown: p_value(p.log10()),
                ..Cell::real(p, 3)
            })
        };
        vec![
            Cell::text(&entry.treatment),
            Cell::text(&entry.pipeline),
            Cell::count(entry.n_changed),
            Cell::share(entry.accuracy),
            Cell::share(entry.balanced_accuracy),
            Cell::count(entry.n_only_this_right),
            Cell::count(entry.n_only_keep_right),
            p(entry.p),
            p(entry.p_holm),
        ]
    });
    blocks.push(Block::Table {
        table: Table::new(
            "treatments",
            "Scores of a linear support vector machine by the treatment of outliers",
            &[
                ("treatment", "Treatment", false),
                ("pipeline", "Pipeline", false),
                ("n_changed", "Values changed", true),
                ("accuracy", "Accuracy", true),
                ("balanced_accuracy", "Balanced accuracy", true),
                ("n_only_this_right", "Right only here", true),
                ("n_only_keep_right", "Only with keep", true),
                ("p", "p", true),
                ("p_holm", "Holm", true),
            ],
            rows.collect(),
            usize::MAX,
        ),
    });
}
