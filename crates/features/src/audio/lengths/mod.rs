//! The length of a recording by another way than decoding it: what the container itself counts or holds.
//!
//! What was decoded is held against it, so that sound that a decoder passes over in silence is told all the same.
//! `container` knows which count is whose; each of the others counts one kind of container, from its bytes alone.

pub(crate) mod adts;
pub(crate) mod container;
pub(crate) mod flac;
pub(crate) mod mp4;
pub(crate) mod mpeg;
pub(crate) mod ogg;
pub(crate) mod plain;
pub(crate) mod window;
