//! ONNX graphs: written for networks that are kept as plain weights, and run.

mod proto;
pub(crate) mod runtime;
mod sizes;
pub(crate) mod writer;
