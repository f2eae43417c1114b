//! `cratedigger sql`: ad-hoc queries over the tables of a store.

use std::fs::File;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use cratedigger_catalog::Store;
use cratedigger_catalog::sql::{Format, Session};
use cratedigger_collection::rows::source::open;

use super::source::{DEFAULT_STORE, ReadArgs};
use crate::progress::Progress;

/// Ask the tables in SQL
///
/// The tables are tracks, genres, features, echonest and raw_*, those that were imported. Columns bear the FMA's names,
/// joined by periods: track.genre_top, artist.latitude, mfcc.mean.01. They may be written as they are; lists hold
/// numbers and are searched with array_has(track.genres_all, 12).
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger sql 'describe tracks'
  cratedigger sql 'select track.genre_top, count(*) as n from tracks group by 1 order by n desc'
  cratedigger sql 'select track_id, spectral_centroid.mean.01 from features' --format parquet --out c.parquet
  cratedigger sql --data fma_metadata 'select avg(track.duration) from tracks'")]
pub(crate) struct Args {
    /// The query
    query: String,

    /// A store, or a folder of the dataset's CSV files
    #[arg(long, value_name = "DIR", default_value = DEFAULT_STORE, env = "CRATEDIGGER_STORE")]
    data: PathBuf,

    /// How the result is written
    #[arg(long, value_enum, default_value_t = OutputFormat::Table)]
    format: OutputFormat,

    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Rows that a table shows at most; the other formats give all
    #[arg(long, value_name = "N", default_value_t = 200)]
    max_rows: usize,

    #[command(flatten)]
    read: ReadArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OutputFormat {
    /// An aligned table
    Table,
    /// Comma-separated values with a header line
    Csv,
    /// A JSON array of objects
    Json,
    /// A Parquet file
    Parquet,
}

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    if args.format == OutputFormat::Parquet && args.out.is_none() && std::io::stdout().is_terminal() {
        bail!("a Parquet file is not for a terminal; name a file with --out FILE");
    }
    let (store, n_rejected) = open(&args.data, &args.read.reading(), &progress)?;
    let session = session(&store)?;
    let format = match args.format {
        OutputFormat::Table => Format::Table {
            max_rows: args.max_rows,
        },
        OutputFormat::Csv => Format::Csv,
        OutputFormat::Json => Format::Json,
        OutputFormat::Parquet => Format::Parquet,
    };
    match &args.out {
        None => {
            let mut out = std::io::BufWriter::new(std::io::stdout());
            session.run(&args.query, format, &mut out)?;
            out.flush()?;
        }
        Some(path) => write_file(path, |out| Ok(session.run(&args.query, format, out)?))?,
    }
    Ok(ExitCode::from(u8::from(n_rejected > 0)))
}

fn session(store: &Store) -> Result<Session> {
    let mut tables = Vec::new();
    for table in store.tables() {
        tables.push((table.name(), store.parquet_path(table)?));
    }
    Ok(Session::open(
        tables.iter().map(|(name, path)| (*name, path.as_path())),
    )?)
}

/// Writes through a temporary file beside `path`, so that `path` is whole or not there.
fn write_file(path: &Path, write: impl FnOnce(&mut File) -> Result<u64>) -> Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(folder)
        .with_context(|| format!("cannot write in {}", folder.display()))?;
    write(file.as_file_mut())?;
    file.persist(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(())
}
