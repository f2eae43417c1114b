//! Training: batches, epochs, what is held out, checkpoints.
//!
//! ```text
//! Clips ──batches──> run (one epoch after the other) ──> curve, best weights
//!                    │ holdout: when to stop   └─ checkpoint: to go on after a kill
//! ```

mod batches;
mod checkpoint;
mod curve;
mod fingerprint;
mod holdout;
mod options;
mod run;
mod streams;

pub(crate) use batches::{Batch, Batches};
pub(crate) use checkpoint::Checkpoint;
pub use curve::Epoch;
pub(crate) use curve::best_epoch;
pub(crate) use fingerprint::fingerprint;
pub(crate) use holdout::hold_out;
pub use options::TrainOptions;
#[cfg(test)]
pub(crate) use run::Trained;
pub(crate) use run::{Judged, Objective, train};
pub(crate) use streams::Stream;
