//! MPEG audio (MP1, MP2, MP3): the headers of its frames, what stands in front of them, and their reader.

pub(crate) mod frame;
pub(crate) mod reader;
pub(crate) mod told;
