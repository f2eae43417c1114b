//! `--labels genres_all`: how well methods name all genres of a track.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::{Result, bail};
use cratedigger_collection::rows::options::GenreLists;
use cratedigger_collection::rows::{LeftOut, SeveralGenres};
use cratedigger_learn::multilabel::{Averages, LabelEvaluation, evaluate_labels};
use cratedigger_learn::search::Params;
use cratedigger_learn::{CvOptions, Method};
use serde_json::{Value, json};

use super::args::Args;
use crate::commands::folds::Plan;
use crate::console;
use crate::progress::{Progress, Unit};

/// Genres that are left out and named on the terminal.
const NAMED: usize = 8;

/// Fits each method to all genres, and prints how well it names them.
pub(super) fn run(
    args: &Args,
    lists: GenreLists,
    methods: &[Method],
    progress: Progress,
) -> Result<ExitCode> {
    if args.perturb.is_some() || !args.by.is_empty() {
        bail!("--perturb and --by look at one genre for each track, and --labels {lists} gives it several");
    }
    if args.model.is_some() || args.sources.is_some() {
        bail!("--labels {lists} takes neither --model nor --sources: it fits methods to all genres");
    }
    let params: Params = args.params.iter().cloned().collect();
    if let ([_, _, ..], Some((name, _))) = (methods, params.first_key_value()) {
        bail!(
            "--param {name} is of one method, and {} are asked for",
            methods.len()
        );
    }
    args.folds.check()?;
    let seed = args.folds.seed;
    for method in methods {
        method.classifier_with(&params, seed)?;
    }
    let rows = args.data.load_several(lists, args.min_support, progress)?;
    let plan = args.folds.plan_of(&rows.data)?.keeping(args.data.group());
    for caution in plan.belonging.cautions() {
        console::note(&format!("warning: {caution}"));
    }
    if let Some(note) = left_out(&rows.left_out, args.min_support) {
        console::note(&note);
    }
    let options = CvOptions {
        pipeline: args.pipeline.clone(),
        n_jobs: args.data.n_jobs(),
    };
    let (mut found, mut failed) = (Vec::new(), false);
    for &method in methods {
        let _job = progress.job(format!("{method}, {}", plan.in_words()), Unit::Steps);
        let classifier = method.classifier_with(&params, seed)?;
        let labels = (&rows.labels, &rows.tree);
        match evaluate_labels(&*classifier, &rows.data, labels, &plan.folds, &options, seed) {
            Ok(evaluation) => found.push(evaluation),
            Err(error) if methods.len() > 1 => {
                failed = true;
                console::note(&format!("{method} failed: {error}"));
            }
            Err(error) => return Err(error.into()),
        }
    }
    if found.is_empty() {
        return Ok(ExitCode::from(2));
    }
    if args.json {
        let methods: Vec<Value> = found.iter().map(|found| method_json(found, &rows)).collect();
        let all = json!({
            "labels": lists.to_string(), "split": plan.split, "n_folds": plan.folds.len(), "seed": seed,
            "n_rows": rows.data.n_rows(), "n_without_label": rows.n_without_label,
            "n_groups": plan.belonging.grouping.n_groups, "genres": rows.labels.names(),
            "parents": rows.tree.parents(), "min_support": args.min_support,
            "left_out": rows.left_out.iter().map(|genre| json!({
                "genre": genre.name, "n_rows": genre.n_rows, "n_groups": genre.n_groups,
            })).collect::<Vec<_>>(),
            "methods": methods,
        });
        console::data((serde_json::to_string_pretty(&all)? + "\n").as_bytes())?;
    } else {
        console::print(&table(&rows, lists, &plan, &found))?;
    }
    Ok(ExitCode::from(u8::from(rows.n_rejected > 0 || failed)))
}

/// What is not learnt, in one sentence.
fn left_out(genres: &[LeftOut], min_support: usize) -> Option<String> {
    let named: Vec<String> = genres
        .iter()
        .take(NAMED)
        .map(|genre| format!("{} ({} of {} artists)", genre.name, genre.n_rows, genre.n_groups))
        .collect();
    let more = genres.len().saturating_sub(NAMED);
    let more = if more > 0 {
        format!(", and {more} more (--json lists them)")
    } else {
        String::new()
    };
    (!genres.is_empty()).then(|| {
        format!(
            "{} genres have fewer than {min_support} tracks with features, or are of fewer than 5 artists, and are not learnt: \
             {}{more}",
            genres.len(),
            named.join(", ")
        )
    })
}

fn share(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"))
}

