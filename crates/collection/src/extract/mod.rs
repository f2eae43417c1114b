//! The features of many files: found, extracted in parallel, kept in a journal until all are there, then sorted and
//! written; or kept in memory.

mod file_state;
mod in_memory;
mod inputs;
mod journal;
mod record;
mod run;

pub use in_memory::in_memory;
pub use inputs::{Inputs, Unread};
pub use run::{Begin, Job, Report, failures_path, partial_path, run};
