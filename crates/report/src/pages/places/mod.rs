//! Where the music comes from.

pub(crate) mod geography;
pub(crate) mod tables;
