//! The arguments of `cratedigger mel`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::ValueEnum;
use cratedigger_features::Recipe;

use crate::commands::decode_helper::HelperArgs;
use crate::commands::numbers::{jobs, share};
use crate::commands::source::DEFAULT_MAX_LOST;

/// Compute spectrograms of files, folders and lists of them, once, into a cache for networks
///
/// The 518 features sum a recording up; a network that hears time (cnn, crnn, lstm) reads it frame by frame. This computes the
/// frames and keeps them at half precision in CACHE, a folder for each recipe (kind and parameters). Files that are there already
/// and did not change are passed over, so the same command goes on after any interruption, and adds new files later.
/// The cache is then DATA for evaluate, train and tune, or stands beside other DATA as --frames CACHE.
///
/// Rows are called as `extract` calls them: by track number where a file has a name of the FMA (000/000002.mp3), otherwise by path.
/// Files that cannot be read, decoded or analysed are listed in failures.csv beside the frames; recordings.csv says where each
/// recording is, for other programs (numpy reads the files as float16).
#[derive(clap::Args)]
#[cfg_attr(not(feature = "deep"), command(about = "Compute spectrograms into a cache for networks (not in this build, which lacks the feature `deep`)", long_about = None))]
#[command(after_help = "\
Examples:
  cratedigger mel fma_small --out frames                        log-mel: 96 bands, 62.5 frames a second; 360 kB a clip of 30 s
  cratedigger mel fma_small --out frames --n-mels 128 --sr 22050 --n-fft 1024 --hop-length 512
  cratedigger mel fma_small --out frames --kind descriptors     the 74 rows behind the 518 features
  cratedigger mel fma_small --out frames --check                read all of it, and compute again what is damaged
  find music -name '*.flac' -print0 | cratedigger mel - --out frames

The default is the front end of musicnn: 16 kHz, frames of 512 samples every 256, 96 bands of Slaney's mel scale,
log10(1 + 10000 x). The guide is docs/frames.md.

Exit codes: 0 all files have frames; 1 some failed; 2 none has.")]
pub(crate) struct Args {
    /// Files, folders (searched with all below them), patterns such as '*.mp3'; `-` reads a list from standard input
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    /// The folder of caches; each recipe has a folder of its own in it
    #[arg(long, value_name = "CACHE")]
    pub(super) out: PathBuf,

    /// What a frame is
    #[arg(long, value_enum, default_value_t = Kind::Mel)]
    pub(super) kind: Kind,

    /// Threads to use; default: one for each processor
    #[arg(long, value_name = "N", value_parser = jobs)]
    pub(super) jobs: Option<NonZeroUsize>,

    /// Read all frames that are there first and compare them with their checksums; compute again what is damaged
    #[arg(long)]
    pub(super) check: bool,

    /// Refuse recordings that are longer, in seconds
    #[arg(long, value_name = "SECONDS")]
    pub(super) max_duration: Option<f64>,

    /// Refuse files that are larger, in bytes
    #[arg(long, value_name = "BYTES")]
    pub(super) max_bytes: Option<u64>,

    /// Refuse recordings of which a larger share of the sound is damaged or lost, 0 to 1 (1 takes all)
    #[arg(long, value_name = "SHARE", default_value_t = DEFAULT_MAX_LOST, value_parser = share)]
    pub(super) max_lost: f64,

    #[command(flatten)]
    pub(super) helper: HelperArgs,

    #[command(flatten)]
    pub(super) mel: MelArgs,

    /// Of --kind descriptors, whose numbers: `fma` (the default; frames are 512 samples of the file's own rate apart) or `librosa`
    /// (43 frames a second, whatever the file)
    #[arg(long, value_name = "NAME", help_heading = "Parameters")]
    pub(super) recipe: Option<Recipe>,
}

/// Parameters of a spectrogram, under librosa's names.
#[derive(clap::Args)]
#[command(next_help_heading = "Parameters")]
pub(super) struct MelArgs {
    /// Bands [default: 96]
    #[arg(long, value_name = "N")]
    pub(super) n_mels: Option<usize>,

    /// Rate that recordings are resampled to, in Hz [default: 16000]
    #[arg(long, value_name = "HZ")]
    pub(super) sr: Option<u32>,

    /// Samples of a frame, a power of two [default: 512]
    #[arg(long, value_name = "N")]
    pub(super) n_fft: Option<usize>,

    /// Samples between frames [default: 256]
    #[arg(long, value_name = "N")]
    pub(super) hop_length: Option<usize>,

    /// Lower edge of the lowest band, in Hz [default: 0]
    #[arg(long, value_name = "HZ")]
    pub(super) f_min: Option<f64>,

    /// Upper edge of the highest band, in Hz [default: half the rate]
    #[arg(long, value_name = "HZ")]
    pub(super) f_max: Option<f64>,

    /// The logarithm [default: log10-one-plus]
    #[arg(long, value_enum)]
    pub(super) log: Option<Log>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// A log-mel spectrogram
    Mel,
    /// The 74 descriptors that the 518 features sum up
    Descriptors,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Log {
    /// log10(1 + 10000 x): silence is 0
    Log10OnePlus,
    /// 10 log10(max(1e-10, x)): decibels
    Db,
}
