//! `cratedigger extract`: the 518 features of audio files.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use cratedigger_catalog::feature_table::FeatureFormat;
use cratedigger_collection::Extraction;
use cratedigger_collection::extract::{self, Begin, Job, failures_path};
use cratedigger_collection::shards::{self, Manifest, Outcome, Place, Shard, ShardJob};
use cratedigger_features::{BatchOptions, Extractor, Limits, Recipe};

use super::decode_helper::HelperArgs;
use super::embedding_args::EmbeddingArgs;
use super::numbers::{above_zero, at_least_one, jobs, share};
use super::shard::ShardArgs;
use super::source::DEFAULT_MAX_LOST;
use crate::console;
use crate::interrupt;
use crate::progress::Progress;

/// Compute the 518 audio features of files, folders and lists of them
///
/// Rows are called by track number where a file has a name of the FMA (000/000002.mp3), otherwise by its path. They are
/// sorted, so the same files give the same bytes whatever the number of threads and however often the work was interrupted.
/// Files that cannot be read, decoded or analysed are listed in OUT.failures.csv (path, stage, reason), and the others go on.
/// OUT.audio.csv tells of each row how long its recording is, and what of its sound was damaged, lost or left out.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger extract fma_small --out features.parquet
  cratedigger extract fma_small --out features.parquet --resume     after an interruption
  cratedigger extract music --embedding musicnn --out features.parquet        200 columns more (docs/embeddings.md)
  cratedigger extract 'new/**/*.flac' song.mp3 --out features.csv   CSV as the dataset's own features.csv
  cratedigger extract s3://music/ --out s3://music-work/features.parquet
  cratedigger extract --manifest manifest.parquet --shard 3/64 --out parts  one of 64 machines
  find music -newer last -name '*.mp3' -print0 | cratedigger extract - --out new.parquet

Formats: MP3, FLAC, Ogg Vorbis, Opus, WAV, AIFF, CAF, AAC, M4A (AAC, ALAC), Matroska audio.
Exit codes: 0 all files have features; 1 some failed; 2 none has.")]
pub(crate) struct Args {
    /// Files, folders (searched with all below them), patterns such as '*.mp3'; `-` reads a list from standard input
    ///
    /// Addresses of object stores, too: s3://bucket/folder/, gs://, az:// and, one object each, https:// (docs/scale.md).
    /// The list has a path on each line, or paths ended by zero bytes (find -print0). Files that are named or listed are
    /// tried whatever their extension. In folders and patterns what macOS leaves beside files (._*, __MACOSX) is passed over and
    /// counted. The folders that a pattern begins with are meant as they are written, brackets in their names too.
    #[arg(required_unless_present = "manifest", value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// The file to write: .parquet, or .csv with the dataset's four header lines; with --shard the folder of the parts
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Whose numbers: `fma`, as in the dataset's features.csv, or `librosa`, as librosa 0.11 gives at 22,050 Hz
    #[arg(long, value_name = "NAME", default_value_t = Recipe::Fma)]
    recipe: Recipe,

    /// Go on where an interrupted extraction into the same file stopped
    #[arg(long, conflicts_with = "restart")]
    resume: bool,

    /// Forget an interrupted extraction into the same file
    #[arg(long)]
    restart: bool,

    /// Replace the file if it is there
    #[arg(long)]
    force: bool,

    /// Threads to use; default: one for each processor
    #[arg(long, value_name = "N", value_parser = jobs)]
    jobs: Option<NonZeroUsize>,

    /// Refuse recordings that are longer, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = above_zero)]
    max_duration: Option<f64>,

    /// Refuse files that are larger, in bytes
    #[arg(long, value_name = "BYTES", value_parser = at_least_one::<u64>)]
    max_bytes: Option<u64>,

    /// Refuse recordings of which a larger share of the sound is damaged or lost, 0 to 1 (1 takes all)
    #[arg(long, value_name = "SHARE", default_value_t = DEFAULT_MAX_LOST, value_parser = share)]
    max_lost: f64,

    #[command(flatten)]
    helper: HelperArgs,

    #[command(flatten)]
    embedding: EmbeddingArgs,

