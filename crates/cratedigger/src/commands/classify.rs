//! `cratedigger classify`: genres of recordings, with probabilities.

mod args;
mod output;
mod shard;
mod table;
mod tagged;
#[cfg(feature = "tags")]
mod tagging;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, bail};
use cratedigger_collection::classify::{self, LIKELIER_THAN_NOT as TAG_THRESHOLD, Question};
use cratedigger_collection::embedding::Describer;
use cratedigger_collection::explain::Families;
use cratedigger_collection::neighbours::Neighbours;
use cratedigger_collection::rows::{Kind, Reading, gather, gather_inputs, kind};
use cratedigger_collection::shards::Manifest;
use cratedigger_learn::model::Model;

pub(crate) use self::args::Args;
use self::args::OutputFormat;
use self::output::Answer;
use self::table::Look;
use super::output::{Out, check_threshold};
use crate::console;
use crate::interrupt;
use crate::progress::Progress;

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    args.tags.check()?;
    check_threshold(args.threshold)?;
    let embedding = args.embedding.open(progress)?;
    if args.model.is_none()
        && let Some(embedding) = &embedding
    {
        return tagged::run(args, &reading(args, None)?, &**embedding, progress);
    }
    let Some(model) = &args.model else {
        #[cfg(feature = "tags")]
        return tagging::restore(&args.paths, args.tags.tagger(), progress);
        #[cfg(not(feature = "tags"))]
        anyhow::bail!("name a model file with --model FILE");
    };
    if let Some((manifest, shard, place)) = args.shard.open(args.out.as_deref())? {
        let reading = reading(args, embedding)?;
        return shard::run(args, (&manifest, shard, &place), model, &reading, progress);
    }
    if args.out.is_none() && args.format == OutputFormat::Parquet && std::io::stdout().is_terminal() {
        bail!("a Parquet file is not for a terminal; name a file with --out FILE");
    }
    interrupt::say("nothing was written; the same command begins anew");
    // Before any tag is written: what cannot be told in the end is not begun.
    let out = match &args.out {
        Some(path) => Some(Out::open(path, args.force, &args.paths)?),
        None => None,
    };
    if args.tags.write_tags {
        check_audio(&args.paths)?;
    }
    let model = Model::load(model)?;
    let default = args.tags.write_tags.then_some(TAG_THRESHOLD);
    let threshold = classify::threshold(args.threshold, &model, default);
    let reading = reading(args, embedding)?;
    let neighbours = match &args.neighbours {
        Some(data) => Some(Neighbours::load(data, &model, &reading, &progress)?),
        None => None,
    };
    let gathered = match &args.shard.manifest {
        Some(manifest) => gather_inputs(
            Manifest::open(manifest)?.inputs(None)?.0,
            &model,
            &reading,
            &progress,
        )?,
        None => gather(
            &args.paths,
            &model,
            &reading,
            &mut std::io::stdin().lock(),
            &progress,
        )?,
    };
    for failure in &gathered.failures {
        console::note(&format!("cratedigger: {failure}"));
    }
    for (path, heard) in &gathered.heard {
        if let Some(loss) = heard.loss() {
            progress.say(&format!("{}: {loss}", path.display()));
        }
    }
    if gathered.ids.is_empty() {
        bail!("nothing could be classified");
    }
    let families = Families::of(&model);
    let question = Question {
        threshold,
        explain: args.explain.then_some(families.as_ref()),
        neighbours: neighbours.as_ref(),
    };
    let verdicts = classify::classify(&model, &gathered.x, question)?;
    let labels = model.card().labels.clone();
    let heard = gathered
        .paths
        .iter()
        .map(|path| path.as_ref().and_then(|path| gathered.heard.get(path)).copied())
        .collect();
    let mut answer = Answer {
        heard,
        ..Answer::new(gathered.ids, verdicts, labels, threshold, gathered.failures.len())
    };
    #[cfg(feature = "tags")]
    if args.tags.write_tags {
        answer = tagging::write(answer, &gathered.paths, args.tags.tagger(), progress);
    }
    let bytes = match args.format {
        OutputFormat::Table => {
            let to_terminal = out.is_none() && std::io::stdout().is_terminal();
            answer.make_printable();
            answer.table(&Look::new(to_terminal, args.top)).into_bytes()
        }
        OutputFormat::Json => answer.json()?,
        OutputFormat::Csv => answer.csv().into_bytes(),
        OutputFormat::Parquet => answer.parquet(None)?,
    };
    match out {
        Some(out) => out.write(&bytes)?,
        None if args.format == OutputFormat::Table => console::print_coloured(&bytes)?,
        None => console::data(&bytes)?,
    }
    if answer.n_failed > 0 {
        progress.say(&format!(
            "{} of {} inputs could not be classified",
            answer.n_failed,
            answer.n_failed + answer.ids.len()
        ));
    }
    Ok(ExitCode::from(u8::from(answer.n_failed + answer.n_untagged > 0)))
}

/// How the inputs are read.
fn reading(args: &Args, embedding: Option<Arc<dyn Describer>>) -> Result<Reading> {
    Ok(Reading {
        recipe: args.recipe,
        frames: args.frames.clone(),
        jobs: args.jobs,
        max_lost: Some(args.max_lost),
        helper: args.helper.command()?,
        embedding,
        ..args.read.reading()
    })
}

/// Refuses what has no file to write a tag into.
fn check_audio(paths: &[PathBuf]) -> Result<()> {
    match paths.iter().find(|path| kind(path) != Kind::Audio) {
        Some(table) => bail!(
            "--write-tags writes into audio files, and {} has features only",
            table.display()
        ),
        None => Ok(()),
    }
}
