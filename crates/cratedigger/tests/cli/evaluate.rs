//! What `evaluate` prints, and what it warns of.

use std::fs;

use serde_json::Value;

use crate::desk::Desk;

#[cfg(feature = "sql")]
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
        assert_eq!(method["calibrated"]["temperatures"].as_array().unwrap().len(), 8);
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
    // One estimand a row: the accuracy that is shown is that which the interval beside it is of.
    for method in methods {
        let name = method["method"].as_str().unwrap();
        let row = run
            .stdout
            .lines()
            .find(|line| line.trim_start().starts_with(name));
        let row: Vec<&str> = row.unwrap().split_whitespace().collect();
        let interval = &method["artist_interval"];
        let want = [&method["accuracy"], &interval["low"], &interval["high"]];
        let want = want.map(|value| format!("{:.4}", number(value)));
        assert_eq!(
            (row[1], row[2], row[4]),
            (&*want[0], &*want[1], &*want[2]),
            "{name}"
        );
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

#[cfg(feature = "sql")]
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
