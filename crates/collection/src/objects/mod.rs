//! Recordings that are objects of stores: what is known of them, and their bytes when they are analysed.
//!
//! No recording is ever a file of this machine: its bytes are fetched ahead into memory, go to a helper through its pipe, and are
//! dropped. What names no object is read as the file that it is.

mod files;
mod find;
mod known;
mod recordings;
#[cfg(feature = "store")]
mod search;
mod stage;
mod waits;

pub use files::ObjectFiles;
pub(crate) use find::search;
pub(crate) use known::Found;
#[cfg(not(feature = "store"))]
pub(crate) use known::NO_STORES;
pub use known::{Known, Objects};
pub(crate) use recordings::Recordings;
pub(crate) use stage::{OUTAGE, Outage};
pub use waits::tell_waits;
