//! What may be seen of a long fit while it runs, and where it may leave what it needs to go on.

use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;

/// A pass over the training rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FitEpoch {
    /// From 1 on.
    pub epoch: usize,
    /// The most that there can be.
    pub max_epochs: usize,
    /// Mean loss of the training rows, with all that training adds.
    pub train_loss: f64,
    /// The loss on groups that were held out to know when to stop.
    pub validation_loss: Option<f64>,
    /// The accuracy on them.
    pub validation_accuracy: Option<f64>,
    /// Seconds by the clock; 0 where the model was read from a file.
    pub epoch_seconds: f64,
}

/// Watches a fit.
pub trait Watch: Sync + fmt::Debug {
    /// Is told of each epoch; a fit that is told to break ends with an error.
    fn epoch(&self, epoch: &FitEpoch) -> ControlFlow<()>;

    /// Where a fit that takes long leaves what it needs to go on after it was killed, to the same model. It goes on from what is
    /// there, and the file stays.
    fn checkpoint(&self) -> Option<&Path> {
        None
    }
}
