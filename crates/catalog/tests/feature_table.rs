//! Files of features: both formats give back what was written, and damaged ones say what is wrong.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use cratedigger_catalog::feature_table::{
    FeatureFormat, FeatureTable, FeatureWriter, RowId, read, recipe_note,
};
use cratedigger_catalog::{ImportOptions, Store, TableId, feature_columns, import};

const RECIPE: &str = "fma/1 librosa-0.5.0";

fn values(row: usize, n: usize) -> Vec<f64> {
    (0..n)
        .map(|i| match (row + i) % 7 {
            0 => f64::NAN,
            1 => -0.0,
            2 => 1e-43,
            3 => 6.25e21,
            k => (i as f64 + 0.1) / (row as f64 + k as f64),
        })
        .collect()
}

fn write(path: &Path, ids: &[RowId], columns: &[String]) -> u64 {
    let format = FeatureFormat::of(path).unwrap();
    let tracks_only = ids.iter().all(|id| matches!(id, RowId::Track(_)));
    let mut writer = FeatureWriter::create(path, format, columns, RECIPE, tracks_only).unwrap();
    for (row, id) in ids.iter().enumerate() {
        writer.push(id, &values(row, columns.len())).unwrap();
    }
    assert!(!path.exists(), "nothing under the name before the end");
    writer.finish().unwrap()
}

fn same(table: &FeatureTable, ids: &[RowId], columns: &[String]) {
    assert_eq!(table.ids, ids);
    assert_eq!(table.columns, columns);
    assert_eq!(table.recipe.as_deref(), Some(RECIPE));
    for row in 0..ids.len() {
        for (got, want) in table.row(row).iter().zip(values(row, columns.len())) {
            assert!(
                got.to_bits() == want.to_bits() || (got.is_nan() && want.is_nan()),
                "{got} {want}"
            );
        }
    }
}

#[test]
fn both_formats_give_back_ids_values_and_recipe() {
    let dir = tempfile::tempdir().unwrap();
    let columns = feature_columns();
    let tracks: Vec<RowId> = (1..700).map(|i| RowId::Track(i * 3)).collect();
    let names = ["7", "a b.mp3", "b/ü,\"x\".flac", "c\nd.wav", "007"].map(RowId::from);
    assert_eq!(names[0], RowId::Track(7));
    assert_eq!(names[4], RowId::Name("007".to_owned()));
    for (ids, name) in [
        (&tracks[..], "t.csv"),
        (&tracks, "t.PARQUET"),
        (&names, "n.csv"),
        (&names, "n.parquet"),
    ] {
        let path = dir.path().join(name);
        assert_eq!(write(&path, ids, &columns), ids.len() as u64);
        same(&read(&path).unwrap(), ids, &columns);
    }
    let left: Vec<PathBuf> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    assert_eq!(left.len(), 6, "four files and two notes: {left:?}");
}

#[test]
fn the_csv_format_is_the_datasets_own() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("features.csv");
    let ids = [RowId::Track(2), RowId::Track(10)];
    write(&path, &ids, &feature_columns());
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("feature,chroma_cens,") && lines[0].ends_with(",zcr"));
    assert!(lines[1].starts_with("statistics,kurtosis,") && lines[1].ends_with(",std"));
    assert!(lines[2].starts_with("number,01,02,") && lines[2].ends_with(",01"));
    assert_eq!(lines[3], format!("track_id{}", ",".repeat(518)));
    let store = dir.path().join("store");
    import(
        dir.path(),
        &store,
        &ImportOptions {
            required: vec![TableId::Features],
            ..ImportOptions::default()
        },
        &|_| {},
    )
    .unwrap();
    assert_eq!(Store::open(&store).unwrap().n_rows(TableId::Features).unwrap(), 2);
}

#[test]
fn without_the_note_a_csv_file_has_no_recipe() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t.csv");
    write(&path, &[RowId::Track(1)], &feature_columns());
    std::fs::remove_file(recipe_note(&path)).unwrap();
    assert_eq!(read(&path).unwrap().recipe, None);
    std::fs::write(recipe_note(&path), "{").unwrap();
    assert!(read(&path).unwrap_err().to_string().contains("t.csv.json"));
}

#[test]
fn bad_files_and_rows_are_refused_with_their_place() {
    let dir = tempfile::tempdir().unwrap();
    let columns = feature_columns();
    let path = dir.path().join("t.csv");
    let fails = |text: String| {
        std::fs::write(&path, text).unwrap();
        read(&path).unwrap_err().to_string()
    };
    write(&path, &[RowId::Track(1), RowId::Track(2)], &columns);
    // Which tells that the file was changed.
    std::fs::remove_file(recipe_note(&path)).unwrap();
    let good = std::fs::read_to_string(&path).unwrap();
    assert!(fails(String::new()).contains("line 1 is not the header"));
    assert!(fails("track_id,genre\n1,Rock\n".to_owned()).contains("expected Parquet, or CSV with the four"));
    assert!(fails(good.replace("\nnumber,01,", "\nnumber,")).contains("line 3"));
    assert!(fails(good.replace("\n2,", "\n1,")).contains("`track_id` 1 occurs twice"));
    let cut = good.rfind(',').unwrap();
    assert!(fails(good[..cut].to_owned()).contains("record"));
    assert!(fails(format!("{}abc\n", &good[..=cut])).contains("record"));
    let parquet = dir.path().join("t.parquet");
    write(&parquet, &[RowId::Track(1)], &columns);
    let bytes = std::fs::read(&parquet).unwrap();
    std::fs::write(&parquet, &bytes[..bytes.len() / 2]).unwrap();
    assert!(read(&parquet).unwrap_err().to_string().contains("t.parquet"));

    let mut writer = FeatureWriter::create(&parquet, FeatureFormat::Parquet, &columns, RECIPE, true).unwrap();
    assert!(
        writer
            .push(&RowId::Track(1), &[0.0])
            .unwrap_err()
            .to_string()
            .contains("518")
    );
    let name = RowId::from("a.mp3");
    assert!(
        writer
            .push(&name, &values(0, 518))
            .unwrap_err()
            .to_string()
            .contains("a.mp3")
    );
    let nowhere = dir.path().join("no/such/folder.csv");
    assert!(FeatureWriter::create(&nowhere, FeatureFormat::Csv, &columns, RECIPE, true).is_err());
}

#[test]
fn a_table_of_rows_has_the_order_that_files_have() {
    let rows = vec![
        (RowId::from("b.mp3"), vec![1.0, 2.0]),
        (RowId::Track(10), vec![3.0, f64::NAN]),
        (RowId::from("a/c.mp3"), vec![5.0, 6.0]),
        (RowId::Track(9), vec![7.0, 8.0]),
    ];
    let columns = vec!["mfcc.mean.01".to_owned(), "zcr.std.01".to_owned()];
    let table = FeatureTable::from_rows(columns.clone(), rows, Some("fma/1".to_owned()));
    let ids: Vec<String> = table.ids.iter().map(ToString::to_string).collect();
    assert_eq!(ids, ["9", "10", "a/c.mp3", "b.mp3"]);
    assert_eq!(
        (table.columns.clone(), table.recipe.as_deref()),
        (columns, Some("fma/1"))
    );
    assert_eq!(table.row(0), [7.0, 8.0]);
    assert!(table.row(1)[0] == 3.0 && table.row(1)[1].is_nan());
    assert_eq!(table.row(3), [1.0, 2.0]);
}
