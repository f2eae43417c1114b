//! Many recordings on many machines: a manifest of all of them, of which each machine takes a shard and writes a part.
//!
//! ```text
//!  paths, addresses ──manifest──> manifest.parquet: uri, size, etag or time, track id
//!        manifest ──shard I of N──> a range of its rows ──extract──> part-I-of-N-HASH.parquet (put only where there is none)
//!        folder of parts ──look──> what is missing, what is there twice
//! ```
//!
//! Nothing coordinates the machines: which rows a shard takes follows from the manifest alone, the name of its part from the rows and the
//! recipe, and that there is one part of that name from the store or the file system, which gives a name once.

mod begun;
mod manifest;
mod naming;
mod parts;
mod place;
mod run;
mod share;
mod table_file;

pub use begun::{Beginning, Begun};
pub use manifest::{Entry, Made, Manifest, write_manifest};
pub use naming::{PartName, Recipe, digest};
pub use parts::{Missing, Parts};
pub use place::{Named, Place};
pub use run::{Outcome, ShardJob, run};
pub use share::Shard;
