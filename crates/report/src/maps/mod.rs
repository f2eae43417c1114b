//! Maps, drawn as SVG: they need no network, print sharply, and are files of their own beside the report.
//!
//! Coloured areas are in `choropleth`, the circles of the world map in `pies`, what a pointer reads in `tooltip`. All draw on a
//! `canvas`, in the projections that the study has too.

mod canvas;
mod choropleth;
mod map;
mod part;
mod pies;
mod scale;
mod tooltip;

pub(crate) use choropleth::{Measure, choropleth};
pub(crate) use map::{FEWEST_FOR_SHARES, Map};
pub(crate) use part::Part;
pub(crate) use pies::world_by_genre;
pub(crate) use scale::GENRES;
