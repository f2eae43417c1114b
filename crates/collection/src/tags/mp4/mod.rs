//! MP4: boxes, tables of places in the file, and the genre among the atoms of `ilst`.

mod boxes;
mod ilst;
mod offsets;

pub(super) use ilst::{anatomy, plan};