    #[command(flatten)]
    shard: ShardArgs,
}

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    if let Some((manifest, shard, place)) = args.shard.open(Some(&args.out))? {
        return run_shard(args, &manifest, shard, &place, progress);
    }
    let Some(format) = FeatureFormat::of(&args.out) else {
        bail!(
            "--out {}: the name must end in .parquet or .csv, which says how it is written",
            args.out.display()
        );
    };
    let embedding = args.embedding.open(progress)?;
    let n_columns =
        cratedigger_features::N_COLUMNS + embedding.as_ref().map_or(0, |more| more.columns().len());
    let inputs = match &args.shard.manifest {
        Some(manifest) => Manifest::open(manifest)?.inputs(None)?.0,
        None => extract::Inputs::find(&args.paths, &mut std::io::stdin().lock())?,
    };
    let journal = match (args.resume, args.restart) {
        (true, _) => Begin::Resume,
        (_, true) => Begin::Over,
        _ => Begin::New,
    };
    if args.out.exists() && !args.force {
        if args.resume && !extract::partial_path(&args.out).exists() {
            progress.say(&format!(
                "{} is complete: there is nothing to resume",
                args.out.display()
            ));
            let failed = failures_path(&args.out).exists();
            return Ok(ExitCode::from(u8::from(failed)));
        }
        if !args.resume {
            bail!("{} is there already; replace it with --force", args.out.display());
        }
    }
    if let Some(reason) = inputs.nothing() {
        bail!("{reason}");
    }
    let extractor = extractor(args);
    interrupt::say(format!(
        "what was extracted is kept in {}; go on with --resume",
        extract::partial_path(&args.out).display()
    ));
    let extraction = Extraction::new(extractor, args.helper.command()?.as_ref())?;
    let report = extract::run(
        Job {
            extraction: &extraction,
            embedding,
            inputs,
            out: &args.out,
            format,
            batch: BatchOptions::default().n_threads(args.jobs),
            journal,
            part: None,
        },
        &progress,
    )?;
    if report.n_resumed > 0 {
        progress.say(&format!(
            "{} of the rows are of the interrupted extraction",
            report.n_resumed
        ));
    }
    if let Some(failures) = &report.failures {
        progress.say(&format!(
            "{} of {} inputs gave no features; they are listed in {}",
            report.n_failed,
            report.n_failed + report.n_done,
            failures.display()
        ));
    }
    if let Some(heard) = report.heard.as_ref().filter(|_| report.n_with_loss > 0) {
        progress.say(&format!(
            "{} of the rows lost some of their sound, no more than {} %; {} says which and how much",
            report.n_with_loss,
            100.0 * args.max_lost,
            heard.display()
        ));
    }
    if report.n_done == 0 {
        bail!(
            "none of the files gave features; {} says why",
            failures_path(&args.out).display()
        );
    }
    console::print(&format!(
        "{}: {} rows of {} features, recipe {}\n",
        args.out.display(),
        report.n_done,
        n_columns,
        args.recipe.version()
    ))?;
    Ok(ExitCode::from(u8::from(report.n_failed > 0)))
}

/// The recipe and the limits that are asked for.
fn extractor(args: &Args) -> Extractor {
    let mut limits = Limits::default().max_lost(args.max_lost);
    if let Some(seconds) = args.max_duration {
        limits = limits.max_duration_s(seconds);
    }
    if let Some(bytes) = args.max_bytes {
        limits = limits.max_bytes(bytes);
    }
    Extractor::new(args.recipe).with_limits(limits)
}

/// Makes the part of a shard.
fn run_shard(
    args: &Args,
    manifest: &Manifest,
    shard: Shard,
    place: &Place,
    progress: Progress,
) -> Result<ExitCode> {
    if args.restart || args.force {
        bail!("a part is never replaced: delete it, and the same command makes it anew");
    }
    interrupt::say("what was extracted of the shard is kept; the same command goes on with it");
    let extraction = Extraction::new(extractor(args), args.helper.command()?.as_ref())?;
    let outcome = shards::run(
        &ShardJob {
            extraction: &extraction,
            embedding: args.embedding.open(progress)?,
            manifest,
            shard,
            place,
            scratch: args.shard.scratch.as_deref(),
            batch: BatchOptions::default().n_threads(args.jobs),
        },
        &progress,
    )?;
    if let Outcome::Made(_, report) = &outcome
        && report.n_resumed > 0
    {
        progress.say(&format!(
            "{} of the rows are of an interrupted run of this shard",
            report.n_resumed
        ));
    }
    let told = match outcome {
        Outcome::Made(name, report) => format!(
            "{}: {} rows, {} failures\n",
            place.show(&name.to_string()),
            report.n_done,
            report.n_failed
        ),
        Outcome::WasThere(name) => format!("{} is there already\n", place.show(&name.to_string())),
        Outcome::MadeMeanwhile(name) => {
            format!(
                "{} was made by another process meanwhile\n",
                place.show(&name.to_string())
            )
        }
    };
    console::print(&told)?;
    Ok(ExitCode::SUCCESS)
}
