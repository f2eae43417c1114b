//! Downloads from a real server on this machine that breaks off, refuses ranges, lies, and serves wrong bytes.
#![cfg(feature = "download")]
#![allow(clippy::unwrap_used, unreachable_pub)]

mod desk;
mod parts;
mod server;
mod transfers;
mod unpacking;
mod zips;
