//! ID3: the tags in front of MPEG streams and in chunks of WAV and AIFF files, and the 128 bytes at the end.

pub(super) mod names;
pub(super) mod text;
pub(super) mod v1;
pub(super) mod v2;
pub(super) mod walk;
