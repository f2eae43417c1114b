//! What is in the archive, what is missing in it, and what lies far out.

pub mod missingness;
pub mod outliers;
pub mod overview;
