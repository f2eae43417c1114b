//! Tables of an archive: artists, albums, genres, places, gaps and features that hang together.

mod countries;
mod dims;
pub(crate) mod drafts;
mod echonest;
pub(crate) mod genres;
pub(crate) mod labels;
pub(crate) mod missing;
mod moments;
mod output;
pub(crate) mod places;
pub(crate) mod plan;
pub(crate) mod records;
mod sound;
mod tables;
mod text;
mod write;

pub(crate) use output::path_of;
pub(crate) use tables::{Heard, write_tables};
pub use write::write;
