//! What is in the archive.

pub(crate) mod genres;
pub(crate) mod missingness;
pub(crate) mod outliers;
pub(crate) mod overview;
