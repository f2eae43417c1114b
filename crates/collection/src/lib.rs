//! What is done with many recordings, for every front end.

pub mod classify;
pub mod error;
pub mod explain;
pub mod extract;
pub mod listener;
pub mod neighbours;
pub mod rows;
pub mod table;
#[cfg(feature = "tags")]
pub mod tags;
mod write;

pub use error::{Error, Result};
pub use listener::{Job, Listener, Nobody, Unit};
pub use write::write_whole;
