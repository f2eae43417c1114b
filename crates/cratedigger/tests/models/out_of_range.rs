//! Values that single precision cannot hold: named, never called missing.

use std::fs;

use serde_json::Value;

use crate::desk::{Desk, number};

/// Replaces one value of a Rock track in the archive's table of features; returns the track's id and the column.
fn spoil(desk: &Desk, value: &str) -> (String, String) {
    let tracks = fs::read_to_string(desk.path("archive/tracks.csv")).unwrap();
    // A record may have several lines; its first begins with the id.
    let (mut id, mut rock) = ("", Vec::new());
    for line in tracks.lines() {
        let first = line.split(',').next().unwrap();
        if first.parse::<i64>().is_ok() {
            id = first;
        }
        if line.contains(",Rock,") {
            rock.push(id);
        }
    }
    let path = desk.path("archive/features.csv");
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    let column = 5;
    let name = [lines[0][column], lines[1][column], lines[2][column]].join(".");
    let row = (4..lines.len())
        .find(|&row| rock.contains(&lines[row][0]) && !lines[row].contains(&""))
        .unwrap();
    lines[row][column] = value;
    let id = lines[row][0].to_owned();
    let lines: Vec<String> = lines.iter().map(|line| line.join(",")).collect();
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    (id, name)
}

#[test]
fn a_value_beyond_single_precision_is_named_by_every_command() {
    let desk = Desk::new();
    let (id, column) = spoil(&desk, "1e39");
    let named = |text: &str| {
        let whole = format!("{column} of {id} is 1e39");
        assert!(text.contains(&whole), "{whole} in\n{text}");
        assert!(!text.contains("NotFinite"), "{text}");
    };
    // Told apart from what is missing, with and without a pipeline that fills what is missing.
    for pipeline in ["standard", "impute=median,standard"] {
        let run = desk.run(&[
            "evaluate",
            "archive",
            "--genres",
            "all",
            "--method",
            "linear-svc",
            "--pipeline",
            pipeline,
            "--json",
        ]);
        assert_eq!(run.code, 1, "{}", run.stderr);
        named(&run.stderr);
        let scores: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(number(&scores["n_out_of_range"]), 1.0);
    }
    let labels = ["--labels", "archive/tracks.csv", "--genres", "all"];
    let train = [
        "train",
        "archive/features.csv",
        "--method",
        "linear-svc",
        "--out",
        "m.cdmodel",
    ];
    let run = desk.run(&[&train[..], &labels, &["--pipeline", "impute=median,standard"]].concat());
    assert_eq!(run.code, 1, "{}", run.stderr);
    named(&run.stderr);
    let run = desk.run(&["classify", "--model", "m.cdmodel", "archive/features.csv"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let verdict = format!("{id}: feature {column} is 1e39");
    assert!(run.stderr.contains(&verdict), "{}", run.stderr);
    let run = desk.run(&[
        "study",
        "archive",
        "--genres",
        "all",
        "--methods",
        "majority",
        "--out",
        "out",
    ]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    named(&run.stdout);
    let findings: Value = serde_json::from_slice(&fs::read(desk.path("out/findings.json")).unwrap()).unwrap();
    let found = &findings["selection"]["out_of_range"];
    assert_eq!(
        (number(&found["n"]), found["values"][0]["row"].as_str()),
        (1.0, Some(id.as_str()))
    );
    let features = findings["outliers"]["features"].as_array().unwrap();
    let feature = features
        .iter()
        .find(|feature| feature["feature"] == column.as_str())
        .unwrap();
    assert_eq!(number(&feature["highest"]["value"]), 1e39);
    let report = fs::read_to_string(desk.path("out/report.html")).unwrap();
    named(report.split("<script type=\"application/json\"").next().unwrap());
}
