use std::path::PathBuf;

use thiserror::Error;

use crate::error::LearnError;

/// Result of reading, writing and using model files.
pub type ModelResult<T> = std::result::Result<T, ModelError>;

/// Why a model cannot be read, written or used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// What went wrong, and with which file.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: Box<ModelError>,
    },
    /// The system could not read or write.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The file is no model.
    #[error(
        "this is not a cratedigger model ({reason}); models are made by `cratedigger train` and `cratedigger tune`"
    )]
    NotAModel {
        /// What is missing.
        reason: String,
    },
    /// The file is no autoencoder.
    #[error(
        "this is not an autoencoder ({reason}); autoencoders are made by `cratedigger autoencoder train`"
    )]
    NotAnAutoencoder {
        /// What is missing.
        reason: String,
    },
    /// The file was written by a later version.
    #[error(
        "the model has format {found}, written by cratedigger {version}; this version reads formats up to {supported}: update \
         cratedigger, or train the model again"
    )]
    Newer {
        /// Format of the file.
        found: u32,
        /// Newest format that is understood.
        supported: u32,
        /// The version that wrote it.
        version: String,
    },
    /// The content is not what was written.
    #[error(
        "the model file is damaged: its checksum is {found}, and {expected} was written; fetch or train it again"
    )]
    Checksum {
        /// Checksum in the file.
        expected: String,
        /// Checksum of the file.
        found: String,
    },
    /// The content contradicts itself.
    #[error("the model file is damaged: {reason}; fetch or train it again")]
    Damaged {
        /// What is wrong.
        reason: String,
    },
    /// The features were made by another recipe than those that the model learnt from.
    #[error(
        "the model was trained on features of recipe `{model}`, and these are of `{found}`: their values mean different things; \
         extract the features with the model's recipe, or train a model on these"
    )]
    Recipe {
        /// Recipe of the model.
        model: String,
        /// Recipe of the features.
        found: String,
    },
    /// The features that the model needs are not there.
    #[error("{n_missing} of the {n_features} features that the model needs are missing: {missing}")]
    MissingFeatures {
        /// Features of the model.
        n_features: usize,
        /// How many of them are missing.
        n_missing: usize,
        /// The first of the missing ones.
        missing: String,
    },
    /// The model cannot be expressed in ONNX.
    #[error("the model cannot be exported to ONNX: {reason}")]
    Onnx {
        /// Why.
        reason: String,
    },
    /// The model or the data do not allow what was asked.
    #[error(transparent)]
    Learn(#[from] LearnError),
}

impl ModelError {
    pub(crate) fn damaged(reason: impl Into<String>) -> Self {
        Self::Damaged {
            reason: reason.into(),
        }
    }

    pub(crate) fn in_file(self, path: &std::path::Path) -> Self {
        Self::File {
            path: path.to_owned(),
            source: Box::new(self),
        }
    }
}
