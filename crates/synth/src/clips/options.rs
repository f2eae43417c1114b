//! What clips to make, and what was made.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::style::Style;
use crate::options::{Format, SynthFile, SynthOptions};

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

/// What the genres of clips differ in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Everything, as styles of music do.
    #[default]
    Styles,
    /// The order of events alone: patterns of notes that rise (`Instrumental`) or fall (`Easy Listening`), made of the same sounds.
    Order,
}

impl Task {
    /// The styles that clips take turns in.
    pub fn styles(self) -> &'static [Style] {
        match self {
            Self::Styles => &Style::ALL,
            Self::Order => &Style::ORDER,
        }
    }

    fn is_default(&self) -> bool {
        *self == Self::default()
    }
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
    /// What their genres differ in.
    #[serde(default, skip_serializing_if = "Task::is_default")]
    pub task: Task,
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
            task: Task::Styles,
            balance: Balance::Equal,
            seed: 0,
            tables: Format::Csv,
            n_jobs: 0,
        }
    }
}

impl ClipOptions {
    /// The options of the tables beside the clips.
    pub(crate) fn of_tables(&self) -> SynthOptions {
        SynthOptions {
            n_tracks: self.n_clips,
            seed: self.seed,
            with_features: false,
            with_echonest: false,
            format: self.tables,
        }
    }

    /// True where clips made with `other` are the same files, as far as both have them.
    pub(crate) fn sounds_like(&self, other: &Self) -> bool {
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
