//! The search for good parameters: every candidate cross-validated on the same folds.
//!
//! A [`Space`] says which values each parameter may take, [`Search::grid`] or [`Search::random`] makes candidates of it,
//! and [`Search::run`] scores them. Folds, their preprocessed matrices and fits that several candidates have in common are
//! shared; every score is what a lone [`crate::cross_validate`] of the candidate gives. With [`Halving`] poor candidates
//! are dropped after fits on few rows.
//!
//! ```
//! use cratedigger_learn::search::{Search, Space};
//! use cratedigger_learn::{Dataset, Matrix, Method, Splitter};
//!
//! let x = Matrix::new(8, 1, vec![0.0, 0.1, 0.2, 0.3, 5.0, 5.1, 5.2, 5.3])?;
//! let data = Dataset::new(x, vec![0, 0, 0, 0, 1, 1, 1, 1], vec!["Folk".into(), "Rock".into()])?;
//! let folds = Splitter::Stratified.k_fold(&data, 2, 0)?;
//! let space: Space = serde_json::from_str(r#"{ "C": [0.01, 1.0] }"#).unwrap();
//! let result = Search::grid(Method::LINEAR_SVC, &space, 0)?.run(&data, &folds, None, &|_| {})?;
//! assert_eq!((result.rows.len(), result.rows[result.best].rank), (2, 1));
//! # Ok::<(), cratedigger_learn::LearnError>(())
//! ```

mod candidates;
mod folds;
mod halving;
mod journal;
mod record;
mod round;
mod run;
mod scoring;
mod sharing;
mod space;
mod table;

pub use crate::params::Params;
pub use candidates::Search;
pub use halving::Halving;
pub use journal::is_search_journal;
pub use run::SearchProgress;
pub use scoring::Scoring;
pub use space::{Axis, Range, Space};
pub use table::{CandidateRow, SearchResult};

#[cfg(test)]
mod tests;
