//! Ogg: pages, and the genre in the comment header of the first audio stream.

mod header;
mod page;

pub(super) use header::{anatomy, plan};
