//! Rows of a matrix as the clips of a network.

use cratedigger_deep::{Clips, Source};

use crate::data::recordings::Recordings;

/// The recordings of rows, each a clip.
pub(crate) struct RowClips<'a>(pub(crate) &'a Recordings);

impl Clips for RowClips<'_> {
    fn n_clips(&self) -> usize {
        self.0.n_rows()
    }

    fn n_bands(&self) -> usize {
        self.0.source().n_bands()
    }

    fn n_frames(&self, clip: usize) -> usize {
        self.0.n_frames(clip)
    }

    fn read(&self, clip: usize, first: usize, out: &mut [f32]) -> Result<(), Source> {
        Ok(self.0.read(clip, first, out)?)
    }
}
