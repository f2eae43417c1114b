//! Whether continents differ in their genres.

pub(crate) mod independence;
