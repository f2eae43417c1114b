//! What `classify` says besides genres, asked as its users ask: why, and what is most alike.
#![allow(clippy::unwrap_used)]
#![cfg_attr(not(feature = "sql"), allow(unused_imports, dead_code))]

#[path = "common/desk.rs"]
mod desk;

use serde_json::Value;

use desk::Desk;

/// A folder with an archive of 300 tracks and a model of three genres.
fn trained(method: &str) -> Desk {
    let desk = Desk::empty();
    desk.ok(&["synth", "archive", "--tracks", "300"]);
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
    desk.ok(&train);
    desk
}

#[cfg(feature = "sql")]
#[test]
fn a_track_of_the_data_is_its_own_nearest_with_title_and_artist() {
    for method in ["logistic-regression", "decision-tree"] {
        let desk = trained(method);
        let classify = [
            "classify",
            "--model",
            "m.cdmodel",
            "archive",
            "--neighbours",
            "archive",
            "--explain",
        ];
        let json = desk.ok(&[&classify[..], &["--format", "json"]].concat()).stdout;
        let rows: Vec<Value> = serde_json::from_str(&json).unwrap();
        let query =
            "select track_id, track.title, artist.name, track.genre_top from tracks order by track_id";
        desk.ok(&["import", "archive"]);
        let names: Vec<Value> =
            serde_json::from_str(&desk.ok(&["sql", query, "--format", "json"]).stdout).unwrap();
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
        let again = desk
            .ok(&[&classify[..], &["--format", "json", "--jobs", "1"]].concat())
            .stdout;
        assert_eq!(json, again);
        let csv = desk.ok(&[&classify[..], &["--format", "csv"]].concat()).stdout;
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
    let desk = trained("logistic-regression");
    let classify = [
        "classify",
        "--model",
        "m.cdmodel",
        "archive",
        "--neighbours",
        "archive",
        "--explain",
    ];
    let table = desk.ok(&classify).stdout;
    assert!(!table.contains(['\x1b', '█', '░', '┊']), "{}", &table[..2000]);
    for word in ["    for      ", "    against  ", "    near      0.00  "] {
        assert!(table.contains(word), "no {word:?} in {}", &table[..2000]);
    }
}

#[test]
fn data_without_neighbours_are_refused_with_the_reason() {
    let desk = trained("majority");
    std::fs::write(desk.path("song.mp3"), "x").unwrap();
    std::fs::write(desk.path("features.csv"), "x").unwrap();
    for (data, word) in [
        ("song.mp3", "neither a file of features"),
        ("none", "neither a file of features"),
        ("features.csv", "not the header of a file of features"),
    ] {
        let run = desk.run(&[
            "classify",
            "--model",
            "m.cdmodel",
            "archive",
            "--neighbours",
            data,
        ]);
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(
            run.stderr.contains(word) && run.stderr.contains("--neighbours"),
            "{data}: {}",
            run.stderr
        );
    }
}
