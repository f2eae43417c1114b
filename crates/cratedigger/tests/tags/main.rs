//! Genres in the tags of files, written by the real binary: nothing but the tag changes, and it can be undone.
#![cfg(feature = "tags")]
#![allow(clippy::unwrap_used)]

mod desk;
mod formats;
mod genres;
mod kept;
mod refused;
mod undone;
mod whole;
