//! Searches: killed, resumed, refused.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::desk::Desk;

#[test]
fn a_killed_search_is_resumed() {
    let desk = Desk::new();
    let space = "hidden_layer_sizes = [[30], [40], [50]]\nsolver = \"sgd\"\nalpha = [0.0001, 0.05]\nmax_iter = 150\ntol = 0.0\n";
    fs::write(desk.path("space.toml"), space).unwrap();
    let tune = |out: &'static str, table: &'static str| {
        vec![
            "tune",
            "archive",
            "--genres",
            "top:3",
            "--space",
            "space.toml",
            "--cv",
            "3",
            "--jobs",
            "1",
            "--out",
            out,
            "--table",
            table,
        ]
    };
    // Everything but the times.
    let scores = |table: &str| -> Vec<String> {
        let text = fs::read_to_string(desk.path(table)).unwrap();
        let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
        let timeless: Vec<usize> = (0..header.len())
            .filter(|&at| !header[at].ends_with("_time"))
            .collect();
        text.lines()
            .map(|line| {
                let cells: Vec<&str> = line.split(',').collect();
                timeless.iter().map(|&at| cells[at]).collect::<Vec<_>>().join(",")
            })
            .collect()
    };
    desk.ok(&tune("whole.cdmodel", "whole.csv"));
    assert!(!desk.path("whole.cdmodel.journal").exists());

    let journal = desk.path("best.cdmodel.journal");
    let mut child = desk
        .command(&tune("best.cdmodel", "best.csv"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    let n_lines = || fs::read_to_string(&journal).map_or(0, |text| text.lines().count());
    while n_lines() < 4 {
        assert!(
            started.elapsed() < Duration::from_secs(120),
            "the search does not begin"
        );
        assert!(
            child.try_wait().unwrap().is_none(),
            "the search ended before it could be killed"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!desk.path("best.cdmodel").exists());
    let before = fs::read_to_string(&journal).unwrap();
    assert!(
        before.lines().count() < 19,
        "the search was through when it was killed"
    );

    desk.refused(&tune("best.cdmodel", "best.csv"), &["--resume", "--restart"]);
    assert_eq!(fs::read_to_string(&journal).unwrap(), before);
    let other = [tune("best.cdmodel", "best.csv"), vec!["--resume", "--seed", "9"]].concat();
    desk.refused(&other, &["another search"]);
    let run = desk.ok(&[tune("best.cdmodel", "best.csv"), vec!["--resume"]].concat());
    assert!(
        run.stderr.contains("of 18 fits are of the interrupted search"),
        "{}",
        run.stderr
    );
    assert_eq!(scores("best.csv"), scores("whole.csv"));
    assert_eq!(
        fs::read(desk.path("best.cdmodel")).unwrap(),
        fs::read(desk.path("whole.cdmodel")).unwrap()
    );
    assert!(!journal.exists());
}

#[test]
fn searches_are_told_what_is_wrong_before_anything_is_read() {
    let desk = Desk::new();
    let shown = desk.ok(&["tune", "archive", "--show-space"]).stdout;
    assert!(
        shown.contains("hidden_layer_sizes") && shown.contains("max_iter"),
        "{shown}"
    );
    fs::write(
        desk.path("range.toml"),
        "alpha = { min = 1e-5, max = 1.0, log = true }\n",
    )
    .unwrap();
    desk.refused(
        &["tune", "archive", "--space", "range.toml", "--out", "x.cdmodel"],
        &["alpha", "--random"],
    );
    fs::write(desk.path("typo.toml"), "alhpa = [1.0]\n").unwrap();
    desk.refused(
        &["tune", "archive", "--space", "typo.toml", "--out", "x.cdmodel"],
        &["alhpa", "alpha"],
    );
    fs::write(desk.path("bad.toml"), "alpha = [1.0\n").unwrap();
    desk.refused(
        &["tune", "archive", "--space", "bad.toml", "--out", "x.cdmodel"],
        &["bad.toml"],
    );
    desk.refused(
        &["train", "archive", "--param", "alpha=red", "--out", "x.cdmodel"],
        &["alpha"],
    );
    let run = desk.run(&["train", "archive", "--pipeline", "whiten", "--out", "x.cdmodel"]);
    assert!(run.code == 2 && run.stderr.contains("whiten"), "{}", run.stderr);
    // A random search with halving over a range works.
    let run = desk.ok(&[
        "tune",
        "archive",
        "--genres",
        "top:3",
        "--method",
        "logistic-regression",
        "--random",
        "9",
        "--halving",
        "--cv",
        "3",
        "--space",
        "c.toml",
        "--out",
        "x.cdmodel",
        "--table",
        "t.csv",
    ]
    .map(|arg| {
        if arg == "c.toml" {
            fs::write(desk.path("c.toml"), "C = { min = 1e-5, max = 1.0, log = true }\n").unwrap();
        }
        arg
    }));
    assert!(run.stdout.contains("best of 9 candidates"), "{}", run.stdout);
    let table = fs::read_to_string(desk.path("t.csv")).unwrap();
    assert!(table.lines().count() > 10, "{table}");
}

#[cfg(feature = "sql")]
#[test]
fn the_official_test_part_takes_no_part_in_tuning() {
    let desk = Desk::new();
    // The same features, but for one part, whose rows are turned around.
    let text = fs::read_to_string(desk.path("archive/features.csv")).unwrap();
    let spoilt = |folder: &str, part: &str| {
        let query = format!("select track_id from tracks where set.split = '{part}'");
        let rows = desk.json(&["sql", "--data", "archive", "--format", "json", &query]);
        let rows = rows.as_array().unwrap().iter();
        let ids: Vec<String> = rows.map(|row| row["track_id"].to_string()).collect();
        let line = |line: &str| {
            let mut cells = line.split(',');
            let id = cells.next().unwrap();
            if !ids.iter().any(|spoilt| spoilt == id) {
                return format!("{line}\n");
            }
            let turned = |cell: &str| {
                cell.parse::<f64>()
                    .map_or(String::new(), |x| (-3.0 * x - 1.0).to_string())
            };
            format!("{id},{}\n", cells.map(turned).collect::<Vec<_>>().join(","))
        };
        fs::create_dir(desk.path(folder)).unwrap();
        let text: String = text.lines().map(line).collect();
        fs::write(desk.path(&format!("{folder}/features.csv")), text).unwrap();
    };
    spoilt("a", "no part");
    spoilt("b", "test");
    spoilt("c", "validation");
    fs::write(desk.path("space.toml"), "C = [0.0001, 0.01, 1.0]\n").unwrap();
    let labels = ["--labels", "archive/tracks.csv", "--recipe", "fma"];
    let search = [
        "--method",
        "linear-svc",
        "--features",
        "mfcc",
        "--genres",
        "top:3",
    ];
    let tune = |folder: &str, more: &[&str]| {
        let [data, out, table] =
            ["features.csv", "best.cdmodel", "table.csv"].map(|name| format!("{folder}/{name}"));
        let files = [
            "--space",
            "space.toml",
            "--out",
            &out,
            "--table",
            &table,
            "--force",
        ];
        let run = desk.ok(&[
            &["tune", &data, "--split", "official"],
            &labels[..],
            &search,
            &files,
            more,
        ]
        .concat());
        let table = fs::read_to_string(desk.path(&table)).unwrap();
        let header: Vec<&str> = table.lines().next().unwrap().split(',').collect();
        let column = header.iter().position(|name| *name == "mean_test_score").unwrap();
        let lines = table.lines().map(|line| line.split(',').nth(column).unwrap());
        let scores: Vec<String> = lines.map(str::to_owned).collect();
        (scores, fs::read(desk.path(&out)).unwrap(), run.stdout)
    };
    let (scores, model, said) = tune("a", &[]);
    assert!(
        said.contains("training part against its validation part"),
        "{said}"
    );
    let (of_spoilt, same_model, _) = tune("b", &[]);
    assert_eq!(scores, of_spoilt, "the test part decides nothing");
    assert!(model == same_model, "and is not fitted on");
    assert_ne!(scores, tune("c", &[]).0, "the validation part decides");
    // Scored once, where that is asked for; the same rows are found again.
    assert!(!said.contains("balanced_accuracy"), "{said}");
    let (_, _, said) = tune("a", &["--score-test"]);
    for words in ["balanced_accuracy", "chosen on the validation part"] {
        assert!(said.contains(words), "{words} in {said}");
    }
    let card = desk.json(&["model", "show", "a/best.cdmodel", "--json"]);
    let scored = [
        "evaluate",
        "a/features.csv",
        "--model",
        "a/best.cdmodel",
        "--json",
    ];
    let found = desk.json(&[&scored[..], &labels].concat());
    assert_eq!(found["model"]["rows"], "held out");
    assert_eq!(found["n_tested"].as_f64(), card["scores"]["n_test"].as_f64());
    assert_eq!(found["accuracy"], card["scores"]["accuracy"]);
    let n_fitted = card["data"]["n_rows"].as_u64().unwrap();
    assert_eq!(found["n_rows"], n_fitted + found["n_tested"].as_u64().unwrap());
    desk.refused(
        &["tune", "archive", "--score-test", "--out", "x.cdmodel"],
        &["--split official"],
    );
}

#[cfg(feature = "sql")]
#[test]
fn given_folds_are_those_of_evaluate_and_belong_to_the_journal() {
    let desk = Desk::new();
    let ids: Vec<i64> = desk
        .json(&[
            "sql",
            "--data",
            "archive",
            "--format",
            "json",
            "select track_id from tracks where track.genre_top in ('Rock', 'Electronic') order by track_id",
        ])
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["track_id"].as_i64().unwrap())
        .collect();
    let write = |name: &str, fold_of: &dyn Fn(usize) -> usize| {
        let mut folds = vec![Vec::new(); 3];
        for (at, id) in ids.iter().enumerate() {
            folds[fold_of(at)].push(*id);
        }
        fs::write(desk.path(name), serde_json::to_string(&folds).unwrap()).unwrap();
    };
    write("a.json", &|at| at % 3);
    write("b.json", &|at| (at + at / 3) % 3);
    fs::write(desk.path("space.toml"), "C = [0.01, 0.5]\n").unwrap();
    let data = ["archive", "--genres", "Rock,Electronic", "--method", "linear-svc"];
    // A table that finds the disk full ends the command after the search, before the journal is removed.
    let tune = |folds: &'static str, table: &'static str, more: &[&'static str]| {
        let search = ["--space", "space.toml", "--out", "best.cdmodel", "--table", table];
        [&["tune"], &data[..], &search, &["--folds", folds], more].concat()
    };
    desk.refused(&tune("a.json", "/dev/full", &[]), &["cannot write /dev/full"]);
    assert!(desk.path("best.cdmodel.journal").exists());
    desk.refused(&tune("b.json", "t.csv", &["--resume"]), &["another search"]);
    let run = desk.ok(&tune("a.json", "t.csv", &["--resume"]));
    assert!(
        run.stderr.contains("6 of 6 fits are of the interrupted search"),
        "{}",
        run.stderr
    );
    // Each candidate has the score that `evaluate` gives it on these folds.
    let table = fs::read_to_string(desk.path("t.csv")).unwrap();
    let header: Vec<&str> = table.lines().next().unwrap().split(',').collect();
    let column = header.iter().position(|name| *name == "mean_test_score").unwrap();
    for (line, c) in table.lines().skip(1).zip(["C=0.01", "C=0.5"]) {
        let mean: f64 = line.split(',').nth(column).unwrap().parse().unwrap();
        let args = [
            &["evaluate"],
            &data[..],
            &["--param", c, "--folds", "a.json", "--json"],
        ];
        let scores = desk.json(&args.concat());
        assert_eq!(scores["mean_accuracy"].as_f64().unwrap(), mean, "{c}");
    }
    let both = tune("a.json", "t.csv", &["--cv", "3", "--force"]);
    desk.refused(&both, &["--folds"]);
    // The model of a search has seen all rows.
    let run = desk.ok(&[
        "evaluate",
        "archive",
        "--genres",
        "Rock,Electronic",
        "--model",
        "best.cdmodel",
    ]);
    assert!(
        run.stderr.contains("fitted on exactly these rows"),
        "{}",
        run.stderr
    );
}
