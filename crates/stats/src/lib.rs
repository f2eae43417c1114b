//! Statistics that know no genre and no model.

pub mod contingency;
pub mod distributions;
mod error;
mod interval;
pub mod multiple;
mod paired;
pub mod rng;
#[cfg(test)]
mod test_support;

pub use error::{Result, StatsError};
pub use interval::{Interval, cluster_interval, fold_interval, wilson_interval};
pub use paired::{
    ClusteredMcNemar, CorrectedTTest, McNemar, PValue, corrected_t_test, holm, mcnemar, mcnemar_clustered,
};
