//! `--sources`: what each source of information adds to a method, on the same rows and folds.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::{Result, bail};
use cratedigger_collection::rows::inputs::each_input;
use cratedigger_learn::metrics::{GroupedMean, Interval};
use cratedigger_learn::search::Params;
use cratedigger_learn::{CvOptions, Method, SourceSet, compare_sources};
use serde_json::{Value, json};

use super::args::Args;
use super::pairs::p_text;
use super::sets::Sources;
use crate::commands::folds::Plan;
use crate::console;
use crate::progress::{Progress, Unit};

/// Fits a method to each set, and prints what each adds.
pub(super) fn run(
    args: &Args,
    sources: &Sources,
    methods: &[Method],
    progress: Progress,
) -> Result<ExitCode> {
    let [method] = methods else {
        bail!("--sources is of one method, and {} are asked for", methods.len());
    };
    let params: Params = args.params.iter().cloned().collect();
    args.folds.check()?;
    let seed = args.folds.seed;
    let classifier = method.classifier_with(&params, seed)?;
    if *sources == Sources::Each && args.data.inputs().is_empty() {
        bail!("--sources each needs --inputs NAMES");
    }
    let training = args
        .data
        .load(&args.data.wanted(args.pipeline.as_ref(), methods), progress)?;
    let sets = match sources {
        Sources::Sets(sets) => sets.clone(),
        Sources::Each => each_input(&training.data.feature_names),
    };
    let plan = args.folds.plan(&training)?;
    for caution in plan.belonging.cautions() {
        console::note(&format!("warning: {caution}"));
    }
    let options = CvOptions {
        pipeline: args.pipeline.clone(),
        n_jobs: args.data.n_jobs(),
    };
    let job = progress.job(format!("{method}, {}", plan.in_words()), Unit::Steps);
    let found = compare_sources(&*classifier, &training.data, &sets, &plan.folds, &options, seed)?;
    drop(job);
    if args.json {
        let sets: Vec<Value> = found.iter().map(json).collect();
        let all = json!({
            "method": method.name(), "split": plan.split, "n_folds": plan.folds.len(), "seed": seed,
            "n_rows": training.data.n_rows(), "n_groups": plan.belonging.grouping.n_groups,
            "classes": training.data.classes, "sources": sets,
        });
        console::data((serde_json::to_string_pretty(&all)? + "\n").as_bytes())?;
    } else {
        let (n_rows, n_classes) = (training.data.n_rows(), training.data.n_classes());
        console::print(&table(*method, &found, &plan, n_rows, n_classes))?;
    }
    Ok(ExitCode::from(u8::from(training.lost.any_failed())))
}

fn name(set: &SourceSet) -> String {
    set.families.join("+")
}

fn table(method: Method, found: &[SourceSet], plan: &Plan, n_rows: usize, n_classes: usize) -> String {
    let mut text = format!(
        "{method}: {n_rows} rows, {n_classes} classes, {}\n\n",
        plan.in_words()
    );
    let width = found.iter().map(|set| name(set).len()).max().unwrap_or(0).max(7);
    let _ = writeln!(
        text,
        "  {:<width$}  columns  accuracy  95 % interval    balanced  log loss",
        "sources"
    );
    for set in found {
        let summary = &set.evaluation.summary;
        let interval = set.evaluation.accuracy_interval().map_or_else(
            || format!("{:^15}", "-"),
            |interval| format!("{:.4} - {:.4}", interval.low, interval.high),
        );
        let log_loss = summary
            .probability
            .map_or_else(|| "-".to_owned(), |scores| format!("{:.4}", scores.log_loss));
        let _ = writeln!(
            text,
            "  {:<width$}  {:>7}  {:>8.4}  {interval}  {:>8.4}  {log_loss:>8}",
            name(set),
            set.evaluation.result.n_features,
            summary.accuracy,
            summary.balanced_accuracy,
        );
    }
    if found.len() == 1 {
        return text;
    }
    let first = found.first().map(name).unwrap_or_default();
    let _ = writeln!(
        text,
        "\n  {:<width$}  accuracy  interval                     p  balanced  interval           log loss  interval",
        format!("to {first}")
    );
    for (set, gain) in found.iter().filter_map(|set| Some((set, set.gain?))) {
        let ends = |interval: Option<Interval>| {
            interval.map_or_else(
                || format!("{:^18}", "-"),
                |ends| format!("{:+.4} to {:+.4}", ends.low, ends.high),
            )
        };
        let log_loss = gain.log_loss.map_or_else(
            || "       -".to_owned(),
            |loss| format!("{:>+8.4}  {}", loss.mean, ends(Some(loss.interval))),
        );
        let _ = writeln!(
            text,
            "  {:<width$}  {:>+8.4}  {}  {:>8}  {:>+8.4}  {}  {log_loss}",
            name(set),
            gain.accuracy.difference,
            ends(gain.accuracy.interval),
            p_text(gain.accuracy.adjusted),
            gain.balanced_accuracy.mean,
            ends(Some(gain.balanced_accuracy.interval)),
        );
    }
    text.push('\n');
    for (set, gain) in found.iter().filter_map(|set| Some((set, set.gain?))) {
        let _ = writeln!(
            text,
            "  {} {} (by accuracy).",
            name(set),
            gain.verdict().in_words()
        );
    }
    let _ = writeln!(
        text,
        "\n  Every set sees the same rows and folds, and is compared with the first. What is independent are {}.\n  `p` and the \
         intervals of accuracy hold for all sets together (Holm, Bonferroni); a log loss below 0 is better.",
        plan.belonging.independent()
    );
    text
}

fn json(set: &SourceSet) -> Value {
    let summary = &set.evaluation.summary;
    let ends =
        |interval: Interval| json!({"low": interval.low, "high": interval.high, "level": interval.level});
    let grouped = |mean: GroupedMean| json!({"difference": mean.mean, "interval": ends(mean.interval), "p": mean.p.value()});
    json!({
        "families": set.families,
        "n_features": set.evaluation.result.n_features,
        "accuracy": summary.accuracy,
        "accuracy_interval": set.evaluation.accuracy_interval().map(ends),
        "balanced_accuracy": summary.balanced_accuracy,
        "log_loss": summary.probability.map(|scores| scores.log_loss),
        "gain": set.gain.map(|gain| json!({
            "accuracy": {
                "difference": gain.accuracy.difference,
                "interval": gain.accuracy.interval.map(ends),
                "p_holm": gain.accuracy.adjusted.value(),
            },
            "balanced_accuracy": grouped(gain.balanced_accuracy),
            "log_loss": gain.log_loss.map(grouped),
            "verdict": gain.verdict().name(),
        })),
    })
}
