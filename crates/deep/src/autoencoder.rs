//! A convolutional autoencoder: what frames look like, learnt without labels.

use std::ops::ControlFlow;
use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::architecture::{block, widths};
use crate::clips::{Bands, Clips};
use crate::engine::{Place, engine, placed};
use crate::error::{DeepError, Result, same_size};
use crate::excerpts::Excerpts;
use crate::layers::LayerKind;
use crate::loss::squared_error;
use crate::network::Network;
use crate::state::State;
use crate::tensor::Tensor;
use crate::train::{
    Batch, Batches, Checkpoint, Epoch, Judged, Objective, Stream, TrainOptions, best_epoch, fingerprint,
    hold_out, train,
};

/// Excerpts that are computed at a time, whatever clip they are of.
const AT_A_TIME: usize = 4;

/// Excerpts of a clip, at most, that are heard to know when to stop.
const TO_STOP_BY: usize = 3;

/// The sizes of an [`Autoencoder`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AutoencoderOptions {
    /// Channels of each block of the encoder, which halves frames and bands; the decoder has the same from last to first.
    pub widths: Vec<usize>,
    /// Channels of the code.
    pub code: usize,
}

impl Default for AutoencoderOptions {
    fn default() -> Self {
        Self {
            widths: vec![8, 16, 32, 32],
            code: 8,
        }
    }
}

impl AutoencoderOptions {
    /// Layers of the encoder, then of the decoder.
    fn layers(&self) -> Result<(Vec<LayerKind>, Vec<LayerKind>)> {
        widths(&self.widths)?;
        if !(1..=512).contains(&self.code) {
            return Err(DeepError::option("code", self.code, "a number from 1 to 512"));
        }
        let mut encoder = Vec::new();
        let mut inputs = 1;
        for &width in &self.widths {
            block(&mut encoder, inputs, width, (2, 2));
            inputs = width;
        }
        encoder.push(LayerKind::Dense {
            inputs,
            outputs: self.code,
        });
        let mut decoder = Vec::new();
        inputs = self.code;
        for &width in self.widths.iter().rev() {
            block(&mut decoder, inputs, width, (1, 1));
            decoder.push(LayerKind::Upsample { frames: 2, bands: 2 });
            inputs = width;
        }
        decoder.push(LayerKind::Conv {
            inputs,
            outputs: 1,
            bias: true,
        });
        Ok((encoder, decoder))
    }

    /// The fewest frames that a clip must have to be learnt from and encoded.
    ///
    /// # Errors
    /// `Option` where the sizes make no network for so many bands.
    pub fn fewest_frames(&self, n_bands: usize, excerpt_frames: usize) -> Result<usize> {
        let (encoder, decoder) = self.layers()?;
        let kinds: Vec<LayerKind> = encoder.into_iter().chain(decoder).collect();
        let blank = Bands::blank(n_bands);
        Ok(Excerpts::of(&Network::drawn(&kinds, 0, 0), excerpt_frames, blank)?.fewest)
    }
}

/// A trained autoencoder: blocks of convolution, batch normalisation, rectifier and 2 x 2 maximum down to a code, and back by
/// convolutions and repetition to the frames (bands above the last whole window are left out). It learns to make the mean squared
/// difference small, of frames that are standardised band by band.
#[derive(Debug, Clone)]
pub struct Autoencoder {
    encoder: Network,
    decoder: Network,
    excerpts: Excerpts,
    curve: Vec<Epoch>,
}

