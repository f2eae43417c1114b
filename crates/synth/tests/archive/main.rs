//! The synthetic archive as its users see it: formats, determinism, shares, and what protects real data.
#![allow(clippy::unwrap_used)]

mod contents;
mod desk;
mod files;
