//! What is in the archive, what is missing in it, what of its sound was lost, and what lies far out among its features.
//!
//! The phi coefficient of two columns' missing values is in [`missingness`]; which values count as outliers, in [`outliers`].

pub mod missingness;
pub mod outliers;
pub mod overview;
pub mod quantiles;
pub mod sound;
