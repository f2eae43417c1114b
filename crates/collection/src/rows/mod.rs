//! The one way in to features: what was named, whatever it is, becomes rows.

pub mod archive;
pub mod for_model;
pub mod genres;
pub mod options;
pub mod selection;
pub mod source;
