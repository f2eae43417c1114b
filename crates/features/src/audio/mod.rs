//! From a file or a stream to mono samples.

pub(crate) mod decode;
pub(crate) mod edits;
pub(crate) mod inputs;
pub(crate) mod opus;
pub(crate) mod probe;
pub(crate) mod repair;
pub(crate) mod samples;
pub(crate) mod source;
