//! The real binary in a fresh folder: what a user types, sees and gets.

#![allow(clippy::unwrap_used)]

#[path = "common/desk.rs"]
mod desk;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use desk::Desk;

impl Desk {
    /// A synthetic archive of `n` tracks in `name`.
    fn archive(&self, name: &str, n: &str, more: &[&str]) {
        self.ok(&[&["synth", name, "--tracks", n], more].concat());
    }
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// A folder of the real data, or `None` with a message.
fn real(name: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("CRATEDIGGER_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let dir = shared.join("fma").join(name);
    if dir.is_dir() {
        return Some(dir);
    }
    eprintln!("SKIPPED: {} is not here, so nothing real was read", dir.display());
    None
}

#[test]
fn a_study_without_data_writes_a_report_that_says_it_is_synthetic() {
    let desk = Desk::empty();
    let quick = ["--methods", "mlp,linear-svc", "--genre-sets", "3,5"];
    let run = desk.ok(&[&["study", "--tracks", "600", "--out", "out"], &quick[..]].concat());
    assert!(run.stdout.contains("report.html"), "{}", run.stdout);
    let findings = json(&desk.path("out/findings.json"));
    assert_eq!(findings["overview"]["n_tracks"], 600);
    assert!(findings["provenance"]["synthetic"].is_string());
    let classifier = &findings["classifiers"][0];
    assert_eq!(classifier["name"], "mlp");
    let counts = classifier["confusion"]["counts"].as_array().unwrap();
    let n_tested: u64 = counts
        .iter()
        .flat_map(|row| row.as_array().unwrap())
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!(n_tested, findings["split"]["n_test"].as_u64().unwrap());
    assert_eq!(findings["split"]["n_artists_shared"], 0);
    let report = fs::read_to_string(desk.path("out/report.html")).unwrap();
    assert!(report.to_lowercase().contains("synthetic"));
    // outside of the scripts' text, which holds addresses that are never asked for
    let markup: String = report
        .split("</script>")
        .map(|part| {
            part.find("<script")
                .map_or(part, |at| &part[..at + part[at..].find('>').unwrap_or(0)])
        })
        .collect();
    for address in ["src=", "<link rel=\"stylesheet", "@import", "url(http", "<iframe"] {
        assert!(!markup.contains(address), "the report loads something: {address}");
    }
}

#[test]
fn the_same_seed_gives_the_same_findings_with_any_number_of_threads() {
    let desk = Desk::empty();
    desk.archive("archive", "400", &[]);
    let findings = |out: &str, jobs: &str| {
        let methods = "linear-svc,mlp,decision-tree";
        desk.ok(&[
            "study",
            "archive",
            "--out",
            out,
            "--jobs",
            jobs,
            "--methods",
            methods,
        ]);
        let mut findings = json(&desk.path(out).join("findings.json"));
        forget_times(&mut findings);
        findings["provenance"]["command_line"] = Value::Null;
        findings
    };
    let (one, two) = (findings("one", "1"), findings("two", "2"));
    assert_eq!(one, two);
    assert!(!one["classifiers"].as_array().unwrap().is_empty());
}

fn forget_times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !name.ends_with("_seconds"));
            fields.values_mut().for_each(forget_times);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_times),
        _ => {}
    }
}

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
fn evaluate_prints_one_json_object_and_takes_given_folds() {
    let desk = Desk::empty();
    desk.archive("archive", "400", &["--no-echonest"]);
    let common = [
        "evaluate",
        "archive",
        "--genres",
        "top:2",
        "--features",
        "mfcc",
        "--json",
    ];
    let run = desk.ok(&[
        &common[..],
        &["--method", "mlp", "--cv", "3", "--split", "stratified"],
    ]
    .concat());
    let scores: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(scores["method"], "mlp");
    assert_eq!(scores["n_features"], 140);
    let folds = scores["fold_accuracy"].as_array().unwrap();
    let mean = folds.iter().map(|a| a.as_f64().unwrap()).sum::<f64>() / 3.0;
    assert_eq!(folds.len(), 3);
    assert!((scores["mean_accuracy"].as_f64().unwrap() - mean).abs() < 1e-12);
    assert!(scores["fit_seconds"].as_f64().unwrap() > 0.0);

    // the majority class on one given fold: its accuracy is known from the labels
    let run = desk.ok(&["sql", "--data", "archive", "--format", "json",
        "select track_id, track.genre_top as genre from tracks where track.genre_top in (select track.genre_top from tracks where track.genre_top is not null group by 1 order by count(*) desc limit 2)"]);
    let rows: Vec<(i64, String)> = serde_json::from_str::<Vec<Value>>(&run.stdout)
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["track_id"].as_i64().unwrap(),
                row["genre"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    let test: Vec<i64> = rows.iter().map(|(id, _)| *id).step_by(5).collect();
    fs::write(desk.path("folds.json"), serde_json::to_string(&[&test]).unwrap()).unwrap();
    let run = desk.ok(&[&common[..], &["--method", "majority", "--folds", "folds.json"]].concat());
    let scores: Value = serde_json::from_str(&run.stdout).unwrap();
    let count = |genre: &str, tested: bool| {
        rows.iter()
            .filter(|(id, g)| g == genre && test.contains(id) == tested)
            .count()
    };
    let mut genres: Vec<&str> = rows.iter().map(|(_, g)| g.as_str()).collect();
    genres.sort_unstable();
    genres.dedup();
    let majority = if count(genres[0], false) >= count(genres[1], false) {
        genres[0]
    } else {
        genres[1]
    };
    let expected = count(majority, true) as f64 / test.len() as f64;
    assert!((scores["fold_accuracy"][0].as_f64().unwrap() - expected).abs() < 1e-12);

    fs::write(desk.path("folds.json"), "[[-7]]").unwrap();
    let run = desk.run(&[&common[..], &["--folds", "folds.json"]].concat());
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("track -7"), "{}", run.stderr);
}

