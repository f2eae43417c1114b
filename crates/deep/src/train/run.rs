//! The training itself: epochs of steps, what is held out, checkpoints.

use std::ops::ControlFlow;
use std::time::Instant;

use super::batches::{Batch, Batches};
use super::checkpoint::Checkpoint;
use super::curve::{Epoch, best_epoch};
use super::options::TrainOptions;
use super::streams::Stream;
use crate::engine::{Engine, Place, Worker, gradients, put};
use crate::error::{DeepError, Result};
use crate::layers::{Array, Pass};
use crate::network::Network;
use crate::optimiser::{AdamW, Rates, cosine};
use crate::state::State;
use crate::tensor::Tensor;

/// What a step is judged by.
pub(crate) struct Judged {
    pub(crate) loss: f64,
    /// Of the loss, for the network's output.
    pub(crate) gradient: Tensor,
    /// Excerpts whose class was found.
    pub(crate) n_right: Option<usize>,
}

/// What is to be learnt.
pub(crate) trait Objective {
    /// The loss of a batch.
    fn judge(&self, out: &Tensor, batch: &Batch) -> Judged;

    /// Loss and accuracy on what is held out; none where nothing is.
    fn validate(&self, network: &Place<'_>) -> Result<Option<(f64, Option<f64>)>>;
}

/// What a training leaves.
pub(crate) struct Trained {
    /// That of the best epoch.
    pub(crate) network: Network,
    pub(crate) curve: Vec<Epoch>,
}

/// A training between two epochs: all that it needs to go on.
struct Progress {
    network: Network,
    optimiser: AdamW,
    best: Network,
    curve: Vec<Epoch>,
}

impl Progress {
    fn state(&self) -> Result<State> {
        let mut state = State {
            arrays: self.network.arrays("now"),
            ..State::default()
        };
        state.arrays.extend(self.best.arrays("best"));
        let moments = [
            ("first", &self.optimiser.first),
            ("second", &self.optimiser.second),
        ];
        for (name, moment) in moments {
            for (index, values) in moment.iter().enumerate() {
                let name = format!("{name}.{index}");
                state
                    .arrays
                    .push(Array::new(&name, &[values.len()], values.clone()));
            }
        }
        state.set("steps", self.optimiser.steps)?;
        state.set("curve", &self.curve)?;
        Ok(state)
    }

    /// Takes over a checkpoint of the same training.
    fn restore(&mut self, state: &State) -> Result<()> {
        let find = |name: &str| state.array(name).cloned();
        self.network.restore("now", find)?;
        self.best.restore("best", find)?;
        let moments = [
            ("first", &mut self.optimiser.first),
            ("second", &mut self.optimiser.second),
        ];
        for (name, moment) in moments {
            for (index, values) in moment.iter_mut().enumerate() {
                let name = format!("{name}.{index}");
                match find(&name) {
                    Some(array) if array.values.len() == values.len() => *values = array.values,
                    _ => return Err(DeepError::State(format!("it has no array {name}"))),
                }
            }
        }
        self.optimiser.steps = state.fact("steps")?;
        self.curve = state.fact("curve")?;
        Ok(())
    }
}

/// Trains `network`, or goes on where the checkpoint left off; batches are computed by the engine, where there is one.
pub(crate) fn train(
    network: Network,
    batches: &Batches<'_>,
    objective: &dyn Objective,
    checkpoint: Option<&Checkpoint>,
    engine: Option<&dyn Engine>,
    on_epoch: &mut dyn FnMut(&Epoch) -> ControlFlow<()>,
) -> Result<Trained> {
    let options = batches.options;
    let mut progress = Progress {
        optimiser: AdamW::new(network.parameters()),
        best: network.clone(),
        network,
        curve: Vec::new(),
    };
    if let Some(state) = checkpoint.map(Checkpoint::read).transpose()?.flatten() {
        progress.restore(&state)?;
    }
    let open = |engine: &dyn Engine| engine.open(&progress.network.kinds());
    let worker = engine.map(open).transpose().map_err(DeepError::Engine)?;
    for epoch in progress.curve.len() + 1..=options.max_epochs {
        let best = best_epoch(&progress.curve);
        if epoch > best + options.patience
            && progress.curve.iter().any(|epoch| epoch.validation_loss.is_some())
        {
            break;
        }
        let start = Instant::now();
        let mut done = one_epoch(&mut progress, worker.as_deref(), batches, objective, epoch)?;
        let place = match &worker {
            Some(worker) => {
                put(&**worker, &progress.network)?;
                Place::There(&**worker)
            }
            None => Place::Here(&progress.network),
        };
        let validated = objective.validate(&place)?;
        done.validation_loss = validated.map(|(loss, _)| loss);
        done.validation_accuracy = validated.and_then(|(_, accuracy)| accuracy);
        for loss in [Some(done.train_loss), done.validation_loss]
            .into_iter()
            .flatten()
        {
            finite(loss, epoch, options)?;
        }
        done.epoch_seconds = start.elapsed().as_secs_f64();
        progress.curve.push(done);
        if best_epoch(&progress.curve) == epoch {
            progress.best = progress.network.clone();
        }
        if let Some(checkpoint) = checkpoint {
            checkpoint.write(progress.state()?)?;
        }
        if on_epoch(&done).is_break() {
            return Err(DeepError::Stopped { epoch });
        }
    }
    Ok(Trained {
        network: progress.best,
        curve: progress.curve,
    })
}

fn finite(loss: f64, epoch: usize, options: &TrainOptions) -> Result<()> {
    if loss.is_finite() {
        return Ok(());
    }
    Err(DeepError::Diverged {
        epoch,
        loss,
        learning_rate: options.learning_rate,
    })
}

fn one_epoch(
    progress: &mut Progress,
    worker: Option<&dyn Worker>,
    batches: &Batches<'_>,
    objective: &dyn Objective,
    epoch: usize,
) -> Result<Epoch> {
    let options = batches.options;
    let n_steps = batches.n_steps();
    let (mut loss, mut n_right, mut n, mut rate) = (0.0, Some(0), 0, 0.0);
    let Progress {
        network, optimiser, ..
    } = progress;
    batches.each(epoch, |step, batch| {
        let pass = |layer| Pass::Train {
            seed: options.random_state,
            stream: Stream::Dropout { epoch, step, layer }.number(),
        };
        let judge = |out: &Tensor| {
            let judged = objective.judge(out, &batch);
            finite(judged.loss, epoch, options)?;
            loss += judged.loss * batch.clips.len() as f64;
            n_right = n_right.zip(judged.n_right).map(|(sum, n)| sum + n);
            Ok(judged.gradient)
        };
        let (gradients, moments) = gradients(network, worker, batch.x.clone(), pass, judge)?;
        rate = cosine(
            options.learning_rate,
            (epoch - 1) * n_steps + step,
            n_steps,
            options.max_epochs * n_steps,
        );
        let rates = Rates {
            learning_rate: rate,
            weight_decay: options.weight_decay,
            max_norm: options.max_norm,
        };
        optimiser.step(network.parameters_mut(), &gradients, rates);
        network.remember(moments);
        n += batch.clips.len();
        Ok(())
    })?;
    Ok(Epoch {
        epoch,
        learning_rate: rate,
        train_loss: loss / n as f64,
        train_accuracy: n_right.map(|right| right as f64 / n as f64),
        validation_loss: None,
        validation_accuracy: None,
        epoch_seconds: 0.0,
    })
}
