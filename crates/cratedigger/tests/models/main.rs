//! Training, tuning, scoring, keeping and using models with the real binary, in a fresh folder.

#![allow(clippy::unwrap_used)]
#![cfg_attr(not(feature = "sql"), allow(unused_imports, dead_code))]

mod audit;
#[cfg(feature = "deep")]
mod autoencoder;
mod belonging;
mod beside;
#[path = "../common/desk.rs"]
mod common_desk;
mod desk;
mod embeddings;
#[cfg(feature = "deep")]
mod impute;
mod networks;
mod out_of_range;
mod perturb;
mod promises;
mod scoring;
mod several;
mod sources;
mod styles;
mod training;
mod tuning;
mod unknown;
mod using;
