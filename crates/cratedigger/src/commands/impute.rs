//! `cratedigger impute`: genres for tracks that have none, with where each comes from.

use std::fmt::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::ValueEnum;
use cratedigger_collection::classify;
use cratedigger_collection::impute::{By, Hidden, Imputation, Imputed, impute};
use cratedigger_collection::rows::Reading;
use cratedigger_features::Recipe;
use cratedigger_files::csv::field;
use cratedigger_learn::model::Model;
use cratedigger_learn::selective::Answered;
use serde_json::{Value, json};

use super::numbers::jobs;
use super::output::{Out, check_threshold};
use super::source::ReadArgs;
use crate::console;
use crate::interrupt;
use crate::progress::Progress;

/// Name a genre for each track without a top genre: by the rule, by a model where it is sure, or not at all
///
/// Of the dataset's tracks 53 % have no `track.genre_top`. First the rule: where all genres of a track lead to one root, that is its
/// genre. Then the model, where its probability is not below its threshold, and where the track's own genres do not speak against
/// it. Then silence. Each row says which of these it was, with probability, set of genres and reason.
///
/// What that is worth is told by hiding: the genres of artists that the model was neither fitted nor calibrated on are taken away, and
/// named again. The model should be one that promises something: `cratedigger train DATA --calibrate --max-risk 0.05 --coverage 0.9`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger train fma_metadata --calibrate --max-risk 0.1 --coverage 0.9 --test-size 0.4 --out sure.cdmodel
  cratedigger impute fma_metadata --model sure.cdmodel --out genres.csv
  cratedigger impute fma_metadata --model sure.cdmodel --threshold 0.9 --format json --out genres.json

Exit codes: 0 all done; 2 nothing could be done.")]
pub(crate) struct Args {
    /// A folder of the dataset's CSV files, or a store
    #[arg(value_name = "DATA")]
    data: PathBuf,

    /// The model file
    #[arg(long, value_name = "FILE")]
    model: PathBuf,

    /// Believe no probability that is lower; default: what the model says, else it is always believed
    #[arg(long, value_name = "P")]
    threshold: Option<f64>,

    /// How the rows are written
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,

    /// Write the rows to this file; without it they go to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Replace the file if it is there
    #[arg(long)]
    force: bool,

    /// The recipe of the features, where neither the model nor the file says it: `fma` or `librosa`
    #[arg(long, value_name = "NAME")]
    recipe: Option<Recipe>,

    /// Threads to use; the results do not depend on it
    #[arg(long, value_name = "N", value_parser = jobs)]
    jobs: Option<NonZeroUsize>,

    #[command(flatten)]
    read: ReadArgs,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One row a track; genres of a set with semicolons between them
    Csv,
    /// One object with the rows and the test
    Json,
}

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    check_threshold(args.threshold)?;
    interrupt::say("nothing was written; the same command begins anew");
    let inputs = [args.data.clone(), args.model.clone()];
    let out = match &args.out {
        Some(path) => Some(Out::open(path, args.force, &inputs)?),
        None => None,
    };
    let model = Model::load(&args.model)?;
    let threshold = classify::threshold(args.threshold, &model, None);
    if threshold.is_none() {
        console::note(
            "warning: the model has no threshold, so every genre that it names is believed; train it with --max-risk, or give --threshold",
        );
    }
    let reading = Reading {
        recipe: args.recipe,
        jobs: args.jobs,
        ..args.read.reading()
    };
    let found = impute(&args.data, &model, threshold, &reading, &progress)?;
    let text = match args.format {
        Format::Csv => csv(&found.rows),
        Format::Json => {
            serde_json::to_string_pretty(&json_of(&found, threshold)).context("cannot write JSON")? + "\n"
        }
    };
    match out {
        Some(out) => out.write(text.as_bytes())?,
        None => console::data(text.as_bytes())?,
    }
    console::note(&summary(&found));
    Ok(ExitCode::SUCCESS)
}

fn csv(rows: &[Imputed]) -> String {
    let mut text = "track_id,genre,by,probability,set,reason\n".to_owned();
    for row in rows {
        let set = row.set.as_ref().map_or_else(String::new, |set| set.join(";"));
        let _ = writeln!(
            text,
            "{},{},{},{},{},{}",
            field(&row.id.to_string()),
            field(row.genre.as_deref().unwrap_or_default()),
            row.by.name(),
            row.probability.map_or_else(String::new, |p| p.to_string()),
            field(&set),
            field(&row.reason)
        );
    }
    text
}

fn json_of(found: &Imputation, threshold: Option<f64>) -> Value {
    let rows = found.rows.iter().map(|row| {
        json!({
            "track_id": row.id.to_string(), "genre": row.genre, "by": row.by.name(), "probability": row.probability,
            "set": row.set, "reason": row.reason,
        })
    });
    let filled = |filled: &Answered| {
        json!({
            "n_filled": filled.n_answered, "n_right": filled.n_answered - filled.n_wrong, "precision": precision(filled),
            "precision_interval": precision_ends(filled).map(|(low, high)| json!({"low": low, "high": high, "level": 0.95})),
        })
    };
    let hidden = |hidden: &Hidden| {
        json!({
            "n_rows": hidden.model.n_rows, "n_groups": hidden.model.n_groups, "rule": filled(&hidden.rule), "model": filled(&hidden.model),
        })
    };
    json!({
        "n_tracks": found.n_tracks, "n_labelled": found.n_labelled, "threshold": threshold,
        "n_by_rule": found.count(By::Rule), "n_by_model": found.count(By::Model), "n_without": found.count(By::Nothing),
        "hidden": found.hidden.as_ref().map(hidden).ok(),
        "rows": rows.collect::<Vec<_>>(),
    })
}

/// The share of the named tracks whose genre is right.
fn precision(filled: &Answered) -> Option<f64> {
    filled.risk().map(|risk| 1.0 - risk)
}

fn precision_ends(filled: &Answered) -> Option<(f64, f64)> {
    filled.interval.map(|ends| (1.0 - ends.high, 1.0 - ends.low))
}

/// What came of it, for people.
fn summary(found: &Imputation) -> String {
    let n = found.rows.len();
    let share = |count: usize| format!("{count} ({:.1} %)", 100.0 * count as f64 / n.max(1) as f64);
    let mut text = format!(
        "{n} of {} tracks have no genre_top: {} by the rule, {} by the model, {} stay without",
        found.n_tracks,
        share(found.count(By::Rule)),
        share(found.count(By::Model)),
        share(found.count(By::Nothing)),
    );
    match &found.hidden {
        Err(reason) => {
            let _ = write!(text, "\nWhat that is worth is not known: {reason}.");
        }
        Ok(hidden) => {
            let artists = hidden
                .model
                .n_groups
                .map_or_else(String::new, |n| format!(" of {n} artists"));
            let _ = write!(
                text,
                "\nWith the genres of {} tracks{artists} hidden, which the model has not seen:",
                hidden.model.n_rows
            );
            for (name, filled) in [("the rule", &hidden.rule), ("the model", &hidden.model)] {
                let right = precision(filled).map_or_else(String::new, |right| {
                    let interval = precision_ends(filled).map_or_else(String::new, |(low, high)| {
                        format!(" (95 % interval over artists {low:.4} to {high:.4})")
                    });
                    format!(", {right:.4} of them right{interval}")
                });
                let _ = write!(
                    text,
                    "\n  {name} names {} ({:.1} %){right}",
                    filled.n_answered,
                    100.0 * filled.n_answered as f64 / hidden.model.n_rows.max(1) as f64
                );
            }
        }
    }
    text
}
