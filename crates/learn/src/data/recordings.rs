//! Frames of recordings beside the columns of a matrix: what methods read that listen to a whole track.

use std::fmt;
use std::sync::Arc;

use crate::error::{LearnError, Result, same_length};

/// Somewhere that the frames of recordings are read from: spectrograms, or descriptors frame by frame.
pub trait FrameSource: Send + Sync + fmt::Debug {
    /// How the frames were computed, as text that is equal where they can be compared, such as
    /// `mel/1 sr=22050 n_fft=2048 hop_length=512 n_mels=96`.
    fn recipe(&self) -> &str;

    /// Numbers of a frame.
    fn n_bands(&self) -> usize;

    /// Number of recordings.
    fn n_recordings(&self) -> usize;

    /// Number of frames of a recording; 0 where `recording` is not below [`FrameSource::n_recordings`].
    fn n_frames(&self, recording: usize) -> usize;

    /// Reads frames from `first` on until `out` is full, frame after frame, [`FrameSource::n_bands`] numbers each.
    ///
    /// # Errors
    /// `Frames` where `out` does not hold whole frames, where they are not all there, or where they cannot be read.
    fn read(&self, recording: usize, first: usize, out: &mut [f32]) -> Result<()>;

    /// A hash of the frames of a recording, the same wherever they are kept.
    fn digest(&self, recording: usize) -> [u8; 32];
}

/// The recording of each row of a matrix.
#[derive(Debug, Clone)]
pub struct Recordings {
    source: Arc<dyn FrameSource>,
    rows: Vec<usize>,
}

impl Recordings {
    /// `rows`: the recording of each row.
    ///
    /// # Errors
    /// `IndexOutOfRange` where there is no such recording.
    pub fn new(source: Arc<dyn FrameSource>, rows: Vec<usize>) -> Result<Self> {
        let n = source.n_recordings();
        match rows.iter().find(|&&recording| recording >= n) {
            Some(&index) => Err(LearnError::IndexOutOfRange { index, n_rows: n }),
            None => Ok(Self { source, rows }),
        }
    }

    /// Where the frames are read from.
    pub fn source(&self) -> &dyn FrameSource {
        &*self.source
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// Number of frames of a row.
    pub fn n_frames(&self, row: usize) -> usize {
        self.source.n_frames(self.rows[row])
    }

    /// Reads frames of a row, as [`FrameSource::read`].
    ///
    /// # Errors
    /// As [`FrameSource::read`].
    pub fn read(&self, row: usize, first: usize, out: &mut [f32]) -> Result<()> {
        self.source.read(self.rows[row], first, out)
    }

    /// The hash of a row's frames.
    pub fn digest(&self, row: usize) -> [u8; 32] {
        self.source.digest(self.rows[row])
    }

    /// Some of the rows.
    ///
    /// # Errors
    /// `IndexOutOfRange` where there is no such row.
    pub fn rows(&self, indices: &[usize]) -> Result<Self> {
        let n_rows = self.n_rows();
        match indices.iter().find(|&&index| index >= n_rows) {
            Some(&index) => Err(LearnError::IndexOutOfRange { index, n_rows }),
            None => Ok(self.take_rows(indices)),
        }
    }

    /// The rows with these indices, which are below [`Recordings::n_rows`].
    pub(crate) fn take_rows(&self, indices: &[usize]) -> Self {
        Self {
            source: Arc::clone(&self.source),
            rows: indices.iter().map(|&index| self.rows[index]).collect(),
        }
    }
}

/// The same rows of the same source.
impl PartialEq for Recordings {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.source, &other.source) && self.rows == other.rows
    }
}

/// Frames in memory, for a few recordings.
#[derive(Clone)]
pub struct FramesInMemory {
    recipe: String,
    n_bands: usize,
    recordings: Vec<Vec<f32>>,
    digests: Vec<[u8; 32]>,
}

impl FramesInMemory {
    /// `recordings`: the frames of each, `n_bands` numbers a frame.
    ///
    /// # Errors
    /// `Empty` without bands; `Frames` where a recording does not hold whole frames.
    pub fn new(recipe: impl Into<String>, n_bands: usize, recordings: Vec<Vec<f32>>) -> Result<Self> {
        if n_bands == 0 {
            return Err(LearnError::Empty {
                what: "the list of bands",
            });
        }
        let digest = |frames: &Vec<f32>| {
            let mut hash = blake3::Hasher::new();
            for value in frames {
                hash.update(&value.to_le_bytes());
            }
            *hash.finalize().as_bytes()
        };
        if let Some(at) = recordings.iter().position(|frames| frames.len() % n_bands != 0) {
            return Err(LearnError::frames(format!(
                "recording {at} has {} numbers, which are no whole frames of {n_bands}",
                recordings[at].len()
            )));
        }
        Ok(Self {
            recipe: recipe.into(),
            n_bands,
            digests: recordings.iter().map(digest).collect(),
            recordings,
        })
    }
}

