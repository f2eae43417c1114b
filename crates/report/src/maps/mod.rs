//! Maps, drawn as SVG: they need no network, print sharply, and are files of their own beside the report.

mod canvas;
mod choropleth;
mod part;
mod pies;
mod scale;

use serde::Serialize;

use canvas::{Canvas, View};
pub(crate) use choropleth::{Measure, choropleth};
pub(crate) use part::Part;
pub(crate) use pies::world_by_genre;
pub(crate) use scale::GENRES;

/// Tracks of the genres that a place must have for a genre's share of them to be drawn.
pub(crate) const FEWEST_FOR_SHARES: u64 = 20;

/// A map.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Map {
    /// Its anchor and the name of its file.
    pub(crate) id: String,
    /// How to read it.
    pub(crate) caption: String,
    /// The drawing.
    pub(crate) svg: String,
}

impl Map {
    /// The drawing as a file of its own.
    pub(crate) fn file(&self) -> String {
        canvas::standalone(&self.svg)
    }
}

/// Borders between places.
const STROKE: &str = "stroke:var(--card, #ffffff);stroke-width:7;stroke-linejoin:round";

/// Begins a view with its graticule; returns where to write which degrees.
fn background(canvas: &mut Canvas, view: &View, step: i32) -> Vec<([f64; 2], String)> {
    canvas.begin(view, STROKE);
    canvas.graticule(view, step)
}
