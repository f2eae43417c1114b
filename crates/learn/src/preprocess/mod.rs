//! Transformations of the features, fitted on training rows only and kept with the model.
//!
//! A [`Pipeline`] names the steps in order; it is read from text such as
//! `impute=median,outliers=clip:5,quantile=normal,standard`. [`Pipeline::fit`] learns what the steps need from the
//! training rows and gives [`FittedSteps`]. Every step works on each column by itself, in `f64`; the result of the last
//! one is rounded to `f32` once. The one that makes several columns of one is `encode`, which comes first, needs labels, and
//! rounds by itself.

mod column;
mod encoder;
mod fitted;
pub(crate) mod fitted_pipeline;
mod outliers;
mod pipeline;
mod quantile;
mod rows;
mod standard;
pub(crate) mod state;
mod step;

pub(crate) use fitted::FittedStep;
pub use fitted::FittedSteps;
pub use fitted_pipeline::FittedPipeline;
pub use pipeline::Pipeline;
pub use rows::Rows;
pub use standard::StandardScaler;
pub use step::{Distribution, Encoding, Fill, OutlierScore, Smooth, Step, Treatment};

#[cfg(test)]
mod tests;
