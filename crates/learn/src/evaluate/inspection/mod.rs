//! What a fitted model relies on, and what more training rows would bring.

mod importance;
mod learning_curve;

pub use importance::{FeatureGroup, GroupImportance, ImportanceOptions, permutation_importance};
pub use learning_curve::{CurveOptions, CurvePoint, learning_curve};
