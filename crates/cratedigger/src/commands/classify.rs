//! `cratedigger classify`: genres of recordings, with probabilities.

mod inputs;
mod output;

use std::io::{IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use cratedigger_features::Recipe;
use cratedigger_learn::model::Model;

use self::inputs::Gathered;
use self::output::{Answer, Shown};
use super::source::ReadArgs;
use super::train::check_threshold;
use super::training::check_out;
use crate::progress::Progress;

/// Name the genres of audio files, files of features, or all tracks of a store
///
/// Features of audio are computed by the recipe that the model was trained on. What cannot be read is listed and the rest
/// is classified.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger classify --model rock.cdmodel song.mp3
  cratedigger classify --model rock.cdmodel music/ --threshold 0.6 --format csv --out genres.csv
  cratedigger classify --model rock.cdmodel features.parquet --format parquet --out genres.parquet
  cratedigger classify --model rock.cdmodel cratedigger-store --format json

Exit codes: 0 all done; 1 some inputs failed, they are listed; 2 nothing could be done.")]
pub(crate) struct Args {
    /// Audio files, folders of them, patterns such as '*.mp3'; files of features (.parquet, .csv); a store, or a folder of
    /// the dataset's CSV files. `-` reads a list of audio files from standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// The model file
    #[arg(long, value_name = "FILE")]
    model: PathBuf,

    /// How the result is written
    #[arg(long, value_enum, default_value_t = OutputFormat::Table)]
    format: OutputFormat,

    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Replace the file if it is there
    #[arg(long)]
    force: bool,

    /// Name no genre whose probability is lower; default: what the model says, else always name one
    #[arg(long, value_name = "P")]
    threshold: Option<f64>,

    /// Genres that a table shows for each recording
    #[arg(long, value_name = "K", default_value_t = 3)]
    top: usize,

    /// The recipe of the features, where neither the model nor the file says it: `fma` or `librosa`
    #[arg(long, value_name = "NAME")]
    recipe: Option<Recipe>,

    /// Threads to use; default: one for each processor
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    #[command(flatten)]
    read: ReadArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OutputFormat {
    /// An aligned table, with bars on a terminal
    Table,
    /// A JSON array of objects
    Json,
    /// Comma-separated values with a header line
    Csv,
    /// A Parquet file
    Parquet,
}

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    check_threshold(args.threshold)?;
    if let Some(out) = &args.out {
        check_out(out, args.force)?;
    } else if args.format == OutputFormat::Parquet && std::io::stdout().is_terminal() {
        bail!("a Parquet file is not for a terminal; name a file with --out FILE");
    }
    let model = Model::load(&args.model)?;
    let threshold = args.threshold.or(model.card().threshold);
    let gathered = inputs::gather(args, &model, progress)?;
    for failure in &gathered.failures {
        eprintln!("cratedigger: {failure}");
    }
    if gathered.ids.is_empty() {
        bail!("nothing could be classified");
    }
    let answer = answer(&model, gathered, threshold)?;
    let terminal = args.out.is_none() && std::io::stdout().is_terminal();
    let bytes = match args.format {
        OutputFormat::Table => {
            let shown = Shown {
                top: args.top,
                bars: terminal,
            };
            answer.table(shown).into_bytes()
        }
        OutputFormat::Json => answer.json()?,
        OutputFormat::Csv => answer.csv().into_bytes(),
        OutputFormat::Parquet => answer.parquet()?,
    };
    match &args.out {
        Some(path) => write_file(path, &bytes)?,
        None => {
            let mut out = std::io::stdout().lock();
            out.write_all(&bytes)?;
            out.flush()?;
        }
    }
    if answer.n_failed > 0 {
        progress.say(&format!(
            "{} of {} inputs could not be classified",
            answer.n_failed,
            answer.n_failed + answer.ids.len()
        ));
    }
    Ok(ExitCode::from(u8::from(answer.n_failed > 0)))
}

fn answer(model: &Model, gathered: Gathered, threshold: Option<f64>) -> Result<Answer> {
    let predictions = model.predict(&gathered.x)?;
    let labels = model.card().labels.clone();
    let (scores, are_probabilities) = match (predictions.probabilities, predictions.decision) {
        (Some(probabilities), _) => (probabilities.as_slice().to_vec(), true),
        (None, Some(decision)) if decision.n_cols() == 1 => (
            // One distance tells two classes apart: each gets its own.
            decision.as_slice().iter().flat_map(|&d| [-d, d]).collect(),
            false,
        ),
        (None, Some(decision)) => (decision.as_slice().to_vec(), false),
        (None, None) => bail!("the model gives no scores"),
    };
    if !are_probabilities && threshold.is_some() {
        bail!(
            "a {} has no probabilities, so --threshold means nothing to it",
            model.card().method
        );
    }
    let best = |row: usize| scores[row * labels.len() + predictions.classes[row]];
    let genres = (0..predictions.classes.len())
        .map(|row| {
            threshold
                .is_none_or(|least| best(row) >= least)
                .then_some(predictions.classes[row])
        })
        .collect();
    Ok(Answer {
        ids: gathered.ids,
        classes: predictions.classes,
        genres,
        scores,
        labels,
        are_probabilities,
        n_failed: gathered.failures.len(),
    })
}

/// Writes through a temporary file beside `path`, so that `path` is whole or not there.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".cratedigger-");
        // Like any other new file, not for the owner's eyes alone.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}
