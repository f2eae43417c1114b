//! The arguments of `cratedigger sql`.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::commands::source::{DEFAULT_STORE, ReadArgs};

/// Ask the tables in SQL
///
/// The tables are tracks, genres, features, echonest and raw_*, those that were imported. Columns bear the FMA's names,
/// joined by periods: track.genre_top, artist.latitude, mfcc.mean.01. They may be written as they are; lists hold
/// numbers and are searched with array_has(track.genres_all, 12).
#[derive(clap::Args)]
#[cfg_attr(not(feature = "sql"), command(about = "Ask the tables in SQL (not in this build, which lacks the feature `sql`)", long_about = None))]
#[command(after_help = "\
Examples:
  cratedigger sql 'describe tracks'
  cratedigger sql 'select track.genre_top, count(*) as n from tracks group by 1 order by n desc'
  cratedigger sql 'select track_id, spectral_centroid.mean.01 from features' --format parquet --out c.parquet
  cratedigger sql --data fma_metadata 'select avg(track.duration) from tracks'")]
pub(crate) struct Args {
    /// The query
    #[cfg_attr(not(feature = "sql"), arg(default_value = ""))]
    pub(super) query: String,

    /// A store, or a folder of the dataset's CSV files
    #[arg(long, value_name = "DIR", default_value = DEFAULT_STORE, env = "CRATEDIGGER_STORE")]
    pub(super) data: PathBuf,

    /// How the result is written
    #[arg(long, value_enum, default_value_t = OutputFormat::Table)]
    pub(super) format: OutputFormat,

    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,

    /// Replace the file if it is there; never one of the tables that are asked
    #[arg(long)]
    pub(super) force: bool,

    /// Rows that a table shows at most; the other formats give all
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub(super) max_rows: usize,

    #[command(flatten)]
    pub(super) read: ReadArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// An aligned table
    Table,
    /// Comma-separated values with a header line
    Csv,
    /// A JSON array of objects
    Json,
    /// A Parquet file
    Parquet,
}
