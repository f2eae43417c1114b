//! Points and words to places: country, first-level region and continent.
//!
//! ```text
//! latitude, longitude ──Atlas::locate──> region ──> country, continent
//! `Brooklyn, NY` ──────Gazetteer::find──> country, perhaps a region
//! ```
//!
//! No tables, no statistics, no maps: what is counted by places lies in `cratedigger-study`, and what is learnt from them in
//! `cratedigger-collection`.
//!
//! | to change | look into |
//! |---|---|
//! | which region a point belongs to | `atlas/index.rs` |
//! | boundaries of your own | `atlas/read.rs` |
//! | what a text means | `gazetteer.rs` |
//!
//! ```
//! use cratedigger_places::{Atlas, Gazetteer, TextPlace};
//!
//! let atlas = Atlas::embedded()?;
//! let TextPlace::Found { country, .. } = Gazetteer::new(&atlas).find("Brooklyn, NY") else { panic!("a city") };
//! assert_eq!(atlas.countries()[country].code, "USA");
//! # Ok::<(), cratedigger_places::PlacesError>(())
//! ```

mod atlas;
mod error;
mod gazetteer;

pub use atlas::{Atlas, BoundarySource, Country, Drawing, NEAR_KM, Outcome, Reason, Region, Shape};
pub use error::{PlacesError, Result};
pub use gazetteer::{Gazetteer, TextPlace};
