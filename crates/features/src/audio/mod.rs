//! From a file or a stream to mono samples. Everything that reads foreign bytes is here, behind the feature `decode`.
//!
//! `source` hands out bytes, `tags` passes what stands in front of the sound, `probe` finds the format (with `repair` for containers
//! whose lengths are wrong and for what is no sound in them), `track` the track and its decoder (with `headers`, which bounds what a
//! decoder makes of a description, and `edits` for what is played of a track), `packets` reads it to its end, `decode` hands out
//! packets as mono samples (`samples`), counts what that takes (`work`) and holds their number against that of the container
//! (`lengths`).

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
pub(crate) mod headers;
#[cfg(feature = "decode")]
pub(crate) mod inputs;
#[cfg(feature = "decode")]
pub(crate) mod lengths;
pub(crate) mod limits;
#[cfg(feature = "decode")]
pub(crate) mod matroska;
#[cfg(feature = "decode")]
pub(crate) mod mp4;
#[cfg(feature = "decode")]
pub(crate) mod mpeg;
#[cfg(feature = "decode")]
pub(crate) mod names;
#[cfg(feature = "decode")]
pub(crate) mod ogg;
#[cfg(feature = "decode")]
pub(crate) mod opus;
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
pub(crate) mod tags;
#[cfg(feature = "decode")]
pub(crate) mod track;
#[cfg(feature = "decode")]
pub(crate) mod wave;
#[cfg(feature = "decode")]
pub(crate) mod work;
