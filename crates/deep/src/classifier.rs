//! A network that tells classes: its training, and what it is used for.

use std::ops::ControlFlow;
use std::path::Path;

use rayon::prelude::*;

use crate::architecture::Architecture;
use crate::classes::{Classes, of_clip};
use crate::clips::{Bands, Clips};
use crate::engine::{engine, placed};
use crate::error::{DeepError, Result, same_size};
use crate::excerpts::Excerpts;
use crate::layers::LayerKind;
use crate::network::Network;
use crate::state::State;
use crate::train::{
    Batches, Checkpoint, Epoch, Stream, TrainOptions, best_epoch, fingerprint, hold_out, train,
};
use crate::train_data::TrainData;

/// A trained network.
#[derive(Debug, Clone)]
pub struct Classifier {
    network: Network,
    excerpts: Excerpts,
    n_classes: usize,
    curve: Vec<Epoch>,
}

impl Classifier {
    /// Trains a network.
    ///
    /// The same data, options and seed give the same weights with any number of threads (rayon's current pool). With a `checkpoint` the
    /// training leaves all that it needs at this path after each epoch and goes on from what is there, to the same weights as without a
    /// break; the file stays, and whoever is content with the result deletes it. `on_epoch` is told of each epoch and may stop.
    ///
    /// # Errors
    /// `Option`, `Size`, `Nothing`, `TooShort`, `Read`, `NotFinite` where data or options will not do; `Diverged`; `Stopped` where
    /// `on_epoch` breaks; `Checkpoint`; `Engine`.
    pub fn train(
        architecture: &Architecture,
        options: &TrainOptions,
        data: TrainData<'_>,
        checkpoint: Option<&Path>,
        on_epoch: &mut dyn FnMut(&Epoch) -> ControlFlow<()>,
    ) -> Result<Self> {
        options.check()?;
        let kinds = architecture.layers(data.clips.n_bands(), data.n_classes)?;
        let (weights, rows) = data.weigh()?;
        let network = Network::drawn(&kinds, options.random_state, Stream::Weights.number());
        let held = hold_out(
            &rows,
            |row| data.labels[row],
            |row| data.groups.map_or(row, |groups| groups[row]),
            options.validation_fraction,
            options.random_state,
        );
        // lengths first: an error before an hour of reading
        let n_bands = data.clips.n_bands();
        let excerpts = Excerpts::of(&network, options.excerpt_frames, Bands::blank(n_bands))?;
        for &row in &rows {
            excerpts.n_frames(data.clips, row)?;
        }
        let bands = Bands::of(data.clips, &held.train)?;
        let excerpts = Excerpts { bands, ..excerpts };
        let whole = |values: &[usize]| values.iter().map(|&value| value as u64).collect::<Vec<u64>>();
        let bits: Vec<u64> = weights.iter().map(|weight| u64::from(weight.to_bits())).collect();
        let labels = whole(data.labels);
        let groups = data.groups.map(whole).unwrap_or_default();
        let rest = [&labels[..], &groups, &bits];
        let print = fingerprint(&kinds, options, data.clips, &excerpts.bands, &rest);
        let checkpoint = checkpoint.map(|path| Checkpoint::new(path, print));
        let batches = Batches {
            clips: data.clips,
            excerpts: &excerpts,
            options,
            rows: &held.train,
            augment: true,
        };
        let objective = Classes {
            data,
            weights: &weights,
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
        Ok(Self {
            network: trained.network,
            n_classes: data.n_classes,
            curve: trained.curve,
            excerpts,
        })
    }

    /// Number of classes.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// Numbers of a frame.
    pub fn n_bands(&self) -> usize {
        self.excerpts.bands.mean.len()
    }

    /// Frames of an excerpt.
    pub fn excerpt_frames(&self) -> usize {
        self.excerpts.frames
    }

    /// The fewest frames that a clip must have.
    pub fn fewest_frames(&self) -> usize {
        self.excerpts.fewest
    }

    /// Its layers, first to last. What comes out are logits: probabilities are their softmax.
    pub fn layers(&self) -> Vec<LayerKind> {
        self.network.kinds()
    }

    /// What each epoch brought. Without seconds where it was read from a state.
    pub fn curve(&self) -> &[Epoch] {
        &self.curve
    }

    /// The epoch whose weights were kept.
    pub fn best_epoch(&self) -> usize {
        best_epoch(&self.curve)
    }

    /// Probabilities of each clip, `n_classes` a row: the mean over the fewest excerpts that cover the clip.
    ///
    /// # Errors
    /// `Size` where clips have another number of bands; `TooShort`, `Read`, `NotFinite`.
    pub fn predict_proba(&self, clips: &dyn Clips) -> Result<Vec<f32>> {
        same_size("bands", self.n_bands(), clips.n_bands())?;
        let rows: Vec<Result<Vec<f32>>> = placed(&self.network, engine(), |place| {
            let of = |clip| of_clip(place, &self.excerpts, clips, clip, usize::MAX);
            Ok((0..clips.n_clips()).into_par_iter().map(of).collect())
        })?;
        let mut out = Vec::with_capacity(rows.len() * self.n_classes);
        for row in rows {
            out.extend(row?);
        }
        Ok(out)
    }

    /// Everything that was learnt.
    ///
    /// # Errors
    /// None in practice: `State` where a number could not be written as JSON.
    pub fn state(&self) -> Result<State> {
        let mut state = State {
            arrays: self.network.arrays("layers"),
            ..State::default()
        };
        state.arrays.extend(self.excerpts.bands.arrays());
        state.set("layers", self.layers())?;
        state.set("excerpt_frames", self.excerpts.frames)?;
        state.set("n_classes", self.n_classes)?;
        state.set(
            "curve",
            self.curve.iter().map(Epoch::timeless).collect::<Vec<_>>(),
        )?;
        Ok(state)
    }

    /// The network of a state, which may come from anywhere.
    ///
    /// # Errors
    /// `State` where it is not one.
    pub fn from_state(state: &State) -> Result<Self> {
        let network = state.network("layers")?;
        let bad = |error: DeepError| DeepError::State(error.to_string());
        let excerpts = Excerpts::of(&network, state.fact("excerpt_frames")?, state.bands()?).map_err(bad)?;
        let n_classes = state.fact("n_classes")?;
        let out = network.shape(excerpts.shape(1));
        if out.is_none_or(|out| (out.t, out.f, out.c) != (1, 1, n_classes)) || n_classes == 0 {
            return Err(DeepError::State("its layers do not end in its classes".into()));
        }
        Ok(Self {
            network,
            excerpts,
            n_classes,
            curve: state.fact("curve")?,
        })
    }

    pub(crate) fn network(&self) -> &Network {
        &self.network
    }

    pub(crate) fn excerpts(&self) -> &Excerpts {
        &self.excerpts
    }
}
