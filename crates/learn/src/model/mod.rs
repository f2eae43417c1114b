//! Models that are kept: one file with the weights, the preprocessing and everything a user must know about them.
//!
//! A `.cdmodel` file is a [safetensors](https://github.com/huggingface/safetensors) file: the weights and what the
//! preprocessing learnt are its tensors, and its metadata hold the [`ModelCard`] as JSON, with a checksum over the whole
//! file. [`Model::save`] writes it, [`Model::load`] reads it and refuses what is damaged, and the probabilities of the
//! loaded model are those of the saved one, bit by bit. [`Model::to_onnx`] exports to other runtimes.
//!
//! ```
//! use cratedigger_learn::model::{Model, ModelCard};
//! use cratedigger_learn::{Dataset, FittedPipeline, Matrix, Method, TrainSet};
//!
//! let x = Matrix::new(4, 1, vec![0.0, 1.0, 4.0, 5.0])?;
//! let data = Dataset::new(x, vec![0, 0, 1, 1], vec!["Folk".into(), "Rock".into()])?;
//! let train = TrainSet::new(&data.x, &data.y, 2)?;
//! let classifier = Method::LOGISTIC_REGRESSION.classifier(0);
//! let pipeline = FittedPipeline::fit(&*classifier, &train)?;
//! let model = Model::new(pipeline, ModelCard::of(&data))?;
//! let again = Model::from_bytes(&model.to_bytes()?)?;
//! assert_eq!(again.predict(&data.x)?.probabilities, model.predict(&data.x)?.probabilities);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub(crate) mod bytes;
mod card;
pub(crate) mod error;
mod file;
mod hold_out;
pub(crate) mod onnx;
mod promises;
mod seen;
mod styles;

pub use crate::state::{ModelState, TensorValues};
pub use card::{ClassCard, DataCard, EmbeddingCard, EmbeddingKind, ModelCard, TuningCard};
pub use error::{ModelError, ModelResult};
pub use file::{Model, Predictions};
pub use hold_out::{HoldOutCard, Parts};
pub use promises::{AnswersCard, MeasuredSets, RiskCard, SetsCard, UnknownCard, UnknownRows};
pub use seen::Seen;
pub use styles::{LeftOutCard, StyleCard, StylePredictions, Styles, StylesCard};

#[cfg(test)]
mod tests;
