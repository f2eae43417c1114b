//! Genres written into the tags of audio files, and files given back as they were.
//!
//! A file is taken apart by its format (`kind` and the modules that it names), and only the bytes of the genre are replaced, with
//! the sizes and places that follow from them (`edit`). The file with the genre is taken apart again: all other parts must be as
//! they were, byte for byte (`anatomy`), and it must sound the same (`sound`). The old state is kept as a difference (`backup`,
//! `delta`), and only then the file is replaced by a rename (`file`, `attributes`). Whatever fails on the way leaves it as it was.
//!
//! Files are hostile: no size is believed before it was held against what is there, lists are bounded (`anatomy::MAX_PARTS`), and
//! nothing calls itself without an end.

mod anatomy;
mod ape;
mod around;
mod attributes;
mod backup;
mod delta;
mod edit;
mod file;
mod flac;
mod id3;
mod iff;
mod kind;
mod mp4;
mod mpeg;
mod ogg;
mod sound;
mod tagger;
mod vorbis;

pub use tagger::{Restored, Tagged, Tagger, genres};
