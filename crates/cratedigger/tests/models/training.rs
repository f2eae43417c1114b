//! What models are trained on: files of features and audio with labels.

use std::fs;

use serde_json::Value;

use crate::desk::{Desk, number};

#[test]
fn feature_files_are_joined_with_labels_of_a_csv_file() {
    let desk = Desk::new();
    desk.tones();
    desk.ok(&["extract", "music", "--out", "f.parquet"]);
    let base = [
        "train",
        "f.parquet",
        "--method",
        "linear-svc",
        "--out",
        "own.cdmodel",
    ];
    desk.refused(&base, &["--labels"]);
    let pipeline = "impute=median,outliers=clip:5,quantile=normal,standard";
    desk.ok(&[
        &base[..],
        &["--labels", "labels.csv", "--pipeline", pipeline, "--refit"],
    ]
    .concat());
    let card: Value =
        serde_json::from_str(&desk.ok(&["model", "show", "own.cdmodel", "--json"]).stdout).unwrap();
    assert_eq!(card["labels"], serde_json::json!(["High", "Low"]));
    assert_eq!(
        (
            card["data"]["n_rows"].as_u64(),
            card["data"]["n_artists"].as_u64()
        ),
        (Some(24), Some(8))
    );
    assert_eq!(card["scores"]["accuracy"], 1.0);
    assert!(
        card["notes"][0]
            .as_str()
            .unwrap()
            .contains("fitted again on all 24 rows")
    );
    desk.tone("new.wav", 100.0);
    let table = desk.ok(&["classify", "--model", "own.cdmodel", "new.wav"]).stdout;
    assert!(
        table.lines().nth(1).unwrap().starts_with("new.wav  Low"),
        "{table}"
    );
    // Labels that name nothing are told by example.
    fs::write(desk.path("other.csv"), "id,genre\nx,Low\ny,High\n").unwrap();
    let other = [&base[..], &["--labels", "other.csv", "--force"]].concat();
    desk.refused(&other, &["`0.wav` here and `x`"]);
    fs::write(desk.path("odd.csv"), "a,b\n1,2\n").unwrap();
    desk.refused(
        &[&base[..], &["--labels", "odd.csv", "--force"]].concat(),
        &["odd.csv", "genre"],
    );
    // And the dataset's own tracks.csv gives genres, artists and the official split.
    desk.ok(&[
        "train",
        "archive/features.csv",
        "--labels",
        "archive/tracks.csv",
        "--split",
        "official",
        "--recipe",
        "fma",
        "--genres",
        "top:3",
        "--method",
        "majority",
        "--out",
        "official.cdmodel",
    ]);
}

#[test]
fn a_calibrated_tree_is_not_certain_and_loses_less_on_music_that_it_never_met() {
    let desk = Desk::new();
    desk.ok(&["synth", "other", "--tracks", "300", "--seed", "9"]);
    let of = |name: &str, more: &[&str]| {
        desk.train(name, &[&["--method", "decision-tree"], more].concat());
        let csv = desk
            .ok(&["classify", "--model", name, "other", "--format", "csv"])
            .stdout;
        let rows: Vec<(String, f64)> = csv
            .lines()
            .skip(1)
            .map(|line| {
                let cells: Vec<&str> = line.split(',').collect();
                (cells[1].to_owned(), cells[2].parse().unwrap())
            })
            .collect();
        let genres: Vec<String> = rows.iter().map(|row| row.0.clone()).collect();
        let probabilities: Vec<f64> = rows.iter().map(|row| row.1).collect();
        let scores = desk.json(&["evaluate", "other", "--model", name, "--json"]);
        let accuracy = number(&scores["accuracy"]);
        (
            genres,
            probabilities,
            accuracy,
            number(&scores["probability"]["log_loss"]),
        )
    };
    let plain = of("plain.cdmodel", &[]);
    let warm = of("warm.cdmodel", &["--calibrate"]);
    assert_eq!(plain.0, warm.0, "genres stay");
    assert!(plain.1.len() == 300 && plain.1.iter().all(|&p| p == 1.0));
    // The tree is as sure of every row, so all get one probability: the share of the calibrating rows that are right, smoothed. Those are
    // the held-out rows of the same tree without a temperature, less those that are scored.
    let counts = |name: &str| {
        let scores = &desk.json(&["model", "show", name, "--json"])["scores"];
        (
            number(&scores["n_test"]),
            number(&scores["accuracy"]) * number(&scores["n_test"]),
        )
    };
    let (all, scored) = (counts("plain.cdmodel"), counts("warm.cdmodel"));
    let (n, right) = (all.0 - scored.0, all.1 - scored.1);
    assert!(n > 10.0 && scored.0 > 10.0);
    let share = (right + 2.0 / 3.0) / (n + 2.0);
    assert!(
        warm.1.iter().all(|&p| (p - share).abs() < 1e-9),
        "{share} {:?}",
        &warm.1[..5]
    );
    // The least possible with one probability for all, and 12 of a hundred more for a temperature of other rows.
    let wrong = (1.0 - warm.2) * ((1.0 - warm.2) / 2.0).ln();
    let least = -warm.2 * warm.2.ln() - wrong;
    assert!(
        plain.3 > 5.0 && warm.3 < 1.12 * least,
        "{} {} {least}",
        plain.3,
        warm.3
    );
}
