//! What archive to make, and what was made.

use std::path::PathBuf;

use cratedigger_catalog::TableId;
use serde::{Deserialize, Serialize};

/// File format of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// As the dataset is distributed.
    Csv,
    /// Parquet (zstd) with the schema that reading the CSV files gives.
    Parquet,
}

/// What archive to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SynthOptions {
    /// Number of tracks, 10 to 10 million; the real archive has 106,574.
    pub n_tracks: usize,
    /// Seed of everything random.
    pub seed: u64,
    /// Write the 518 audio features too (some 9 kB a track as CSV).
    pub with_features: bool,
    /// Write Echonest's features of some 12 % of the tracks too.
    pub with_echonest: bool,
    /// Format of the files.
    pub format: Format,
}

impl Default for SynthOptions {
    /// 2,000 tracks with all tables as CSV, seed 0.
    fn default() -> Self {
        Self {
            n_tracks: 2_000,
            seed: 0,
            with_features: true,
            with_echonest: true,
            format: Format::Csv,
        }
    }
}

/// How far the writing of a table is.
#[derive(Clone, Copy, Debug)]
pub struct SynthProgress {
    /// The table.
    pub table: TableId,
    /// Tracks (of genres: genres) looked at.
    pub done: u64,
    /// All of them.
    pub total: u64,
}

/// A file that was written.
#[derive(Clone, Debug, Serialize)]
pub struct SynthFile {
    /// Where.
    pub path: PathBuf,
    /// Rows, without header lines.
    pub rows: u64,
    /// Size.
    pub bytes: u64,
}

/// What was made.
#[derive(Clone, Debug, Serialize)]
pub struct SynthReport {
    /// Number of artists.
    pub n_artists: usize,
    /// Number of albums, without the tracks that have none.
    pub n_albums: usize,
    /// Number of tracks.
    pub n_tracks: usize,
    /// The tables' files.
    pub files: Vec<SynthFile>,
}
