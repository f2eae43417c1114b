//! What `classify` says besides genres, asked as its users ask: why, and what is most alike.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn run(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cratedigger"))
        .args(args)
        .current_dir(dir)
        .env("CRATEDIGGER_CACHE", dir.join("cache"))
        .env_remove("CRATEDIGGER_STORE")
        .output()
        .unwrap()
}

fn ok(dir: &Path, args: &[&str]) -> String {
    let out = run(dir, args);
    let stderr = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{args:?}: {stderr}");
    String::from_utf8(out.stdout).unwrap()
}

/// A folder with an archive of 300 tracks and a model of three genres.
fn desk(method: &str) -> tempfile::TempDir {
    let desk = tempfile::tempdir().unwrap();
    let dir = desk.path();
    ok(dir, &["synth", "archive", "--tracks", "300"]);
    let train = [
        "train",
        "archive",
        "--genres",
        "top:3",
        "--method",
        method,
        "--out",
        "m.cdmodel",
    ];
    ok(dir, &train);
    desk
}

#[test]
fn a_track_of_the_data_is_its_own_nearest_with_title_and_artist() {
    for method in ["logistic-regression", "decision-tree"] {
        let desk = desk(method);
        let dir = desk.path();
        let classify = [
            "classify",
            "--model",
            "m.cdmodel",
            "archive",
            "--neighbours",
            "archive",
            "--explain",
        ];
        let json = ok(dir, &[&classify[..], &["--format", "json"]].concat());
        let rows: Vec<Value> = serde_json::from_str(&json).unwrap();
        let query =
            "select track_id, track.title, artist.name, track.genre_top from tracks order by track_id";
        ok(dir, &["import", "archive"]);
        let names: Vec<Value> = serde_json::from_str(&ok(dir, &["sql", query, "--format", "json"])).unwrap();
        assert_eq!((rows.len(), names.len()), (300, 300));
        for (row, name) in rows.iter().zip(&names) {
            let near = row["neighbours"].as_array().unwrap();
            assert_eq!(near.len(), 5);
            assert_eq!(near[0]["id"], row["id"]);
            assert_eq!(near[0]["distance"], 0.0);
            let known = |key: &str| name.get(key).cloned().unwrap_or(Value::Null);
            assert_eq!(near[0]["title"], known("track.title"));
            assert_eq!(near[0]["artist"], known("artist.name"));
            assert_eq!(near[0]["genre"], known("track.genre_top"));
            match method {
                "decision-tree" => assert!(row["families"].is_null(), "a tree does not know what is typical"),
                _ => assert_eq!(row["families"].as_array().unwrap().len(), 11),
            }
        }
        // The same again, whatever the number of threads, and the same five in a CSV file.
        let again = ok(
            dir,
            &[&classify[..], &["--format", "json", "--jobs", "1"]].concat(),
        );
        assert_eq!(json, again);
        let csv = ok(dir, &[&classify[..], &["--format", "csv"]].concat());
        let ids: Vec<&str> = rows[0]["neighbours"]
            .as_array()
            .unwrap()
            .iter()
            .map(|near| near["id"].as_str().unwrap())
            .collect();
        let line = csv.lines().nth(1).unwrap();
        assert!(line.ends_with(&ids.join(";")), "{line}");
    }
}

#[test]
fn away_from_a_terminal_there_are_words_only() {
    let desk = desk("logistic-regression");
    let classify = [
        "classify",
        "--model",
        "m.cdmodel",
        "archive",
        "--neighbours",
        "archive",
        "--explain",
    ];
    let table = ok(desk.path(), &classify);
    assert!(!table.contains(['\x1b', '█', '░', '┊']), "{}", &table[..2000]);
    for word in ["    for      ", "    against  ", "    near      0.00  "] {
        assert!(table.contains(word), "no {word:?} in {}", &table[..2000]);
    }
}

#[test]
fn data_without_neighbours_are_refused_with_the_reason() {
    let desk = desk("majority");
    let dir = desk.path();
    std::fs::write(dir.join("song.mp3"), "x").unwrap();
    std::fs::write(dir.join("features.csv"), "x").unwrap();
    for (data, word) in [
        ("song.mp3", "neither a file of features"),
        ("none", "neither a file of features"),
        ("features.csv", "not the header of a file of features"),
    ] {
        let out = run(
            dir,
            &[
                "classify",
                "--model",
                "m.cdmodel",
                "archive",
                "--neighbours",
                data,
            ],
        );
        let stderr = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.code(), Some(2), "{stderr}");
        assert!(
            stderr.contains(word) && stderr.contains("--neighbours"),
            "{data}: {stderr}"
        );
    }
}
