//! Where the music comes from.

mod atlas;
mod count;
mod gazetteer;
pub mod geography;
mod located;
mod projection;

pub use atlas::{Atlas, BoundarySource, Country, Drawing, NEAR_KM, Outcome, Reason, Region, Shape};
pub use gazetteer::{Gazetteer, TextPlace};
pub use projection::Projection;
