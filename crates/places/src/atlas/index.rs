//! Which shape holds a point, and which is the nearest one.
//!
//! An R*-tree over the rings' bounding boxes gives the few shapes that can hold the point. Each shape keeps its edges by
//! bands of latitude, so that the ray that decides (even-odd rule) meets the edges of one band only.

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::boundaries::Shape;

/// Mean radius of the earth in km (IUGG R1).
const EARTH_KM: f64 = 6371.0088;

/// Length of a degree of latitude in km.
const DEGREE_KM: f64 = EARTH_KM * std::f64::consts::PI / 180.0;

/// Edges that a band holds on average, as far as that is reached with [`MOST_BANDS`].
const EDGES_IN_BAND: usize = 12;
const MOST_BANDS: usize = 512;

/// An edge with its lower end first, so that two neighbours decide alike on their common border.
type Edge = [[f64; 2]; 2];

/// The index of a list of shapes.
#[derive(Debug, Clone)]
pub(super) struct Index {
    boxes: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
    shapes: Vec<Bands>,
}

/// The edges of a shape by bands of latitude. An edge is in every band that it touches.
#[derive(Debug, Clone)]
struct Bands {
    south: f64,
    height: f64,
    /// Where each band's edges begin in `edges`; one more than bands.
    starts: Vec<u32>,
    edges: Vec<Edge>,
}

impl Index {
    pub(super) fn new(shapes: &[Shape]) -> Self {
        let mut boxes = Vec::new();
        for (number, shape) in shapes.iter().enumerate() {
            for ring in &shape.rings {
                if let Some((low, high)) = bounds(ring) {
                    boxes.push(GeomWithData::new(Rectangle::from_corners(low, high), number));
                }
            }
        }
        Self {
            boxes: RTree::bulk_load(boxes),
            shapes: shapes.iter().map(Bands::new).collect(),
        }
    }

    /// The first shape that holds `point` (longitude, latitude in degrees).
    pub(super) fn containing(&self, point: [f64; 2]) -> Option<usize> {
        let mut found: Option<usize> = None;
        for candidate in self.boxes.locate_all_at_point(&point) {
            let number = candidate.data;
            if found.is_none_or(|found| number < found) && self.shapes[number].contains(point) {
                found = Some(number);
            }
        }
        found
    }

    /// The nearest shape within `limit_km`, and how far away it is in km; ties by the lowest number.
    pub(super) fn nearest(&self, point: [f64; 2], limit_km: f64) -> Option<(usize, f64)> {
        let up = limit_km / DEGREE_KM;
        let [south, north] = [point[1] - up, point[1] + up];
        // The widest circle of latitude in reach decides how many degrees of longitude are in reach.
        let shrink = south.abs().max(north.abs()).min(90.0).to_radians().cos();
        let aside = if shrink * 180.0 > up { up / shrink } else { 180.0 };
        let mut best: Option<(usize, f64)> = None;
        // The antimeridian: the same point one turn to the west and to the east.
        for turn in [0.0, -360.0, 360.0] {
            let centre = [point[0] + turn, point[1]];
            let area = AABB::from_corners([centre[0] - aside, south], [centre[0] + aside, north]);
            let mut candidates: Vec<usize> = self
                .boxes
                .locate_in_envelope_intersecting(&area)
                .map(|found| found.data)
                .collect();
            candidates.sort_unstable();
            candidates.dedup();
            for number in candidates {
                let Some(distance) = self.shapes[number].distance_km(centre, south, north) else {
                    continue;
                };
                let nearer = best
                    .is_none_or(|(other, least)| distance < least || (distance == least && number < other));
                if distance <= limit_km && nearer {
                    best = Some((number, distance));
                }
            }
        }
        best
    }
}

