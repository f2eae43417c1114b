//! Scores of predictions, equal to scikit-learn's to 1e-12.

mod confusion;

pub use confusion::{ClassScore, ConfusionMatrix};
