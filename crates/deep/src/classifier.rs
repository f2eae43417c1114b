//! A network that tells classes: its training, and what it is used for.

use std::ops::ControlFlow;
use std::path::Path;

use rayon::prelude::*;

use crate::architecture::Architecture;
use crate::clips::{Bands, Clips};
use crate::error::{DeepError, Result, same_size};
use crate::excerpts::Excerpts;
use crate::layers::LayerKind;
use crate::loss::{cross_entropy, probabilities};
use crate::network::Network;
use crate::state::State;
use crate::tensor::Tensor;
use crate::train::{
    Batch, Batches, Checkpoint, Epoch, Judged, Objective, Stream, TrainOptions, best_epoch, hold_out, train,
};

/// Excerpts that are computed at a time. A number of its own for each clip's batches, so that a clip gets the same bits in any company.
const AT_A_TIME: usize = 4;

/// Excerpts of a clip, at most, that are heard to know when to stop.
const TO_STOP_BY: usize = 3;

/// What a network learns from.
#[derive(Clone, Copy)]
pub struct TrainData<'a> {
    /// The clips.
    pub clips: &'a dyn Clips,
    /// The class of each, below `n_classes`.
    pub labels: &'a [usize],
    /// Number of classes; some may have no clip.
    pub n_classes: usize,
    /// The group of each clip, such as its artist: groups are held out whole. Without, each clip is its own.
    pub groups: Option<&'a [usize]>,
    /// The weight of each clip, in any scale; clips of weight 0 do not count.
    pub weights: Option<&'a [f64]>,
    /// The weight of each class, by which those of its clips are multiplied.
    pub class_weights: Option<&'a [f64]>,
}

impl TrainData<'_> {
    /// Checks sizes; the weight of each clip, so that their mean is 1, and the clips that count.
    fn weigh(&self) -> Result<(Vec<f32>, Vec<usize>)> {
        let n = self.clips.n_clips();
        same_size("labels", n, self.labels.len())?;
        if let Some(groups) = self.groups {
            same_size("groups", n, groups.len())?;
        }
        if let Some(weights) = self.weights {
            same_size("weights", n, weights.len())?;
        }
        if let Some(weights) = self.class_weights {
            same_size("class weights", self.n_classes, weights.len())?;
        }
        if let Some(&label) = self.labels.iter().find(|&&label| label >= self.n_classes) {
            return Err(DeepError::option(
                "label",
                label,
                format!("below {}", self.n_classes),
            ));
        }
        let of = |clip: usize| {
            let of_class = self.class_weights.map_or(1.0, |all| all[self.labels[clip]]);
            self.weights.map_or(1.0, |all| all[clip]) * of_class
        };
        let weights: Vec<f64> = (0..n).map(of).collect();
        if let Some(weight) = weights
            .iter()
            .find(|weight| !(**weight >= 0.0 && weight.is_finite()))
        {
            return Err(DeepError::option("weight", weight, "at least 0"));
        }
        let rows: Vec<usize> = (0..n).filter(|&clip| weights[clip] > 0.0).collect();
        let mut classes: Vec<usize> = rows.iter().map(|&clip| self.labels[clip]).collect();
        classes.sort_unstable();
        classes.dedup();
        if classes.len() < 2 {
            return Err(DeepError::Nothing(format!(
                "there are clips of {} classes; at least two are needed",
                classes.len()
            )));
        }
        let mean = rows.iter().map(|&clip| weights[clip]).sum::<f64>() / rows.len() as f64;
        Ok((
            weights.iter().map(|weight| (weight / mean) as f32).collect(),
            rows,
        ))
    }
}

/// A trained network.
#[derive(Debug, Clone)]
pub struct Classifier {
    network: Network,
    excerpts: Excerpts,
    n_classes: usize,
    curve: Vec<Epoch>,
}

