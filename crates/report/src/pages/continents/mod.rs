//! Whether continents differ.

pub(crate) mod independence;
