//! Analysis in a process of its own, so that what a decoder does with a stranger's file ends that process and no other.
//!
//! ```text
//!  Extraction: features ─┐            ┌─ in this process ──> extractor, front end
//!  FrameExtraction ──────┼─ Decoding ─┤
//!  a network's hearing ──┘            └─ Pool ──frames over pipes──> serve (the same program, a hidden subcommand) ──> Worker
//!                                        one for each thread, kept for many files;     its memory and processor time are limited
//!                                        killed and replaced
//! ```
//!
//! What is short comes back at once; frames and what a network hears come in pieces, of which there are no more than a recording
//! within the limits gives. A network's weights are loaded once, in the process that asks: a helper only decodes, resamples and
//! makes the spectrogram.

mod changed;
mod command;
mod decoding;
mod extraction;
mod frame_extraction;
mod frames;
#[cfg(feature = "embed")]
mod hearing;
mod message;
mod pieces;
mod pool;
mod process;
mod serve;
mod strikes;
mod task;
mod worker;

pub use command::HelperCommand;
pub use decoding::Decoding;
pub use extraction::Extraction;
pub use frame_extraction::FrameExtraction;
pub use pieces::Pieces;
pub use serve::serve;
pub use strikes::Strikes;
