//! The one way in to features: what was named, whatever it is, becomes rows.
//!
//! ```text
//! paths ──source: kind, open──> tables · files of features · caches of frames · audio · audio beside tables
//!       ──reader──────────────> rows of features, one by one
//!       ──for_model───────────> matrix in the order of a model's features, paths, failures
//!       ──known, join, builder─> data set with genres, artists, albums, official parts; what was lost
//! ```
//!
//! A new kind of input is a kind in [`source`] and an implementation of `Reader` in `reader`.

pub mod archive;
mod audio;
mod builder;
pub mod changed;
pub mod clips;
mod fit_to;
pub mod for_learning;
pub mod for_model;
mod frames;
pub mod genres;
pub mod inputs;
mod join;
pub mod kinds;
pub(crate) mod known;
pub mod labelled;
pub mod options;
mod reader;
pub mod selection;
mod several;
pub mod source;
pub mod tables;
mod union;

pub use for_learning::{Request, for_learning};
pub use for_model::{Gathered, gather, gather_inputs, gather_one};
pub use frames::frames_of_tracks;
pub use inputs::choice::InputChoice;
#[cfg(feature = "deep")]
pub(crate) use known::artists_of;
pub use labelled::{Labelled, Lost, Wanted};
pub use several::{LeftOut, SeveralGenres, several_genres, several_of_store};
pub use source::{Kind, Reading, kind, open};
