//! Genres written into the tags of audio files, and files given back as they were.
//!
//! A file is changed in memory (`edit`), held against itself by ear (`sound`), its old state kept as a difference
//! (`backup`, `delta`), and only then replaced by a rename (`file`). Whatever fails on the way leaves the file as it was.

mod backup;
mod delta;
mod edit;
mod file;
mod sound;
mod tagger;

pub use tagger::{Restored, Tagged, Tagger};
