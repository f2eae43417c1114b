//! Where the music comes from.

pub(crate) mod geography;
mod tables;
