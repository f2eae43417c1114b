//! Networks on the frames of recordings.
//!
//! ```text
//! Clips ──random excerpts──> Batch ──Network (layers)──> loss ──gradients──> AdamW ──> weights
//!   └──all excerpts of a clip──> Classifier::predict_proba, Autoencoder::encode
//! ```
//!
//! | to change | look into |
//! |---|---|
//! | a network | `architecture.rs` |
//! | what a layer computes, or a new one | `layers/` |
//! | how excerpts are taken, masked, mixed | `excerpts.rs`, `train/batches.rs` |
//! | when a training stops, what a checkpoint holds | `train/` |
//! | what a state holds | `state.rs` |
//! | where batches are computed (an engine for GPUs) | `engine.rs` |
//!
//! It knows tensors only: no tables, no genres, no audio.
//!
//! ```
//! use std::ops::ControlFlow;
//! use cratedigger_deep::{Architecture, Classifier, ClipsInMemory, Crnn, TrainData, TrainOptions};
//!
//! // eight clips of 40 frames and 8 bands: the sound of every other one rises, that of the others falls
//! let band = |clip: usize, frame: usize| if clip % 2 == 0 { frame / 5 } else { 7 - frame / 5 };
//! let frame = |clip: usize, frame: usize| (0..8).map(move |at| if at == band(clip, frame) { 1.0 } else { 0.0 });
//! let clips = (0..8).map(|clip| (0..40).flat_map(|at| frame(clip, at)).collect()).collect();
//! let clips = ClipsInMemory::new(8, clips)?;
//! let labels = [0, 1, 0, 1, 0, 1, 0, 1];
//!
//! let small = Architecture::Crnn(Crnn { widths: vec![4], hidden: 8, n_layers: 1, dropout: 0.0, ..Crnn::default() });
//! let options = TrainOptions {
//!     excerpt_frames: 40, batch_size: 4, max_epochs: 60, n_masks: 0, validation_fraction: 0.0, ..TrainOptions::default()
//! };
//! let data = TrainData { clips: &clips, labels: &labels, n_classes: 2, groups: None, weights: None, class_weights: None };
//! let network = Classifier::train(&small, &options, data, None, &mut |_| ControlFlow::Continue(()))?;
//!
//! let probabilities = network.predict_proba(&clips)?;
//! assert!(probabilities[0] > 0.5 && probabilities[2] < 0.5);
//! # Ok::<(), cratedigger_deep::DeepError>(())
//! ```

mod architecture;
mod autoencoder;
mod classes;
mod classifier;
mod clips;
mod engine;
mod error;
mod excerpts;
mod explain;
#[cfg(test)]
mod golden;
mod layers;
mod loss;
mod network;
mod optimiser;
mod state;
mod tensor;
mod train;
mod train_data;

pub use architecture::{Architecture, Cell, Cnn, Crnn, Lstm};
pub use autoencoder::{Autoencoder, AutoencoderOptions};
pub use classifier::Classifier;
pub use clips::{Bands, Clips, ClipsInMemory, MOST_FOR_BANDS};
pub use engine::{Engine, EngineResult, Worker, use_engine};
pub use error::{DeepError, Result, Source};
pub use explain::Map;
pub use layers::{Array, LayerKind, Moments, Summary};
pub use state::State;
pub use tensor::{Shape, Tensor};
pub use train::{Epoch, TrainOptions};
pub use train_data::TrainData;
