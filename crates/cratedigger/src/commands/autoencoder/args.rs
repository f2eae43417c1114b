//! The arguments of `cratedigger autoencoder`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Subcommand;
use cratedigger_learn::{ParamValue, parse_param};

use crate::commands::numbers::jobs;
use crate::commands::source::ReadArgs;

/// Train an autoencoder on a cache of frames, without genres, and use its code as features
///
/// It learns to press spectrograms into a few numbers and to make them again. These numbers, by their means and standard deviations
/// over time, are columns `autoencoder.mean.001`, … for every method, for neighbours and for the study. All recordings of the cache take
/// part, with and without a genre. The guide is docs/deep.md.
#[derive(clap::Args)]
#[cfg_attr(not(feature = "deep"), command(about = "Train an autoencoder on a cache of frames (not in this build, which lacks the feature `deep`)", long_about = None))]
#[command(after_help = "\
Examples:
  cratedigger mel fma_small --out frames
  cratedigger autoencoder train frames --artists tracks.csv --out own.cdauto
  cratedigger autoencoder encode frames --model own.cdauto --out codes.parquet
  cratedigger evaluate codes.parquet --labels tracks.csv --method logistic-regression
  cratedigger autoencoder encode frames --model own.cdauto --beside features.parquet --out both.parquet
  cratedigger extract music --embedding own.cdauto --out both.parquet      the same from the sound
  cratedigger study fma_metadata --inputs codes.parquet                    what the code adds to the features")]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(super) action: Action,
}

#[derive(Subcommand)]
pub(super) enum Action {
    /// Train one on all recordings of a cache
    ///
    /// Killed or stopped, the same command goes on from the last whole epoch (OUT.all.training) to the same file. The file does not
    /// depend on the number of threads.
    Train {
        /// A cache of frames (`cratedigger mel`), or the folder of one recipe in it
        #[arg(value_name = "CACHE")]
        cache: PathBuf,
        /// The file to write; its name ends in .cdauto
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Where artists are found, of whom some are held out whole to know when to stop: tracks.csv, a store, or a CSV file as
        /// `--labels` takes it; without it single recordings are held out
        #[arg(long, value_name = "FILE")]
        artists: Option<PathBuf>,
        /// A parameter, such as `code=16`; repeatable: widths, code, excerpt_frames, batch_size, max_epochs, learning_rate,
        /// weight_decay, max_norm, validation_fraction, patience
        #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parse_param)]
        params: Vec<(String, ParamValue)>,
        /// Seed of everything random
        #[arg(long, value_name = "N", default_value_t = 0)]
        seed: u64,
        /// Threads to use; default: one for each processor
        #[arg(long, value_name = "N", value_parser = jobs)]
        jobs: Option<NonZeroUsize>,
        /// Replace the file if it is there
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        read: ReadArgs,
    },
    /// Write the codes of a cache's recordings as a file of features
    Encode {
        /// A cache that has frames of the autoencoder's recipe
        #[arg(value_name = "CACHE")]
        cache: PathBuf,
        /// The autoencoder
        #[arg(long, value_name = "FILE")]
        model: PathBuf,
        /// The file to write, .parquet or .csv
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// A file of features: its rows and columns, with the codes behind them; rows without frames have empty cells
        #[arg(long, value_name = "FILE")]
        beside: Option<PathBuf>,
        /// Threads to use; default: one for each processor
        #[arg(long, value_name = "N", value_parser = jobs)]
        jobs: Option<NonZeroUsize>,
        /// Replace the file if it is there
        #[arg(long)]
        force: bool,
    },
    /// What an autoencoder is: its frames, its training, its columns
    Show {
        /// The autoencoder
        #[arg(value_name = "FILE")]
        model: PathBuf,
        /// Print a JSON object
        #[arg(long)]
        json: bool,
    },
}
