//! The arguments of `cratedigger classify`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::ValueEnum;
#[cfg(feature = "tags")]
use cratedigger_collection::tags::Tagger;
use cratedigger_features::Recipe;

use crate::commands::decode_helper::HelperArgs;
use crate::commands::embedding_args::EmbeddingArgs;
use crate::commands::lacking;
use crate::commands::numbers::{jobs, share};
use crate::commands::shard::ShardArgs;
use crate::commands::source::{DEFAULT_MAX_LOST, ReadArgs};

/// Name the genres of audio files, files of features, or all tracks of a store
///
/// Features of audio are computed by the recipe that the model was trained on. What cannot be read is listed and the rest
/// is classified. With --write-tags the genres are also written into the tags of the audio files, and nothing else of them changes:
/// every other part of the tag is compared byte for byte, and the audio sample by sample, before a file is replaced.
/// --restore-tags gives it back byte for byte.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger classify --model rock.cdmodel song.mp3
  cratedigger classify --embedding musicnn song.mp3      tags and genre by a network of others (docs/embeddings.md)
  cratedigger classify --model rock.cdmodel song.mp3 --explain --neighbours fma_metadata
  cratedigger classify --model rock.cdmodel music/ --threshold 0.6 --format csv --out genres.csv
  cratedigger classify --model rock.cdmodel features.parquet --format parquet --out genres.parquet
  cratedigger classify --model rock.cdmodel cratedigger-store --format json
  cratedigger classify --model rock.cdmodel --manifest manifest.parquet --shard 3/64 --out genres     one of 64 machines
  cratedigger classify --model rock.cdmodel music/ --write-tags --dry-run      what would be written
  cratedigger classify --model rock.cdmodel music/ --write-tags --tag-backup tags-before
  cratedigger classify --restore-tags music/ --tag-backup tags-before          the files as they were

Exit codes: 0 all done; 1 some inputs failed, they are listed; 2 nothing could be done.")]
pub(crate) struct Args {
    /// Audio files, folders of them, patterns such as '*.mp3'; files of features (.parquet, .csv); caches of frames; a store, or
    /// a folder of the dataset's CSV files. `-` reads a list of audio files from standard input
    ///
    /// Addresses of object stores, too: s3://bucket/folder/, gs://, az:// and, one object each, https:// (docs/scale.md).
    #[arg(required_unless_present = "manifest", value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    /// The model file; without it, --embedding names its own tags, and the genre that they mean
    #[arg(long, value_name = "FILE", required_unless_present_any = ["restore_tags", "embedding"])]
    pub(super) model: Option<PathBuf>,

    /// How the result is written
    #[arg(long, value_enum, default_value_t = OutputFormat::Table)]
    pub(super) format: OutputFormat,

    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,

    /// Replace the file if it is there
    #[arg(long)]
    pub(super) force: bool,

    /// Name no genre whose probability is lower; default: what the model says, else always name one (with --write-tags: 0.5)
    #[arg(long, value_name = "P")]
    pub(super) threshold: Option<f64>,

    /// Genres that a table shows for each recording
    #[arg(long, value_name = "K", default_value_t = 3)]
    pub(super) top: usize,

    /// Say which families of features spoke for and against the likeliest genre
    #[arg(long)]
    pub(super) explain: bool,

    /// Say which tracks of this file of features, store, folder of CSV files or audio sound most alike to the model
    #[arg(long, value_name = "DATA")]
    pub(super) neighbours: Option<PathBuf>,

    /// The recipe of the features, where neither the model nor the file says it: `fma` or `librosa`
    #[arg(long, value_name = "NAME")]
    pub(super) recipe: Option<Recipe>,

    /// Frames of rows that are no audio files, where the model hears time: a cache that `cratedigger mel` made; repeatable
    ///
    /// Audio needs none: what the model reads is computed by the recipe in its card.
    #[arg(long, value_name = "CACHE")]
    #[cfg_attr(not(feature = "deep"), arg(hide = true))]
    pub(super) frames: Vec<PathBuf>,

    /// Threads to use; default: one for each processor
    #[arg(long, value_name = "N", value_parser = jobs)]
    pub(super) jobs: Option<NonZeroUsize>,

    /// Refuse recordings of which a larger share of the sound is damaged or lost, 0 to 1 (1 takes all)
    #[arg(long, value_name = "SHARE", default_value_t = DEFAULT_MAX_LOST, value_parser = share)]
    pub(super) max_lost: f64,

    #[command(flatten)]
    pub(super) tags: TagArgs,

    #[command(flatten)]
    pub(super) helper: HelperArgs,

    #[command(flatten)]
    pub(super) read: ReadArgs,

    #[command(flatten)]
    pub(super) embedding: EmbeddingArgs,

    #[command(flatten)]
    pub(super) shard: ShardArgs,
}

/// Genres in the tags of files.
#[derive(clap::Args)]
#[cfg_attr(feature = "tags", command(next_help_heading = "Tags"))]
#[cfg_attr(
    not(feature = "tags"),
    command(next_help_heading = "Tags (not in this build, which lacks the feature `tags`)")
)]
pub(super) struct TagArgs {
    /// Write the genres that are named into the tags of the audio files; genres that are there stay
    #[arg(long)]
    pub(super) write_tags: bool,

    /// Replace genres that are there, unless the one that is named is among them
    #[arg(long, requires = "write_tags")]
    pub(super) overwrite_genre: bool,

    /// Write into files that have several names (hard links) too; the other names keep the old tag
    #[arg(long, requires = "write_tags")]
    pub(super) break_hard_links: bool,

    /// Give files back as they were before --write-tags, byte for byte, from their backups
    #[arg(long, conflicts_with_all = ["write_tags", "model", "out", "explain", "neighbours"])]
    pub(super) restore_tags: bool,

    /// Keep the backups of tags in this folder; default: beside each file, as song.mp3.cdtag
    #[arg(long, value_name = "DIR")]
    pub(super) tag_backup: Option<PathBuf>,

    /// Say what would be written or restored, and write nothing
    #[arg(long)]
    pub(super) dry_run: bool,
}

impl TagArgs {
    #[cfg(feature = "tags")]
    pub(super) fn tagger(&self) -> Tagger<'_> {
        Tagger {
            overwrite: self.overwrite_genre,
            dry_run: self.dry_run,
            backups: self.tag_backup.as_deref(),
            break_hard_links: self.break_hard_links,
        }
    }

    /// Whether options contradict each other, or this build.
    pub(super) fn check(&self) -> Result<()> {
        if cfg!(not(feature = "tags")) && (self.write_tags || self.restore_tags) {
            return Err(lacking::part("writes and restores no tags", "tags"));
        }
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
pub(super) enum OutputFormat {
    /// An aligned table, with bars on a terminal
    Table,
    /// A JSON array of objects
    Json,
    /// Comma-separated values with a header line
    Csv,
    /// A Parquet file
    Parquet,
}
