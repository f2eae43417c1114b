//! What is doubtful about labels, and which rows are there twice.
//!
//! ```text
//! methods, folds ──probabilities──> out-of-fold probabilities
//! out-of-fold probabilities ──confident──> joint of given and true labels ──issues──> rows that it finds mislabelled
//!            │
//!            └──company: labels of the artist's, album's and double's other rows──> belief in each label ──review──> what to
//! features ──doubles──> rows that are equal, rows that are nearly so ─────────────────────────────────────^      listen to, in order
//! ```
//!
//! Probabilities are those of models that did not see the row, nor any other of its group (`Splitter::Artist`).

pub mod company;
mod confident;
pub mod doubles;
mod issues;
mod probabilities;
mod review;
mod rounding;

pub use company::{Company, Mates};
pub use confident::ConfidentJoint;
pub use doubles::{DoublePair, NearDoubles, NearMeasure, near_doubles};
pub use issues::{IssueFilter, find_label_issues, normalized_margin, self_confidence};
pub use probabilities::held_out_probabilities;
pub use review::{AlbumDoubt, DoubleGroup, Doubt, Review};
