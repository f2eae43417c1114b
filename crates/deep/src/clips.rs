//! Where frames come from, and what is known of their bands.

use rayon::prelude::*;

use crate::error::{DeepError, Result, Source, same_size};
use crate::layers::Array;

/// Clips of frames that lie elsewhere, such as in a cache on disk.
pub trait Clips: Send + Sync {
    /// Number of clips.
    fn n_clips(&self) -> usize;

    /// Numbers of a frame.
    fn n_bands(&self) -> usize;

    /// Frames of a clip.
    fn n_frames(&self, clip: usize) -> usize;

    /// Fills `out` with the frames of `clip` from `first` on, frame after frame, [`Clips::n_bands`] numbers each. Never asked for frames
    /// that are not there.
    ///
    /// # Errors
    /// Whatever keeps them from being read.
    fn read(&self, clip: usize, first: usize, out: &mut [f32]) -> std::result::Result<(), Source>;
}

/// Clips in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct ClipsInMemory {
    n_bands: usize,
    clips: Vec<Vec<f32>>,
}

impl ClipsInMemory {
    /// `clips`: the frames of each, `n_bands` numbers a frame.
    ///
    /// # Errors
    /// `Size` where a clip does not hold whole frames.
    pub fn new(n_bands: usize, clips: Vec<Vec<f32>>) -> Result<Self> {
        for clip in &clips {
            let whole = clip.len().checked_div(n_bands).unwrap_or(0) * n_bands;
            same_size("numbers of whole frames", whole, clip.len())?;
        }
        Ok(Self { n_bands, clips })
    }
}

impl Clips for ClipsInMemory {
    fn n_clips(&self) -> usize {
        self.clips.len()
    }

    fn n_bands(&self) -> usize {
        self.n_bands
    }

    fn n_frames(&self, clip: usize) -> usize {
        self.clips[clip].len() / self.n_bands
    }

    fn read(&self, clip: usize, first: usize, out: &mut [f32]) -> std::result::Result<(), Source> {
        let frames = self.clips[clip]
            .get(first * self.n_bands..)
            .and_then(|rest| rest.get(..out.len()));
        out.copy_from_slice(frames.ok_or("there are not as many frames")?);
        Ok(())
    }
}

/// Reads all of `out`, and refuses what is no number.
pub(crate) fn read(clips: &dyn Clips, clip: usize, first: usize, out: &mut [f32]) -> Result<()> {
    clips
        .read(clip, first, out)
        .map_err(|source| DeepError::Read { clip, source })?;
    if out.iter().all(|value| value.is_finite()) {
        Ok(())
    } else {
        Err(DeepError::NotFinite { clip })
    }
}

/// Most clips that the mean and deviation of bands are computed from: those of more are taken from so many, evenly spaced.
pub const MOST_FOR_BANDS: usize = 4096;

/// Mean and standard deviation of each band over the frames of the clips that a network learnt from.
#[derive(Debug, Clone, PartialEq)]
pub struct Bands {
    pub(crate) mean: Vec<f32>,
    pub(crate) std: Vec<f32>,
}

impl Bands {
    /// Those that change nothing.
    pub(crate) fn blank(n_bands: usize) -> Self {
        Self {
            mean: vec![0.0; n_bands],
            std: vec![1.0; n_bands],
        }
    }

    /// Of all frames of these clips, or of [`MOST_FOR_BANDS`] of them.
    pub(crate) fn of(clips: &dyn Clips, rows: &[usize]) -> Result<Self> {
        let n_bands = clips.n_bands();
        let step = rows.len().div_ceil(MOST_FOR_BANDS).max(1);
        let rows: Vec<usize> = rows.iter().copied().step_by(step).collect();
        let each: Vec<Result<(Vec<[f64; 2]>, usize)>> = rows
            .par_iter()
            .map(|&clip| {
                let n_frames = clips.n_frames(clip);
                let mut frames = vec![0.0; n_frames * n_bands];
                read(clips, clip, 0, &mut frames)?;
                let mut sums = vec![[0.0; 2]; n_bands];
                for frame in frames.chunks_exact(n_bands) {
                    for ([sum, square], &value) in sums.iter_mut().zip(frame) {
                        *sum += f64::from(value);
                        *square += f64::from(value) * f64::from(value);
                    }
                }
                Ok((sums, n_frames))
            })
            .collect();
        let (mut sums, mut count) = (vec![[0.0; 2]; n_bands], 0);
        for of_clip in each {
            let (of_clip, n_frames) = of_clip?;
            count += n_frames;
            for (sums, of_clip) in sums.iter_mut().zip(of_clip) {
                sums[0] += of_clip[0];
                sums[1] += of_clip[1];
            }
        }
        let count = count.max(1) as f64;
        let mean = sums.iter().map(|[sum, _]| (sum / count) as f32).collect();
        let std = sums
            .iter()
            .map(|[sum, square]| {
                let var = (square / count - sum / count * (sum / count)).max(0.0);
                // a band that never moves stays at 0
                if var > 1e-12 { var.sqrt() as f32 } else { 1.0 }
            })
            .collect();
        Ok(Self { mean, std })
    }

    /// `(value - mean) / std`, band by band.
    pub(crate) fn standardise(&self, frames: &mut [f32]) {
        for frame in frames.chunks_exact_mut(self.mean.len()) {
            for (value, (mean, std)) in frame.iter_mut().zip(self.mean.iter().zip(&self.std)) {
                *value = (*value - mean) / std;
            }
        }
    }

    /// The way back.
    pub(crate) fn restore(&self, frames: &mut [f32]) {
        for frame in frames.chunks_exact_mut(self.mean.len()) {
            for (value, (mean, std)) in frame.iter_mut().zip(self.mean.iter().zip(&self.std)) {
                *value = *value * std + mean;
            }
        }
    }

    pub(crate) fn arrays(&self) -> [Array; 2] {
        let n = [self.mean.len()];
        [
            Array::new("bands.mean", &n, self.mean.clone()),
            Array::new("bands.std", &n, self.std.clone()),
        ]
    }
}
