//! From samples to spectra: frames and transforms (`framing`, `stft`, `untangle`, `cqt`), other rates (`decimate`,
//! `resample`, `overlap_save`), and what they share (`kaiser`, `lanes`, `decibel`).

pub(crate) mod cqt;
pub(crate) mod cqt_basis;
pub(crate) mod decibel;
pub(crate) mod decimate;
pub(crate) mod framing;
pub(crate) mod kaiser;
pub(crate) mod lanes;
pub(crate) mod overlap_save;
pub(crate) mod resample;
pub(crate) mod stft;
pub(crate) mod untangle;
