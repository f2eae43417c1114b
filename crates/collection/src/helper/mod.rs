//! Analysis in a process of its own, so that what a decoder does with a stranger's file ends that process and no other.
//!
//! ```text
//!  Extraction ── in this process ────────────────────────────> Extractor
//!      └────── Helpers ──frames over pipes──> serve (the same program, a hidden subcommand) ──> Extractor
//!              one for each thread, kept for many files;           its memory and processor time are limited
//!              killed and replaced
//! ```

mod command;
mod extraction;
mod frames;
mod message;
mod pool;
mod process;
mod serve;
mod strikes;

pub use command::HelperCommand;
pub use extraction::Extraction;
pub use serve::serve;
pub use strikes::Strikes;
