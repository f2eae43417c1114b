//! Layers: what each makes of a batch, and its gradients.
//!
//! `layer.rs` says what a layer is and lists all kinds with their arrays; `build.rs` makes them from that list, with weights of a
//! seed. To add one: a variant of [`LayerKind`], a file, a line in `build.rs`, lines in `tests.rs`.

mod build;
mod conv;
mod frames_first;
mod gru;
mod layer;
mod lstm;
mod math;
mod narrow;
mod norm;
mod parts;
mod recurrent;
mod simple;
#[cfg(test)]
mod tests;

pub(crate) use build::{build, draw};
pub use layer::{Array, LayerKind, Moments, Summary};
pub(crate) use layer::{Backward, Layer, Pass};
pub(crate) use math::exp;
pub(crate) use simple::dropout_factors;
