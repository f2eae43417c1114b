//! musicnn's networks (Pons & Serra 2019): taken from the package that `pip download musicnn` brings, kept as safetensors,
//! rebuilt as ONNX graphs.
//!
//! Pons, J., Serra, X.: "musicnn: pre-trained convolutional neural networks for music audio tagging", late-breaking demo of
//! ISMIR 2019. The weights are under the ISC licence of the package.

mod layers;
mod network;
pub(crate) mod rebuilt;
pub mod tags;
#[cfg(test)]
pub(crate) mod test_wheel;
mod vgg;
pub(crate) mod weights;
mod wheel;

pub use rebuilt::export;
pub use wheel::{Imported, import};
