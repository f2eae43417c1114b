//! `cratedigger classify`: genres of recordings, with probabilities.

mod output;
mod table;
mod tagging;

use std::io::{IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::ValueEnum;
use cratedigger_collection::explain::Families;
use cratedigger_collection::neighbours::Neighbours;
use cratedigger_collection::rows::for_model::{Gathered, gather};
use cratedigger_collection::rows::source::{Kind, Reading, kind};
use cratedigger_collection::tags::Tagger;
use cratedigger_collection::write_whole;
use cratedigger_features::Recipe;
use cratedigger_learn::model::Model;

use self::output::{Answer, Explained};
use self::table::Look;
use super::source::ReadArgs;
use super::train::check_threshold;
use super::training::check_out;
use crate::progress::Progress;

/// What is written into files is likelier than all other genres together, unless told otherwise.
const TAG_THRESHOLD: f64 = 0.5;

/// Name the genres of audio files, files of features, or all tracks of a store
///
/// Features of audio are computed by the recipe that the model was trained on. What cannot be read is listed and the rest
/// is classified. With --write-tags the genres are also written into the tags of the audio files, never into the audio:
/// every file is decoded with its new tag and compared sample by sample before it is replaced, and --restore-tags gives it back
/// byte for byte.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger classify --model rock.cdmodel song.mp3
  cratedigger classify --model rock.cdmodel song.mp3 --explain --neighbours fma_metadata
  cratedigger classify --model rock.cdmodel music/ --threshold 0.6 --format csv --out genres.csv
  cratedigger classify --model rock.cdmodel features.parquet --format parquet --out genres.parquet
  cratedigger classify --model rock.cdmodel cratedigger-store --format json
  cratedigger classify --model rock.cdmodel music/ --write-tags --dry-run      what would be written
  cratedigger classify --model rock.cdmodel music/ --write-tags --tag-backup tags-before
  cratedigger classify --restore-tags music/ --tag-backup tags-before          the files as they were

Exit codes: 0 all done; 1 some inputs failed, they are listed; 2 nothing could be done.")]
pub(crate) struct Args {
    /// Audio files, folders of them, patterns such as '*.mp3'; files of features (.parquet, .csv); a store, or a folder of
    /// the dataset's CSV files. `-` reads a list of audio files from standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// The model file
    #[arg(long, value_name = "FILE", required_unless_present = "restore_tags")]
    model: Option<PathBuf>,

    /// How the result is written
    #[arg(long, value_enum, default_value_t = OutputFormat::Table)]
    format: OutputFormat,

    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Replace the file if it is there
    #[arg(long)]
    force: bool,

    /// Name no genre whose probability is lower; default: what the model says, else always name one (with --write-tags: 0.5)
    #[arg(long, value_name = "P")]
    threshold: Option<f64>,

    /// Genres that a table shows for each recording
    #[arg(long, value_name = "K", default_value_t = 3)]
    top: usize,

    /// Say which families of features spoke for and against the likeliest genre
    #[arg(long)]
    explain: bool,

    /// Say which tracks of this file of features, store or folder of CSV files sound most alike to the model
    #[arg(long, value_name = "DATA")]
    neighbours: Option<PathBuf>,

    /// The recipe of the features, where neither the model nor the file says it: `fma` or `librosa`
    #[arg(long, value_name = "NAME")]
    recipe: Option<Recipe>,

    /// Threads to use; default: one for each processor
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    #[command(flatten)]
    tags: TagArgs,

    #[command(flatten)]
    read: ReadArgs,
}

/// Genres in the tags of files.
#[derive(clap::Args)]
#[command(next_help_heading = "Tags")]
struct TagArgs {
    /// Write the genres that are named into the tags of the audio files; a genre that is there stays
    #[arg(long)]
    write_tags: bool,

    /// Replace genres that are there
    #[arg(long, requires = "write_tags")]
    overwrite_genre: bool,

    /// Give files back as they were before --write-tags, byte for byte, from their backups
    #[arg(long, conflicts_with_all = ["write_tags", "model", "out", "explain", "neighbours"])]
    restore_tags: bool,

    /// Keep the backups of tags in this folder; default: beside each file, as song.mp3.cdtag
    #[arg(long, value_name = "DIR")]
    tag_backup: Option<PathBuf>,

    /// Say what would be written or restored, and write nothing
    #[arg(long)]
    dry_run: bool,
}

impl TagArgs {
    fn tagger(&self) -> Tagger<'_> {
        Tagger {
            overwrite: self.overwrite_genre,
            dry_run: self.dry_run,
            backups: self.tag_backup.as_deref(),
        }
    }

    fn check(&self) -> Result<()> {
        let given = [
            (self.dry_run, "--dry-run"),
            (self.tag_backup.is_some(), "--tag-backup"),
        ];
        match given.into_iter().find(|(given, _)| *given) {
            Some((_, name)) if !self.write_tags && !self.restore_tags => {
                bail!("{name} is for --write-tags and --restore-tags")
            }
            _ => Ok(()),
        }
    }
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
    args.tags.check()?;
    let Some(model) = &args.model else {
        return tagging::restore(&args.paths, args.tags.tagger(), progress);
    };
    check_threshold(args.threshold)?;
    if let Some(out) = &args.out {
        check_out(out, args.force)?;
    } else if args.format == OutputFormat::Parquet && std::io::stdout().is_terminal() {
        bail!("a Parquet file is not for a terminal; name a file with --out FILE");
    }
    if args.tags.write_tags {
        check_audio(&args.paths)?;
    }
    let model = Model::load(model)?;
    let default = args.tags.write_tags.then_some(TAG_THRESHOLD);
    let threshold = args.threshold.or(model.card().threshold).or(default);
    let reading = Reading {
        recipe: args.recipe,
        jobs: args.jobs,
        ..args.read.reading()
    };
    let neighbours = match &args.neighbours {
        Some(data) => Some(Neighbours::load(data, &model, &reading, &progress)?),
        None => None,
    };
    let gathered = gather(
        &args.paths,
        &model,
        &reading,
        &mut std::io::stdin().lock(),
        &progress,
    )?;
    for failure in &gathered.failures {
        eprintln!("cratedigger: {failure}");
    }
    if gathered.ids.is_empty() {
        bail!("nothing could be classified");
    }
    let paths = gathered.paths.clone();
    let mut answer = answer(&model, gathered, threshold, args.explain, neighbours.as_ref())?;
    if args.tags.write_tags {
        tagging::write(&mut answer, &paths, args.tags.tagger(), progress);
    }
    let bytes = match args.format {
        OutputFormat::Table => {
            let to_terminal = args.out.is_none() && std::io::stdout().is_terminal();
            answer.table(&Look::new(to_terminal, args.top)).into_bytes()
        }
        OutputFormat::Json => answer.json()?,
        OutputFormat::Csv => answer.csv().into_bytes(),
        OutputFormat::Parquet => answer.parquet()?,
    };
    match &args.out {
        Some(path) => write_whole(path, &bytes)?,
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
    Ok(ExitCode::from(u8::from(answer.n_failed + answer.n_untagged > 0)))
}

fn answer(
    model: &Model,
    gathered: Gathered,
    threshold: Option<f64>,
    explain: bool,
    neighbours: Option<&Neighbours>,
) -> Result<Answer> {
    let seen = model.pipeline().transform(&gathered.x)?;
    let predictions = model.predict_seen(&seen)?;
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
    if !are_probabilities && (threshold.is_some() || explain) {
        bail!(
            "a {} has no probabilities, so {} nothing to it; train it with --calibrate",
            model.card().method,
            if explain {
                "--explain means"
            } else {
                "--threshold and --write-tags mean"
            }
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
    let effects = match (explain, Families::of(model)) {
        (false, _) => Explained::NotAsked,
        (true, None) => Explained::Impossible,
        (true, Some(families)) => {
            let of_row = |row: usize| {
                let one = seen.take_rows(&[row])?;
                families.effects(model, &one, predictions.classes[row], best(row))
            };
            Explained::Effects((0..seen.n_rows()).map(of_row).collect::<Result<_>>()?)
        }
    };
    let neighbours = neighbours.map(|data| seen.rows().map(|row| data.nearest(row)).collect());
    Ok(Answer {
        ids: gathered.ids,
        classes: predictions.classes,
        genres,
        scores,
        labels,
        are_probabilities,
        threshold,
        effects,
        neighbours,
        tags: None,
        n_failed: gathered.failures.len(),
        n_untagged: 0,
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
