//! Where a point on the globe lies: country, first-level region and continent.
//!
//! ```
//! use cratedigger_places::{Atlas, Outcome};
//!
//! let atlas = Atlas::embedded()?;
//! let Outcome::Inside { region } = atlas.locate(40.7127, -74.0059) else { panic!("New York is on land") };
//! assert_eq!(atlas.region(region).name, "New York");
//! assert_eq!(atlas.country_of(region).code, "USA");
//! # Ok::<(), cratedigger_places::PlacesError>(())
//! ```
//!
//! The embedded boundaries are Natural Earth's, which is in the public domain (`scripts/make_boundaries.py` made them);
//! [`Atlas::read`] takes any other ones. A point that no region holds but that lies within [`NEAR_KM`] of one is counted
//! there, since coasts are drawn with fewer corners than they have.

mod boundaries;
mod index;
mod read;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub use boundaries::{BoundarySource, Country, Drawing, Region, Shape};

use crate::error::Result;
use boundaries::Boundaries;
use index::Index;

/// How far from a region a point may lie to be counted there, in km.
pub const NEAR_KM: f64 = 50.0;

/// Boundaries with their index.
#[derive(Debug, Clone)]
pub struct Atlas {
    boundaries: Boundaries,
    index: Index,
}

/// Where a point lies, or why that cannot be told. Regions are positions for [`Atlas::region`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// Inside of a region.
    Inside {
        /// The region.
        region: usize,
    },
    /// In none, but not far from one, such as just off its coast.
    Near {
        /// The nearest region.
        region: usize,
        /// How far away its boundary is, in km.
        distance_km: f64,
    },
    /// In none.
    Nowhere {
        /// Why.
        reason: Reason,
    },
}

/// Why a point cannot be placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Only one of latitude and longitude is there.
    HalfMissing,
    /// Latitude 0 and longitude 0: what a missing value becomes on the way.
    NullIsland,
    /// No place on the globe (latitude beyond 90 degrees, longitude beyond 180), or no number.
    OutOfRange,
    /// At sea or out of range, but on land with latitude and longitude swapped.
    SwappedPerhaps,
    /// Farther than [`NEAR_KM`] from every region.
    Sea,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 5] = [
        Self::HalfMissing,
        Self::NullIsland,
        Self::OutOfRange,
        Self::SwappedPerhaps,
        Self::Sea,
    ];

    /// The reason in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::HalfMissing => "only one of latitude and longitude is given",
            Self::NullIsland => "latitude 0, longitude 0: most likely a missing value",
            Self::OutOfRange => "outside of the range of latitudes and longitudes",
            Self::SwappedPerhaps => {
                "at sea or off the globe, but on land if latitude and longitude were swapped: perhaps they are"
            }
            Self::Sea => "at sea, farther than 50 km from any land",
        }
    }
}

impl Outcome {
    /// The region, where there is one.
    pub fn region(self) -> Option<usize> {
        match self {
            Self::Inside { region } | Self::Near { region, .. } => Some(region),
            Self::Nowhere { .. } => None,
        }
    }
}

impl Atlas {
    /// The embedded boundaries: 4,556 first-level regions of 249 countries and territories.
    ///
    /// # Errors
    /// `PlacesError`, which would be a defect of this crate.
    pub fn embedded() -> Result<Self> {
        Ok(Self::new(Boundaries::embedded()?))
    }

    /// Boundaries of a shapefile (`.shp` with its `.dbf`) or a GeoJSON file, in degrees (EPSG:4326).
    ///
    /// Attributes are found under the names that Natural Earth gives them, and under a few others, in any case. A file with
    /// `admin` (or `country`) and `name` holds regions; one with only `name` holds countries.
    ///
    /// # Errors
    /// `PlacesError` with the file, the feature and what was expected.
    pub fn read(path: &Path) -> Result<Self> {
        Ok(Self::new(read::read(path)?))
    }

    fn new(boundaries: Boundaries) -> Self {
        let index = Index::new(&boundaries.shapes);
        Self { boundaries, index }
    }

    /// Where the boundaries come from.
    pub fn source(&self) -> &BoundarySource {
        &self.boundaries.source
    }

    /// All countries, by code.
    pub fn countries(&self) -> &[Country] {
        &self.boundaries.countries
    }

    /// All regions.
    pub fn regions(&self) -> &[Region] {
        &self.boundaries.regions
    }

    /// A region.
    ///
    /// # Panics
    /// Where `region` is no position of [`Atlas::regions`].
    pub fn region(&self, region: usize) -> &Region {
        &self.boundaries.regions[region]
    }

    /// The country of a region.
    ///
    /// # Panics
    /// As [`Atlas::region`].
    pub fn country_of(&self, region: usize) -> &Country {
        &self.boundaries.countries[self.boundaries.regions[region].country]
    }

    /// The shape of a region, in degrees.
    ///
    /// # Panics
    /// As [`Atlas::region`].
    pub fn shape(&self, region: usize) -> &Shape {
        &self.boundaries.shapes[region]
    }

    /// Shapes to draw: simplified ones for the embedded boundaries, the regions themselves for other ones.
    pub fn drawing(&self, drawing: Drawing) -> &[(usize, Shape)] {
        self.boundaries.drawing(drawing)
    }

    /// Where a point lies. Latitude in degrees north, longitude in degrees east.
    ///
    /// A point on the border of two regions lies in exactly one of them; where regions of a user's file overlap, the first
    /// one counts.
    pub fn locate(&self, latitude: f64, longitude: f64) -> Outcome {
        if latitude == 0.0 && longitude == 0.0 {
            return Outcome::Nowhere {
                reason: Reason::NullIsland,
            };
        }
        let in_range = |latitude: f64, longitude: f64| latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
        let reason = if in_range(latitude, longitude) {
            if let Some(region) = self.index.containing([longitude, latitude]) {
                return Outcome::Inside { region };
            }
            if let Some((region, distance_km)) = self.index.nearest([longitude, latitude], NEAR_KM) {
                return Outcome::Near { region, distance_km };
            }
            Reason::Sea
        } else {
            Reason::OutOfRange
        };
        let swapped = in_range(longitude, latitude) && self.index.containing([latitude, longitude]).is_some();
        Outcome::Nowhere {
            reason: if swapped { Reason::SwappedPerhaps } else { reason },
        }
    }
}

#[cfg(test)]
mod tests;
