//! What is unlike everything that was learnt: how far a row is from it, and from which distance on it is unknown.
//!
//! ```text
//! training rows ──scaling──> Detector ──scores──> how far a row is from all of them
//!       │                        ^
//!       ├──leave_one_class_out───┘ which detector: the largest mean AUROC of classes that were left out
//!       └──folds of groups──> Criterion: the score that only so many rows of artists not learnt from exceed
//! ```
//!
//! A row's score never has rows of its own group (artist) among those that it is compared with: neither where detectors are compared nor
//! where the threshold is found.

mod criterion;
mod detector;
mod families;
mod leave_out;
mod ledoit_wolf;
mod mahalanobis;
mod neighbours;
mod state;

pub use criterion::{Criterion, Novelty, Trial, is_unknown};
pub use detector::{Detector, DetectorKind};
pub use leave_out::{LeftOut, leave_one_class_out};
pub use ledoit_wolf::{Covariance, ledoit_wolf};
