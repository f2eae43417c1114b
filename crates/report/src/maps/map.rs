//! A map, and what all maps share.

use serde::Serialize;

use super::canvas::{Canvas, View, standalone};

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
        standalone(&self.svg)
    }
}

/// Borders between places.
pub(crate) const STROKE: &str = "stroke:var(--card, #ffffff);stroke-width:7;stroke-linejoin:round";

/// Begins a view with its graticule; returns where to write which degrees.
pub(crate) fn background(canvas: &mut Canvas, view: &View, step: i32) -> Vec<([f64; 2], String)> {
    canvas.begin(view, STROKE);
    canvas.graticule(view, step)
}
