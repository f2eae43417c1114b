//! Why an archive cannot be made.

use std::io;
use std::path::PathBuf;

use cratedigger_catalog::store::MARKER_FILE;

/// Most tracks of an archive.
pub(crate) const MOST_TRACKS: usize = 10_000_000;

/// Fewest tracks of an archive.
pub(crate) const FEWEST_TRACKS: usize = 10;

/// Why an archive cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The number of tracks is out of range.
    #[error("cannot make an archive of {n_tracks} tracks; choose {FEWEST_TRACKS} to {MOST_TRACKS}")]
    TrackCount {
        /// The number asked for.
        n_tracks: usize,
    },
    /// The folder holds tables that are not synthetic, which must not be lost or mixed up.
    #[error("{} was not made by the synthetic generator (there is no {MARKER_FILE} beside it); write into another folder, or \
             move it away", path.display())]
    NotSynthetic {
        /// The file that is in the way.
        path: PathBuf,
    },
    /// A number that describes clips is out of range.
    #[error("cannot make {value} {what}; choose {low} to {high}")]
    ClipOption {
        /// What it counts.
        what: &'static str,
        /// The number asked for.
        value: u64,
        /// The smallest possible.
        low: u64,
        /// The largest possible.
        high: u64,
    },
    /// A clip cannot be encoded.
    #[error("cannot encode {}: {reason}", path.display())]
    Encode {
        /// The clip's file.
        path: PathBuf,
        /// What the encoder said.
        reason: String,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A Parquet file cannot be written.
    #[error("cannot write a Parquet file: {0}")]
    Parquet(
        /// What the writer of tables said; it names the file.
        #[source]
        Box<cratedigger_catalog::Error>,
    ),
    /// Arrow refused the columns of a table.
    #[error("cannot build a batch for {}: {source}", path.display())]
    Arrow {
        /// The file.
        path: PathBuf,
        /// What Arrow said.
        #[source]
        source: arrow::error::ArrowError,
    },
}

impl From<cratedigger_catalog::Error> for Error {
    fn from(error: cratedigger_catalog::Error) -> Self {
        match error {
            cratedigger_catalog::Error::Write { path, source } => Error::Write { path, source },
            other => Error::Parquet(Box::new(other)),
        }
    }
}
