//! Excerpts of clips: where they begin, and how short clips are filled up.

use crate::clips::{Bands, Clips, read};
use crate::error::{DeepError, Result};
use crate::network::Network;
use crate::tensor::{Shape, Tensor};

/// How excerpts are taken from clips.
///
/// A clip of fewer frames than an excerpt is filled up at its end with mean frames (zeros, standardised); one of fewer than `fewest` is
/// refused.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Excerpts {
    /// Frames of an excerpt.
    pub(crate) frames: usize,
    /// The fewest frames that a clip must have.
    pub(crate) fewest: usize,
    pub(crate) bands: Bands,
}

impl Excerpts {
    /// The excerpts of a network; how short a clip may be follows from its layers.
    pub(crate) fn of(network: &Network, frames: usize, bands: Bands) -> Result<Self> {
        let n_bands = bands.mean.len();
        match network.fewest_frames(n_bands, frames) {
            Some(fewest) => Ok(Self {
                frames,
                fewest,
                bands,
            }),
            None => {
                let fewest = network.fewest_frames(n_bands, 1 << 14);
                let expected = fewest.map_or_else(
                    || format!("a network for {n_bands} bands"),
                    |fewest| format!("at least {fewest} for this network"),
                );
                Err(DeepError::option("excerpt_frames", frames, expected))
            }
        }
    }

    /// Frames of a clip, where they are enough.
    pub(crate) fn n_frames(&self, clips: &dyn Clips, clip: usize) -> Result<usize> {
        let n_frames = clips.n_frames(clip);
        if n_frames < self.fewest {
            return Err(DeepError::TooShort {
                clip,
                n_frames,
                needed: self.fewest,
            });
        }
        Ok(n_frames)
    }

    /// First frames of the fewest excerpts that cover a whole clip, evenly spaced.
    pub(crate) fn starts(&self, n_frames: usize) -> Vec<usize> {
        let last = n_frames.saturating_sub(self.frames);
        let n = n_frames.div_ceil(self.frames).max(1);
        (0..n)
            .map(|k| if n == 1 { 0 } else { last * k / (n - 1) })
            .collect()
    }

    /// Reads the excerpt from `first` on, standardised.
    pub(crate) fn fill(&self, clips: &dyn Clips, clip: usize, first: usize, out: &mut [f32]) -> Result<()> {
        let there = (self.n_frames(clips, clip)? - first).min(self.frames);
        let (heard, rest) = out.split_at_mut(there * clips.n_bands());
        read(clips, clip, first, heard)?;
        self.bands.standardise(heard);
        rest.fill(0.0);
        Ok(())
    }

    /// The excerpts of a clip from these frames on, standardised.
    pub(crate) fn batch(&self, clips: &dyn Clips, clip: usize, starts: &[usize]) -> Result<Tensor> {
        let shape = self.shape(starts.len());
        let mut x = Tensor::zeros(shape);
        for (&first, out) in starts.iter().zip(x.values.chunks_exact_mut(shape.excerpt())) {
            self.fill(clips, clip, first, out)?;
        }
        Ok(x)
    }

    /// The shape of `n` excerpts.
    pub(crate) fn shape(&self, n: usize) -> Shape {
        Shape {
            n,
            t: self.frames,
            f: self.bands.mean.len(),
            c: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_cover_a_clip() {
        let excerpts = Excerpts {
            frames: 10,
            fewest: 2,
            bands: Bands {
                mean: vec![0.0],
                std: vec![1.0],
            },
        };
        assert_eq!(excerpts.starts(5), [0]);
        assert_eq!(excerpts.starts(10), [0]);
        assert_eq!(excerpts.starts(11), [0, 1]);
        assert_eq!(excerpts.starts(35), [0, 8, 16, 25]);
        for n in 10..200 {
            let starts = excerpts.starts(n);
            assert_eq!((starts[0], starts[starts.len() - 1]), (0, n - 10));
            assert!(starts.windows(2).all(|pair| pair[1] - pair[0] <= 10), "{n}");
        }
    }
}
