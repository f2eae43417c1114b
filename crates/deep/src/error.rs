//! What can go wrong.

use std::path::PathBuf;

use thiserror::Error;

/// An error of somebody else's, such as of the file that frames are read from.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// What can go wrong in this crate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DeepError {
    /// An option has a value that it cannot have.
    #[error("{name} = {value}: {expected}")]
    Option {
        /// The option.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it can be.
        expected: String,
    },

    /// Things that should be of one size are not.
    #[error("{what}: expected {expected}, got {got}")]
    Size {
        /// What they are.
        what: &'static str,
        /// The size that it should have.
        expected: usize,
        /// The size that it has.
        got: usize,
    },

    /// A clip is shorter than the network can hear.
    #[error(
        "clip {clip} has {n_frames} frames; the network needs {needed} (shorter ones than an excerpt are filled up with mean frames, but \
         not from fewer)"
    )]
    TooShort {
        /// Index of the clip.
        clip: usize,
        /// Its frames.
        n_frames: usize,
        /// The fewest that will do.
        needed: usize,
    },

    /// Nothing can be learnt from what was given.
    #[error("nothing can be learnt: {0}")]
    Nothing(String),

    /// Frames could not be read.
    #[error("the frames of clip {clip} cannot be read: {source}")]
    Read {
        /// Index of the clip.
        clip: usize,
        /// Why.
        source: Source,
    },

    /// A frame holds something that is no number.
    #[error("the frames of clip {clip} hold a number that is not finite")]
    NotFinite {
        /// Index of the clip.
        clip: usize,
    },

    /// Losses became infinite.
    #[error(
        "the training diverged in epoch {epoch}: its loss is {loss}; a smaller learning rate may help (it is {learning_rate})"
    )]
    Diverged {
        /// The epoch, from 1 on.
        epoch: usize,
        /// The loss.
        loss: f64,
        /// The learning rate that was asked for.
        learning_rate: f64,
    },

    /// The caller stopped the training.
    #[error("the training was stopped after epoch {epoch}")]
    Stopped {
        /// The last whole epoch.
        epoch: usize,
    },

    /// A checkpoint cannot be written, read or continued.
    #[error("the checkpoint {path}: {reason}")]
    Checkpoint {
        /// Its path.
        path: PathBuf,
        /// What is wrong, and what to do.
        reason: String,
    },

    /// The engine that computes networks in place of this processor could not.
    #[error("the device that computes networks: {0}")]
    Engine(String),

    /// A state is not that of a network.
    #[error("the state of the network is of no use: {0}")]
    State(String),
}

/// What this crate returns.
pub type Result<T> = std::result::Result<T, DeepError>;

impl DeepError {
    pub(crate) fn option(name: &'static str, value: impl ToString, expected: impl Into<String>) -> Self {
        Self::Option {
            name,
            value: value.to_string(),
            expected: expected.into(),
        }
    }
}

/// `Ok` where two sizes are equal.
pub(crate) fn same_size(what: &'static str, expected: usize, got: usize) -> Result<()> {
    if expected == got {
        Ok(())
    } else {
        Err(DeepError::Size { what, expected, got })
    }
}
