//! The same tables as pandas reads, cell by cell and bit by bit (`scripts/make_golden.py`).
#![allow(clippy::unwrap_used)]

mod common;

use cratedigger_catalog::TableId;
use serde_json::Value;

#[test]
fn every_cell_is_what_pandas_reads() {
    let golden: Value =
        serde_json::from_slice(&std::fs::read(common::fixtures().join("golden.json")).unwrap()).unwrap();
    let tables = [
        TableId::Tracks,
        TableId::Genres,
        TableId::Features,
        TableId::Echonest,
        TableId::RawTracks,
    ];
    for table in tables {
        for block in [1 << 20, 13] {
            let path = common::fixtures().join(table.file_name());
            let batch = common::whole(&common::read_in_blocks(&path, table, block, 2).unwrap());
            let want = &golden[table.name()];
            let columns = want["columns"].as_object().unwrap();
            assert_eq!(batch.num_columns(), columns.len() + 1, "{table}");
            let schema = batch.schema();
            for (i, array) in batch.columns().iter().enumerate() {
                let name = schema.field(i).name();
                let want = if i == 0 { &want["index"] } else { &columns[name] };
                let got: Vec<Value> = (0..batch.num_rows())
                    .map(|row| common::json(array, row))
                    .collect();
                assert_eq!(&Value::from(got), want, "{table}: {name}");
            }
        }
    }
}
