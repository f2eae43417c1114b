//! The published study's figures beside these.

pub mod beside;
mod figures;
mod list;
pub mod verdicts;
