//! Networks on the frames of recordings beside the features: the finding `deep`.

#[cfg(feature = "deep")]
mod autoencoder;
#[cfg(feature = "deep")]
mod networks;
#[cfg(feature = "deep")]
mod pictures;
#[cfg(feature = "deep")]
mod run;

use serde::{Deserialize, Serialize};

use super::methods::{Ends, Interval};

#[cfg(feature = "deep")]
pub(crate) use run::deep;

/// The finding `deep`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deep {
    /// Recipes of the frames.
    pub frames: Vec<String>,
    /// Tracks of the study that have frames.
    pub n_tracks: u64,
    /// Tracks of the study that have none, and take no part here.
    pub n_without_frames: u64,
    /// Tracks with frames that are learnt from.
    pub n_train: u64,
    /// Tracks with frames that are tested on, of other artists.
    pub n_test: u64,
    /// The best method on the features, fitted anew to these tracks.
    pub features: OnFeatures,
    /// The networks, in the order asked for.
    pub networks: Vec<NetworkFinding>,
    /// The autoencoder; `null` where it could not be trained.
    pub autoencoder: Option<AutoencoderFinding>,
    /// What could not be done, and why.
    pub notes: Vec<String>,
}

/// A method on the features of the same tracks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OnFeatures {
    /// The method.
    pub method: String,
    /// Features.
    pub n_features: u64,
    /// The share of the test tracks that it got right.
    pub accuracy: f64,
    /// Where that might be with other artists.
    pub accuracy_interval: Option<Interval>,
}

/// A network and its training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NetworkFinding {
    /// The method, such as `crnn`.
    pub name: String,
    /// The share of the test tracks that it got right.
    pub accuracy: f64,
    /// Where that might be with other artists.
    pub accuracy_interval: Option<Interval>,
    /// The mean recall of the classes that have test tracks.
    pub balanced_accuracy: f64,
    /// The log loss of its own probabilities.
    pub log_loss: Option<f64>,
    /// Beside the method on the features, on the same tracks.
    pub against_features: Against,
    /// What each epoch brought.
    pub curve: Vec<EpochFinding>,
    /// The epoch whose weights were kept.
    pub best_epoch: u64,
    /// Test tracks that it got right, of different genres, and what it attended to.
    pub examples: Vec<Attended>,
    /// Seconds to train it.
    pub fit_seconds: f64,
}

/// A difference of accuracy on the same test tracks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Against {
    /// The accuracy less that of the other.
    pub difference: f64,
    /// Its 95 % interval over artists; `null` with fewer than five artists.
    pub interval: Option<Ends>,
    /// The two-sided p-value, by sign flips of whole artists.
    pub p: f64,
}

/// An epoch of a training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochFinding {
    /// From 1 up.
    pub epoch: u64,
    /// The mean loss of its steps, with all that training adds.
    pub train_loss: f64,
    /// The loss on artists that were held out of the training tracks to know when to stop; `null` without any.
    pub validation_loss: Option<f64>,
    /// The accuracy on them.
    pub validation_accuracy: Option<f64>,
    /// Seconds by the clock.
    pub epoch_seconds: f64,
}

/// A test track that a network heard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attended {
    /// The track.
    pub track_id: i64,
    /// Its genre.
    pub label: String,
    /// The probability that the network gives it.
    pub probability: f64,
    /// Frames from its middle.
    pub spectrogram: Picture,
    /// The gradient of the log-probability of the genre by these frames, divided by its largest absolute value.
    pub gradient: Picture,
    /// What of the probability goes where a patch is put to its mean, from an excerpt of these frames alone.
    pub occlusion: Picture,
}

/// Numbers over time and bands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// Frames of the recording that a column stands for.
    pub frames_per_column: u64,
    /// Bands that a row stands for.
    pub bands_per_row: u64,
    /// Rows from the lowest band up, each with its columns from the first frame on.
    pub rows: Vec<Vec<f64>>,
}

/// An autoencoder, trained on the training tracks without their genres, and what its code is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AutoencoderFinding {
    /// Numbers of a track's code.
    pub n_columns: u64,
    /// The method that was fitted to the code and to the features: `logistic-regression`.
    pub method: String,
    /// The share of the test tracks that it got right by the code.
    pub accuracy: f64,
    /// The share that it got right by the features.
    pub features_accuracy: f64,
    /// The code beside the features.
    pub against_features: Against,
    /// What each epoch brought; losses are mean squared errors of frames that are standardised band by band.
    pub curve: Vec<EpochFinding>,
    /// The epoch whose weights were kept.
    pub best_epoch: u64,
    /// Test tracks, and what was left of them.
    pub examples: Vec<Remade>,
    /// Seconds to train it.
    pub fit_seconds: f64,
}

/// A test track that went through the code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Remade {
    /// The track.
    pub track_id: i64,
    /// Its genre.
    pub label: String,
    /// Frames from its middle.
    pub spectrogram: Picture,
    /// The same frames after the code.
    pub remade: Picture,
}
