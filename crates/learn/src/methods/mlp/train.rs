use std::time::Instant;

use super::fitted::FittedMlp;
use super::lbfgs;
use super::network::{Network, Rows, Targets};
use super::optimiser::{Optimiser, Penalty};
use super::outcome::{Outcome, diverged};
use super::parameters::{MlpClassifier, Solver};
use super::path::PathEnd;
use crate::data::matrix::Matrix;
use crate::data::train_set::TrainSet;
use crate::error::Result;
use crate::split::{Fold, set_aside};
use cratedigger_stats::rng::SeededRng;

/// Fits the network to the classes in `present` (two or more, in order).
pub(super) fn fit(parameters: &MlpClassifier, train: &TrainSet<'_>, present: &[usize]) -> Result<FittedMlp> {
    let outcome = run(parameters, train, present, &mut |_, _, _| {})?;
    Ok(FittedMlp::new(outcome, present.to_vec(), train.n_classes()))
}

/// A moment of a run at which a shorter one may end.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Moment {
    /// The score stalls: the end with a constant learning rate. An adaptive one may go on.
    Stalled,
    /// An epoch is over, and the run does not end by itself.
    EpochOver,
}

/// The models of these ends, from one run with the longest of them.
pub(super) fn fit_path(
    parameters: &MlpClassifier,
    train: &TrainSet<'_>,
    present: &[usize],
    ends: &[PathEnd],
) -> Vec<(Result<FittedMlp>, f64)> {
    let started = Instant::now();
    let model = |outcome| FittedMlp::new(outcome, present.to_vec(), train.n_classes());
    let mut found: Vec<Option<(FittedMlp, f64)>> = vec![None; ends.len()];
    let last = run(parameters, train, present, &mut |moment, network, loss_curve| {
        for (end, found) in ends.iter().zip(&mut found) {
            let ends_here = match moment {
                Moment::Stalled => !end.adaptive,
                Moment::EpochOver => end.max_iter == loss_curve.len(),
            };
            if found.is_none() && ends_here {
                let outcome = Outcome {
                    network: network.clone(),
                    loss_curve: loss_curve.to_vec(),
                    converged: moment == Moment::Stalled,
                };
                *found = Some((model(outcome), started.elapsed().as_secs_f64()));
            }
        }
    })
    .map(model);
    let seconds = started.elapsed().as_secs_f64();
    found
        .into_iter()
        .map(|found| match found {
            Some((model, seconds)) => (Ok(model), seconds),
            None => (last.clone(), seconds),
        })
        .collect()
}

/// `watch` sees the network that would be the result if the run ended at that moment, and the losses up to there.
fn run(
    parameters: &MlpClassifier,
    train: &TrainSet<'_>,
    present: &[usize],
    watch: &mut dyn FnMut(Moment, &Network, &[f64]),
) -> Result<Outcome> {
    let compact = train.places(present);
    let labels: Vec<usize> = train.y().iter().map(|&class| compact[class]).collect();
    let weights: Option<Vec<f32>> = train
        .sample_weight()
        .map(|w| w.iter().map(|&w| w as f32).collect());

    let mut sizes = vec![train.x().n_cols()];
    sizes.extend(&parameters.hidden_layer_sizes);
    sizes.push(if present.len() == 2 { 1 } else { present.len() });
    let mut rng = SeededRng::new(parameters.seed);
    let network = Network::initialise(sizes, parameters.activation, &mut rng);
    let rows = Rows {
        x: train.x(),
        y: Targets::Classes(&labels),
        sample_weight: weights.as_deref(),
    };
    match parameters.solver {
        Solver::Adam | Solver::Sgd => {
            let share = parameters.validation_fraction;
            let aside = || set_aside(&labels, present.len(), train.groups(), share, parameters.seed);
            let aside = parameters.early_stopping.then(aside).transpose()?;
            epochs(parameters, network, &rows, aside, &mut rng, watch)
        }
        Solver::Lbfgs => lbfgs::iterations(parameters, network, &rows),
    }
}

