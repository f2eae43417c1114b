//! The published study's figures beside these.

mod baselines;
pub mod beside;
mod facts;
mod figures;
mod list;
pub mod verdicts;