#[test]
fn evaluate_compares_methods_on_the_same_tracks() {
    let desk = Desk::empty();
    desk.archive("archive", "600", &["--no-echonest"]);
    let common = ["evaluate", "archive", "--genres", "top:3", "--features", "mfcc"];
    let both = ["--method", "linear-svc,decision-tree", "--cv", "4"];
    let run = desk.ok(&[&common[..], &both, &["--json"]].concat());
    let scores: Value = serde_json::from_str(&run.stdout).unwrap();
    let methods = scores["methods"].as_array().unwrap();
    assert_eq!(
        (methods[0]["method"].as_str(), methods.len()),
        (Some("linear-svc"), 2)
    );
    let number = |value: &Value| value.as_f64().unwrap();
    for method in methods {
        let counts: Vec<Vec<u64>> = serde_json::from_value(method["confusion"].clone()).unwrap();
        let n: u64 = counts.iter().flatten().sum();
        let right: u64 = (0..3).map(|class| counts[class][class]).sum();
        assert_eq!(method["n_tested"], n);
        assert_eq!(number(&method["accuracy"]), right as f64 / n as f64);
        let interval = &method["artist_interval"];
        assert!(
            number(&interval["low"]) <= number(&method["accuracy"])
                && number(&method["accuracy"]) <= number(&interval["high"])
        );
        assert_eq!(method["calibrated"]["temperatures"].as_array().unwrap().len(), 4);
        assert_eq!(method["validation"], "cross-validation");
    }
    // A margin is no probability; scaled it is one.
    assert!(methods[0]["probability"].is_null() && number(&methods[0]["calibrated"]["log_loss"]) > 0.0);
    assert!(number(&methods[1]["probability"]["log_loss"]) > number(&methods[1]["calibrated"]["log_loss"]));
    let pair = &scores["comparisons"][0];
    let difference = number(&methods[0]["accuracy"]) - number(&methods[1]["accuracy"]);
    assert!((number(&pair["difference"]) - difference).abs() < 1e-12);
    assert!(number(&pair["adjusted"]["p"]) <= 1.0 && number(&pair["corrected_t_test"]["p"]) <= 1.0);

    let run = desk.ok(&[&common[..], &both].concat());
    for part in [
        "4 folds, by artist",
        "linear-svc - decision-tree",
        "F1 by genre",
        "majority",
    ] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    let run = desk.ok(&[&common[..], &["--method", "majority", "--test-size", "0.3"]].concat());
    assert!(
        run.stdout.contains("a hold-out of 30 %, by artist") && run.stdout.contains("predicted as"),
        "{}",
        run.stdout
    );
    let held = [
        "--method",
        "majority",
        "--split",
        "random",
        "--test-size",
        "0.4",
        "--json",
    ];
    let scores: Value = serde_json::from_str(&desk.ok(&[&common[..], &held].concat()).stdout).unwrap();
    let share = number(&scores["n_tested"]) / number(&scores["n_rows"]);
    assert!((share - 0.4).abs() < 0.02, "{share}");
    let run = desk.run(&[&common[..], &["--split", "official", "--test-size", "0.4"]].concat());
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("leave out --test-size"), "{}", run.stderr);
    fs::write(desk.path("none.json"), "[]").unwrap();
    let run = desk.run(&[&common[..], &["--folds", "none.json"]].concat());
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("none.json has no folds"), "{}", run.stderr);
    let run = desk.ok(&[
        &common[..],
        &["--method", "majority", "--split", "official", "--json"],
    ]
    .concat());
    let scores: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        (scores["validation"].as_str(), scores["split"].as_str()),
        (Some("hold-out"), Some("official"))
    );
    assert!(scores["n_tested"].as_u64().unwrap() < scores["n_rows"].as_u64().unwrap() / 2);
    let run = desk.run(&[&common[..], &["--split", "official", "--cv", "5"]].concat());
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("leave out --cv"), "{}", run.stderr);
}

