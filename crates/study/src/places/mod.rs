//! Where the music comes from: points and texts to regions, and tracks and artists counted by them.
//!
//! `cratedigger-places` finds a place for coordinates and for words; [`located`] keeps it for each track, and [`count`]
//! makes [`geography::Geography`] of that.

mod cells;
pub mod count;
mod coverage;
pub mod geography;
mod languages;
pub mod located;
mod projection;

pub use cratedigger_places::{
    Atlas, BoundarySource, Country, Drawing, Gazetteer, NEAR_KM, Outcome, Reason, Region, Shape, TextPlace,
};
pub use projection::Projection;
