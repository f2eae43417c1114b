//! A network, trained and tested on the tracks that have frames, beside a method on their features.

use cratedigger_learn::{
    Dataset, Evaluation, FitEpoch, FittedPipeline, Fold, Method, ParamValue, Recordings, above_baseline,
    evaluate_hold_out,
};

use super::pictures::{middle, of_frames, of_gradient, of_patches};
use super::{Against, Attended, EpochFinding, NetworkFinding};
use crate::error::Result;
use crate::learning::methods::Ends;
use crate::learning::training::interval_of;

/// Test tracks that are shown.
const SHOWN: usize = 3;

/// Frames and bands that are put to their mean at a time.
const PATCH: (usize, usize) = (8, 8);

/// Trains and tests one. `max_epochs`: the most epochs, where it is not the method's own number.
///
/// # Errors
/// `Learn`.
pub(super) fn network(
    method: Method,
    data: &Dataset,
    fold: &Fold,
    features: &Evaluation,
    (max_epochs, seed): (Option<usize>, u64),
) -> Result<NetworkFinding> {
    let params = max_epochs.map(|n| ("max_epochs".to_owned(), ParamValue::Int(n as i64)));
    let classifier = method.classifier_with(&params.into_iter().collect(), seed)?;
    let (pipeline, evaluation) = evaluate_hold_out(&*classifier, data, fold, None, seed)?;
    let curve = pipeline.model().curve();
    Ok(NetworkFinding {
        name: method.name().to_owned(),
        accuracy: evaluation.summary.accuracy,
        accuracy_interval: interval_of(&evaluation, data),
        balanced_accuracy: evaluation.summary.balanced_accuracy,
        log_loss: evaluation.summary.probability.map(|scores| scores.log_loss),
        against_features: against(&evaluation, features, data)?,
        best_epoch: best_epoch(&curve),
        curve: curve.iter().map(epoch).collect(),
        examples: examples(&pipeline, &evaluation, data)?,
        fit_seconds: evaluation.result.folds[0].fit_seconds,
    })
}

/// One evaluation beside another on the same tracks.
///
/// # Errors
/// `Learn` where they are of other tracks.
pub(super) fn against(one: &Evaluation, other: &Evaluation, data: &Dataset) -> Result<Against> {
    let found = above_baseline(&[one], other, data)?.remove(0);
    Ok(Against {
        difference: found.difference,
        interval: found.interval.map(Ends::from),
        p: found.adjusted.value(),
    })
}

pub(super) fn epoch(epoch: &FitEpoch) -> EpochFinding {
    EpochFinding {
        epoch: epoch.epoch as u64,
        train_loss: epoch.train_loss,
        validation_loss: epoch.validation_loss,
        validation_accuracy: epoch.validation_accuracy,
        epoch_seconds: epoch.epoch_seconds,
    }
}

/// The epoch with the smallest loss on what was held out, the first of equals; the last where nothing was.
pub(super) fn best_epoch(curve: &[FitEpoch]) -> u64 {
    let held_out = curve
        .iter()
        .filter_map(|epoch| Some((epoch.validation_loss?, epoch.epoch)));
    let best = held_out.reduce(|best, one| if one.0 < best.0 { one } else { best });
    best.map_or(curve.len(), |(_, epoch)| epoch) as u64
}

/// The recordings that a model of frames reads.
pub(super) fn recordings<'d>(data: &'d Dataset, recipe: &str) -> Option<&'d Recordings> {
    let mut all = data.x.recordings().iter();
    all.find(|rows| rows.source().recipe() == recipe)
}

/// Of each genre the test track that the network is surest of, as far as it is right; the first genres.
fn examples(pipeline: &FittedPipeline, evaluation: &Evaluation, data: &Dataset) -> Result<Vec<Attended>> {
    let model = pipeline.model();
    let Some((recipe, fewest)) = model.fewest_frames() else {
        return Ok(Vec::new());
    };
    let (Some(recordings), Some(proba)) = (recordings(data, recipe), &evaluation.predictions.proba) else {
        return Ok(Vec::new());
    };
    let said = &evaluation.predictions;
    let mut found = Vec::new();
    for class in 0..data.classes.len() {
        let right =
            (0..said.rows.len()).filter(|&at| said.y_true[at] == class && said.predicted[at] == class);
        let sure = |at: usize| proba.row(at)[class];
        let surest = right.reduce(|best, at| if sure(at) > sure(best) { at } else { best });
        let Some(at) = surest else { continue };
        let row = said.rows[at];
        let frames = middle(recordings, row, fewest)?;
        let Some(attention) = model.attention(&frames, class, PATCH)? else {
            return Ok(Vec::new());
        };
        found.push(Attended {
            track_id: data.row_ids[row],
            label: data.classes[class].clone(),
            probability: sure(at),
            spectrogram: of_frames(&frames, recordings.source().n_bands()),
            gradient: of_gradient(&attention.gradient),
            occlusion: of_patches(&attention.occlusion, PATCH),
        });
        if found.len() == SHOWN {
            break;
        }
    }
    Ok(found)
}
