//! What is in the archive, what is missing in it, and what lies far out.

pub(crate) mod genres;
pub(crate) mod missingness;
pub(crate) mod outliers;
pub(crate) mod overview;
mod selection;
mod sound;
