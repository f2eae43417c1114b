//! `--by`: accuracy, answers and sets by continent, language, year and bit rate.

use std::fmt::Write;

use anyhow::{Result, bail};
use cratedigger_collection::rows::kinds::{TrackKind, TrackKinds};
use cratedigger_collection::rows::{self, Kind, kind};
use cratedigger_learn::metrics::Interval;
use cratedigger_learn::{Evaluation, Outcomes, PartScores};
use serde_json::{Map, Value, json};

use super::args::Args;
use super::promised::Promised;
use super::report::Report;
use crate::progress::Progress;

/// The tested rows of one method by kinds of track.
pub(super) struct By(Vec<(TrackKind, Vec<(String, PartScores)>)>);

/// What is asked for, of each method.
pub(super) fn by(args: &Args, report: &Report, progress: Progress) -> Result<Vec<By>> {
    if args.by.is_empty() {
        return Ok(Vec::new());
    }
    let data = args.data.paths().first().map(std::path::PathBuf::as_path);
    let tables = [data, args.data.labels_file()].into_iter().flatten();
    let Some(path) = tables.into_iter().find(|path| kind(path) == Kind::Tables) else {
        bail!(
            "--by is read from the dataset's tables, and there are none: name tracks.csv, its folder or a store as DATA or by --labels"
        );
    };
    let (store, _) = rows::open(path, &args.data.reading(progress)?, &progress)?;
    let mut kinds: Vec<(TrackKind, TrackKinds)> = Vec::new();
    for &kind in &args.by {
        if !kinds.iter().any(|(known, _)| *known == kind) {
            kinds.push((kind, TrackKinds::read(&store, kind)?));
        }
    }
    let of_method = |(found, promised): (&Evaluation, &Promised)| {
        let groups = found.predictions.groups(&report.training.data);
        let right: Vec<bool> = found.predictions.hits().collect();
        let outcomes = Outcomes {
            right: &right,
            groups: groups.as_deref(),
            answered: promised.answered(),
            sets: promised.sets(),
        };
        let ids = || {
            found
                .predictions
                .rows
                .iter()
                .map(|&row| &report.training.ids[row])
        };
        let of_kind = |(kind, kinds): &(TrackKind, TrackKinds)| {
            let parts = kinds.parts(ids()).into_iter();
            let scored = parts.map(|(label, rows)| Ok((label, outcomes.of(&rows)?)));
            Ok((*kind, scored.collect::<Result<_>>()?))
        };
        kinds.iter().map(of_kind).collect::<Result<_>>().map(By)
    };
    report
        .evaluations
        .iter()
        .zip(&report.promised)
        .map(of_method)
        .collect()
}

impl By {
    /// The field that `--json` adds.
    pub(super) fn json(&self) -> Value {
        let of_kind = |(kind, parts): &(TrackKind, Vec<(String, PartScores)>)| {
            let parts: Vec<Value> = parts
                .iter()
                .map(|(label, found)| part_json(label, found))
                .collect();
            (kind.name().to_owned(), Value::Array(parts))
        };
        Value::Object(self.0.iter().map(of_kind).collect::<Map<_, _>>())
    }

    /// Lines for people.
    pub(super) fn text(&self, text: &mut String) {
        for (kind, parts) in &self.0 {
            let heading = format!("by {}", kind.name().replace('_', " "));
            let names = parts.iter().map(|(label, _)| label.chars().count());
            let width = names.max().unwrap_or(0).max(heading.len());
            let has_answers = parts.iter().any(|(_, found)| found.answered.is_some());
            let has_sets = parts.iter().any(|(_, found)| found.sets.is_some());
            let _ = write!(
                text,
                "\n  {heading:<width$}  tracks  artists  accuracy  95 % interval   "
            );
            if has_answers {
                text.push_str("  answered  wrong of these  95 % interval   ");
            }
            if has_sets {
                text.push_str("  sets hold it  95 % interval     size");
            }
            text.truncate(text.trim_end().len());
            text.push('\n');
            for (label, found) in parts {
                let n_artists = found.n_groups.map_or_else(|| "-".to_owned(), |n| n.to_string());
                let mut line = format!(
                    "  {label:<width$}  {:>6}  {n_artists:>7}  {:>8.4}  {}",
                    found.n,
                    found.accuracy(),
                    ends_text(found.accuracy_interval)
                );
                if let Some(answered) = &found.answered {
                    let risk = answered
                        .risk()
                        .map_or_else(|| "-".to_owned(), |risk| format!("{risk:.4}"));
                    let _ = write!(
                        line,
                        "  {:>8.4}  {risk:>14}  {}",
                        answered.coverage(),
                        ends_text(answered.interval)
                    );
                }
                if let Some([plain, _]) = &found.sets {
                    let _ = write!(
                        line,
                        "  {:>12.4}  {}  {:>4.2}",
                        plain.coverage(),
                        ends_text(plain.interval),
                        plain.mean_size()
                    );
                }
                let _ = writeln!(text, "{}", line.trim_end());
            }
        }
        let _ = writeln!(
            text,
            "  Intervals are over artists, and there is none with fewer than five of them. What is not known of a track is a line of its own."
        );
    }
}

fn part_json(label: &str, found: &PartScores) -> Value {
    let mut part = json!({
        "label": label,
        "n": found.n,
        "n_artists": found.n_groups,
        "accuracy": found.accuracy(),
        "accuracy_interval": found.accuracy_interval.map(ends),
        "answers": found.answered.as_ref().map(|answered| json!({
            "n_answered": answered.n_answered,
            "n_wrong": answered.n_wrong,
            "coverage": answered.coverage(),
            "risk": answered.risk(),
            "risk_interval": answered.interval.map(ends),
        })),
    });
    let sets = found.sets.as_ref().map(|[plain, per_class]| {
        json!({
            "plain": super::promised::scores(plain),
            "per_class": super::promised::scores(per_class),
        })
    });
    part["sets"] = json!(sets);
    part
}

fn ends(interval: Interval) -> Value {
    json!({"low": interval.low, "high": interval.high, "level": interval.level})
}

fn ends_text(interval: Option<Interval>) -> String {
    interval.map_or_else(
        || format!("{:<16}", "-"),
        |ends| format!("{:.4} to {:.4}", ends.low, ends.high),
    )
}
