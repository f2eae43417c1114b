//! The hexagonal bins of the world map.

use std::collections::{BTreeMap, BTreeSet};

use super::geography::MapCell;
use super::located::{Located, first_greatest};
use super::projection::Projection;
use cratedigger_places::Atlas;

/// The distance of the hexagons' centres in units of the Equal Earth plane, whose width is 5.4: about 350 km.
const HEXAGON: f64 = 0.055;

/// Placed tracks of the genres in hexagons of the Equal Earth map.
pub(super) fn cells(located: &Located, n_classes: usize, atlas: &Atlas) -> Vec<MapCell> {
    let mut bins: BTreeMap<(i64, i64), Vec<usize>> = BTreeMap::new();
    for row in 0..located.n_tracks() {
        let (Some(_), Some(_), (Some(latitude), Some(longitude))) = (
            located.region(row),
            located.classes[row],
            located.coordinates[row],
        ) else {
            continue;
        };
        let bin = hexagon(Projection::EqualEarth.project([longitude, latitude]));
        bins.entry(bin).or_default().push(row);
    }
    bins.into_values()
        .map(|rows| {
            let mean = |of: &dyn Fn(usize) -> Option<f64>| {
                rows.iter().filter_map(|&row| of(row)).sum::<f64>() / rows.len() as f64
            };
            let mut n_by_genre = vec![0; n_classes];
            let mut regions: BTreeMap<usize, u64> = BTreeMap::new();
            for &row in &rows {
                if let Some(class) = located.classes[row] {
                    n_by_genre[class] += 1;
                }
                if let Some(region) = located.region(row) {
                    *regions.entry(region).or_default() += 1;
                }
            }
            let counts: Vec<u64> = regions.values().copied().collect();
            let place = regions
                .keys()
                .nth(first_greatest(&counts))
                .map_or(String::new(), |&region| {
                    let (name, country) = (&atlas.region(region).name, &atlas.country_of(region).name);
                    if name.is_empty() || name == country {
                        country.clone()
                    } else {
                        format!("{name}, {country}")
                    }
                });
            MapCell {
                latitude: mean(&|row| located.coordinates[row].0),
                longitude: mean(&|row| located.coordinates[row].1),
                place,
                n_tracks: rows.len() as u64,
                n_artists: rows
                    .iter()
                    .map(|&row| located.artists[row])
                    .collect::<BTreeSet<_>>()
                    .len() as u64,
                n_by_genre,
            }
        })
        .collect()
}

/// The hexagon of a point: the nearest of the centres of two rectangular grids, each at the other's gaps.
fn hexagon([x, y]: [f64; 2]) -> (i64, i64) {
    let (width, height) = (HEXAGON, HEXAGON * 3.0_f64.sqrt());
    let nearest = |shift: f64| {
        let column = (x / width - shift).round();
        let row = (y / height - shift).round();
        let (dx, dy) = (x - (column + shift) * width, y - (row + shift) * height);
        (dx * dx + dy * dy, column as i64, row as i64)
    };
    let (even, odd) = (nearest(0.0), nearest(0.5));
    if even.0 <= odd.0 {
        (2 * even.1, 2 * even.2)
    } else {
        (2 * odd.1 + 1, 2 * odd.2 + 1)
    }
}
