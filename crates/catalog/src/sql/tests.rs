#![allow(clippy::unwrap_used)]

use super::*;
use arrow::array::{Float64Array, Int64Array, ListBuilder, StringBuilder};
use std::path::PathBuf;

/// Two tables of four and three rows with the dotted names and the list column of the real ones.
fn store() -> (tempfile::TempDir, Vec<(&'static str, PathBuf)>) {
    let dir = tempfile::tempdir().unwrap();
    let mut tags = ListBuilder::new(StringBuilder::new());
    tags.append_value([Some("a"), Some("b,c")]);
    tags.append_null();
    tags.append_value(Vec::<Option<&str>>::new());
    tags.append_value([Some("d")]);
    let tracks = RecordBatch::try_from_iter_with_nullable([
        (
            "track_id",
            Arc::new(Int64Array::from(vec![2, 3, 5, 10])) as ArrayRef,
            false,
        ),
        (
            "track.genre_top",
            Arc::new(StringArray::from(vec![
                Some("Rock"),
                None,
                Some("Jazz"),
                Some("Rock"),
            ])) as ArrayRef,
            true,
        ),
        ("track.tags", Arc::new(tags.finish()) as ArrayRef, true),
    ])
    .unwrap();
    let features = RecordBatch::try_from_iter([
        ("track_id", Arc::new(Int64Array::from(vec![2, 5, 10])) as ArrayRef),
        (
            "mfcc.mean.01",
            Arc::new(Float64Array::from(vec![1.0, 2.5, 4.0])) as ArrayRef,
        ),
    ])
    .unwrap();
    let tables = [("tracks", tracks), ("features", features)].map(|(name, batch)| {
        let path = dir.path().join(format!("{name}.parquet"));
        let file = std::fs::File::create(&path).unwrap();
        let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        (name, path)
    });
    (dir, tables.to_vec())
}

fn ask(query: &str, format: Format) -> Result<(String, u64), Error> {
    let (_dir, tables) = store();
    let session = Session::open(tables.iter().map(|(n, p)| (*n, p.as_path())))?;
    let mut out = Vec::new();
    let n_rows = session.run(query, format, &mut out)?;
    Ok((String::from_utf8_lossy(&out).into_owned(), n_rows))
}

#[test]
fn dotted_names_are_columns_with_and_without_quotes_and_alias() {
    for query in [
        "select track.genre_top as g, avg(mfcc.mean.01) as m from tracks join features using (track_id) group by 1",
        "SELECT t.Track.Genre_Top AS g, AVG(f.mfcc.mean.01) AS m FROM tracks t JOIN features f ON t.track_id = f.track_id GROUP BY t.track.genre_top",
        r#"select "track.genre_top" as g, avg("mfcc.mean.01") as m from tracks join features using (track_id) group by "track.genre_top""#,
    ] {
        let (text, n) = ask(&format!("{query} order by g"), Format::Csv).unwrap();
        assert_eq!(text, "g,m\nJazz,2.5\nRock,2.5\n", "{query}");
        assert_eq!(n, 2);
    }
}

#[test]
fn dots_inside_texts_and_numbers_stay() {
    let (text, _) = ask(
        "select 'track.genre_top' as a, 1.5 + .5 as b from tracks limit 1",
        Format::Csv,
    )
    .unwrap();
    assert_eq!(text, "a,b\ntrack.genre_top,2.0\n");
}

#[test]
fn every_format_holds_the_same_rows() {
    let query = "select track_id, track.tags from tracks order by track_id";
    let (csv, _) = ask(query, Format::Csv).unwrap();
    assert_eq!(csv, "track_id,track.tags\n2,\"[a, b,c]\"\n3,\n5,[]\n10,[d]\n");
    let (json, _) = ask(query, Format::Json).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        json[0],
        serde_json::json!({"track_id": 2, "track.tags": ["a", "b,c"]})
    );
    assert_eq!(json.as_array().unwrap().len(), 4);
    let (table, n) = ask(query, Format::Table { max_rows: 3 }).unwrap();
    assert!(table.contains("| 5        | []         |"), "{table}");
    assert!(!table.contains("10"), "{table}");
    assert!(table.ends_with("… and 1 rows more\n"), "{table}");
    assert_eq!(n, 4);
}

