//! A user's own boundaries: shapefiles and GeoJSON.

use std::collections::BTreeMap;
use std::path::Path;

use geojson::{GeoJson, Geometry, GeometryValue};
use shapefile::dbase::FieldValue;

use super::boundaries::{Boundaries, BoundarySource, Country, Region, Shape};
use crate::error::{PlacesError, Result};

const CODE: [&str; 6] = ["adm0_a3", "iso_a3", "iso3", "gid_0", "sov_a3", "iso_a2"];
const COUNTRY: [&str; 6] = [
    "admin",
    "country",
    "name_0",
    "adm0_name",
    "sovereignt",
    "geonunit",
];
const NAME: [&str; 6] = ["name", "name_1", "shapename", "name_en", "nam", "region"];
const CONTINENT: [&str; 2] = ["continent", "region_un"];
const POPULATION: [&str; 4] = ["pop_est", "population", "pop", "total_pop"];

/// A feature: its attributes by name in lower case, and its rings.
struct Feature {
    attributes: BTreeMap<String, String>,
    rings: Vec<Vec<[f64; 2]>>,
}

pub(super) fn read(path: &Path) -> Result<Boundaries> {
    let extension = path.extension().map_or(String::new(), |extension| {
        extension.to_string_lossy().to_lowercase()
    });
    let features = match extension.as_str() {
        "shp" => from_shapefile(path)?,
        "geojson" | "json" => from_geojson(path)?,
        _ => {
            return Err(error(
                path,
                "expected a shapefile (.shp, with its .dbf beside it) or GeoJSON (.geojson or .json)",
            ));
        }
    };
    build(path, features)
}

fn from_shapefile(path: &Path) -> Result<Vec<Feature>> {
    let unreadable = |reason: shapefile::Error| {
        error(
            path,
            format!(
                "cannot be read as a shapefile: {reason}; the .dbf with the attributes must lie beside it"
            ),
        )
    };
    let mut reader = shapefile::Reader::from_path(path).map_err(unreadable)?;
    let mut features = Vec::new();
    for (number, entry) in reader.iter_shapes_and_records().enumerate() {
        let (shape, record) =
            entry.map_err(|reason| error(path, format!("feature {}: {reason}", number + 1)))?;
        let rings = match shape {
            shapefile::Shape::NullShape => continue,
            shapefile::Shape::Polygon(polygon) => rings_of(polygon.rings(), |point| [point.x, point.y]),
            shapefile::Shape::PolygonM(polygon) => rings_of(polygon.rings(), |point| [point.x, point.y]),
            shapefile::Shape::PolygonZ(polygon) => rings_of(polygon.rings(), |point| [point.x, point.y]),
            other => {
                return Err(error(
                    path,
                    format!(
                        "feature {}: expected a polygon, found {}",
                        number + 1,
                        other.shapetype()
                    ),
                ));
            }
        };
        let attributes = record
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_lowercase(), field(value)?)))
            .collect();
        features.push(Feature { attributes, rings });
    }
    Ok(features)
}

fn rings_of<P>(rings: &[shapefile::PolygonRing<P>], at: impl Fn(&P) -> [f64; 2]) -> Vec<Vec<[f64; 2]>> {
    rings
        .iter()
        .map(|ring| ring.as_ref().iter().map(&at).collect())
        .collect()
}

/// A cell of a dBase table as text; `None` for an empty one or one that says nothing of a place.
fn field(value: FieldValue) -> Option<String> {
    let text = match value {
        FieldValue::Character(text) => text?,
        FieldValue::Memo(text) => text,
        FieldValue::Numeric(number) => number?.to_string(),
        FieldValue::Float(number) => number?.to_string(),
        FieldValue::Double(number) => number.to_string(),
        FieldValue::Integer(number) => number.to_string(),
        _ => return None,
    };
    Some(text.trim_matches(['\0', ' ']).to_owned()).filter(|text| !text.is_empty())
}

fn from_geojson(path: &Path) -> Result<Vec<Feature>> {
    let text =
        std::fs::read_to_string(path).map_err(|reason| error(path, format!("cannot be read: {reason}")))?;
    let parsed: GeoJson = text
        .parse()
        .map_err(|reason: geojson::Error| error(path, format!("is no GeoJSON: {reason}")))?;
    let features = match parsed {
        GeoJson::FeatureCollection(collection) => collection.features,
        GeoJson::Feature(feature) => vec![feature],
        GeoJson::Geometry(_) => {
            return Err(error(
                path,
                "is a bare geometry; expected features with properties such as `name`",
            ));
        }
    };
    let mut found = Vec::new();
    for (number, feature) in features.into_iter().enumerate() {
        let Some(geometry) = feature.geometry else {
            continue;
        };
        let mut rings = Vec::new();
        collect(&geometry, &mut rings)
            .map_err(|reason| error(path, format!("feature {}: {reason}", number + 1)))?;
        let attributes = feature
            .properties
            .unwrap_or_default()
            .into_iter()
            .filter_map(|(name, value)| {
                let text = match value {
                    serde_json::Value::String(text) => text,
                    serde_json::Value::Number(number) => number.to_string(),
                    _ => return None,
                };
                (!text.is_empty()).then(|| (name.to_lowercase(), text))
            })
            .collect();
        found.push(Feature { attributes, rings });
    }
    Ok(found)
}

