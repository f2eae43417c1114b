//! `cratedigger synth`: a synthetic archive of the FMA's shape.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::ValueEnum;
use cratedigger_catalog::synth::{self, Format, SynthOptions};

use crate::progress::{Progress, Unit};

/// Write a synthetic archive with the FMA's files, columns, gaps and proportions
///
/// Nothing in it is real but the genre tree, the cities and the proportions; a file SYNTHETIC.json says so, and so does
/// every report made of it. The same options give the same bytes.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger synth archive                        2,000 tracks
  cratedigger synth archive --tracks 106574        as many as the real archive has (1 GB)
  cratedigger study archive")]
pub(crate) struct Args {
    /// The folder to write into
    dir: PathBuf,

    /// Number of tracks
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    tracks: usize,

    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// How the tables are written
    #[arg(long, value_enum, default_value_t = TableFormat::Csv)]
    format: TableFormat,

    /// Leave out features.csv, by far the largest file
    #[arg(long)]
    no_features: bool,

    /// Leave out echonest.csv
    #[arg(long)]
    no_echonest: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TableFormat {
    /// As the dataset is distributed
    Csv,
    /// The same tables as Parquet files
    Parquet,
}

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    let options = SynthOptions {
        n_tracks: args.tracks,
        seed: args.seed,
        with_features: !args.no_features,
        with_echonest: !args.no_echonest,
        format: match args.format {
            TableFormat::Csv => Format::Csv,
            TableFormat::Parquet => Format::Parquet,
        },
    };
    let mut job = None;
    let report = synth::write(&options, &args.dir, &mut |event| {
        let (table, job) = job.get_or_insert_with(|| begin(progress, event.table));
        if *table != event.table {
            (*table, *job) = begin(progress, event.table);
        }
        job.set(event.done, event.total);
    })?;
    drop(job);
    println!(
        "{} synthetic tracks of {} artists and {} albums, seed {}",
        report.n_tracks, report.n_artists, report.n_albums, args.seed
    );
    for file in &report.files {
        println!(
            "  {}: {} rows, {:.1} MB",
            file.path.display(),
            file.rows,
            file.bytes as f64 * 1e-6
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn begin(
    progress: Progress,
    table: cratedigger_catalog::TableId,
) -> (cratedigger_catalog::TableId, crate::progress::Job) {
    (
        table,
        progress.job(format!("writing {}", table.name()), Unit::Rows),
    )
}
