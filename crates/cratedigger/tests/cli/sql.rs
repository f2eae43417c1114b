//! Queries over stores.

use serde_json::Value;

use std::fs;
use std::process::Stdio;

use crate::desk::{Desk, json};

#[test]
fn an_imported_store_answers_sql_and_remembers_that_it_is_synthetic() {
    let desk = Desk::empty();
    desk.archive("archive", "200", &["--no-echonest"]);
    let run = desk.ok(&["import", "archive"]);
    assert!(
        run.stdout.contains("200 rows x 53 columns, imported"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("200 rows x 519 columns, imported"),
        "{}",
        run.stdout
    );
    let run = desk.ok(&["import", "archive"]);
    assert!(run.stdout.contains("unchanged"), "{}", run.stdout);
    // the store stands on its own
    fs::remove_dir_all(desk.path("archive")).unwrap();
    let run = desk.ok(&[
        "sql",
        "select count(*) as n from tracks join features using (track_id)",
        "--format",
        "csv",
    ]);
    assert_eq!(run.stdout, "n\n200\n");
    let run = desk.ok(&[
        "sql",
        "select track.genre_top, count(*) n from tracks group by 1 order by n desc, 1",
        "--format",
        "json",
    ]);
    let rows: Value = serde_json::from_str(&run.stdout).unwrap();
    let n: u64 = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["n"].as_u64().unwrap())
        .sum();
    assert_eq!(n, 200);
    desk.ok(&[
        "sql",
        "select track_id from tracks",
        "--format",
        "parquet",
        "--out",
        "ids.parquet",
    ]);
    assert_eq!(&fs::read(desk.path("ids.parquet")).unwrap()[..4], b"PAR1");
    let quick = ["--methods", "majority", "--genre-sets", "none", "--no-tune"];
    desk.ok(&[&["study", "cratedigger-store", "--out", "out"], &quick[..]].concat());
    assert!(json(&desk.path("out/findings.json"))["provenance"]["synthetic"].is_string());
}

#[test]
fn a_wrong_query_names_the_tables() {
    let desk = Desk::empty();
    desk.archive("archive", "20", &["--no-echonest", "--no-features"]);
    let run = desk.run(&["sql", "--data", "archive", "select nothing from tracks"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("tables: tracks, genres"), "{}", run.stderr);
}

#[test]
fn whoever_closes_the_pipe_has_seen_enough() {
    let desk = Desk::empty();
    desk.archive("archive", "2000", &["--no-echonest", "--no-features"]);
    desk.ok(&["import", "archive"]);
    let mut child = desk
        .command(&[
            "sql",
            "select t.*, u.* from tracks t cross join tracks u limit 200000",
            "--format",
            "csv",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(141),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
