//! Tables: the dataset's CSV files, files of features, the list of a store, boundaries.

use cratedigger_catalog::csv::{ReadOptions, read};
use cratedigger_catalog::{Store, TableId, feature_table};
use cratedigger_places::Atlas;

use crate::place;

const TABLES: [TableId; 5] = [
    TableId::Tracks,
    TableId::Genres,
    TableId::Features,
    TableId::Echonest,
    TableId::RawTracks,
];

/// Any of the dataset's tables; the first byte says which, and how large the pieces are that are read at once: the size changes nothing.
pub(crate) fn csv(bytes: &[u8]) -> bool {
    let Some((&choice, bytes)) = bytes.split_first() else {
        return false;
    };
    let table = TABLES[usize::from(choice) % TABLES.len()];
    let path = place::file("table.csv", bytes);
    let by = |block_bytes| {
        let options = ReadOptions {
            block_bytes,
            ..ReadOptions::default()
        };
        read(&path, table, &options)
            .map(|table| (table.schema, table.n_rows))
            .map_err(|error| error.to_string())
    };
    let whole = by(ReadOptions::default().block_bytes);
    let small = by(64 + usize::from(choice));
    assert_eq!(whole.is_ok(), small.is_ok(), "{whole:?} {small:?}");
    match (whole, small) {
        (Ok(whole), Ok(small)) => {
            assert_eq!(whole, small);
            true
        }
        _ => false,
    }
}

/// A file of features, Parquet or CSV.
pub(crate) fn features(bytes: &[u8]) -> bool {
    let name = match bytes.starts_with(b"PAR1") {
        true => "features.parquet",
        false => "features.csv",
    };
    let path = place::file(name, bytes);
    let Ok(table) = feature_table::read(&path) else {
        return false;
    };
    assert!(table.ids.is_empty() || table.row(0).len() == table.columns.len());
    true
}

/// The list of a store's tables.
pub(crate) fn store(bytes: &[u8]) -> bool {
    let folder = place::empty("store");
    std::fs::write(folder.join("store.json"), bytes).expect("a file can be written");
    let Ok(store) = Store::open(&folder) else {
        return false;
    };
    for table in store.tables() {
        let _ = store.read(table, None);
    }
    true
}

/// Boundaries: GeoJSON, or a shapefile whose table is what follows the first half.
pub(crate) fn boundaries(bytes: &[u8]) -> bool {
    let path = match bytes.starts_with(&[0, 0, 0x27, 0x0a]) {
        true => {
            let (shapes, attributes) = bytes.split_at(bytes.len() / 2);
            place::file("places.dbf", attributes);
            place::file("places.shp", shapes)
        }
        false => place::file("places.geojson", bytes),
    };
    let Ok(atlas) = Atlas::read(&path) else {
        return false;
    };
    for (latitude, longitude) in [(0.0, 0.0), (40.7, -74.0), (-90.0, 180.0)] {
        let _ = atlas.locate(latitude, longitude);
    }
    true
}
