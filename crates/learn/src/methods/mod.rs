//! The methods, a folder or file each, and what only they share.

pub mod boosting;
pub(crate) mod class_weight;
pub(crate) mod kernels;
pub(crate) mod lbfgs;
pub mod linear;
pub(crate) mod majority;
pub mod mlp;
pub mod svm;
pub mod tree;

pub use class_weight::ClassWeight;
pub use majority::Majority;
