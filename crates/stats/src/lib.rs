//! Statistics that know no genre and no model: p-values that do not underflow, and whole groups, such as artists, taken as
//! what is independent.
//!
//! ```text
//!  hits, groups ─────────> interval ───> Interval
//!  labels, two predictions ─> paired ───> McNemar, CorrectedTTest ──┐
//!  counts[row][column] ─> contingency ──> ContingencyTest, ... ─────┤ p-values
//!                             │                                     v
//!   distributions, quantile, rng (below all of these)           multiple ──> corrected p-values
//! ```
//!
//! Where to change what:
//!
//! - the tail of a distribution: [`distributions`], one file a family;
//! - how a quantile lies between two values: [`Interpolation`] in `quantile.rs`;
//! - what a seed means: [`rng`], and with it every split, shuffle and resample;
//! - what share may be wrong at most, of rows that come in groups: [`risk_bound`];
//! - McNemar's tests and the corrected t-test: `paired.rs`; the interval of an accuracy: `interval.rs`;
//! - Cramér's V and its interval, residuals, permutations of groups: [`contingency`];
//! - Holm's and Benjamini and Hochberg's corrections: `multiple.rs`.
//!
//! ```
//! use cratedigger_stats::{cluster_interval, holm, mcnemar};
//!
//! let y_true = [0, 0, 0, 0, 1, 1, 1, 1];
//! let first = [0, 0, 0, 0, 1, 1, 1, 0];
//! let second = [0, 1, 1, 0, 0, 1, 0, 0];
//! let test = mcnemar(&y_true, &first, &second, 0.95)?;
//! assert_eq!((test.only_first, test.only_second), (4, 0));
//! // Four coins that all fall on one side: 2 / 16; of two tests, Holm doubles the smaller p-value.
//! assert!((test.exact.value() - 0.125).abs() < 1e-12);
//! assert!((holm(&[test.exact, test.corrected])[0].value() - 0.25).abs() < 1e-12);
//!
//! let hits: Vec<bool> = y_true.iter().zip(&first).map(|(y, predicted)| y == predicted).collect();
//! let artists = [7, 7, 8, 8, 9, 9, 10, 11];
//! let accuracy = cluster_interval(&hits, &artists, 0.95)?.expect("of five artists");
//! assert!(accuracy.low < 0.6 && accuracy.high > 0.9);
//! // Of four artists there is none.
//! assert_eq!(cluster_interval(&hits, &[7, 7, 8, 8, 9, 9, 10, 10], 0.95)?, None);
//! # Ok::<(), cratedigger_stats::StatsError>(())
//! ```

pub mod contingency;
pub mod distributions;
mod error;
mod grouped_mean;
mod interval;
mod multiple;
mod p_value;
mod paired;
mod quantile;
mod risk_bound;
pub mod rng;
#[cfg(test)]
mod test_support;

pub use error::{Result, StatsError};
pub use grouped_mean::{GroupedMean, grouped_mean};
pub use interval::{FEWEST_GROUPS, Interval, cluster_interval, fold_interval, wilson_interval};
pub use multiple::{benjamini_hochberg_log10, holm, holm_log10};
pub use p_value::PValue;
pub use paired::{
    ClusteredMcNemar, CorrectedTTest, MAX_FLIPPED, McNemar, corrected_t_test, mcnemar, mcnemar_clustered,
};
pub use quantile::{Interpolation, median, quantile};
pub use risk_bound::{binomial_upper, risk_bound};
pub use rng::SeededRng;