impl Autoencoder {
    /// Trains an autoencoder on all clips, as [`crate::Classifier::train`] trains a network; masks and mixtures are left out. `groups`:
    /// that of each clip, such as its artist, of which some are held out whole.
    ///
    /// # Errors
    /// As [`crate::Classifier::train`].
    pub fn train(
        sizes: &AutoencoderOptions,
        options: &TrainOptions,
        clips: &dyn Clips,
        groups: Option<&[usize]>,
        checkpoint: Option<&Path>,
        on_epoch: &mut dyn FnMut(&Epoch) -> ControlFlow<()>,
    ) -> Result<Self> {
        options.check()?;
        let n_clips = clips.n_clips();
        if n_clips == 0 {
            return Err(DeepError::Nothing("there are no clips".into()));
        }
        if let Some(groups) = groups {
            same_size("groups", n_clips, groups.len())?;
        }
        let (encoder, decoder) = sizes.layers()?;
        let n_encoder = encoder.len();
        let kinds: Vec<LayerKind> = encoder.into_iter().chain(decoder).collect();
        let network = Network::drawn(&kinds, options.random_state, Stream::Weights.number());
        let rows: Vec<usize> = (0..n_clips).collect();
        let held = hold_out(
            &rows,
            |_| 0,
            |row| groups.map_or(row, |groups| groups[row]),
            options.validation_fraction,
            options.random_state,
        );
        let n_bands = clips.n_bands();
        let excerpts = Excerpts::of(&network, options.excerpt_frames, Bands::blank(n_bands))?;
        for &row in &rows {
            excerpts.n_frames(clips, row)?;
        }
        let bands = Bands::of(clips, &held.train)?;
        let excerpts = Excerpts { bands, ..excerpts };
        let groups: Vec<u64> = groups
            .unwrap_or_default()
            .iter()
            .map(|&group| group as u64)
            .collect();
        let print = fingerprint(&kinds, options, clips, &excerpts.bands, &[&groups]);
        let checkpoint = checkpoint.map(|path| Checkpoint::new(path, print));
        let batches = Batches {
            clips,
            excerpts: &excerpts,
            options,
            rows: &held.train,
            augment: false,
        };
        let objective = Frames {
            clips,
            excerpts: &excerpts,
            held_out: &held.held_out,
        };
        let trained = train(
            network,
            &batches,
            &objective,
            checkpoint.as_ref(),
            engine(),
            on_epoch,
        )?;
        let (encoder, decoder) = trained.network.split(n_encoder);
        Ok(Self {
            encoder,
            decoder,
            curve: trained.curve,
            excerpts,
        })
    }

    /// Numbers of a frame.
    pub fn n_bands(&self) -> usize {
        self.excerpts.bands.mean.len()
    }

    /// The fewest frames that a clip must have.
    pub fn fewest_frames(&self) -> usize {
        self.excerpts.fewest
    }

    /// Layers of the encoder, first to last.
    pub fn encoder_layers(&self) -> Vec<LayerKind> {
        self.encoder.kinds()
    }

    /// Layers of the decoder, first to last.
    pub fn decoder_layers(&self) -> Vec<LayerKind> {
        self.decoder.kinds()
    }

    /// What each epoch brought. Without seconds where it was read from a state.
    pub fn curve(&self) -> &[Epoch] {
        &self.curve
    }

    /// The epoch whose weights were kept.
    pub fn best_epoch(&self) -> usize {
        best_epoch(&self.curve)
    }

    /// Numbers of a clip's code: mean and standard deviation over time of each number of the code's frames.
    pub fn code_len(&self) -> usize {
        let shape = self.encoder.shape(self.excerpts.shape(1));
        shape.map_or(0, |shape| 2 * shape.f * shape.c)
    }

    /// The code of each clip, [`Autoencoder::code_len`] numbers a row: the means over time of all numbers of the code (band after band,
    /// its channels together), then their standard deviations, over the fewest excerpts that cover the clip. For short clips what was
    /// filled up counts too.
    ///
    /// # Errors
    /// `Size` where clips have another number of bands; `TooShort`, `Read`, `NotFinite`.
    pub fn encode(&self, clips: &dyn Clips) -> Result<Vec<f32>> {
        same_size("bands", self.n_bands(), clips.n_bands())?;
        let rows: Vec<Result<Vec<f32>>> = placed(&self.encoder, engine(), |encoder| {
            let of = |clip| self.code(encoder, clips, clip);
            Ok((0..clips.n_clips()).into_par_iter().map(of).collect())
        })?;
        let mut out = Vec::with_capacity(rows.len() * self.code_len());
        for row in rows {
            out.extend(row?);
        }
        Ok(out)
    }

    fn code(&self, encoder: &Place<'_>, clips: &dyn Clips, clip: usize) -> Result<Vec<f32>> {
        let starts = self.excerpts.starts(self.excerpts.n_frames(clips, clip)?);
        let width = self.code_len() / 2;
        let mut sums = vec![[0.0_f64; 2]; width];
        let mut n = 0;
        for starts in starts.chunks(AT_A_TIME) {
            let code = encoder.output(self.excerpts.batch(clips, clip, starts)?)?;
            for frame in code.values.chunks_exact(width) {
                n += 1;
                for ([sum, square], &value) in sums.iter_mut().zip(frame) {
                    *sum += f64::from(value);
                    *square += f64::from(value) * f64::from(value);
                }
            }
        }
        let n = f64::from(n);
        let means = sums.iter().map(|[sum, _]| sum / n);
        let deviations = sums
            .iter()
            .map(|[sum, square]| (square / n - sum / n * (sum / n)).max(0.0).sqrt());
        Ok(means.chain(deviations).map(|value| value as f32).collect())
    }

