//! `impute`: tracks without a top genre.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::desk::{Desk, number};

#[test]
fn tracks_without_a_genre_get_one_by_rule_or_model_or_none() {
    let desk = Desk::new();
    let train = [
        "train",
        "archive",
        "--method",
        "gradient-boosting",
        "--genres",
        "all",
        "--test-size",
        "0.5",
        "--calibrate",
    ];
    desk.ok(&[
        &train[..],
        &["--coverage", "0.8", "--threshold", "0.2", "--out", "m.cdmodel"],
    ]
    .concat());
    let run = desk.ok(&["impute", "archive", "--model", "m.cdmodel", "--format", "json"]);
    assert!(
        run.stderr.contains("have no genre_top") && run.stderr.contains("hidden"),
        "{}",
        run.stderr
    );
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    let rows = found["rows"].as_array().unwrap();
    assert_eq!(
        (number(&found["n_tracks"]), number(&found["threshold"])),
        (400.0, 0.2)
    );
    assert_eq!(rows.len() as f64 + number(&found["n_labelled"]), 400.0);
    let mut by: BTreeMap<&str, u32> = BTreeMap::new();
    for row in rows {
        *by.entry(row["by"].as_str().unwrap()).or_default() += 1;
        let p = row["probability"].as_f64();
        match row["by"].as_str().unwrap() {
            "rule" => assert!(row["genre"].is_string()),
            "model" => assert!(row["genre"].is_string() && p.unwrap() >= 0.2, "{row}"),
            _ => assert!(row["genre"].is_null(), "{row}"),
        }
        if let Some(set) = row["set"].as_array() {
            assert!(p.is_some() && set.iter().all(Value::is_string));
        }
        assert!(!row["reason"].as_str().unwrap().is_empty());
    }
    assert!(by["model"] > 0 && by["none"] > 0, "{by:?}");
    assert_eq!(number(&found["n_by_model"]), f64::from(by["model"]));
    // The same as the model's own scores on the tracks that it has not seen.
    let scored = desk.json(&["evaluate", "archive", "--model", "m.cdmodel", "--json"]);
    let (hidden, answers) = (&found["hidden"]["model"], &scored["answers"]);
    assert_eq!(found["hidden"]["n_rows"], scored["n_tested"]);
    assert_eq!(hidden["n_filled"], answers["n_answered"]);
    assert_eq!(
        number(&hidden["n_filled"]) - number(&hidden["n_right"]),
        number(&answers["n_wrong"])
    );
    // In the dataset a track has a top genre where all of its genres lead to it, so the rule is right there.
    let rule = &found["hidden"]["rule"];
    assert!(
        number(&rule["n_filled"]) > 0.0 && number(&rule["precision"]) == 1.0,
        "{rule}"
    );
    // Higher thresholds name fewer; the table has the same rows.
    let strict = ["impute", "archive", "--model", "m.cdmodel", "--threshold", "0.35"];
    let strict = desk.json(&[&strict[..], &["--format", "json", "--jobs", "1"]].concat());
    assert!(number(&strict["n_by_model"]) < number(&found["n_by_model"]));
    assert_eq!(strict["n_by_rule"], found["n_by_rule"]);
    desk.ok(&["impute", "archive", "--model", "m.cdmodel", "--out", "genres.csv"]);
    let text = std::fs::read_to_string(desk.path("genres.csv")).unwrap();
    assert_eq!(
        text.lines().next(),
        Some("track_id,genre,by,probability,set,reason")
    );
    assert_eq!(text.lines().count(), rows.len() + 1);
}

#[test]
fn what_cannot_be_imputed_is_refused_and_what_is_not_known_is_said() {
    let desk = Desk::new();
    desk.train("m.cdmodel", &["--method", "logistic-regression"]);
    desk.tones();
    desk.refused(
        &["impute", "music", "--model", "m.cdmodel"],
        &["neither a store nor a folder"],
    );
    desk.refused(
        &["impute", "archive", "--model", "gone.cdmodel"],
        &["gone.cdmodel"],
    );
    let inputs = [
        "impute",
        "archive",
        "--model",
        "m.cdmodel",
        "--out",
        "m.cdmodel",
        "--force",
    ];
    desk.refused(&inputs, &["is read"]);
    // A model of other data: nobody knows what it has seen.
    desk.ok(&["synth", "other", "--tracks", "300", "--seed", "5"]);
    let run = desk.ok(&["impute", "other", "--model", "m.cdmodel"]);
    assert!(run.stderr.contains("cannot be told"), "{}", run.stderr);
    assert!(run.stderr.contains("no threshold"), "{}", run.stderr);
}
