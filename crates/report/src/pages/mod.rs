//! The sections of the report, one file each.

pub(crate) mod archive;
pub(crate) mod continents;
pub(crate) mod learning;
pub(crate) mod places;
pub(crate) mod published;
