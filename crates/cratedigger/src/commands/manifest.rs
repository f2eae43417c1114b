//! `cratedigger manifest`: a list of recordings, which several machines share out among themselves.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use cratedigger_collection::extract::{failures_path, write_failures};
use cratedigger_collection::shards::write_manifest;
use cratedigger_files::Existing;

use crate::console;
use crate::progress::Progress;

/// List recordings of folders and object stores, for many machines to share
///
/// The list is a Parquet file with the columns uri, size, etag (of objects) or mtime_ns (of files) and track_id, the name of the row that
/// the recording will have. `cratedigger extract --manifest` and `classify --manifest` read it, whole or a shard of it; a
/// recording that was changed since is a failure, so that no result is of another recording than the list says.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger manifest s3://music/ --out manifest.parquet
  cratedigger manifest /srv/music --out s3://music-work/manifest.parquet
  cratedigger extract --manifest manifest.parquet --shard 3/64 --out parts      the third of 64 shards
  cratedigger parts parts --manifest manifest.parquet                           whether all are there")]
pub(crate) struct Args {
    /// Files, folders, patterns, s3://, gs://, az:// and https:// addresses; `-` reads a list from standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// The file to write (.parquet)
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    if args
        .out
        .extension()
        .is_none_or(|extension| extension != "parquet")
    {
        bail!("--out {}: the name must end in .parquet", args.out.display());
    }
    if args.out.exists() && !args.force {
        bail!("{} is there already; replace it with --force", args.out.display());
    }
    let existing = match args.force {
        true => Existing::Replace,
        false => Existing::Keep,
    };
    let mut stdin = std::io::stdin().lock();
    let made = write_manifest(&args.paths, &mut stdin, &args.out, existing)?;
    let failures = write_failures(&failures_path(&args.out), &made.unread)?;
    if let Some(failures) = failures {
        progress.say(&format!(
            "{} of the inputs are not in it; they are listed in {}",
            made.unread.len(),
            failures.display()
        ));
    }
    if made.n == 0 {
        bail!("no recording was found");
    }
    console::print(&format!(
        "{}: {} recordings, {:.1} MB\n",
        args.out.display(),
        made.n,
        made.bytes as f64 * 1e-6
    ))?;
    Ok(ExitCode::from(u8::from(!made.unread.is_empty())))
}
