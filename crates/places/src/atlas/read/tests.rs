#![allow(clippy::unwrap_used)]

use crate::{Atlas, Outcome};

#[test]
fn a_users_boundaries_are_read_from_geojson_and_shapefiles() {
    let dir = tempfile::tempdir().unwrap();
    let geojson = dir.path().join("own.GeoJSON");
    std::fs::write(
        &geojson,
        r#"{"type": "FeatureCollection", "features": [
            {"type": "Feature", "properties": {"ADMIN": "Atlantis", "name": "West", "CONTINENT": "Lost", "pop_est": 12.0},
             "geometry": {"type": "Polygon", "coordinates": [[[-40,30],[-35,30],[-35,35],[-40,35],[-40,30]],
                                                            [[-38,32],[-37,32],[-37,33],[-38,33],[-38,32]]]}},
            {"type": "Feature", "properties": {"ADMIN": "Atlantis", "name": "East"},
             "geometry": {"type": "MultiPolygon", "coordinates": [[[[-35,30],[-30,30],[-30,35],[-35,35],[-35,30]]]]}},
            {"type": "Feature", "properties": {"name": "nowhere"}, "geometry": null}]}"#,
    )
    .unwrap();
    let atlas = Atlas::read(&geojson).unwrap();
    assert_eq!((atlas.countries().len(), atlas.regions().len()), (1, 2));
    assert!(!atlas.source().embedded);
    let at = |latitude, longitude| {
        atlas
            .locate(latitude, longitude)
            .region()
            .map(|r| atlas.region(r).name.clone())
    };
    assert_eq!(at(31.0, -39.0).as_deref(), Some("West"));
    assert_eq!(at(31.0, -31.0).as_deref(), Some("East"));
    assert!(matches!(atlas.locate(32.5, -37.5), Outcome::Near { .. })); // in the hole, 47 km from its edge
    assert_eq!(
        (atlas.region(0).continent.as_str(), atlas.region(0).population),
        ("Lost", Some(12))
    );

    let shp = dir.path().join("own.shp");
    let table = shapefile::dbase::TableWriterBuilder::new()
        .add_character_field("NAME".try_into().unwrap(), 20)
        .add_numeric_field("POP_EST".try_into().unwrap(), 12, 0);
    let mut writer = shapefile::Writer::from_path(&shp, table).unwrap();
    let point = |x, y| shapefile::Point { x, y };
    let polygon = shapefile::Polygon::new(shapefile::PolygonRing::Outer(vec![
        point(-40.0, 30.0),
        point(-40.0, 35.0),
        point(-30.0, 35.0),
        point(-30.0, 30.0),
    ]));
    let mut record = shapefile::dbase::Record::default();
    record.insert("NAME".to_owned(), "Atlantis".to_owned().into());
    record.insert("POP_EST".to_owned(), 77.0.into());
    writer.write_shape_and_record(&polygon, &record).unwrap();
    drop(writer);
    let atlas = Atlas::read(&shp).unwrap();
    let region = atlas.locate(31.0, -31.0).region().unwrap();
    let country = atlas.country_of(region);
    assert_eq!(
        (country.name.as_str(), country.population),
        ("Atlantis", Some(77))
    );
    assert_eq!(atlas.region(region).name, "");
}

#[test]
fn files_that_are_no_boundaries_say_what_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        Atlas::read(&path).unwrap_err().to_string()
    };
    let feature = |properties: &str, geometry: &str| {
        format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{properties},"geometry":{geometry}}}]}}"#
        )
    };
    let square = r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}"#;
    for (name, text, expected) in [
        ("a.csv", "x".to_owned(), ".shp"),
        ("b.json", "{".to_owned(), "GeoJSON"),
        ("c.shp", "not a shapefile".to_owned(), "shapefile"),
        ("d.json", square.to_owned(), "bare geometry"),
        ("e.json", feature("{}", square), "has no name"),
        (
            "f.json",
            feature(r#"{"name":"x"}"#, r#"{"type":"Point","coordinates":[1,2]}"#),
            "expected a polygon",
        ),
        (
            "g.json",
            feature(
                r#"{"name":"x"}"#,
                r#"{"type":"Polygon","coordinates":[[[500000,0],[1,0],[1,1]]]}"#,
            ),
            "EPSG:4326",
        ),
        ("h.json", feature(r#"{"name":"x"}"#, "null"), "no polygon"),
    ] {
        let message = write(name, &text);
        assert!(message.contains(expected) && message.contains(name), "{message}");
    }
    let missing = Atlas::read(&dir.path().join("none.geojson"))
        .unwrap_err()
        .to_string();
    assert!(missing.contains("none.geojson"), "{missing}");
}
