//! Logistic regression, and what linear models share: the fitted form and a solver for symmetric systems.

mod cholesky;
mod fitted;
mod logistic;
pub(crate) mod onnx;
mod state;

pub use logistic::LogisticRegression;

pub(crate) use cholesky::Cholesky;
pub(crate) use fitted::{FittedLinear, Link};
