//! Request bodies to audio files in memory, with bounds on size, pace and number.

mod incoming;
mod kind;
pub(crate) mod limits;
mod name;
mod part;
mod read;

pub(crate) use limits::Rules;
pub(crate) use read::{Upload, Uploads};
