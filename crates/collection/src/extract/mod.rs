//! The features of many files: found, extracted in parallel, kept in a journal until all are there, then sorted and
//! written; or kept in memory.

mod beside;
mod file_state;
mod heard;
mod in_memory;
mod inputs;
mod journal;
mod losses;
mod record;
mod run;

pub use heard::{Heard, HeardFiles, heard_path};
pub use in_memory::in_memory;
pub use inputs::{Inputs, Unread};
pub(crate) use losses::tell_losses_beside;
pub use losses::{Losses, RecordingLoss};
pub use run::{Begin, Job, Report, failures_path, partial_path, run};
