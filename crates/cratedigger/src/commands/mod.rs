//! The subcommands, a module each: its arguments as plain data, and what it does with them.

pub(crate) mod audit;
pub(crate) mod belonging;
pub(crate) mod classify;
pub(crate) mod data;
pub(crate) mod decode_helper;
pub(crate) mod download;
pub(crate) mod embedding;
pub(crate) mod embedding_args;
pub(crate) mod evaluate;
pub(crate) mod extract;
pub(crate) mod fitting;
pub(crate) mod folds;
pub(crate) mod import;
pub(crate) mod lacking;
pub(crate) mod mel;
pub(crate) mod model;
pub(crate) mod numbers;
pub(crate) mod output;
pub(crate) mod serve;
pub(crate) mod source;
pub(crate) mod sql;
pub(crate) mod study;
pub(crate) mod synth;
pub(crate) mod train;
pub(crate) mod tune;
pub(crate) mod watching;