fn collect(geometry: &Geometry, rings: &mut Vec<Vec<[f64; 2]>>) -> std::result::Result<(), String> {
    let mut polygon = |polygon: &Vec<Vec<geojson::Position>>| {
        for ring in polygon {
            let points: Option<Vec<[f64; 2]>> = ring
                .iter()
                .map(|position| match position.as_slice() {
                    [x, y, ..] => Some([*x, *y]),
                    _ => None,
                })
                .collect();
            rings.push(points.ok_or("a position has fewer than two numbers")?);
        }
        Ok(())
    };
    match &geometry.value {
        GeometryValue::Polygon { coordinates } => polygon(coordinates),
        GeometryValue::MultiPolygon { coordinates } => coordinates.iter().try_for_each(polygon),
        GeometryValue::GeometryCollection { geometries } => {
            geometries.iter().try_for_each(|part| collect(part, rings))
        }
        other => Err(format!("expected a polygon, found a {}", other.type_name())),
    }
}

fn build(path: &Path, features: Vec<Feature>) -> Result<Boundaries> {
    let mut countries: BTreeMap<String, Country> = BTreeMap::new();
    let mut found = Vec::new();
    for (number, feature) in features.into_iter().enumerate() {
        let refuse = |what: &str| error(path, format!("feature {}: {what}", number + 1));
        let get = |names: &[&str]| {
            let known = |name: &&&str| feature.attributes.get(**name).is_some_and(|text| text != "-99");
            names
                .iter()
                .find(known)
                .map(|name| feature.attributes[*name].clone())
        };
        let name = get(&NAME);
        let (country_name, region_name) = match (get(&COUNTRY), name) {
            // Natural Earth's countries have both, and name themselves.
            (Some(country), Some(name))
                if feature
                    .attributes
                    .get("type")
                    .is_some_and(|kind| is_country(kind)) =>
            {
                (
                    country,
                    if feature.attributes.contains_key("adm1_code") {
                        name
                    } else {
                        String::new()
                    },
                )
            }
            (Some(country), Some(name)) => (country, name),
            (Some(country), None) => (country, String::new()),
            (None, Some(name)) => (name, String::new()),
            (None, None) => {
                let mut have: Vec<&str> = feature.attributes.keys().map(String::as_str).take(12).collect();
                have.sort_unstable();
                return Err(refuse(&format!(
                    "has no name: expected an attribute `name`, `admin` or `country`; it has: {}",
                    if have.is_empty() {
                        "none".to_owned()
                    } else {
                        have.join(", ")
                    }
                )));
            }
        };
        for point in feature.rings.iter().flatten() {
            // A little more than the globe, for rounding.
            if !(point[0].abs() <= 180.1 && point[1].abs() <= 90.1) {
                return Err(refuse(&format!(
                    "has the coordinates {}, {}, which are no degrees; convert the file to EPSG:4326 (longitude, latitude)",
                    point[0], point[1]
                )));
            }
        }
        let code = get(&CODE).unwrap_or_else(|| country_name.clone());
        let population = get(&POPULATION)
            .and_then(|text| text.parse::<f64>().ok())
            .filter(|&n| n > 0.0)
            .map(|n| n as u64);
        let continent = get(&CONTINENT).unwrap_or_default();
        let entry = countries.entry(code.clone()).or_insert_with(|| Country {
            code: code.clone(),
            name: country_name,
            continent: continent.clone(),
            population: None,
        });
        if region_name.is_empty() {
            entry.population = entry.population.or(population);
        }
        let mut rings = feature.rings;
        for ring in &mut rings {
            if ring.len() > 1 && ring.first() == ring.last() {
                ring.pop();
            }
        }
        rings.retain(|ring| ring.len() >= 3);
        found.push((code, region_name, continent, population, Shape { rings }));
    }
    if found.is_empty() {
        return Err(error(path, "holds no polygon"));
    }
    let countries: Vec<Country> = countries.into_values().collect();
    let mut regions = Vec::with_capacity(found.len());
    let mut shapes = Vec::with_capacity(found.len());
    for (code, name, continent, population, shape) in found {
        let country = countries.binary_search_by(|country| country.code.cmp(&code));
        regions.push(Region {
            country: country.unwrap_or_default(),
            name,
            continent,
            population,
        });
        shapes.push(shape);
    }
    Ok(Boundaries {
        source: BoundarySource {
            name: path.display().to_string(),
            note: "Boundaries given with --boundaries.".to_owned(),
            population_note: "The file's own figures, where it has any.".to_owned(),
            n_countries: countries.len() as u64,
            n_regions: regions.len() as u64,
            embedded: false,
        },
        areas: shapes.iter().cloned().enumerate().collect(),
        countries,
        regions,
        shapes,
        world: Vec::new(),
        usa: Vec::new(),
        europe: Vec::new(),
    })
}

/// Whether Natural Earth's attribute `type` is that of a country.
fn is_country(kind: &str) -> bool {
    [
        "Country",
        "Sovereign country",
        "Dependency",
        "Disputed",
        "Indeterminate",
        "Lease",
        "Sovereignty",
    ]
    .contains(&kind)
}

fn error(path: &Path, what: impl Into<String>) -> PlacesError {
    PlacesError {
        path: path.to_owned(),
        what: what.into(),
    }
}

#[cfg(test)]
mod tests;
