//! WAV and AIFF: chunks with a name and a size, and the tags among them.

mod chunks;
mod info;
mod tagged;

pub(super) use tagged::{anatomy, is_one, plan};
