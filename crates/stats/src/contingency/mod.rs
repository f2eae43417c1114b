//! Whether two properties of counted things depend on each other: tests on tables of counts.
//!
//! - [`contingency_test`]: Pearson's chi-squared test of independence of rows and columns;
//! - [`equal_counts_test`]: whether counts are all equal, as `scipy.stats.chisquare` asks by default, which is another
//!   question;
//! - [`permutation_test`]: the same statistic where whole groups are shuffled, since what is counted of one group, such as an
//!   artist's tracks, is not independent of each other; [`shuffled_table`] shuffles single things;
//! - [`association`]: Cramér's V, of which what shuffles give is taken off, with an interval.
//!
//! p-values are carried as decimal logarithms, for they may be less than any double.

mod association;
mod counts;
mod equal_counts;
mod independence;
mod resample;

pub use association::{Association, association, association_of_table};
pub use counts::against_others;
pub use equal_counts::{EqualCountsTest, equal_counts_test};
pub use independence::{ContingencyTest, N_RANDOM_TABLES, contingency_test};
pub use resample::{Permutation, Unit, permutation_test, shuffled_table};

#[cfg(test)]
mod tests;