/// Steps over batches of rows, epoch after epoch, until the score stalls: on rows that were set aside, where there are any.
pub(super) fn epochs(
    parameters: &MlpClassifier,
    mut network: Network,
    data: &Rows<'_>,
    aside: Option<Fold>,
    rng: &mut SeededRng,
    watch: &mut dyn FnMut(Moment, &Network, &[f64]),
) -> Result<Outcome> {
    let (mut rows, validation) = if let Some(fold) = aside {
        let x = data.x.take_rows(&fold.test)?;
        (fold.train, Some(Validation { x, rows: fold.test }))
    } else {
        ((0..data.x.n_rows()).collect(), None)
    };
    let batch_size = parameters.batch_size.unwrap_or(200).min(rows.len());
    let mut optimiser = Optimiser::new(parameters, &network);
    let mut progress = Progress::new(parameters);
    let mut best: Option<Network> = None;
    let mut loss_curve = Vec::new();
    let mut converged = false;
    for epoch in 1..=parameters.max_iter {
        if parameters.shuffle {
            rng.shuffle(&mut rows);
        }
        let mut epoch_loss = 0.0;
        for batch_rows in rows.chunks(batch_size) {
            let total_weight = data.total_weight(batch_rows);
            if total_weight == 0.0 {
                continue;
            }
            let parts = network.parts(data, batch_rows);
            let penalty = Penalty {
                alpha: parameters.alpha as f32,
                total_weight: total_weight as f32,
            };
            let squares = optimiser.update(&mut network, &parts, penalty);
            let data_loss: f64 = parts.iter().map(|part| part.loss).sum();
            let loss = (data_loss + 0.5 * parameters.alpha * squares) / total_weight;
            if !loss.is_finite() {
                return Err(diverged(epoch));
            }
            epoch_loss += loss * batch_rows.len() as f64;
        }
        let loss = epoch_loss / rows.len() as f64;
        loss_curve.push(loss);
        let improved = match &validation {
            None => progress.record(-loss),
            Some(validation) => progress.record(validation.accuracy(&network, data)),
        };
        if validation.is_some() && improved {
            best = Some(network.clone());
        }
        optimiser.epoch_ends(epoch * rows.len());
        if progress.stalled > parameters.n_iter_no_change {
            watch(Moment::Stalled, best.as_ref().unwrap_or(&network), &loss_curve);
            if optimiser.stops_when_stalled() {
                converged = true;
                break;
            }
            progress.stalled = 0;
        }
        watch(Moment::EpochOver, best.as_ref().unwrap_or(&network), &loss_curve);
    }
    Ok(Outcome {
        network: best.unwrap_or(network),
        loss_curve,
        converged,
    })
}

/// When to stop: how long the score (minus the loss, or the validation accuracy) has not improved by `tol`.
struct Progress {
    tol: f64,
    best: f64,
    stalled: usize,
}

impl Progress {
    fn new(parameters: &MlpClassifier) -> Self {
        Self {
            tol: parameters.tol,
            best: f64::NEG_INFINITY,
            stalled: 0,
        }
    }

    /// Notes the score of an epoch; whether it is the best so far.
    fn record(&mut self, score: f64) -> bool {
        self.stalled = if score < self.best + self.tol {
            self.stalled + 1
        } else {
            0
        };
        let improved = score > self.best;
        self.best = self.best.max(score);
        improved
    }
}

struct Validation {
    x: Matrix,
    rows: Vec<usize>,
}

impl Validation {
    /// The share of rows of which all is right.
    fn accuracy(&self, network: &Network, data: &Rows<'_>) -> f64 {
        let right: Vec<bool> = match data.y {
            Targets::Classes(y) => {
                let predicted = super::fitted::predict_compact(network, &self.x);
                let pairs = predicted.iter().zip(&self.rows);
                pairs.map(|(&predicted, &row)| predicted == y[row]).collect()
            }
            Targets::Labels(labels) => {
                let outputs = super::fitted::outputs(network, &self.x);
                let pairs = outputs.chunks_exact(labels.n_labels()).zip(&self.rows);
                let equal = |(outputs, &row): (&[f32], &usize)| {
                    outputs
                        .iter()
                        .zip(labels.row(row))
                        .all(|(&p, &has)| (p > 0.5) == has)
                };
                pairs.map(equal).collect()
            }
        };
        let (mut correct, mut total) = (0.0, 0.0);
        for (right, &row) in right.iter().zip(&self.rows) {
            let weight = data.sample_weight.map_or(1.0, |weights| f64::from(weights[row]));
            total += weight;
            correct += if *right { weight } else { 0.0 };
        }
        if total == 0.0 { 0.0 } else { correct / total }
    }
}
