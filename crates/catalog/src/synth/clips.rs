//! Playable clips: seeded, procedural music in eight styles, beside tables that agree with it.
//!
//! [`write()`] makes a folder that looks like the dataset: `tracks.csv` and `genres.csv` next to `clips/000/000002.wav`. Every
//! track has a clip, its `genre_top` is what is heard ([`Style`]), its duration is the clip's. There is no `features.csv`: the
//! features of these tracks are in their sound, to be extracted from it.
//!
//! Each artist keeps instruments, tempo, manner and recording room; tempo, key, chords, melody and arrangement change from
//! clip to clip. Room, tone, band, noise and loudness are drawn alike for all styles, so that none is told by them alone.
//! The drawing board is [`ClipPlan`]; the same options give the same bytes whatever the number of threads, and clip 17 is the
//! same however many follow.

mod canvas;
mod colour;
mod drums;
mod files;
mod filter;
mod oscillator;
mod plan;
mod song;
mod strings;
mod style;
mod tables;
mod voice;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Error, Format, GENERATOR_VERSION, SynthFile, SynthOptions};

pub use plan::{CLIP_FOLDER, Clip, ClipAudio, ClipPlan};
pub use style::Style;

pub(super) use files::discard;
pub(super) use tables::ClipTables;

/// Kind of a clip's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClipFormat {
    /// 16-bit PCM.
    Wav,
    /// Lossless, some 50 % of the size.
    Flac,
}

impl ClipFormat {
    /// `wav` or `flac`.
    pub fn extension(self) -> &'static str {
        match self {
            ClipFormat::Wav => "wav",
            ClipFormat::Flac => "flac",
        }
    }
}

/// Which kinds of files to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Container {
    /// All WAV.
    Wav,
    /// All FLAC.
    Flac,
    /// Half of them FLAC, at random.
    Mixed,
}

/// Which clips are stereo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channels {
    /// All.
    Stereo,
    /// None.
    Mono,
    /// All but 15 %, at random.
    Mixed,
}

/// How many clips of each style.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Balance {
    /// As many of each: styles take turns.
    Equal,
    /// In the proportions of the real archive's `genre_top`: many Rock, few Jazz.
    Archive,
}

/// What clips to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClipOptions {
    /// Number of clips, which is the number of tracks, 1 to a million.
    pub n_clips: usize,
    /// Seconds of each, 1 to 600; the dataset's clips have 30.
    pub seconds: u32,
    /// Samples a second, 8,000 to 96,000.
    pub sample_rate: u32,
    /// Stereo or mono.
    pub channels: Channels,
    /// Kind of files.
    pub container: Container,
    /// How many of each style.
    pub balance: Balance,
    /// Seed of everything random.
    pub seed: u64,
    /// Format of the tables.
    pub tables: Format,
    /// Threads to work with; 0 for one a processor. It changes no byte.
    #[serde(skip)]
    pub n_jobs: usize,
}

impl Default for ClipOptions {
    /// 100 clips of 30 s at 44,100 Hz as WAV, most of them stereo, as many of each style, seed 0.
    fn default() -> Self {
        Self {
            n_clips: 100,
            seconds: 30,
            sample_rate: 44_100,
            channels: Channels::Mixed,
            container: Container::Wav,
            balance: Balance::Equal,
            seed: 0,
            tables: Format::Csv,
            n_jobs: 0,
        }
    }
}

impl ClipOptions {
    /// The options of the tables beside the clips.
    fn of_tables(&self) -> SynthOptions {
        SynthOptions {
            n_tracks: self.n_clips,
            seed: self.seed,
            with_features: false,
            with_echonest: false,
            format: self.tables,
        }
    }

    /// True where clips made with `other` are the same files, as far as both have them.
    fn sounds_like(&self, other: &Self) -> bool {
        let same = Self {
            n_clips: self.n_clips,
            tables: self.tables,
            n_jobs: self.n_jobs,
            ..other.clone()
        };
        *self == same
    }
}

/// How far the writing of clips is.
#[derive(Clone, Copy, Debug)]
pub struct ClipProgress {
    /// Clips that are there, earlier ones included.
    pub done: u64,
    /// All of them.
    pub total: u64,
}

/// What was made.
#[derive(Clone, Debug, Serialize)]
pub struct ClipReport {
    /// Clips that were made now.
    pub n_made: usize,
    /// Clips that an earlier run had made.
    pub n_kept: usize,
    /// Number of artists.
    pub n_artists: usize,
    /// Bytes of all clips.
    pub bytes: u64,
    /// The folder of the clips.
    pub folder: PathBuf,
    /// The tables' files.
    pub tables: Vec<SynthFile>,
}

/// Writes an archive whose tracks can be played into `dir`: tables, and a clip for each track.
///
/// Each file appears under its name when it is complete. If the job is interrupted, the same call goes on where it stopped;
/// with another number of clips it adds or removes what differs, and a `features.csv` that was extracted into `dir` stays.
/// Clips of other options are replaced, all of them, and such a file goes with them.
/// `on_progress` is called on this thread after each clip.
///
/// ```
/// use cratedigger_catalog::synth::clips::{self, ClipOptions};
///
/// # let dir = tempfile::tempdir()?;
/// let options = ClipOptions { n_clips: 8, seconds: 1, sample_rate: 22_050, ..ClipOptions::default() };
/// let report = clips::write(&options, dir.path(), &mut |_| {})?;
/// assert_eq!(report.n_made, 8);
/// assert!(dir.path().join("tracks.csv").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`Error::ClipOption`] for a number out of range; [`Error::NotSynthetic`] where `dir` holds tables or clips of other origin,
/// before anything is written; [`Error::Write`], [`Error::Encode`] and those of [`super::write`](fn@super::write) where a file
/// cannot be written. The first error ends the work; what was made stays.
pub fn write(
    options: &ClipOptions,
    dir: &Path,
    on_progress: &mut dyn FnMut(ClipProgress),
) -> Result<ClipReport, Error> {
    let plan = ClipPlan::new(options)?;
    let keeps = super::marker(dir).is_some_and(|marker| {
        marker.version == GENERATOR_VERSION && marker.clips.is_some_and(|old| old.sounds_like(options))
    });
    let tables = super::write_clip_tables(&options.of_tables(), &plan, dir, keeps)?;
    let written = files::write(&plan, dir, on_progress)?;
    super::write_marker(dir, &options.of_tables(), Some(options), true)?;
    Ok(ClipReport {
        n_made: written.n_made,
        n_kept: plan.clips().len() - written.n_made,
        n_artists: plan.n_artists(),
        bytes: written.bytes,
        folder: dir.join(CLIP_FOLDER),
        tables,
    })
}
