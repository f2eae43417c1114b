//! Whether two properties of counted things depend on each other: tests on tables of counts.
//!
//! - [`contingency_test`]: Pearson's chi-squared test of independence of rows and columns;
//! - [`equal_counts_test`]: whether counts are all equal, as `scipy.stats.chisquare` asks by default, which is another
//!   question;
//! - [`permutation_test`] and [`bootstrap_cramers_v`]: the same statistic where whole groups are shuffled or drawn, since
//!   what is counted of one group, such as an artist's tracks, is not independent of each other.
//!
//! p-values are carried as decimal logarithms, for they may be less than any double.

mod counts;
mod equal_counts;
mod independence;
mod resample;

pub use counts::against_others;
pub use equal_counts::{EqualCountsTest, equal_counts_test};
pub use independence::{ContingencyTest, contingency_test};
pub use resample::{Bootstrap, Permutation, Unit, bootstrap_cramers_v, permutation_test};

#[cfg(test)]
mod tests;
