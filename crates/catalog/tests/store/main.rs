//! A store is reused while its files stay as they are, made anew when they change, and never half-written.
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
mod desk;
mod held;
mod records;
mod whole;
