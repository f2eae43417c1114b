//! The real binary in a fresh folder: what a user types, sees and gets.

#![allow(clippy::unwrap_used)]
#![cfg_attr(not(feature = "sql"), allow(unused_imports, dead_code))]

#[path = "../common/desk.rs"]
mod common_desk;
mod desk;
mod evaluate;
mod inputs;
mod manual;
mod outputs;
#[cfg(feature = "sql")]
mod sql;
mod study;
mod without;
