//! Training, tuning, scoring, keeping and using models with the real binary, in a fresh folder.

#![allow(clippy::unwrap_used)]

mod desk;
mod scoring;
mod sources;
mod training;
mod tuning;
mod using;
