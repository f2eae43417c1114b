//! Where the music comes from: points and texts to regions, and tracks and artists counted by them.
//!
//! [`Atlas`] and [`Gazetteer`] find a place for coordinates and for words; [`located`] keeps it for each track, and [`count`]
//! makes [`geography::Geography`] of that.

mod atlas;
mod cells;
pub mod count;
mod coverage;
mod gazetteer;
pub mod geography;
mod languages;
pub mod located;
mod projection;

pub use atlas::{Atlas, BoundarySource, Country, Drawing, NEAR_KM, Outcome, Reason, Region, Shape};
pub use gazetteer::{Gazetteer, TextPlace};
pub use projection::Projection;
