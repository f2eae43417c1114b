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
