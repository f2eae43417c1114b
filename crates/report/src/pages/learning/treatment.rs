//! What treatments of outliers do to the scores: the last part of the section on outliers.

use cratedigger_study::learning::treatment::{LIMIT, Treatments};

use crate::block::{Block, Cell, Table};
use crate::format::{count, count_of, p_value};

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
         deviations of these training tracks.{} {} Test tracks of an artist are not independent, so the difference is tested with \
         artists as clusters, and corrected for the number of treatments.",
        count_of(found.n_train, "track"),
        count_of(found.n_test, "track"),
        found.threshold,
        if found.n_train < found.n_train_available || found.n_test < found.n_test_available {
            format!(
                " Of the {} training and {} test tracks, whole artists were drawn until there were about {} on a side.",
                count(found.n_train_available),
                count(found.n_test_available),
                count(LIMIT as u64)
            )
        } else {
            String::new()
        },
        if names.is_empty() {
            "No difference from leaving them alone is shown (p \u{2265} 0.05 each).".to_owned()
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
