//! An autoencoder on the training tracks, and a method on its code beside the same method on the features.

use std::time::Instant;

use cratedigger_learn::autoencoder::{Autoencoder, AutoencoderCard, AutoencoderSettings};
use cratedigger_learn::{Dataset, Fold, Matrix, Method, ParamValue, Recordings, evaluate_hold_out};

use super::networks::{against, best_epoch, epoch};
use super::pictures::{middle, of_frames};
use super::{AutoencoderFinding, Remade};
use crate::error::Result;

/// The method that is fitted to the code and to the features.
const METHOD: Method = Method::LOGISTIC_REGRESSION;

/// Test tracks that are shown.
const SHOWN: usize = 2;

/// Trains one on the training tracks of `recordings`, the rows of `data`.
///
/// # Errors
/// `Learn`.
pub(super) fn autoencoder(
    data: &Dataset,
    recordings: &Recordings,
    fold: &Fold,
    (max_epochs, seed): (Option<usize>, u64),
) -> Result<AutoencoderFinding> {
    let params = max_epochs.map(|n| ("max_epochs".to_owned(), ParamValue::Int(n as i64)));
    let settings = AutoencoderSettings::new(&params.into_iter().collect(), seed)?;
    let train = recordings.rows(&fold.train)?;
    let groups = data.groups.as_ref();
    let groups: Option<Vec<i64>> = groups.map(|groups| fold.train.iter().map(|&row| groups[row]).collect());
    let started = Instant::now();
    let trained = Autoencoder::train(
        &settings,
        &train,
        groups.as_deref(),
        None,
        AutoencoderCard::default(),
    )?;
    let fit_seconds = started.elapsed().as_secs_f64();
    let columns = trained.columns();
    let mut coded = data.clone();
    coded.x = Matrix::new(data.n_rows(), columns.len(), trained.encode(recordings)?)?;
    coded.feature_names = columns;
    let classifier = METHOD.classifier(seed);
    let (_, of_code) = evaluate_hold_out(&*classifier, &coded, fold, None, seed)?;
    let (_, of_features) = evaluate_hold_out(&*classifier, data, fold, None, seed)?;
    let curve = trained.curve();
    let mut examples = Vec::new();
    for &row in fold.test.iter().take(SHOWN) {
        let n_bands = recordings.source().n_bands();
        let frames = middle(recordings, row, trained.fewest_frames())?;
        examples.push(Remade {
            track_id: data.row_ids[row],
            label: data.classes[data.y[row]].clone(),
            remade: of_frames(&trained.reconstruct(&frames)?, n_bands),
            spectrogram: of_frames(&frames, n_bands),
        });
    }
    Ok(AutoencoderFinding {
        n_columns: coded.n_features() as u64,
        method: METHOD.name().to_owned(),
        accuracy: of_code.summary.accuracy,
        features_accuracy: of_features.summary.accuracy,
        against_features: against(&of_code, &of_features, data)?,
        best_epoch: best_epoch(&curve),
        curve: curve.iter().map(epoch).collect(),
        examples,
        fit_seconds,
    })
}
