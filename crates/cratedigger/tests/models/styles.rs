//! `train --styles`: genre and styles in one model.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::desk::{Desk, number};

fn train(desk: &Desk, out: &str, more: &[&str]) {
    let args = ["--method", "logistic-regression", "--out", out];
    desk.ok(&[&["train", "archive", "--genres", "top:3"], &args[..], more].concat());
}

const STYLES: [&str; 3] = ["--styles", "--min-support", "12"];

#[test]
fn one_model_names_genre_and_styles() {
    let desk = Desk::new();
    train(&desk, "plain.cdmodel", &[]);
    train(&desk, "styles.cdmodel", &STYLES);
    let card = desk.json(&["model", "show", "styles.cdmodel", "--json"]);
    let styles = &card["styles"];
    assert_eq!(
        (&styles["labels"], &styles["method"]),
        (&"genres_all".into(), &"logistic-regression".into())
    );
    let genres = styles["genres"].as_array().unwrap();
    assert!(genres.len() > 5 && genres.iter().any(|genre| genre["parent"].is_string()));
    // Tracks of other genres than the three, and those without one, take part.
    assert!(number(&styles["n_rows"]) > number(&card["data"]["n_rows"]));
    for left_out in styles["left_out"].as_array().unwrap() {
        assert!(number(&left_out["n_rows"]) < 12.0 || number(&left_out["n_artists"]) < 5.0);
    }
    let shown = desk.ok(&["model", "show", "styles.cdmodel"]).stdout;
    for words in ["styles ", "same tracks held out", "hierarchical_f1", "threshold"] {
        assert!(shown.contains(words), "{words} in\n{shown}");
    }

    // Of the genre the model says what it says without styles.
    let classify = |model: &str, format: &str, more: &[&str]| {
        desk.ok(&[
            &["classify", "archive", "--model", model, "--format", format],
            more,
        ]
        .concat())
            .stdout
    };
    let said: Vec<Value> = serde_json::from_str(&classify("styles.cdmodel", "json", &[])).unwrap();
    let plain: Vec<Value> = serde_json::from_str(&classify("plain.cdmodel", "json", &[])).unwrap();
    assert_eq!(said.len(), plain.len());
    let mut n_named = 0;
    for (said, plain) in said.iter().zip(&plain) {
        assert_eq!(
            (&said["genre"], &said["probabilities"]),
            (&plain["genre"], &plain["probabilities"])
        );
        assert!(plain.get("styles").is_none());
        let proba = |genre: &str| number(&said["style_probabilities"][genre]);
        let named: Vec<&str> = said["styles"]
            .as_array()
            .unwrap()
            .iter()
            .map(|style| style["genre"].as_str().unwrap())
            .collect();
        n_named += named.len();
        for genre in genres {
            let name = genre["genre"].as_str().unwrap();
            if let Some(parent) = genre["parent"].as_str() {
                assert!(proba(name) <= proba(parent), "{name} below {parent}");
                assert!(!named.contains(&name) || named.contains(&parent));
            }
            let over = genre["threshold"]
                .as_f64()
                .is_some_and(|least| proba(name) >= least);
            let below =
                |other: &&Value| other["parent"] == name && named.contains(&other["genre"].as_str().unwrap());
            assert_eq!(
                named.contains(&name),
                over || genres.iter().any(|other| below(&other))
            );
        }
    }
    assert!(n_named > said.len() / 2, "{n_named}");

    // The same in the other formats.
    let csv = classify("styles.cdmodel", "csv", &[]);
    let header: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    let at = header.iter().position(|&name| name == "styles").unwrap();
    let first: Vec<&str> = csv.lines().nth(1).unwrap().split(',').collect();
    let columns: BTreeMap<&str, &str> = header.iter().copied().zip(first.iter().copied()).collect();
    let names: Vec<&str> = said[0]["styles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|style| style["genre"].as_str().unwrap())
        .collect();
    assert_eq!(first[at], names.join(";"));
    for (name, p) in said[0]["style_probabilities"].as_object().unwrap() {
        let read: f64 = columns[format!("style.{name}").as_str()].parse().unwrap();
        assert_eq!(read.to_bits(), number(p).to_bits());
    }
    let table = classify("styles.cdmodel", "table", &[]);
    let lines = table
        .lines()
        .filter(|line| line.starts_with("    styles   "))
        .count();
    assert_eq!(lines, said.len());

    // Threads change no byte of the file, and fitted again it says so.
    train(&desk, "again.cdmodel", &[&STYLES[..], &["--jobs", "1"]].concat());
    let read = |name: &str| std::fs::read(desk.path(name)).unwrap();
    assert!(read("again.cdmodel") == read("styles.cdmodel"));
    train(
        &desk,
        "all.cdmodel",
        &[&STYLES[..], &["--refit", "--jobs", "1"]].concat(),
    );
    let all = desk.json(&["model", "show", "all.cdmodel", "--json"]);
    assert!(number(&all["styles"]["n_rows"]) > number(&styles["n_rows"]));
    assert_eq!(all["styles"]["scores"], styles["scores"]);
    let split = all["styles"]["split"].as_str().unwrap();
    assert!(split.contains("fitted again on all"), "{split}");

    let export = desk.ok(&["model", "export", "styles.cdmodel", "--onnx", "m.onnx"]);
    assert!(
        export.stderr.contains("styles of the model are not exported"),
        "{}",
        export.stderr
    );
}

#[test]
fn what_is_asked_of_precision_is_named_more_rarely() {
    let desk = Desk::new();
    let silent = |wanted: &str| {
        train(
            &desk,
            "m.cdmodel",
            &[&STYLES[..], &["--threshold-for", wanted, "--force"]].concat(),
        );
        let card = desk.json(&["model", "show", "m.cdmodel", "--json"]);
        assert_eq!(card["styles"]["threshold_for"], wanted);
        let genres = card["styles"]["genres"].as_array().unwrap().clone();
        genres.iter().filter(|genre| genre["threshold"].is_null()).count()
    };
    assert_eq!(silent("f1"), 0);
    assert!(silent("precision:0.95") > 0);
    let found = desk.json(&[
        "evaluate",
        "archive",
        "--labels",
        "genres_all",
        "--method",
        "logistic-regression",
        "--threshold-for",
        "f1,precision:0.6",
        "--json",
    ]);
    let claims = found["methods"][0]["claims"].as_array().unwrap();
    assert_eq!(claims[0]["threshold_for"], "f1");
    assert_eq!(claims[0]["hierarchical"], found["methods"][0]["hierarchical"]);
    let n_claimed = |claims: &Value| -> f64 {
        let genres = claims["genres"].as_array().unwrap();
        genres.iter().map(|genre| number(&genre["n_claimed"])).sum()
    };
    assert!(n_claimed(&claims[1]) < n_claimed(&claims[0]));
    let recall = |claims: &Value| number(&claims["hierarchical"]["recall"]);
    assert!(recall(&claims[1]) < recall(&claims[0]));
}

#[test]
fn styles_are_refused_where_there_is_nothing_to_learn_them_from() {
    let desk = Desk::new();
    let train = |more: &[&'static str]| [&["train", "archive", "--out", "m.cdmodel"], more].concat();
    desk.refused(
        &train(&["--styles", "--method", "linear-svc"]),
        &["linear-svc", "probabilities"],
    );
    desk.refused(&train(&["--styles", "--inputs", "place"]), &["--inputs"]);
    desk.refused(&train(&["--styles", "--min-support", "1000"]), &["1000 rows"]);
    desk.refused(
        &train(&["--styles", "--threshold-for", "precision:2"]),
        &["precision:"],
    );
    desk.refused(&train(&["--min-support", "5"]), &["--styles"]);
    desk.refused(&train(&["--threshold-for", "f1"]), &["--styles"]);
    desk.tones();
    desk.refused(
        &[
            "train",
            "music",
            "--labels",
            "labels.csv",
            "--styles",
            "--out",
            "m.cdmodel",
        ],
        &["genres_all", "tables"],
    );
    assert!(!desk.path("m.cdmodel").exists());
}
