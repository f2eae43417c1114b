//! Answers that may be withheld: how many are right of the surest ones, from which probability on an answer keeps a promise, and sets
//! of classes that hold the true one as often as promised.
//!
//! ```text
//!                       ┌─> risk_coverage ─> RiskCoverage: accuracy at any coverage, AURC, AUGRC
//!  probabilities, y ────┼─> guarantee ─────> Guarantee: a threshold, and what is above it with which bound ─> Answered
//!  (of artists apart)   └─> conformal ─────> ConformalSets: quantiles ─> Sets ─> SetScores
//! ```
//!
//! Nothing here divides rows: what calibrates and what is reported is told apart by who asks
//! ([`crate::Evaluation::answers`], [`crate::Evaluation::sets`], [`crate::model::HoldOutCard::parts`]).
//!
//! ```
//! use cratedigger_learn::selective::RiskCoverage;
//!
//! // Of the two surest rows none is wrong, of all four one.
//! let curve = RiskCoverage::new(&[0.9, 0.8, 0.7, 0.6], &[true, true, false, true])?;
//! assert_eq!((curve.at(0.5).risk(), curve.at(1.0).risk()), (0.0, 0.25));
//! # Ok::<(), cratedigger_learn::LearnError>(())
//! ```

mod answered;
mod conformal;
mod guarantee;
mod risk_coverage;
mod sets;

pub use answered::Answered;
pub use conformal::{ConformalSets, SetKind};
pub use guarantee::{Choice, Guarantee, RiskTarget, choose_threshold};
pub use risk_coverage::{COVERAGES, RiskCoverage, RiskCoveragePoint, confidences};
pub use sets::{ClassCoverage, SetScores, Sets};
