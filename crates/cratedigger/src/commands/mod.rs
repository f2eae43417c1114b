//! The subcommands, a module each: its arguments as plain data, and what it does with them.

pub(crate) mod download;
pub(crate) mod evaluate;
pub(crate) mod extract;
pub(crate) mod import;
pub(crate) mod serve;
pub(crate) mod source;
pub(crate) mod sql;
pub(crate) mod study;
pub(crate) mod synth;