#[test]
fn evaluate_warns_where_a_method_is_no_better_than_the_simplest_guess() {
    let desk = Desk::empty();
    desk.archive("archive", "400", &["--no-echonest"]);
    let run = desk.ok(&["sql", "--data", "archive", "--format", "json",
        "select track_id from tracks where track.genre_top = (select track.genre_top from tracks where track.genre_top is not null group by 1 order by count(*) desc limit 1) limit 5"]);
    let rows: Vec<Value> = serde_json::from_str(&run.stdout).unwrap();
    let ids: Vec<i64> = rows.iter().map(|row| row["track_id"].as_i64().unwrap()).collect();
    // All tested tracks are of the most frequent genre: always saying it cannot be beaten.
    fs::write(desk.path("folds.json"), serde_json::to_string(&[&ids]).unwrap()).unwrap();
    let tree = [
        "--method",
        "decision-tree",
        "--features",
        "mfcc",
        "--genres",
        "top:2",
        "--folds",
        "folds.json",
    ];
    let run = desk.ok(&[&["evaluate", "archive"], &tree[..]].concat());
    assert!(
        run.stderr.contains("decision-tree") && run.stderr.contains("not better than always"),
        "{}",
        run.stderr
    );
    let run = desk.ok(&[
        "evaluate",
        "archive",
        "--method",
        "decision-tree",
        "--features",
        "mfcc",
        "--genres",
        "top:2",
    ]);
    assert!(!run.stderr.contains("not better"), "{}", run.stderr);
}

#[test]
fn what_cannot_be_done_ends_with_2_and_one_clear_message() {
    let desk = Desk::empty();
    for (args, expected) in [
        (&["study", "nowhere"][..], "nowhere"),
        (&["import", "nowhere"], "nowhere"),
        (&["sql", "select 1"], "cratedigger-store"),
        (&["study", "--genres", "top:1"], "top:N"),
        (&["study", "--genre-sets", "3,1"], "--genre-sets takes numbers"),
        (&["evaluate", ".", "--method", "oracle"], "mlp"),
        (&["synth", "x", "--tracks", "1"], "1 tracks"),
    ] {
        let run = desk.run(args);
        assert_eq!(run.code, 2, "{args:?}: {}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains(expected), "{args:?}: {}", run.stderr);
        assert!(!run.stderr.contains("panicked"), "{args:?}: {}", run.stderr);
    }
    assert!(!desk.path("cratedigger-store").exists());
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
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn help_teaches_every_command() {
    let desk = Desk::empty();
    let run = desk.ok(&["--help"]);
    let commands = [
        "study", "extract", "evaluate", "train", "tune", "classify", "model", "serve", "import", "sql",
        "synth", "download",
    ];
    for command in commands {
        assert!(run.stdout.contains(command), "{}", run.stdout);
        let help = desk.ok(&[command, "--help"]).stdout;
        for part in [
            "Usage: cratedigger",
            "Examples:",
            &format!("\n  cratedigger {command} "),
        ] {
            assert!(help.contains(part), "{command}: {part} in\n{help}");
        }
    }
}

#[test]
fn the_real_excerpt_is_studied_without_features_and_says_so() {
    let Some(dir) = real("metadata-excerpt") else {
        return;
    };
    let desk = Desk::empty();
    let run = desk.ok(&["study", dir.to_str().unwrap(), "--out", "out"]);
    assert!(
        run.stdout.contains("No classifier could be trained"),
        "{}",
        run.stdout
    );
    let findings = json(&desk.path("out/findings.json"));
    assert_eq!(findings["overview"]["n_tracks"], 682);
    assert_eq!(findings["classifiers"], Value::Array(vec![]));
    let reason = findings["classifiers_skipped"]["reason"].as_str().unwrap();
    assert!(reason.contains("features.csv"), "{reason}");
    assert!(findings["provenance"]["synthetic"].is_null());
}

#[test]
fn a_file_that_was_cut_off_is_refused_and_read_leniently() {
    let Some(dir) = real("metadata-excerpt") else {
        return;
    };
    let file = dir.join("tracks-cut-off.csv");
    let file = file.to_str().unwrap();
    let desk = Desk::empty();
    let run = desk.run(&["import", file, "--store", "store"]);
    assert_eq!(run.code, 2);
    for part in ["tracks-cut-off.csv", "record 683", "byte", "quote", "--lenient"] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    assert!(!desk.path("store/store.json").exists());
    let run = desk.run(&["import", file, "--store", "store", "--lenient"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stdout.contains("682 rows"), "{}", run.stdout);
    assert!(desk.path("store/rejected-tracks.csv").exists());
}

#[test]
fn ten_real_tracks_without_features_are_reported() {
    let Some(dir) = real("mfcc-2000") else { return };
    let desk = Desk::empty();
    let run = desk.ok(&[
        "evaluate",
        dir.to_str().unwrap(),
        "--method",
        "majority",
        "--features",
        "mfcc",
        "--split",
        "stratified",
        "--json",
    ]);
    let scores: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(scores["n_rows"], 1990);
    assert_eq!(scores["n_features"], 140);
    assert_eq!(
        scores["n_incomplete_features"].as_u64().unwrap() + scores["n_without_features"].as_u64().unwrap(),
        10
    );
}
