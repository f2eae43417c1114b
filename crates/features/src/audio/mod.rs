//! From a file or a stream to mono samples. Everything that reads foreign bytes is here, behind the feature `decode`.
//!
//! `source` hands out bytes, `probe` finds the format and the track (with `repair` for containers whose lengths are wrong
//! and `edits` for what is played of a track), `packets` reads it to its end, `decode` hands out packets as mono samples
//! (`samples`) and holds their number against that of the container (`lengths`).

#[cfg(feature = "decode")]
pub(crate) mod aac;
#[cfg(feature = "decode")]
pub(crate) mod adapter;
#[cfg(feature = "decode")]
pub(crate) mod aiff;
#[cfg(feature = "decode")]
pub(crate) mod boxes;
#[cfg(feature = "decode")]
pub(crate) mod decode;
#[cfg(feature = "decode")]
pub(crate) mod edits;
#[cfg(feature = "decode")]
pub(crate) mod flac;
#[cfg(feature = "decode")]
pub(crate) mod inputs;
#[cfg(feature = "decode")]
pub(crate) mod lengths;
pub(crate) mod limits;
#[cfg(feature = "decode")]
pub(crate) mod mpeg;
#[cfg(feature = "decode")]
pub(crate) mod names;
#[cfg(feature = "decode")]
pub(crate) mod opus;
#[cfg(feature = "decode")]
pub(crate) mod opus_tags;
#[cfg(feature = "decode")]
pub(crate) mod packets;
#[cfg(feature = "decode")]
pub(crate) mod panics;
#[cfg(feature = "decode")]
pub(crate) mod patch;
#[cfg(feature = "decode")]
pub(crate) mod probe;
#[cfg(feature = "decode")]
pub(crate) mod repair;
pub(crate) mod samples;
#[cfg(feature = "decode")]
pub(crate) mod source;
#[cfg(feature = "decode")]
pub(crate) mod wave;
