//! `cratedigger import`: the dataset's CSV files into a store of Parquet files.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use cratedigger_collection::rows::source::{ImportJobs, import_options};

use super::source::DEFAULT_STORE;
use crate::console;
use crate::interrupt;
use crate::progress::Progress;

/// Read the FMA's CSV files into a store of Parquet files, and report what was wrong in them
///
/// Takes the files as distributed: tracks.csv, genres.csv, features.csv, echonest.csv and raw_*.csv, those that are
/// there; tracks.csv must be. Files that have not changed since the last import are not read again. The store changes
/// at once at the end, or not at all.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger import fma_metadata
  cratedigger import fma_metadata --store fma-store --lenient
  cratedigger sql --data fma-store \"select count(*) from tracks\"

Exit codes: 0 all done; 1 some records could not be read, they are listed; 2 nothing could be done.")]
pub(crate) struct Args {
    /// The folder with the CSV files, or a tracks.csv of any name beside the others
    dir: PathBuf,

    /// The store's folder
    #[arg(long, value_name = "DIR", default_value = DEFAULT_STORE, env = "CRATEDIGGER_STORE")]
    store: PathBuf,

    /// Import the records that are whole, list the others in the store, and end with exit code 1
    #[arg(long)]
    lenient: bool,
}

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    interrupt::say("the store is as it was; the same command imports anew");
    let options = import_options(args.lenient);
    let jobs = ImportJobs::new(&progress);
    let report = cratedigger_catalog::import(&args.dir, &args.store, &options, &|event| jobs.on(event))?;
    drop(jobs);
    console::print(&report.to_string())?;
    Ok(ExitCode::from(u8::from(report.n_rejected() > 0)))
}
