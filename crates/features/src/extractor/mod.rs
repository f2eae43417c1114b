//! What ties the steps together: one recording (`extract` for samples, `files` for files), its frames as a plain array
//! (`frame_array`, with `mel_frames` and its recipe), and many (`batch`).
//!
//! `analysis` passes twice over the samples that `passes` and `stream` hand out, with the tables of `plans`.

pub(crate) mod analysis;
#[cfg(feature = "decode")]
pub(crate) mod batch;
pub(crate) mod extract;
#[cfg(feature = "decode")]
pub(crate) mod files;
pub(crate) mod frame_array;
pub(crate) mod frame_recipe;
pub(crate) mod mel_frames;
pub(crate) mod passes;
pub(crate) mod plans;
#[cfg(feature = "decode")]
pub(crate) mod stream;
