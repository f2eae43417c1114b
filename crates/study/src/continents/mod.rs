//! Whether continents differ in their genres by more than chance.

pub mod independence;
pub mod verdict;
