//! Classes as what a network is to learn, and its probabilities of a clip.

use rayon::prelude::*;

use crate::clips::Clips;
use crate::engine::Place;
use crate::error::Result;
use crate::excerpts::Excerpts;
use crate::loss::{cross_entropy, probabilities};
use crate::tensor::Tensor;
use crate::train::{Batch, Judged, Objective};
use crate::train_data::TrainData;

/// Excerpts that are computed at a time. A number of its own for each clip's batches, so that a clip gets the same bits in any company.
const AT_A_TIME: usize = 4;

/// Excerpts of a clip, at most, that are heard to know when to stop.
const TO_STOP_BY: usize = 3;

/// Mean probabilities over excerpts of a clip, `most` of them at most.
pub(crate) fn of_clip(
    network: &Place<'_>,
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
        let out = network.output(excerpts.batch(clips, clip, starts)?)?;
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
pub(crate) struct Classes<'a> {
    pub(crate) data: TrainData<'a>,
    pub(crate) weights: &'a [f32],
    pub(crate) excerpts: &'a Excerpts,
    pub(crate) held_out: &'a [usize],
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

    fn validate(&self, network: &Place<'_>) -> Result<Option<(f64, Option<f64>)>> {
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
