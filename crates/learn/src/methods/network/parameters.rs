//! The parameters of networks.

use std::fmt;

use cratedigger_deep::{Architecture, Cnn, Crnn, Lstm, TrainOptions};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::data::matrix::Matrix;
use crate::data::recordings::Recordings;
use crate::error::{LearnError, Result};
use crate::estimator::Method;
use crate::methods::class_weight::ClassWeight;
use crate::params::Param;
use crate::params::words::{COUNT, param};

/// Which frames a network reads, where rows have those of several recipes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FrameKind {
    /// Those that the method is for: descriptors for `lstm`, spectrograms for the others; else the only ones there are.
    #[default]
    Auto,
    /// Log-mel spectrograms.
    Mel,
    /// The frame descriptors of the 518 features.
    Descriptors,
}

impl FrameKind {
    /// The recordings of the rows that are read.
    pub(super) fn choose(self, x: &Matrix, method: Method) -> Result<&Recordings> {
        let nothing = LearnError::NoFrames {
            method: method.name(),
        };
        let of_kind = |kind: &str| {
            let mut all = x.recordings().iter();
            all.find(|rows| rows.source().recipe().split(['/', ' ']).next() == Some(kind))
        };
        match self {
            Self::Mel => of_kind("mel"),
            Self::Descriptors => of_kind("descriptors"),
            Self::Auto if method == Method::LSTM => of_kind("descriptors").or(x.recordings().first()),
            Self::Auto => of_kind("mel").or(x.recordings().first()),
        }
        .ok_or(nothing)
    }
}

/// A kind of network.
pub trait Kind:
    Default + Clone + fmt::Debug + PartialEq + Send + Sync + Serialize + DeserializeOwned + 'static
{
    /// Its method.
    fn method() -> Method;

    /// What is trained.
    fn of_deep(&self) -> Architecture;
}

impl Kind for Cnn {
    fn method() -> Method {
        Method::CNN
    }

    fn of_deep(&self) -> Architecture {
        Architecture::Cnn(self.clone())
    }
}

impl Kind for Crnn {
    fn method() -> Method {
        Method::CRNN
    }

    fn of_deep(&self) -> Architecture {
        Architecture::Crnn(self.clone())
    }
}

impl Kind for Lstm {
    fn method() -> Method {
        Method::LSTM
    }

    fn of_deep(&self) -> Architecture {
        Architecture::Lstm(self.clone())
    }
}

/// Parameters of a network on the frames of recordings: those of its architecture, and those of its training.
///
/// It is fitted on random excerpts and stops when it no longer gets better on groups (artists) that it set aside from the training
/// rows; the weights of the best epoch are kept. The probabilities of a recording are the mean over the excerpts that cover it.
///
/// Sources: see the architectures of `cratedigger-deep`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, bound = "A: Kind")]
pub struct NetworkClassifier<A: Kind> {
    /// Sizes of the network.
    #[serde(flatten)]
    pub architecture: A,
    /// How it is trained.
    #[serde(flatten)]
    pub training: TrainOptions,
    /// Weight of each class. Default: none.
    pub class_weight: ClassWeight,
    /// Which frames are read. Default: auto.
    pub frames: FrameKind,
}

/// A short-chunk convolutional network (Won et al. 2020).
pub type CnnClassifier = NetworkClassifier<Cnn>;

/// Convolutions, then a recurrent network over time (Choi et al. 2017).
pub type CrnnClassifier = NetworkClassifier<Crnn>;

/// A recurrent network on the frames as they are.
pub type LstmClassifier = NetworkClassifier<Lstm>;

impl<A: Kind> NetworkClassifier<A> {
    /// The default parameters with this seed.
    pub fn with_seed(seed: u64) -> Self {
        let mut new = Self::default();
        new.training.random_state = seed;
        new
    }
}

const SHARE: &str = "must be a share, at least 0 and below 1";
const NOT_NEGATIVE: &str = "must be at least 0";
const WIDTHS: &str = "must be a list of 1 to 8 widths, such as [16,32,64]";
const CELL: &str = "must be gru or lstm";

macro_rules! with_training {
    ($($own:expr),+) => {
        &[
            $($own,)+
            param("excerpt_frames", COUNT),
            param("batch_size", COUNT),
            param("max_epochs", COUNT),
            param("learning_rate", "must be above 0"),
            param("weight_decay", NOT_NEGATIVE),
            param("max_norm", "must be above 0"),
            param("mixup", NOT_NEGATIVE),
            param("n_masks", "must be a whole number, 0 for none"),
            param("mask_share", SHARE),
            param("validation_fraction", SHARE),
            param("patience", COUNT),
            param("class_weight", "must be none, balanced or a list of weights"),
            param("frames", "must be auto, mel or descriptors"),
            param("random_state", "must be a whole number"),
        ]
    };
}

pub(super) const OF_CNN: &[Param] = with_training!(
    param("widths", WIDTHS),
    param("hidden", "must be a whole number, 0 for no dense layer"),
    param("dropout", SHARE)
);

pub(super) const OF_CRNN: &[Param] = with_training!(
    param("widths", WIDTHS),
    param("cell", CELL),
    param("hidden", COUNT),
    param("n_layers", COUNT),
    param("dropout", SHARE)
);

pub(super) const OF_LSTM: &[Param] = with_training!(
    param("cell", CELL),
    param("hidden", COUNT),
    param("n_layers", COUNT),
    param("dropout", SHARE)
);
