//! `cratedigger evaluate --model`: saved models on rows that they have seen, have not seen, or cannot be shown.

use std::collections::HashMap;
use std::fs;

use cratedigger_features::Recipe;
use serde_json::{Value, json};

use crate::desk::{Desk, anonymous, number, timeless};

#[cfg(feature = "sql")]
#[test]
fn the_rows_that_a_model_has_not_seen_are_found_again() {
    let desk = Desk::new();
    let score = |model: &str, data: &[&str]| {
        let run = desk.ok(&[&["evaluate"], data, &["--model", model, "--json"]].concat());
        (serde_json::from_str::<Value>(&run.stdout).unwrap(), run.stderr)
    };
    let file = [
        "archive/features.csv",
        "--labels",
        "archive/tracks.csv",
        "--recipe",
        "fma",
    ];
    let ids: Vec<Value> = desk.json(&[
        "sql",
        "--data",
        "archive",
        "--format",
        "json",
        "select track_id from tracks where track.genre_top in ('Rock', 'Electronic', 'Experimental') order by track_id limit 9",
    ])
    .as_array()
    .unwrap()
    .iter()
    .map(|row| row["track_id"].clone())
    .collect();
    fs::write(desk.path("test.json"), json!([ids]).to_string()).unwrap();
    for (at, split) in [
        &["--split", "artist", "--seed", "4"][..],
        &["--split", "stratified", "--test-size", "0.4"],
        &["--split", "official"],
        &["--folds", "test.json"],
    ]
    .iter()
    .enumerate()
    {
        let name = format!("m{at}.cdmodel");
        let named = [
            "--genres",
            "Rock,Electronic,Experimental",
            "--method",
            "linear-svc",
        ];
        desk.ok(&[&["train", "archive", "--out", &name], &named[..], split].concat());
        let card = desk.json(&["model", "show", &name, "--json"]);
        let (found, stderr) = score(&name, &["archive"]);
        assert_eq!(found["model"]["rows"], "held out", "{split:?}");
        assert_eq!(found["validation"], "saved model");
        assert!(!stderr.contains("cannot be told"), "{stderr}");
        // The scores are those that the card has, of the same rows.
        for (name, of_card) in [
            ("accuracy", "accuracy"),
            ("balanced_accuracy", "balanced_accuracy"),
            ("macro_f1", "f1_macro"),
            ("weighted_f1", "f1_weighted"),
            ("n_tested", "n_test"),
        ] {
            assert_eq!(
                number(&found[name]),
                number(&card["scores"][of_card]),
                "{split:?} {name}"
            );
        }
        assert_eq!(found["model"]["fingerprint"], card["data"]["fingerprint"]);
        assert!(number(&found["n_tested"]) < number(&found["n_rows"]));
        let shared = number(&found["model"]["n_artists_shared"]) > 0.0;
        let told =
            |text: &str| text.contains("artists have rows both") || text.contains("artist has rows both");
        assert_eq!(shared, told(&stderr), "{stderr}");
        let apart = ["artist", "official"].contains(&split[1]);
        assert_ne!(apart, shared, "{split:?}");
        let notes = card["notes"].to_string();
        assert_eq!(told(&notes), shared, "{notes}");
        // The same rows out of a file of features are the same rows.
        let (of_file, _) = score(&name, &file);
        assert_eq!(anonymous(of_file), anonymous(found.clone()), "{split:?}");
        for jobs in ["1", "3"] {
            let (again, _) = score(&name, &["archive", "--jobs", jobs]);
            assert_eq!(timeless(again), timeless(found.clone()), "{jobs} threads");
        }
    }
    // Columns in another order are the same features.
    let text = fs::read_to_string(desk.path("archive/features.csv")).unwrap();
    let swapped = text.lines().map(|line| {
        let mut cells: Vec<&str> = line.split(',').collect();
        cells.swap(3, 300);
        cells.join(",") + "\n"
    });
    fs::write(desk.path("swapped.csv"), swapped.collect::<String>()).unwrap();
    let (found, _) = score("m0.cdmodel", &[&["swapped.csv"], &file[1..]].concat());
    let (of_file, _) = score("m0.cdmodel", &file);
    assert_eq!(anonymous(found), anonymous(of_file));
    let (found, stderr) = score("m0.cdmodel", &["archive", "--genres", "top:2"]);
    assert_eq!(found["model"]["rows"], "unknown");
    assert!(stderr.contains("cannot be told"), "{stderr}");
    // Fitted on everything: nothing is left to score it by, which is said.
    desk.train("all.cdmodel", &["--method", "linear-svc", "--refit"]);
    let (found, stderr) = score("all.cdmodel", &["archive"]);
    assert_eq!(
        (&found["model"]["rows"], &found["n_tested"]),
        (&json!("fitted"), &found["n_rows"])
    );
    assert!(stderr.contains("fitted on exactly these rows"), "{stderr}");
    desk.train("hasty.cdmodel", &["--method", "mlp", "--param", "max_iter=2"]);
    let notes = desk.json(&["model", "show", "hasty.cdmodel", "--json"])["notes"].to_string();
    assert!(notes.contains("before it converged"), "{notes}");
    let text = desk.ok(&["evaluate", "archive", "--model", "m0.cdmodel"]).stdout;
    let card = desk.json(&["model", "show", "m0.cdmodel", "--json"]);
    let others = format!("fitted on the {} others", card["data"]["n_rows"]);
    for part in [
        others.as_str(),
        "rows that its own split held out",
        "95 % interval",
        "balanced accuracy",
        "macro F1",
        "precision  recall",
        "true genre",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}

#[cfg(feature = "sql")]
#[test]
fn scores_of_a_saved_model_are_those_of_its_own_probabilities() {
    let desk = Desk::new();
    desk.ok(&["synth", "other", "--tracks", "300", "--seed", "8"]);
    desk.train("m.cdmodel", &["--method", "logistic-regression", "--calibrate"]);
    let run = desk.ok(&["evaluate", "other", "--model", "m.cdmodel", "--json"]);
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(found["model"]["rows"], "unknown");
    assert!(
        run.stderr.contains("cannot be told") && run.stderr.contains("does not know"),
        "{}",
        run.stderr
    );
    let card = desk.json(&["model", "show", "m.cdmodel", "--json"]);
    let labels: Vec<&str> = card["labels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|label| label.as_str().unwrap())
        .collect();
    // By hand, from what `classify` says of the same tracks.
    let genres = desk.json(&[
        "sql",
        "--data",
        "other",
        "--format",
        "json",
        "select track_id, track.genre_top as genre from tracks where track.genre_top is not null",
    ]);
    let said = desk.json(&["classify", "--model", "m.cdmodel", "other", "--format", "json"]);
    let said: HashMap<&str, &Value> = said
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["id"].as_str().unwrap(), row))
        .collect();
    let (mut n, mut n_right, mut log_loss, mut brier, mut n_unknown) = (0.0, 0.0, 0.0, 0.0, 0);
    for row in genres.as_array().unwrap() {
        let genre = row["genre"].as_str().unwrap();
        if !labels.contains(&genre) {
            n_unknown += 1;
            continue;
        }
        let row = said[row["track_id"].to_string().as_str()];
        n += 1.0;
        n_right += f64::from(u8::from(row["genre"] == genre));
        log_loss -= number(&row["probabilities"][genre]).ln();
        for label in &labels {
            let target = f64::from(u8::from(*label == genre));
            brier += (number(&row["probabilities"][*label]) - target).powi(2);
        }
    }
    assert_eq!(number(&found["n_tested"]), n);
    assert_eq!(number(&found["accuracy"]), n_right / n);
    let close = |value: &Value, want: f64| (number(value) - want).abs() < 1e-9;
    assert!(
        close(&found["probability"]["log_loss"], log_loss / n),
        "{} {log_loss}",
        found["probability"]
    );
    assert!(
        close(&found["probability"]["brier_score"], brier / n),
        "{} {brier}",
        found["probability"]
    );
    let unknown: HashMap<String, u64> =
        serde_json::from_value(found["model"]["unknown_genres"].clone()).unwrap();
    assert_eq!(unknown.values().sum::<u64>(), n_unknown);
    // The baseline is the genre that had the most rows where the model was fitted, not here.
    let counts: Vec<u64> = serde_json::from_value(card["data"]["rows_per_class"].clone()).unwrap();
    let most = (0..counts.len()).rev().max_by_key(|&at| counts[at]).unwrap();
    let support = number(&found["per_class"][most]["support"]);
    assert_eq!(number(&found["baseline_accuracy"]), support / n);
    // Of its own hold-out what calibrated it is not scored.
    let own = desk.ok(&["evaluate", "archive", "--model", "m.cdmodel"]);
    assert!(!own.stderr.contains("temperature was fitted"), "{}", own.stderr);
    assert!(own.stdout.contains("calibrated on the rest"), "{}", own.stdout);
    let own = desk.json(&["evaluate", "archive", "--model", "m.cdmodel", "--json"]);
    assert_eq!(number(&own["n_tested"]), number(&card["scores"]["n_test"]));
    assert_eq!(number(&own["accuracy"]), number(&card["scores"]["accuracy"]));
}

