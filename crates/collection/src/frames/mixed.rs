//! Recordings of one recipe from several places: caches, and audio that was just analysed.

use std::fmt;
use std::sync::Arc;

use cratedigger_files::TemporaryFolder;
use cratedigger_learn::{FrameSource, LearnError};

use crate::error::{Result, refuse};

/// A list of recordings, each somewhere.
pub(crate) struct Mixed {
    recipe: String,
    n_bands: usize,
    recordings: Vec<(Arc<dyn FrameSource>, usize)>,
    /// Folders of some of them, deleted behind them.
    _folders: Vec<Arc<TemporaryFolder>>,
}

impl Mixed {
    /// # Errors
    /// `Input` where a source is of another recipe.
    pub(crate) fn new(
        recipe: &str,
        n_bands: usize,
        recordings: Vec<(Arc<dyn FrameSource>, usize)>,
        folders: Vec<Arc<TemporaryFolder>>,
    ) -> Result<Self> {
        if let Some((other, _)) = recordings.iter().find(|(source, _)| source.recipe() != recipe) {
            refuse!(
                Input,
                "frames by `{}` where `{recipe}` was expected",
                other.recipe()
            );
        }
        Ok(Self {
            recipe: recipe.to_owned(),
            n_bands,
            recordings,
            _folders: folders,
        })
    }
}

impl fmt::Debug for Mixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mixed({}, {})", self.recipe, self.recordings.len())
    }
}

impl FrameSource for Mixed {
    fn recipe(&self) -> &str {
        &self.recipe
    }

    fn n_bands(&self) -> usize {
        self.n_bands
    }

    fn n_recordings(&self) -> usize {
        self.recordings.len()
    }

    fn n_frames(&self, recording: usize) -> usize {
        let found = self.recordings.get(recording);
        found.map_or(0, |(source, at)| source.n_frames(*at))
    }

    fn read(&self, recording: usize, first: usize, out: &mut [f32]) -> cratedigger_learn::Result<()> {
        match self.recordings.get(recording) {
            Some((source, at)) => source.read(*at, first, out),
            None => Err(LearnError::frames(format!("there is no recording {recording}"))),
        }
    }

    fn digest(&self, recording: usize) -> [u8; 32] {
        let (source, at) = &self.recordings[recording];
        source.digest(*at)
    }
}
