//! Fits that take long: what each epoch brought, and a checkpoint from which a killed one goes on.

use std::fmt;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use cratedigger_learn::{FitEpoch, Watch};

use crate::progress::{Job, Progress, Unit};

/// Shows a fit on the terminal. The fit leaves what it needs to go on beside the model's file, until it is done.
pub(crate) struct Watching {
    checkpoint: PathBuf,
    job: Job,
    progress: Progress,
    what: String,
}

impl Watching {
    /// `out`: the file of the model; `fit`: which of the fits for it.
    pub(crate) fn new(out: &Path, fit: &str, what: String, progress: Progress) -> Self {
        let mut checkpoint = out.as_os_str().to_owned();
        checkpoint.push(format!(".{fit}.training"));
        let checkpoint = PathBuf::from(checkpoint);
        if checkpoint.is_file() {
            progress.say(&format!("going on with {}", checkpoint.display()));
        }
        Self {
            checkpoint,
            job: progress.job(what.clone(), Unit::Steps),
            progress,
            what,
        }
    }

    /// Removes the checkpoint, once its model is written.
    pub(crate) fn done(self) {
        // One that was never written, or that stays, does no harm.
        let _ = std::fs::remove_file(&self.checkpoint);
    }
}

impl fmt::Debug for Watching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Watching({})", self.checkpoint.display())
    }
}

impl Watch for Watching {
    fn epoch(&self, epoch: &FitEpoch) -> ControlFlow<()> {
        let line = in_words(epoch);
        self.job.set(epoch.epoch as u64, epoch.max_epochs as u64);
        self.job.tell(format!("{}, {line}", self.what));
        self.progress.note(&self.job, &line);
        ControlFlow::Continue(())
    }

    fn checkpoint(&self) -> Option<&Path> {
        Some(&self.checkpoint)
    }
}

/// `epoch 3 of at most 60: loss 1.2034, held out 1.3120, accuracy 0.512, 4.1 s`.
fn in_words(epoch: &FitEpoch) -> String {
    let mut line = format!(
        "epoch {} of at most {}: loss {:.4}",
        epoch.epoch, epoch.max_epochs, epoch.train_loss
    );
    if let Some(loss) = epoch.validation_loss {
        line.push_str(&format!(", held out {loss:.4}"));
    }
    if let Some(accuracy) = epoch.validation_accuracy {
        line.push_str(&format!(", accuracy {accuracy:.3}"));
    }
    line.push_str(&format!(", {:.1} s", epoch.epoch_seconds));
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_is_told_with_what_is_known() {
        let mut epoch = FitEpoch {
            epoch: 3,
            max_epochs: 60,
            train_loss: 1.20341,
            validation_loss: Some(1.312),
            validation_accuracy: Some(0.5118),
            epoch_seconds: 4.07,
        };
        assert_eq!(
            in_words(&epoch),
            "epoch 3 of at most 60: loss 1.2034, held out 1.3120, accuracy 0.512, 4.1 s"
        );
        (epoch.validation_loss, epoch.validation_accuracy) = (None, None);
        assert_eq!(in_words(&epoch), "epoch 3 of at most 60: loss 1.2034, 4.1 s");
    }
}
