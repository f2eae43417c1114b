//! From the numbers of all frames to the 518 of a recording.

pub(crate) mod columns;
pub(crate) mod csv;
pub(crate) mod statistics;
pub(crate) mod sums;
