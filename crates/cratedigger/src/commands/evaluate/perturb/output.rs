//! What changes did, for people and as JSON.

use std::fmt::Write;

use cratedigger_features::ChangeKind;
use cratedigger_learn::metrics::Interval;
use cratedigger_learn::robustness::{Flip, Robustness};
use serde_json::{Value, json};

use super::{OfChange, Perturbed};

/// Flips of a change that are named on the terminal.
const NAMED: usize = 3;

impl Perturbed {
    /// The field that `--json` adds.
    pub(in crate::commands::evaluate) fn json(&self, classes: &[String]) -> Value {
        let changes = self.changes.iter().map(|of| {
            json!({
                "change": of.change.kind().name(),
                "strength": (of.change.kind() != ChangeKind::None).then_some(of.change.strength()),
                "unit": of.change.kind().unit(),
                "n_failed": of.n_failed,
                "found": of.found.as_ref().map(|found| found_json(found, classes)),
            })
        });
        json!({
            "n_recordings": self.n_recordings.0,
            "n_tested": self.n_recordings.1,
            "changes": changes.collect::<Vec<_>>(),
        })
    }

    /// Lines for people.
    pub(in crate::commands::evaluate) fn text(&self, classes: &[String], text: &mut String) {
        let name = |of: &OfChange| of.change.in_words();
        let width = self
            .changes
            .iter()
            .map(|of| name(of).len())
            .max()
            .unwrap_or(0)
            .max(20);
        let _ = writeln!(
            text,
            "\n  {:<width$}  tracks  before   after  difference  95 % interval       other answer        p",
            "recordings, changed"
        );
        for of in &self.changes {
            let Some(found) = &of.found else {
                let _ = writeln!(text, "  {:<width$}  {:>6}", name(of), 0);
                continue;
            };
            let _ = writeln!(
                text,
                "  {:<width$}  {:>6}  {:.4}  {:.4}     {:+.4}  {:+.4} to {:+.4}        {:.4}  {:>7}",
                name(of),
                found.n,
                found.accuracy_before(),
                found.accuracy_after(),
                found.difference(),
                found.interval.low,
                found.interval.high,
                found.n_flipped as f64 / found.n as f64,
                p_value(found.adjusted.value())
            );
        }
        let over = match self.changes.iter().find_map(|of| of.found.as_ref()?.n_groups) {
            Some(n) if n > 1 => format!("over the {n} artists (or what else belongs together)"),
            _ => "over tracks".to_owned(),
        };
        let n = self.changes.iter().filter(|of| of.found.is_some()).count();
        let _ = writeln!(
            text,
            "  None of the changes changes the genre. Where the accuracy falls, or many answers are others, something else than the music is\n  \
             heard: loudness, bandwidth, a codec. Intervals and p are {over}; p after Holm's correction for {n} changes."
        );
        let flips = self.changes.iter().filter_map(|of| {
            let found = of.found.as_ref().filter(|found| found.n_flipped > 0)?;
            let named: Vec<String> = found
                .flips
                .iter()
                .take(NAMED)
                .map(|&Flip { from, to, n }| format!("{} -> {} {n}", classes[from], classes[to]))
                .collect();
            Some(format!("  {:<width$}  {}", name(of), named.join(", ")))
        });
        let flips: Vec<String> = flips.collect();
        if !flips.is_empty() {
            let _ = writeln!(
                text,
                "\n  {:<width$}  the answers that became others most often",
                ""
            );
            flips.iter().for_each(|line| {
                let _ = writeln!(text, "{line}");
            });
        }
    }
}

fn found_json(found: &Robustness, classes: &[String]) -> Value {
    let flips = found
        .flips
        .iter()
        .map(|flip| json!({"from": classes[flip.from], "to": classes[flip.to], "n": flip.n}));
    let per_class = found.by_class.iter().zip(classes).map(|(of_class, label)| {
        json!({
            "label": label,
            "n": of_class.n,
            "n_right_before": of_class.n_right_before,
            "n_right_after": of_class.n_right_after,
            "n_flipped": of_class.n_flipped,
        })
    });
    json!({
        "n": found.n,
        "n_artists": found.n_groups,
        "accuracy_before": found.accuracy_before(),
        "accuracy_after": found.accuracy_after(),
        "difference": found.difference(),
        "interval": ends(found.interval),
        "p": found.p.value(),
        "adjusted_p": found.adjusted.value(),
        "n_lost": found.n_lost,
        "n_gained": found.n_gained,
        "n_flipped": found.n_flipped,
        "flipped_interval": found.flipped_interval.map(ends),
        "flips": flips.collect::<Vec<_>>(),
        "per_class": per_class.collect::<Vec<_>>(),
    })
}

fn ends(interval: Interval) -> Value {
    json!({"low": interval.low, "high": interval.high, "level": interval.level})
}

fn p_value(p: f64) -> String {
    match p < 0.001 {
        true => format!("{p:.1e}"),
        false => format!("{p:.4}"),
    }
}
