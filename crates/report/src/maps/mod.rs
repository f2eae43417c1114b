//! Maps, drawn as SVG: they need no network, print sharply, and are files of their own beside the report.
//!
//! Areas with their tooltips are in [`choropleth`], the circles of the world map in [`pies`]; both draw on a [`canvas`], whose
//! projections are the study's.

mod canvas;
mod choropleth;
mod map;
mod part;
mod pies;
mod scale;

pub(crate) use choropleth::{Measure, choropleth};
pub(crate) use map::{FEWEST_FOR_SHARES, Map};
pub(crate) use part::Part;
pub(crate) use pies::world_by_genre;
pub(crate) use scale::GENRES;
