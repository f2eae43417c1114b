//! Batches of random excerpts, read while the one before is computed.

use std::sync::mpsc;

use cratedigger_stats::SeededRng;

use super::options::TrainOptions;
use super::streams::Stream;
use crate::clips::Clips;
use crate::error::{DeepError, Result};
use crate::excerpts::Excerpts;
use crate::tensor::Tensor;

/// Batches that are read ahead.
const AHEAD: usize = 2;

/// A batch, and what its excerpts are of.
pub(crate) struct Batch {
    pub(crate) x: Tensor,
    /// The clip of each excerpt.
    pub(crate) clips: Vec<usize>,
    /// With mixup the clip that was mixed in, and the share of the first.
    pub(crate) mixed: Option<(Vec<usize>, f32)>,
}

/// Where batches come from.
pub(crate) struct Batches<'a> {
    pub(crate) clips: &'a dyn Clips,
    pub(crate) excerpts: &'a Excerpts,
    pub(crate) options: &'a TrainOptions,
    /// Clips to learn from.
    pub(crate) rows: &'a [usize],
    /// Whether excerpts are masked and mixed.
    pub(crate) augment: bool,
}

impl Batches<'_> {
    /// Steps of an epoch.
    pub(crate) fn n_steps(&self) -> usize {
        self.rows.len().div_ceil(self.options.batch_size)
    }

    /// The clips of each step, of sizes that differ by one at most.
    fn order(&self, epoch: usize) -> Vec<Vec<usize>> {
        let mut rows = self.rows.to_vec();
        let stream = Stream::Order { epoch }.number();
        SeededRng::stream(self.options.random_state, stream).shuffle(&mut rows);
        let n = self.n_steps();
        (0..n)
            .map(|k| rows[rows.len() * k / n..rows.len() * (k + 1) / n].to_vec())
            .collect()
    }

    fn batch(&self, epoch: usize, step: usize, clips: Vec<usize>) -> Result<Batch> {
        let stream = Stream::Batch { epoch, step }.number();
        let mut rng = SeededRng::stream(self.options.random_state, stream);
        let shape = self.excerpts.shape(clips.len());
        let starts: Vec<usize> = clips
            .iter()
            .map(|&clip| {
                let spare = self.clips.n_frames(clip).saturating_sub(shape.t);
                rng.below(spare + 1)
            })
            .collect();
        let mut x = Tensor::zeros(shape);
        for ((out, &clip), &first) in x
            .values
            .chunks_exact_mut(shape.excerpt())
            .zip(&clips)
            .zip(&starts)
        {
            self.excerpts.fill(self.clips, clip, first, out)?;
        }
        let mut mixed = None;
        if self.augment {
            if self.options.mixup > 0.0 && clips.len() > 1 {
                mixed = Some(mix(&mut x, &clips, self.options.mixup, &mut rng));
            }
            for excerpt in x.values.chunks_exact_mut(shape.excerpt()) {
                mask(excerpt, (shape.t, shape.f), self.options, &mut rng);
            }
        }
        Ok(Batch { x, clips, mixed })
    }

    /// Calls with each batch of an epoch, in order; a second thread reads ahead.
    ///
    /// # Errors
    /// The first of the reader or of `with`.
    pub(crate) fn each(&self, epoch: usize, mut with: impl FnMut(usize, Batch) -> Result<()>) -> Result<()> {
        let order = self.order(epoch);
        std::thread::scope(|scope| {
            let (send, receive) = mpsc::sync_channel(AHEAD);
            scope.spawn(move || {
                for (step, clips) in order.into_iter().enumerate() {
                    let batch = self.batch(epoch, step, clips);
                    let failed = batch.is_err();
                    // the other side is gone where computing failed
                    if send.send(batch).is_err() || failed {
                        break;
                    }
                }
            });
            for (step, batch) in receive.iter().enumerate() {
                with(step, batch?)?;
            }
            Ok::<(), DeepError>(())
        })
    }
}

/// Mixes each excerpt with another of the batch.
fn mix(x: &mut Tensor, clips: &[usize], alpha: f64, rng: &mut SeededRng) -> (Vec<usize>, f32) {
    let share = beta(alpha, rng) as f32;
    let n = clips.len();
    let mut partner: Vec<usize> = (0..n).collect();
    rng.shuffle(&mut partner);
    let size = x.shape.excerpt();
    let before = x.values.clone();
    for (k, excerpt) in x.values.chunks_exact_mut(size).enumerate() {
        let other = &before[partner[k] * size..][..size];
        for (value, other) in excerpt.iter_mut().zip(other) {
            *value = *value * share + other * (1.0 - share);
        }
    }
    (partner.into_iter().map(|k| clips[k]).collect(), share)
}

/// A number of Beta(alpha, alpha), not below 1/2: Jöhnk's method for `alpha` below 1, otherwise the median of uniform numbers, whose
/// distribution is that of the nearest whole `alpha`.
fn beta(alpha: f64, rng: &mut SeededRng) -> f64 {
    let share = if alpha < 1.0 {
        loop {
            let (x, y) = (rng.unit().powf(1.0 / alpha), rng.unit().powf(1.0 / alpha));
            if x + y <= 1.0 && x + y > 0.0 {
                break x / (x + y);
            }
        }
    } else {
        let whole = (alpha.round() as usize).min(64);
        let mut draws: Vec<f64> = (0..2 * whole - 1).map(|_| rng.unit()).collect();
        draws.sort_by(f64::total_cmp);
        draws[whole - 1]
    };
    share.max(1.0 - share)
}

/// Puts runs of frames and of bands to their means.
fn mask(excerpt: &mut [f32], (t, f): (usize, usize), options: &TrainOptions, rng: &mut SeededRng) {
    for _ in 0..options.n_masks {
        for (over, frames) in [(t, true), (f, false)] {
            let widest = (over as f64 * options.mask_share) as usize;
            let width = rng.below(widest + 1);
            let first = rng.below(over - width + 1);
            if frames {
                excerpt[first * f..(first + width) * f].fill(0.0);
            } else {
                for frame in excerpt.chunks_exact_mut(f) {
                    frame[first..first + width].fill(0.0);
                }
            }
        }
    }
}
