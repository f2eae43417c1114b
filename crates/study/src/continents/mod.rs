//! Whether continents differ in their genres.

pub mod independence;
