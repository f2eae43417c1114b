//! The distributions behind intervals and tests. Probabilities are logarithms, so that the far tail does not underflow.
//!
//! Two pairs of functions answer one question by two rules, whose last digits differ; results that are published keep theirs:
//!
//! - [`ln_chi_squared_1`] (by `erfc`; McNemar's tests) and [`ln_chi_squared_sf`] with one degree of freedom (by the incomplete
//!   gamma function; tables of counts);
//! - [`normal_quantile`] (a rational approximation; fast, for every cell of a matrix) and [`two_sided_normal_quantile`] (by
//!   bisection, to the last digit that the tail has).

mod binomial;
mod bisection;
mod chi_squared;
mod hypergeometric;
mod normal;
mod student_t;

pub use binomial::{ln_binomial, ln_binomial_half};
pub use chi_squared::{ln_chi_squared_1, ln_chi_squared_sf, noncentral_chi_squared_cdf, noncentrality};
pub use hypergeometric::Hypergeometric;
pub use normal::{normal_quantile, two_sided_normal_quantile};
pub use student_t::{ln_two_sided_t, two_sided_t_quantile};

#[cfg(test)]
mod tests;