impl Bands {
    fn new(shape: &Shape) -> Self {
        let edges: Vec<Edge> = shape
            .rings
            .iter()
            .flat_map(|ring| {
                let next = ring.iter().cycle().skip(1);
                ring.iter()
                    .zip(next)
                    .map(|(&a, &b)| if a[1] <= b[1] { [a, b] } else { [b, a] })
            })
            .collect();
        let south = edges.iter().map(|edge| edge[0][1]).fold(f64::INFINITY, f64::min);
        let north = edges
            .iter()
            .map(|edge| edge[1][1])
            .fold(f64::NEG_INFINITY, f64::max);
        let n_bands = (edges.len() / EDGES_IN_BAND).clamp(1, MOST_BANDS);
        let height = (north - south) / n_bands as f64;
        let mut bands = Self {
            south,
            // A shape without height is one band.
            height: if height > 0.0 { height } else { 1.0 },
            starts: vec![0; n_bands + 1],
            edges: Vec::new(),
        };
        if edges.is_empty() {
            return bands;
        }
        for edge in &edges {
            for band in bands.band(edge[0][1])..=bands.band(edge[1][1]) {
                bands.starts[band + 1] += 1;
            }
        }
        for band in 0..n_bands {
            bands.starts[band + 1] += bands.starts[band];
        }
        let mut ends = bands.starts.clone();
        bands.edges = vec![[[0.0; 2]; 2]; bands.starts[n_bands] as usize];
        for edge in edges {
            for end in &mut ends[bands.band(edge[0][1])..=bands.band(edge[1][1])] {
                bands.edges[*end as usize] = edge;
                *end += 1;
            }
        }
        bands
    }

    /// The band of a latitude; latitudes outside of the shape have the first or the last one.
    fn band(&self, latitude: f64) -> usize {
        let band = ((latitude - self.south) / self.height).floor().max(0.0) as usize;
        band.min(self.starts.len() - 2)
    }

    fn contains(&self, [x, y]: [f64; 2]) -> bool {
        let band = self.band(y);
        let edges = &self.edges[self.starts[band] as usize..self.starts[band + 1] as usize];
        let mut inside = false;
        for &[[x0, y0], [x1, y1]] in edges {
            if y0 <= y && y < y1 && x < x0 + (x1 - x0) * (y - y0) / (y1 - y0) {
                inside = !inside;
            }
        }
        inside
    }

    /// The distance in km from a point to the nearest edge among those between two latitudes.
    ///
    /// The nearest point of an edge is found in the plane that touches the globe at the point, which within 50 km is out by
    /// less than a thousandth; the distance to it is that on the sphere.
    fn distance_km(&self, point: [f64; 2], south: f64, north: f64) -> Option<f64> {
        let [first, last] = [self.band(south), self.band(north)];
        let edges = &self.edges[self.starts[first] as usize..self.starts[last + 1] as usize];
        let shrink = point[1].to_radians().cos().max(1e-9);
        let mut best: Option<([f64; 2], f64)> = None;
        for &[a, b] in edges {
            let a_flat = [(a[0] - point[0]) * shrink, a[1] - point[1]];
            let step = [(b[0] - a[0]) * shrink, b[1] - a[1]];
            let length = step[0] * step[0] + step[1] * step[1];
            let along = if length > 0.0 {
                (-(a_flat[0] * step[0] + a_flat[1] * step[1]) / length).clamp(0.0, 1.0)
            } else {
                0.0
            };
            let foot = [a_flat[0] + along * step[0], a_flat[1] + along * step[1]];
            let squared = foot[0] * foot[0] + foot[1] * foot[1];
            if best.is_none_or(|(_, least)| squared < least) {
                best = Some((
                    [a[0] + along * (b[0] - a[0]), a[1] + along * (b[1] - a[1])],
                    squared,
                ));
            }
        }
        best.map(|(nearest, _)| great_circle_km(point, nearest))
    }
}

/// The distance of two points (longitude, latitude in degrees) on a sphere in km, by the haversine formula.
pub(super) fn great_circle_km(a: [f64; 2], b: [f64; 2]) -> f64 {
    let [dx, dy] = [(b[0] - a[0]).to_radians(), (b[1] - a[1]).to_radians()];
    let h = (dy / 2.0).sin().powi(2)
        + a[1].to_radians().cos() * b[1].to_radians().cos() * (dx / 2.0).sin().powi(2);
    2.0 * EARTH_KM * h.sqrt().min(1.0).asin()
}

/// The lowest and the highest corner of a ring's bounding box.
fn bounds(ring: &[[f64; 2]]) -> Option<([f64; 2], [f64; 2])> {
    let first = *ring.first()?;
    Some(ring.iter().fold((first, first), |(low, high), point| {
        (
            [low[0].min(point[0]), low[1].min(point[1])],
            [high[0].max(point[0]), high[1].max(point[1])],
        )
    }))
}
