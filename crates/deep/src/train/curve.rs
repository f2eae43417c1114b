//! What an epoch brought.

use serde::{Deserialize, Serialize};

/// One pass over the clips.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// From 1 on.
    pub epoch: usize,
    /// The learning rate of its last step.
    pub learning_rate: f64,
    /// Mean loss of its steps, with all that training adds (dropout, masks, mixtures): cross-entropy, or squared error.
    pub train_loss: f64,
    /// Share of its excerpts whose largest output was their class (that of the larger share, where two are mixed); none without classes.
    pub train_accuracy: Option<f64>,
    /// The loss on clips of groups that were held out; none where there are none.
    pub validation_loss: Option<f64>,
    /// The accuracy on them; none without classes.
    pub validation_accuracy: Option<f64>,
    /// Seconds by the clock. 0 in a state, which is the same for every run.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub epoch_seconds: f64,
}

impl Epoch {
    /// The same without seconds, as a state has it.
    pub(crate) fn timeless(&self) -> Self {
        Self {
            epoch_seconds: 0.0,
            ..*self
        }
    }
}

fn is_zero(seconds: &f64) -> bool {
    *seconds == 0.0
}

/// The epoch with the smallest loss on what is held out, the first of equals; the last one where nothing is. 0 where there is none.
pub(crate) fn best_epoch(curve: &[Epoch]) -> usize {
    let mut best: Option<(f64, usize)> = None;
    for epoch in curve {
        if let Some(loss) = epoch.validation_loss
            && best.is_none_or(|(smallest, _)| loss < smallest)
        {
            best = Some((loss, epoch.epoch));
        }
    }
    best.map_or(curve.last().map_or(0, |epoch| epoch.epoch), |(_, epoch)| epoch)
}
