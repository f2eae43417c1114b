//! What networks tell, in the words of this crate.

use cratedigger_deep::{DeepError, Epoch};

use crate::error::LearnError;
use crate::watch::FitEpoch;

/// An epoch.
pub(crate) fn told(epoch: &Epoch, max_epochs: usize) -> FitEpoch {
    FitEpoch {
        epoch: epoch.epoch,
        max_epochs,
        train_loss: epoch.train_loss,
        validation_loss: epoch.validation_loss,
        validation_accuracy: epoch.validation_accuracy,
        epoch_seconds: epoch.epoch_seconds,
    }
}

/// What went wrong.
pub(crate) fn of_deep(method: &'static str, error: DeepError) -> LearnError {
    match error {
        DeepError::Diverged { epoch, .. } => LearnError::Diverged {
            method,
            iteration: epoch,
            parameter: "learning_rate",
        },
        DeepError::Read { .. } | DeepError::NotFinite { .. } | DeepError::TooShort { .. } => {
            LearnError::frames(error.to_string())
        }
        DeepError::State(reason) => LearnError::BadState { reason },
        error => LearnError::Library {
            method,
            reason: error.to_string(),
        },
    }
}