#[test]
fn what_a_saved_model_cannot_be_scored_on_is_refused() {
    let desk = Desk::new();
    desk.train("m.cdmodel", &["--method", "majority"]);
    desk.tone("music/low.wav", 110.0);
    desk.tone("music/high.wav", 900.0);
    fs::write(
        desk.path("genres.csv"),
        "path,genre\nlow.wav,Rock\nhigh.wav,Electronic\n",
    )
    .unwrap();
    fs::write(
        desk.path("odd.csv"),
        "path,genre\nlow.wav,Humming\nhigh.wav,Silence\n",
    )
    .unwrap();
    let score = |data: &[&'static str]| [&["evaluate", "--model", "m.cdmodel"], data].concat();
    desk.ok(&["extract", "music", "--recipe", "librosa", "--out", "l.parquet"]);
    let (fma, librosa) = (Recipe::Fma.version(), Recipe::Librosa.version());
    let labels = ["--labels", "genres.csv"];
    desk.refused(
        &score(&["l.parquet", labels[0], labels[1]]),
        &[fma, librosa, "l.parquet"],
    );
    desk.refused(
        &score(&["music", "--recipe", "librosa", labels[0], labels[1]]),
        &[fma, librosa],
    );
    desk.refused(&score(&["archive", "--recipe", "librosa"]), &[fma, librosa]);
    desk.refused(
        &[
            "evaluate",
            "l.parquet",
            "--labels",
            "genres.csv",
            "--recipe",
            "fma",
        ],
        &[librosa, "--recipe says"],
    );
    desk.refused(&score(&["music"]), &["--labels"]);
    desk.refused(&score(&["music", "--labels", "odd.csv"]), &["low.wav", "odd.csv"]);
    desk.refused(&score(&["archive", "--genres", "Folk,Pop"]), &["the model knows"]);
    desk.refused(&score(&["nowhere"]), &["nowhere"]);
    desk.refused(&score(&["archive", "music"]), &["one whole data set"]);
    desk.refused(&score(&["archive", "--method", "mlp"]), &["--method"]);
    desk.refused(&score(&["archive", "--cv", "3"]), &["--cv"]);
    let run = desk.ok(&score(&["music", "--labels", "genres.csv"]));
    assert!(run.stdout.contains("all 2 rows"), "{}", run.stdout);
    let mut bytes = fs::read(desk.path("m.cdmodel")).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(desk.path("m.cdmodel"), bytes).unwrap();
    desk.refused(&score(&["archive"]), &["m.cdmodel", "damaged"]);
}