impl fmt::Debug for FramesInMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FramesInMemory({}, {})", self.recipe, self.recordings.len())
    }
}

impl FrameSource for FramesInMemory {
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
        self.recordings
            .get(recording)
            .map_or(0, |frames| frames.len() / self.n_bands)
    }

    fn read(&self, recording: usize, first: usize, out: &mut [f32]) -> Result<()> {
        let missing = || {
            LearnError::frames(format!(
                "recording {recording} has {} frames, not {} from {first} on",
                self.n_frames(recording),
                out.len() / self.n_bands
            ))
        };
        let from = first.checked_mul(self.n_bands).ok_or_else(missing)?;
        let end = from.checked_add(out.len()).ok_or_else(missing)?;
        let frames = self.recordings.get(recording).and_then(|all| all.get(from..end));
        let frames = frames.ok_or_else(missing)?;
        same_length(
            "numbers of whole frames",
            out.len() / self.n_bands * self.n_bands,
            out.len(),
        )?;
        out.copy_from_slice(frames);
        Ok(())
    }

    fn digest(&self, recording: usize) -> [u8; 32] {
        self.digests[recording]
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::data::dataset::Dataset;
    use crate::data::matrix::Matrix;
    use crate::data::train_set::TrainSet;
    use crate::model::ModelCard;

    /// Recording `r` has `r + 2` frames of two bands, counted up from `100 r`.
    fn source() -> Arc<dyn FrameSource> {
        let recording = |r: usize| (0..2 * (r + 2)).map(|at| (100 * r + at) as f32).collect();
        Arc::new(FramesInMemory::new("count", 2, (0..3).map(recording).collect()).unwrap())
    }

    #[test]
    fn frames_follow_their_rows_through_a_matrix() {
        let x = Matrix::new(3, 1, vec![0.0, 1.0, 2.0]).unwrap();
        let rows = Recordings::new(source(), vec![2, 0, 1]).unwrap();
        let x = x.with_recordings(rows).unwrap();
        let taken = x.take_rows(&[2, 0]).unwrap().take_cols(&[]).unwrap();
        let kept = &taken.recordings()[0];
        assert_eq!((kept.n_rows(), kept.n_frames(0), kept.n_frames(1)), (2, 3, 4));
        let mut frames = [0.0; 4];
        kept.read(0, 1, &mut frames).unwrap();
        assert_eq!(frames, [102.0, 103.0, 104.0, 105.0]);
        assert_eq!(kept.digest(1), source().digest(2));
        assert_ne!(kept.digest(0), kept.digest(1));
        // What does not fit is refused.
        assert!(x.clone().with_recordings(kept.clone()).is_err());
        assert!(Recordings::new(source(), vec![3]).is_err());
    }

    #[test]
    fn equal_frames_are_doubles_and_count_in_the_fingerprint() {
        let frames = |last: f32| vec![vec![1.0], vec![2.0], vec![1.0], vec![last], vec![], vec![]];
        let data = |last: f32| {
            let source = Arc::new(FramesInMemory::new("one", 1, frames(last)).unwrap());
            let rows = Recordings::new(source, (0..6).collect()).unwrap();
            let x = Matrix::new(6, 0, vec![]).unwrap().with_recordings(rows).unwrap();
            let mut data = Dataset::new(x, vec![0; 6], vec!["Folk".into()]).unwrap();
            data.artists = Some((0..6).map(Some).collect());
            data
        };
        // Nothing heard is no recording heard twice.
        assert_eq!(data(3.0).grouping().groups, [0, 1, 0, 3, 4, 5]);
        assert_eq!(data(2.0).grouping().groups, [0, 1, 0, 1, 4, 5]);
        assert_eq!(data(3.0).fingerprint(), data(3.0).fingerprint());
        assert_ne!(data(3.0).fingerprint(), data(2.0).fingerprint());
        let data = data(3.0);
        assert!(TrainSet::new(&data.x, &data.y, 1).is_ok());
        assert_eq!(ModelCard::of(&data).frames, ["one"]);
    }

    #[test]
    fn frames_that_are_not_there_are_an_error() {
        let source = source();
        assert!(source.read(0, 1, &mut [0.0; 4]).is_err());
        assert!(source.read(0, usize::MAX, &mut [0.0; 2]).is_err());
        assert!(source.read(9, 0, &mut [0.0; 2]).is_err());
        assert!(source.read(0, 0, &mut [0.0; 3]).is_err());
        assert!(FramesInMemory::new("odd", 2, vec![vec![0.0; 3]]).is_err());
        assert_eq!(source.n_frames(9), 0);
    }
}
