//! The published study beside this one.

mod figures;
pub mod verdicts;
