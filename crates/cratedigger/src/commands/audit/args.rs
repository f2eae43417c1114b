//! The arguments of `cratedigger audit`.

use std::path::PathBuf;

use cratedigger_learn::Method;

use crate::commands::data::DataArgs;
use crate::commands::numbers::at_least_one;

/// Find labels that are doubtful and tracks that are there twice, and say which to listen to first
///
/// Every track is judged by models that were fitted on other artists. Its label is doubtful where its sound speaks against it
/// (confident learning: Northcutt, Jiang and Chuang 2021, as cleanlab finds it), or where the labels of its album, of its artist's
/// other tracks and of tracks of the same sound do. The list begins with what is most likely wrong: `doubt` is the probability that
/// the label is not the true one. Albums that have one label which most of their tracks speak against are one entry; so are tracks with
/// equal features (exact doubles) and tracks that are much nearer to each other than tracks are (another encoding, cut or loudness).
///
/// A folder of audio without --labels is held against its own genre tags, with its folders for albums. With --model FILE a saved model
/// judges the files, and nothing is fitted: right where the folder is small, and the model was trained on something better known.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger audit fma_metadata                             the 20 most doubtful on the terminal
  cratedigger audit fma_metadata --out review.csv            all that are doubtful, to go through
  cratedigger audit features.parquet --labels genres.csv --out review.parquet
  cratedigger audit music/ --features-out music.parquet --out review.csv     tags against sound
  cratedigger audit music/ --model genres.cdmodel --out review.csv           tags against a model
  cratedigger audit music/ --trusted labels.csv              labels to train on: those that nothing speaks against

The columns of FILE: rank, kind (track, album, double), id, n_tracks, ids, genre, suggested, doubt, probability and margin by the sound
alone, issue (confident learning), reasons. Nothing is changed: what is wrong is yours to mend, in tags or tables.

Exit codes: 0 all done; 1 some inputs failed, they are listed; 2 nothing could be done.")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) data: DataArgs,

    /// The classifiers whose probabilities are averaged, with commas between them
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        default_value = "logistic-regression,gradient-boosting"
    )]
    pub(super) method: Vec<Method>,

    /// Folds, so that every track is judged by models that did not see its artist
    #[arg(long, value_name = "K", default_value_t = 5, value_parser = at_least_one::<usize>)]
    pub(super) cv: usize,

    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) seed: u64,

    /// Let this saved model judge instead, without fitting anything
    ///
    /// Of data that it was trained on, only the rows that its split held out are audited.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["method", "cv", "features"])]
    pub(super) model: Option<PathBuf>,

    /// Write the whole list to this file: .csv, .parquet or .json
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,

    /// Write the labels that nothing speaks against to this CSV file, which `--labels` of every command takes: id, genre, artist, album
    ///
    /// Artists and albums are numbers that tell them apart.
    #[arg(long, value_name = "FILE")]
    pub(super) trusted: Option<PathBuf>,

    /// Replace the files if they are there
    #[arg(long)]
    pub(super) force: bool,

    /// List every track, the most trustworthy last, instead of those that something speaks against
    #[arg(long)]
    pub(super) all: bool,

    /// How many entries the terminal shows
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(super) top: usize,

    /// Print one JSON object instead: counts, the confident joint, entries
    #[arg(long)]
    pub(super) json: bool,
}
