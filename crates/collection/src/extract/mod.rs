//! The features of many files: found, extracted in parallel, kept in a journal until all are there, then sorted and
//! written; or kept in memory.

mod attempts;
mod beside;
mod failures;
mod file_state;
mod heard;
mod in_memory;
mod inputs;
mod journal;
mod losses;
mod names;
mod pattern;
mod record;
mod run;
mod values;

pub(crate) use attempts::{Noted, lock, refused};
pub use failures::write_failures;
pub(crate) use file_state::FileState;
pub use heard::{Heard, HeardFiles, heard_path};
pub use in_memory::in_memory;
pub(crate) use in_memory::largest_first;
pub use inputs::{Inputs, Unread};
pub(crate) use journal::{Head, Journal, look};
pub(crate) use losses::tell_losses_beside;
pub use losses::{Losses, RecordingLoss};
#[cfg(feature = "store")]
pub(crate) use names::{is_audio, is_of_macos};
pub(crate) use record::{Kept, Outcome, put, take_text, take_u64};
pub use run::{Begin, Job, PartOf, Report, failures_path, partial_path, run};