#[test]
fn parquet_can_be_read_back() {
    let (_dir, tables) = store();
    let session = Session::open(tables.iter().map(|(n, p)| (*n, p.as_path()))).unwrap();
    let mut out = Vec::new();
    session
        .run(
            "select track_id from tracks where track.genre_top = 'Rock'",
            Format::Parquet,
            &mut out,
        )
        .unwrap();
    let reader =
        parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(bytes::Bytes::from(out), 10).unwrap();
    let batches: Vec<RecordBatch> = reader.map(|b| b.unwrap()).collect();
    let ids = batches[0]
        .column(0)
        .as_any()
        .downcast_ref::<Int64Array>()
        .unwrap();
    assert_eq!(ids.values(), &[2, 10]);
}

#[test]
fn an_empty_result_keeps_its_header() {
    let (csv, n) = ask("select track_id from tracks where track_id < 0", Format::Csv).unwrap();
    assert_eq!((csv.as_str(), n), ("track_id\n", 0));
    let (json, _) = ask("select track_id from tracks where track_id < 0", Format::Json).unwrap();
    assert_eq!(json, "[]\n");
}

#[test]
fn a_wrong_query_says_what_there_is() {
    let text = ask("select genre from tracks", Format::Csv)
        .unwrap_err()
        .to_string();
    assert!(text.contains("genre"), "{text}");
    assert!(text.contains("tables: tracks, features"), "{text}");
    let text = ask("select * from nothing", Format::Csv).unwrap_err().to_string();
    assert!(text.contains("nothing"), "{text}");
}

#[test]
fn nothing_can_be_changed() {
    for query in [
        "create table x as select 1",
        "drop table tracks",
        "insert into tracks select * from tracks",
        "copy tracks to 'x.csv'",
        "set datafusion.execution.batch_size = 1",
    ] {
        assert!(
            matches!(ask(query, Format::Csv), Err(Error::Query { .. })),
            "{query}"
        );
    }
}

#[test]
fn tables_and_columns_can_be_listed() {
    let (text, _) = ask("describe tracks", Format::Csv).unwrap();
    assert!(text.contains("track.genre_top,Utf8"), "{text}");
    let (text, _) = ask(
        "select table_name from information_schema.tables where table_schema = 'public' order by 1",
        Format::Csv,
    )
    .unwrap();
    assert_eq!(text, "table_name\nfeatures\ntracks\n");
}

#[test]
fn a_chain_of_operators_is_answered_and_a_longer_one_refused() {
    let (_dir, tables) = store();
    let session = Session::open(tables.iter().map(|(name, path)| (*name, path.as_path()))).unwrap();
    let chain = |joint: &str, n: usize| {
        format!(
            "select 1{} as x from tracks limit 1",
            format!("{joint}1").repeat(n)
        )
    };
    let mut out = Vec::new();
    session.run(&chain("+", 300), Format::Csv, &mut out).unwrap();
    assert_eq!(out, b"x\n301\n");
    for joint in ["+", "*", " and 1=", " OR 1=", "||", "<"] {
        let error = session
            .run(&chain(joint, 5_000), Format::Csv, &mut Vec::new())
            .unwrap_err();
        assert!(error.to_string().contains("at most 1000"), "{error}");
    }
    let error = session
        .run(&chain("+", 40_000), Format::Csv, &mut Vec::new())
        .unwrap_err();
    assert!(error.to_string().contains("at most 65536"), "{error}");
    let values = vec!["7"; 20_000].join(", ");
    let query = format!("select count(*) as n from tracks where track_id in ({values})");
    let mut out = Vec::new();
    session.run(&query, Format::Csv, &mut out).unwrap();
    assert_eq!(out, b"n\n0\n");
}
