//! Front ends: from mono samples to what a network is fed with.

pub mod mel;
pub(crate) mod patches;
pub mod resample;
