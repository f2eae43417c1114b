//! From spectra to numbers for every frame, a file for each family, and the tuning that chroma needs.

pub(crate) mod cens;
pub(crate) mod chroma;
pub(crate) mod contrast;
pub(crate) mod mel;
pub(crate) mod spectral;
pub(crate) mod tonnetz;
pub(crate) mod tuning;
pub(crate) mod zcr;
