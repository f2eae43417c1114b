//! What models are trained on: files of features and audio with labels.

use std::fs;

use serde_json::Value;

use crate::desk::Desk;

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