fn table(rows: &SeveralGenres, lists: GenreLists, plan: &Plan, found: &[LabelEvaluation]) -> String {
    let labels = &rows.labels;
    let mut text = format!(
        "{lists}: {} tracks, {} genres ({:.2} a track), {}\n\n",
        rows.data.n_rows(),
        labels.n_labels(),
        labels.support().iter().sum::<usize>() as f64 / rows.data.n_rows() as f64,
        plan.in_words()
    );
    let width = found
        .iter()
        .map(|found| found.method.name().len())
        .max()
        .unwrap_or(0)
        .max(6);
    let _ = writeln!(
        text,
        "  {:<width$}  ROC AUC: macro  weighted  average precision: macro  weighted  label ranking  hierarchical: precision  recall  F1",
        "method"
    );
    for found in found {
        let (ranking, hierarchical) = (&found.ranking, &found.hierarchical);
        let _ = writeln!(
            text,
            "  {:<width$}  {:>14}  {:>8}  {:>24}  {:>8}  {:>13.4}  {:>23.4}  {:>6.4}  {:.4}",
            found.method.name(),
            share(ranking.roc_auc.macro_average),
            share(ranking.roc_auc.weighted_average),
            share(ranking.average_precision.macro_average),
            share(ranking.average_precision.weighted_average),
            ranking.label_ranking_average_precision,
            hierarchical.precision,
            hierarchical.recall,
            hierarchical.f1,
        );
    }
    let best = found.iter().max_by(|a, b| {
        let of = |found: &LabelEvaluation| found.ranking.average_precision.macro_average.unwrap_or(0.0);
        of(a).total_cmp(&of(b))
    });
    let Some(best) = best else { return text };
    let chance = best.prevalence.iter().sum::<f64>() / best.prevalence.len() as f64;
    let _ = writeln!(
        text,
        "\n  The average precision of chance is the share of a genre's tracks: {chance:.4} in the mean."
    );
    if best.ranking.by_level.len() > 1 {
        let levels: Vec<String> = best
            .ranking
            .by_level
            .iter()
            .map(|level| share(level.macro_average))
            .collect();
        let _ = writeln!(
            text,
            "  Mean average precision of {} by level of the tree, from the roots down: {}.",
            best.method.name(),
            levels.join(", ")
        );
    }
    let name_width = in_tree(rows)
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(5)
        .max(5);
    let _ = writeln!(
        text,
        "\n  {:<name_width$}  tracks  ROC AUC  average precision  of {}",
        "genre",
        best.method.name()
    );
    for (name, label) in in_tree(rows) {
        let score = &best.ranking.per_label[label];
        let _ = writeln!(
            text,
            "  {name:<name_width$}  {:>6}  {:>7}  {:>17}",
            score.support,
            share(score.roc_auc),
            share(score.average_precision)
        );
    }
    let _ = writeln!(
        text,
        "\n  A genre is never likelier than the one above it. It is claimed from the probability on with the largest F1 on other {},\n  \
         and brings all genres above it; precision, recall and F1 are of these claims.",
        plan.belonging.independent()
    );
    text
}

/// The genres as a tree, each below the one above it, indented; those beside each other by name.
fn in_tree(rows: &SeveralGenres) -> impl Iterator<Item = (String, usize)> + '_ {
    let (names, tree) = (rows.labels.names(), &rows.tree);
    tree.depth_first().into_iter().map(|label| {
        let indent = (2 * tree.level(label)).min(30);
        let name = cratedigger_files::printable(&names[label]);
        let name: String = name.chars().take(40 - indent).collect();
        (format!("{:indent$}{name}", ""), label)
    })
}

fn averages(of: Averages) -> Value {
    json!({"macro": of.macro_average, "weighted": of.weighted_average})
}

fn method_json(found: &LabelEvaluation, rows: &SeveralGenres) -> Value {
    let ranking = &found.ranking;
    let genres = rows.labels.names().iter().enumerate().map(|(label, name)| {
        let score = &ranking.per_label[label];
        json!({
            "genre": name, "level": rows.tree.level(label), "support": score.support,
            "prevalence": found.prevalence[label], "roc_auc": score.roc_auc,
            "average_precision": score.average_precision,
            "thresholds": found.thresholds.iter().map(|fold| fold.as_slice()[label]).collect::<Vec<_>>(),
        })
    });
    json!({
        "method": found.method.name(),
        "roc_auc": averages(ranking.roc_auc),
        "average_precision": averages(ranking.average_precision),
        "average_precision_by_level": ranking.by_level.iter().map(|level| averages(*level)).collect::<Vec<_>>(),
        "label_ranking_average_precision": ranking.label_ranking_average_precision,
        "hierarchical": {
            "precision": found.hierarchical.precision, "recall": found.hierarchical.recall, "f1": found.hierarchical.f1,
        },
        "genres": genres.collect::<Vec<_>>(),
        "fit_seconds": found.fit_seconds,
        "converged": found.converged,
    })
}
