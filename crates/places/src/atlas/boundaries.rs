//! The embedded boundaries and what is known of each country and region.

use serde::{Deserialize, Serialize};

use crate::error::{PlacesError, Result};

const COUNTRIES: &str = include_str!("../../data/countries.tsv");
const REGIONS: &str = include_str!("../../data/regions.tsv");
const SHAPES: &[u8] = include_bytes!("../../data/boundaries.bin");

/// Units of the embedded coordinates in a degree.
const SCALE: f64 = 10_000.0;

/// Where boundaries come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoundarySource {
    /// The name of the data set, or the path of the file.
    pub name: String,
    /// What a reader must know of them.
    pub note: String,
    /// Where the populations come from.
    pub population_note: String,
    /// Countries and territories.
    pub n_countries: u64,
    /// First-level regions.
    pub n_regions: u64,
    /// Whether these are the boundaries that the program brings along.
    pub embedded: bool,
}

/// A country or territory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Country {
    /// Natural Earth's code `ADM0_A3`, mostly ISO 3166-1 alpha-3.
    pub code: String,
    /// Its English name.
    pub name: String,
    /// Its continent; empty where a user's file does not say.
    pub continent: String,
    /// Its inhabitants.
    pub population: Option<u64>,
}

/// A first-level region, such as a state of the USA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// The position of its country.
    pub country: usize,
    /// Its name; empty where a user's file holds countries only.
    pub name: String,
    /// Its continent, which need not be its country's: French Guiana lies in South America.
    pub continent: String,
    /// Its inhabitants.
    pub population: Option<u64>,
}

/// An area: rings of (longitude, latitude) in degrees, closed by themselves. A point lies in it where a ray from it crosses
/// the rings an odd number of times, so that holes need no mark.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shape {
    /// The rings.
    pub rings: Vec<Vec<[f64; 2]>>,
}

/// Which shapes to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawing {
    /// Countries of the world, but for Antarctica; numbers are positions of countries.
    World,
    /// States of the USA; numbers are positions of regions.
    Usa,
    /// Countries around Europe, cut off at a window; numbers are positions of countries.
    Europe,
    /// The areas of a user's file; numbers are positions of regions.
    Areas,
}

/// Countries, regions and their shapes.
#[derive(Debug, Clone)]
pub(super) struct Boundaries {
    pub(super) source: BoundarySource,
    pub(super) countries: Vec<Country>,
    pub(super) regions: Vec<Region>,
    /// One for each region.
    pub(super) shapes: Vec<Shape>,
    pub(super) world: Vec<(usize, Shape)>,
    pub(super) usa: Vec<(usize, Shape)>,
    pub(super) europe: Vec<(usize, Shape)>,
    pub(super) areas: Vec<(usize, Shape)>,
}

impl Boundaries {
    pub(super) fn embedded() -> Result<Self> {
        Self::decode().ok_or_else(|| PlacesError {
            path: "data/boundaries.bin".into(),
            what: "the embedded boundaries are damaged; build the program again".to_owned(),
        })
    }

    pub(super) fn drawing(&self, drawing: Drawing) -> &[(usize, Shape)] {
        match drawing {
            Drawing::World => &self.world,
            Drawing::Usa => &self.usa,
            Drawing::Europe => &self.europe,
            Drawing::Areas => &self.areas,
        }
    }

    fn decode() -> Option<Self> {
        let mut countries = Vec::new();
        for line in COUNTRIES.lines().skip(1) {
            let mut cells = line.split('\t');
            countries.push(Country {
                code: cells.next()?.to_owned(),
                name: cells.next()?.to_owned(),
                continent: cells.next()?.to_owned(),
                population: cells.next()?.parse().ok(),
            });
        }
        let mut regions = Vec::new();
        for line in REGIONS.lines().skip(1) {
            let mut cells = line.split('\t');
            let code = cells.next()?;
            regions.push(Region {
                country: countries
                    .binary_search_by(|country| country.code.as_str().cmp(code))
                    .ok()?,
                name: cells.next()?.to_owned(),
                continent: cells.next()?.to_owned(),
                population: cells.next()?.parse().ok(),
            });
        }
        let mut bytes = SHAPES;
        let shapes = layer(&mut bytes)?;
        let world = layer(&mut bytes)?;
        let usa = layer(&mut bytes)?;
        let europe = layer(&mut bytes)?;
        let in_order =
            shapes.len() == regions.len() && shapes.iter().enumerate().all(|(k, (number, _))| k == *number);
        (in_order && bytes.is_empty()).then(|| Self {
            source: BoundarySource {
                name: "Natural Earth 1:10m, generalised".to_owned(),
                note: "Public domain (naturalearthdata.com). Borders are drawn as they are held, which is not in every case as \
                       they are recognised; continents are Natural Earth's (Russia counts as Europe, Turkey as Asia)."
                    .to_owned(),
                population_note: "Natural Earth's POP_EST (mostly 2009 to 2012); states of the USA: American Community Survey \
                                  2011 to 2015, U.S. Census Bureau."
                    .to_owned(),
                n_countries: countries.len() as u64,
                n_regions: regions.len() as u64,
                embedded: true,
            },
            shapes: shapes.into_iter().map(|(_, shape)| shape).collect(),
            countries,
            regions,
            world,
            usa,
            europe,
            areas: Vec::new(),
        })
    }
}

/// A layer of `boundaries.bin`; its format is described in scripts/make_boundaries.py.
fn layer(bytes: &mut &[u8]) -> Option<Vec<(usize, Shape)>> {
    let mut last = [0_i64; 2];
    let mut features = Vec::new();
    for _ in 0..varint(bytes)? {
        let number = varint(bytes)? as usize;
        let mut rings = Vec::new();
        for _ in 0..varint(bytes)? {
            for _ in 0..varint(bytes)? {
                let n = varint(bytes)?;
                let mut ring = Vec::new();
                for _ in 0..n {
                    for value in &mut last {
                        let code = varint(bytes)?;
                        *value += (code >> 1) as i64 ^ -((code & 1) as i64);
                    }
                    ring.push(last.map(|value| value as f64 / SCALE));
                }
                rings.push(ring);
            }
        }
        features.push((number, Shape { rings }));
    }
    Some(features)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}