/// The excerpts of a network; how short a clip may be follows from its layers.
pub(crate) fn excerpts_of(network: &Network, frames: usize, bands: Bands) -> Result<Excerpts> {
    let n_bands = bands.mean.len();
    match network.fewest_frames(n_bands, frames) {
        Some(fewest) => Ok(Excerpts {
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

/// What a training is recognised by: everything that its result depends on.
pub(crate) fn fingerprint(
    kinds: &[LayerKind],
    options: &TrainOptions,
    clips: &dyn Clips,
    bands: &Bands,
    rest: &[&[u64]],
) -> String {
    let mut hash = blake3::Hasher::new();
    hash.update(format!("{kinds:?} {options:?}").as_bytes());
    let frames: Vec<u64> = (0..clips.n_clips())
        .map(|clip| clips.n_frames(clip) as u64)
        .collect();
    for values in std::iter::once(&frames[..]).chain(rest.iter().copied()) {
        hash.update(&(values.len() as u64).to_le_bytes());
        for value in values {
            hash.update(&value.to_le_bytes());
        }
    }
    for value in bands.mean.iter().chain(&bands.std) {
        hash.update(&value.to_le_bytes());
    }
    hash.finalize().to_hex().to_string()
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
    /// `on_epoch` breaks; `Checkpoint`.
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
        let blank = Bands {
            mean: vec![0.0; n_bands],
            std: vec![1.0; n_bands],
        };
        let excerpts = excerpts_of(&network, options.excerpt_frames, blank)?;
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
        let trained = train(network, &batches, &objective, checkpoint.as_ref(), on_epoch)?;
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
        let rows: Vec<Result<Vec<f32>>> = (0..clips.n_clips())
            .into_par_iter()
            .map(|clip| of_clip(&self.network, &self.excerpts, clips, clip, usize::MAX))
            .collect();
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
        let excerpts = excerpts_of(&network, state.fact("excerpt_frames")?, state.bands()?).map_err(bad)?;
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

/// Mean probabilities over excerpts of a clip, `most` of them at most.
fn of_clip(
    network: &Network,
    excerpts: &Excerpts,
    clips: &dyn Clips,
    clip: usize,
    most: usize,
) -> Result<Vec<f32>> {
    let mut starts = excerpts.starts(excerpts.n_frames(clips, clip)?);
    if starts.len() > most {
        let n = starts.len();
        starts = (0..most).map(|k| starts[(2 * k + 1) * n / (2 * most)]).collect();
    }
    let mut sums: Vec<f64> = Vec::new();
    for starts in starts.chunks(AT_A_TIME) {
        let out = network.output(excerpts.batch(clips, clip, starts)?);
        let n_classes = out.shape.c;
        sums.resize(n_classes, 0.0);
        for row in probabilities(&out.values, n_classes).chunks_exact(n_classes) {
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += f64::from(value);
            }
        }
    }
    let n = starts.len() as f64;
    Ok(sums.into_iter().map(|sum| (sum / n) as f32).collect())
}

/// Classes are to be learnt.
struct Classes<'a> {
    data: TrainData<'a>,
    weights: &'a [f32],
    excerpts: &'a Excerpts,
    held_out: &'a [usize],
}

/// The index of the largest, the first of equals.
fn largest(row: &[f32]) -> usize {
    let mut best = 0;
    for (index, value) in row.iter().enumerate() {
        if *value > row[best] {
            best = index;
        }
    }
    best
}

impl Objective for Classes<'_> {
    fn judge(&self, out: &Tensor, batch: &Batch) -> Judged {
        let n_classes = self.data.n_classes;
        let n = batch.clips.len();
        let mut targets = vec![0.0; n * n_classes];
        let mut weights = vec![0.0; n];
        for (row, &clip) in batch.clips.iter().enumerate() {
            let share = batch.mixed.as_ref().map_or(1.0, |(_, share)| *share);
            let mut add = |clip: usize, share: f32| {
                targets[row * n_classes + self.data.labels[clip]] += share * self.weights[clip];
                weights[row] += share * self.weights[clip];
            };
            add(clip, share);
            if let Some((others, share)) = &batch.mixed {
                add(others[row], 1.0 - share);
            }
        }
        for (row, &weight) in targets.chunks_exact_mut(n_classes).zip(&weights) {
            for value in row {
                *value /= weight;
            }
        }
        let (loss, gradient) = cross_entropy(out, &targets, &weights);
        let rows = out.values.chunks_exact(n_classes).zip(&batch.clips);
        let n_right = rows
            .filter(|(row, clip)| largest(row) == self.data.labels[**clip])
            .count();
        Judged {
            loss,
            gradient,
            n_right: Some(n_right),
        }
    }

    fn validate(&self, network: &Network) -> Result<Option<(f64, Option<f64>)>> {
        if self.held_out.is_empty() {
            return Ok(None);
        }
        let rows: Vec<Result<Vec<f32>>> = self
            .held_out
            .par_iter()
            .map(|&clip| of_clip(network, self.excerpts, self.data.clips, clip, TO_STOP_BY))
            .collect();
        let (mut loss, mut right, mut total) = (0.0, 0.0, 0.0);
        for (&clip, row) in self.held_out.iter().zip(rows) {
            let row = row?;
            let label = self.data.labels[clip];
            let weight = f64::from(self.weights[clip]);
            loss -= weight * f64::from(row[label]).max(1e-12).ln();
            right += weight * f64::from(u8::from(largest(&row) == label));
            total += weight;
        }
        // a network of nothing but NaN has no largest output
        let loss = if loss.is_nan() { f64::INFINITY } else { loss };
        Ok(Some((loss / total, Some(right / total))))
    }
}
