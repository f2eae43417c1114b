//! From a file or a stream to mono samples. Everything that reads foreign bytes is here, behind the feature `decode`.
//!
//! `source` hands out bytes, `probe` finds the format and the track (with `repair` for containers that were cut short and
//! `edits` for what is played of a track), `decode` hands out packets as mono samples (`samples`).

#[cfg(feature = "decode")]
pub(crate) mod decode;
#[cfg(feature = "decode")]
pub(crate) mod edits;
#[cfg(feature = "decode")]
pub(crate) mod inputs;
pub(crate) mod limits;
#[cfg(feature = "decode")]
pub(crate) mod opus;
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
