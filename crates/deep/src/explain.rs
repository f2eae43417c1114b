//! What a network attended to.

use rayon::prelude::*;

use crate::classifier::Classifier;
use crate::error::{DeepError, Result, same_size};
use crate::layers::Pass;
use crate::loss::probabilities;
use crate::tensor::Tensor;

/// A map over frames and bands.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// Rows, from the first frame on.
    pub n_frames: usize,
    /// Columns, from the lowest band on.
    pub n_bands: usize,
    /// Row after row.
    pub values: Vec<f32>,
}

/// An excerpt of frames that were given: where it begins, how many are there, and all of it, standardised.
struct Piece {
    first: usize,
    there: usize,
    x: Tensor,
}

impl Classifier {
    /// Whole frames of one recording in excerpts that cover it.
    fn pieces(&self, frames: &[f32], class: usize) -> Result<(usize, Vec<Piece>)> {
        let n_bands = self.n_bands();
        let n_frames = frames.len() / n_bands;
        same_size("numbers of whole frames", n_frames * n_bands, frames.len())?;
        if n_frames < self.fewest_frames() {
            return Err(DeepError::TooShort {
                clip: 0,
                n_frames,
                needed: self.fewest_frames(),
            });
        }
        if class >= self.n_classes() {
            return Err(DeepError::option(
                "class",
                class,
                format!("below {}", self.n_classes()),
            ));
        }
        if frames.iter().any(|value| !value.is_finite()) {
            return Err(DeepError::NotFinite { clip: 0 });
        }
        let excerpts = self.excerpts();
        let piece = |first: usize| {
            let there = (n_frames - first).min(excerpts.frames);
            let mut x = Tensor::zeros(excerpts.shape(1));
            let heard = &mut x.values[..there * n_bands];
            heard.copy_from_slice(&frames[first * n_bands..][..there * n_bands]);
            excerpts.bands.standardise(heard);
            Piece { first, there, x }
        };
        Ok((
            n_frames,
            excerpts.starts(n_frames).into_iter().map(piece).collect(),
        ))
    }

    /// The probabilities of frames that are in memory, as [`Classifier::predict_proba`] of one clip.
    ///
    /// # Errors
    /// `Size` without whole frames, `TooShort`, `NotFinite`.
    pub fn predict_frames(&self, frames: &[f32]) -> Result<Vec<f32>> {
        let clip = crate::clips::ClipsInMemory::new(self.n_bands(), vec![frames.to_vec()])?;
        self.predict_proba(&clip)
    }

    /// How the logarithm of the probability of `class` changes with each number of `frames` (Simonyan et al. 2014): the gradient, the
    /// mean of the excerpts where they overlap.
    ///
    /// # Errors
    /// `Size` without whole frames, `TooShort`, `NotFinite`; `Option` where there is no such class.
    pub fn input_gradient(&self, frames: &[f32], class: usize) -> Result<Map> {
        let (n_frames, pieces) = self.pieces(frames, class)?;
        let n_bands = self.n_bands();
        let gradients: Vec<_> = pieces
            .into_par_iter()
            .map(|Piece { first, there, x }| {
                let run = self.network().run(x, |_| Pass::Explain);
                let mut of_out = run.out.clone();
                of_out.values = probabilities(&of_out.values, self.n_classes());
                for (index, value) in of_out.values.iter_mut().enumerate() {
                    *value = f32::from(u8::from(index == class)) - *value;
                }
                (first, there, run.backward(of_out, true).1)
            })
            .collect();
        let mut map = Map {
            n_frames,
            n_bands,
            values: vec![0.0; frames.len()],
        };
        let mut counts = vec![0.0_f32; n_frames];
        for (first, there, gradient) in gradients {
            let Some(gradient) = gradient else { continue };
            let to = &mut map.values[first * n_bands..][..there * n_bands];
            for (to, value) in to.iter_mut().zip(&gradient.values) {
                *to += value;
            }
            for count in &mut counts[first..first + there] {
                *count += 1.0;
            }
        }
        let std = &self.excerpts().bands.std;
        for (frame, count) in map.values.chunks_exact_mut(n_bands).zip(counts) {
            for (value, std) in frame.iter_mut().zip(std) {
                *value /= count * std;
            }
        }
        Ok(map)
    }

    /// How much of the probability of `class` goes where a patch of `frames` x `bands` is put to the mean of its bands (Zeiler and Fergus
    /// 2014): a number for each patch of a grid without gaps, the mean over the excerpts that hear it. Above 0 where the patch speaks for
    /// the class.
    ///
    /// # Errors
    /// As [`Classifier::input_gradient`]; `Option` where a patch has no size.
    pub fn occlusion(&self, frames: &[f32], class: usize, patch: (usize, usize)) -> Result<Map> {
        let (n_frames, pieces) = self.pieces(frames, class)?;
        let n_bands = self.n_bands();
        if patch.0 == 0 || patch.1 == 0 {
            return Err(DeepError::option(
                "patch",
                format!("{patch:?}"),
                "at least one frame and one band",
            ));
        }
        let (rows, columns) = (n_frames.div_ceil(patch.0), n_bands.div_ceil(patch.1));
        let of_class = |x: Tensor| {
            let out = self.network().output(x);
            probabilities(&out.values, self.n_classes())[class]
        };
        let mut sums = vec![(0.0_f32, 0.0_f32); rows * columns];
        for Piece { first, there, x } in pieces {
            let whole = of_class(x.clone());
            let heard: Vec<usize> = (first / patch.0..(first + there).div_ceil(patch.0))
                .flat_map(|row| (0..columns).map(move |column| row * columns + column))
                .collect();
            let losses: Vec<f32> = heard
                .par_iter()
                .map(|&cell| {
                    let mut x = x.clone();
                    let row = cell / columns * patch.0;
                    let band = cell % columns * patch.1;
                    for frame in row.max(first)..(row + patch.0).min(first + there) {
                        let line = &mut x.values[(frame - first) * n_bands..][..n_bands];
                        line[band..(band + patch.1).min(n_bands)].fill(0.0);
                    }
                    whole - of_class(x)
                })
                .collect();
            for (&cell, loss) in heard.iter().zip(losses) {
                sums[cell].0 += loss;
                sums[cell].1 += 1.0;
            }
        }
        Ok(Map {
            n_frames: rows,
            n_bands: columns,
            values: sums.into_iter().map(|(sum, n)| sum / n).collect(),
        })
    }
}
