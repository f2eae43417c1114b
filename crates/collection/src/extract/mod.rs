//! The features of many files: found, extracted in parallel, kept in a journal until all are there, then sorted and
//! written; or kept in memory.

mod beside;
mod file_state;
mod heard;
mod in_memory;
mod inputs;
mod journal;
mod record;
mod run;

pub(crate) use heard::tell_losses_beside;
pub use heard::{Heard, HeardFiles, heard_path};
pub use in_memory::in_memory;
pub use inputs::{Inputs, Unread};
pub use run::{Begin, Job, Report, failures_path, partial_path, run};
