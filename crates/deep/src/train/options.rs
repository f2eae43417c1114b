//! How a network is trained.

use serde::{Deserialize, Serialize};

use crate::error::{DeepError, Result};

/// How a network is trained: AdamW with a cosine schedule on random excerpts, until it no longer gets better on groups that were held
/// out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainOptions {
    /// Frames of an excerpt. Shorter clips are filled up with mean frames.
    pub excerpt_frames: usize,
    /// Excerpts of a step.
    pub batch_size: usize,
    /// Epochs at most: in each, every clip gives one random excerpt.
    pub max_epochs: usize,
    /// The highest learning rate, reached after the first epoch; it falls to 0 along a cosine.
    pub learning_rate: f64,
    /// Share of matrices that a step takes away, times the learning rate (AdamW).
    pub weight_decay: f64,
    /// Longer gradients are shortened to this norm.
    pub max_norm: f64,
    /// Mixup (Zhang et al. 2018): two excerpts are mixed with shares of Beta(mixup, mixup); 0: never.
    pub mixup: f64,
    /// SpecAugment (Park et al. 2019): so many masks over frames and so many over bands of each excerpt; 0: none.
    pub n_masks: usize,
    /// The widest mask, as a share of the excerpt's frames or bands.
    pub mask_share: f64,
    /// Share of the training rows, by whole groups, that decide when to stop; 0: none, and all epochs are run.
    pub validation_fraction: f64,
    /// Epochs without a smaller loss on what is held out, after which the training stops.
    pub patience: usize,
    /// The seed.
    #[serde(alias = "seed")]
    pub random_state: u64,
}

impl Default for TrainOptions {
    fn default() -> Self {
        Self {
            excerpt_frames: 128,
            batch_size: 32,
            max_epochs: 60,
            learning_rate: 2e-3,
            weight_decay: 0.01,
            max_norm: 5.0,
            mixup: 0.0,
            n_masks: 1,
            mask_share: 0.15,
            validation_fraction: 0.1,
            patience: 12,
            random_state: 0,
        }
    }
}

impl TrainOptions {
    /// Whether all values make sense.
    ///
    /// # Errors
    /// `Option`, naming the one that does not.
    pub fn check(&self) -> Result<()> {
        let at_least_one = [
            ("excerpt_frames", self.excerpt_frames),
            ("batch_size", self.batch_size),
            ("max_epochs", self.max_epochs),
            ("patience", self.patience),
        ];
        for (name, value) in at_least_one {
            if !(1..=1_000_000).contains(&value) {
                return Err(DeepError::option(name, value, "a number from 1 to 1000000"));
            }
        }
        let positive = [("learning_rate", self.learning_rate), ("max_norm", self.max_norm)];
        for (name, value) in positive {
            if !(value > 0.0 && value.is_finite()) {
                return Err(DeepError::option(name, value, "above 0"));
            }
        }
        let not_negative = [("weight_decay", self.weight_decay), ("mixup", self.mixup)];
        for (name, value) in not_negative {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(DeepError::option(name, value, "at least 0"));
            }
        }
        let shares = [
            ("mask_share", self.mask_share),
            ("validation_fraction", self.validation_fraction),
        ];
        for (name, value) in shares {
            if !(0.0..1.0).contains(&value) {
                return Err(DeepError::option(name, value, "at least 0 and below 1"));
            }
        }
        Ok(())
    }
}
