//! What can go wrong with an embedding, one variant for each thing that a caller would do about it.

use std::path::{Path, PathBuf};

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Errors of embeddings. The message of an error does not repeat that of its source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written.
    #[error("{path}")]
    File {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: Box<Error>,
    },
    /// There is neither a file nor an imported network of this name.
    #[error(
        "there is no embedding `{name}`: it is no file, and not among those that were imported ({known}); import one with \
         `cratedigger embedding import musicnn-0.1.0-py3-none-any.whl` (`pip download --no-deps musicnn==0.1.0` brings it)"
    )]
    Unknown {
        /// What was asked for.
        name: String,
        /// What is there.
        known: String,
    },
    /// The contract is not there, or does not say what it must.
    #[error("the contract of the embedding: {0}")]
    Contract(String),
    /// The graph does not do what the contract says, or cannot be run.
    #[error("the network does not fit its contract: {0}")]
    Graph(String),
    /// A package, a checkpoint or a file of weights is not what it should be.
    #[error("{what}: {problem}")]
    Damaged {
        /// What is read.
        what: String,
        /// What is wrong in it.
        problem: String,
    },
    /// A recording is shorter than what the network hears at once.
    #[error("too short for the embedding: {seconds:.2} s, and it hears {needed:.2} s at once")]
    TooShort {
        /// Length of the recording.
        seconds: f64,
        /// Length of a patch.
        needed: f64,
    },
    /// Audio could not be decoded.
    #[error(transparent)]
    Audio(#[from] cratedigger_features::Error),
    /// A file could not be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The user's folders are not known.
    #[error("no home folder is known; name the folder of imported networks by CRATEDIGGER_EMBEDDINGS")]
    Home,
}

impl Error {
    /// Names the file that the error happened in, unless it names one already.
    pub(crate) fn in_file(self, path: &Path) -> Self {
        match self {
            Self::File { .. } => self,
            other => Self::File {
                path: path.to_owned(),
                source: Box::new(other),
            },
        }
    }

    /// Something is wrong in what is read.
    pub(crate) fn damaged(what: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Damaged {
            what: what.into(),
            problem: problem.into(),
        }
    }
}