    /// What is left of frames that went through the code: as many frames, in the units of the input. Bands above the last whole window
    /// come back as their mean, as do frames after it where the recording is shorter than an excerpt; where excerpts overlap, the later
    /// one counts.
    ///
    /// # Errors
    /// `Size` without whole frames; `TooShort`, `NotFinite`.
    pub fn reconstruct(&self, frames: &[f32]) -> Result<Vec<f32>> {
        let n_bands = self.n_bands();
        let clip = crate::clips::ClipsInMemory::new(n_bands, vec![frames.to_vec()])?;
        let n_frames = self.excerpts.n_frames(&clip, 0)?;
        let mut out = vec![0.0; frames.len()];
        for first in self.excerpts.starts(n_frames) {
            let code = self.encoder.output(self.excerpts.batch(&clip, 0, &[first])?);
            let back = self.decoder.output(code);
            let there = back.shape.t.min(n_frames - first);
            for (frame, line) in back.values.chunks_exact(back.shape.f).take(there).enumerate() {
                out[(first + frame) * n_bands..][..line.len()].copy_from_slice(line);
            }
        }
        self.excerpts.bands.restore(&mut out);
        Ok(out)
    }

    /// Everything that was learnt. The arrays of the encoder's layers are `layers.K.NAME`, the decoder's follow them, counted on.
    ///
    /// # Errors
    /// None in practice: `State` where a number could not be written as JSON.
    pub fn state(&self) -> Result<State> {
        let kinds: Vec<LayerKind> = self
            .encoder
            .kinds()
            .into_iter()
            .chain(self.decoder.kinds())
            .collect();
        let mut state = State {
            arrays: self.encoder.clone().join(self.decoder.clone()).arrays("layers"),
            ..State::default()
        };
        state.arrays.extend(self.excerpts.bands.arrays());
        state.set("layers", kinds)?;
        state.set("n_encoder_layers", self.encoder.kinds().len())?;
        state.set("excerpt_frames", self.excerpts.frames)?;
        state.set(
            "curve",
            self.curve.iter().map(Epoch::timeless).collect::<Vec<_>>(),
        )?;
        Ok(state)
    }

    /// The autoencoder of a state, which may come from anywhere.
    ///
    /// # Errors
    /// `State` where it is not one.
    pub fn from_state(state: &State) -> Result<Self> {
        let network = state.network("layers")?;
        let bad = |error: DeepError| DeepError::State(error.to_string());
        let excerpts = Excerpts::of(&network, state.fact("excerpt_frames")?, state.bands()?).map_err(bad)?;
        let (whole, back) = (excerpts.shape(1), network.shape(excerpts.shape(1)));
        if back.is_none_or(|back| back.c != 1 || back.f > whole.f || back.t > whole.t) {
            return Err(DeepError::State("its layers do not end in frames".into()));
        }
        let n_encoder: usize = state.fact("n_encoder_layers")?;
        if n_encoder > network.kinds().len() {
            return Err(DeepError::State(format!("it has no {n_encoder} layers")));
        }
        let (encoder, decoder) = network.split(n_encoder);
        Ok(Self {
            encoder,
            decoder,
            excerpts,
            curve: state.fact("curve")?,
        })
    }
}

/// The frames themselves are to be learnt.
struct Frames<'a> {
    clips: &'a dyn Clips,
    excerpts: &'a Excerpts,
    held_out: &'a [usize],
}

impl Objective for Frames<'_> {
    fn judge(&self, out: &Tensor, batch: &Batch) -> Judged {
        let (loss, gradient) = squared_error(out, &batch.x);
        Judged {
            loss,
            gradient,
            n_right: None,
        }
    }

    fn validate(&self, network: &Place<'_>) -> Result<Option<(f64, Option<f64>)>> {
        if self.held_out.is_empty() {
            return Ok(None);
        }
        let losses: Vec<Result<f64>> = self
            .held_out
            .par_iter()
            .map(|&clip| {
                let starts = self.excerpts.starts(self.excerpts.n_frames(self.clips, clip)?);
                let n = starts.len().min(TO_STOP_BY);
                let starts: Vec<usize> = (0..n)
                    .map(|k| starts[(2 * k + 1) * starts.len() / (2 * n)])
                    .collect();
                let x = self.excerpts.batch(self.clips, clip, &starts)?;
                Ok(squared_error(&network.output(x.clone())?, &x).0)
            })
            .collect();
        let mut sum = 0.0;
        for loss in losses {
            sum += loss?;
        }
        Ok(Some((sum / self.held_out.len() as f64, None)))
    }
}
