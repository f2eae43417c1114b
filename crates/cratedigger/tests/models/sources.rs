//! What models are scored on and learn from: audio with labels, files of features, rows with gaps.

use std::fs;

use cratedigger_features::Recipe;
use serde_json::{Value, json};

use crate::desk::{Desk, anonymous, number, timeless};

#[test]
fn audio_with_labels_is_scored_and_learnt_from_as_its_features_are() {
    let desk = Desk::new();
    desk.tones();
    let labels = ["--labels", "labels.csv"];
    let evaluate = |data: &str, more: &[&str]| {
        let args = [
            &[
                "evaluate",
                data,
                "--method",
                "decision-tree",
                "--cv",
                "4",
                "--json",
            ],
            &labels[..],
            more,
        ];
        anonymous(desk.json(&args.concat()))
    };
    let of_audio = evaluate("music", &["--features-out", "f.parquet"]);
    assert_eq!(of_audio["n_tested"], 24);
    assert_eq!(of_audio["recipe"], Recipe::Fma.version());
    assert_eq!(evaluate("music", &["--jobs", "1"]), of_audio);
    assert_eq!(evaluate("f.parquet", &[]), of_audio);
    let again = [
        "evaluate",
        "music",
        "--labels",
        "labels.csv",
        "--features-out",
        "f.parquet",
    ];
    desk.refused(&again, &["f.parquet is there already", "DATA"]);
    let wrong = [
        "evaluate",
        "f.parquet",
        "--labels",
        "labels.csv",
        "--features-out",
        "g.parquet",
    ];
    desk.refused(&wrong, &["--features-out is for audio"]);
    // Labels of what is not there are counted.
    let known = fs::read_to_string(desk.path("labels.csv")).unwrap();
    fs::write(desk.path("more.csv"), known + "gone.wav,Low,a\nlost.wav,High,b\n").unwrap();
    let more = desk.json(&[
        "evaluate",
        "f.parquet",
        "--labels",
        "more.csv",
        "--method",
        "majority",
        "--json",
    ]);
    assert_eq!(
        (&more["n_without_features"], &more["n_tested"]),
        (&json!(2), &json!(24))
    );
    fs::write(
        desk.path("twice.csv"),
        "path,genre\n0.wav,Low\n1.wav,High\n0.wav,High\n",
    )
    .unwrap();
    desk.refused(
        &["evaluate", "f.parquet", "--labels", "twice.csv"],
        &["0.wav has two rows"],
    );
    fs::write(
        desk.path("one.csv"),
        "path,genre\n0.wav,Low\n2.wav,Low\ngone.wav,High\n",
    )
    .unwrap();
    desk.refused(
        &["evaluate", "f.parquet", "--labels", "one.csv"],
        &["at least two genres"],
    );
    // Files of folds name rows as the data do.
    fs::write(
        desk.path("folds.json"),
        r#"[["0.wav", "1.wav"], ["2.wav", "3.wav", "5.wav"]]"#,
    )
    .unwrap();
    let folds = desk.json(
        &[
            &["evaluate", "f.parquet", "--folds", "folds.json", "--json"][..],
            &labels,
        ]
        .concat(),
    );
    assert_eq!(
        (&folds["n_tested"], &folds["validation"]),
        (&json!(5), &json!("given folds"))
    );
    fs::write(desk.path("folds.json"), r#"[["0.wav"], ["0.wav"]]"#).unwrap();
    desk.refused(
        &[&["evaluate", "f.parquet", "--folds", "folds.json"][..], &labels].concat(),
        &["`0.wav` twice"],
    );

    // One file that is no audio: the others are used, it is listed, and the exit code says so.
    fs::write(desk.path("music/7.wav"), "no audio at all").unwrap();
    let train = |data: &str, out: &str| {
        let method = ["--method", "linear-svc", "--genres", "Low,High"];
        let args = [&["train", data, "--out", out], &labels[..], &method].concat();
        desk.run(&args)
    };
    let run = train("music", "audio.cdmodel");
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("7.wav"), "{}", run.stderr);
    let card = desk.json(&["model", "show", "audio.cdmodel", "--json"]);
    assert_eq!(card["recipe"], Recipe::Fma.version());
    assert_eq!(
        number(&card["data"]["n_rows"]) + number(&card["scores"]["n_test"]),
        23.0
    );
    // The model finds its rows again in the audio and in a file of features with more genres.
    desk.run(&["extract", "music", "--out", "g.csv"]);
    let more = fs::read_to_string(desk.path("labels.csv")).unwrap();
    let more = more.replace("0.wav,Low,", "0.wav,Middle,");
    fs::write(desk.path("more.csv"), more).unwrap();
    assert_eq!(train("g.csv", "file.cdmodel").code, 0);
    let bytes = |name: &str| {
        let mut card = desk.json(&["model", "show", name, "--json"]);
        card["data"]["source"] = Value::Null;
        card
    };
    assert_eq!(bytes("audio.cdmodel"), bytes("file.cdmodel"));
    let run = desk.run(&[
        "evaluate",
        "music",
        "--model",
        "audio.cdmodel",
        "--labels",
        "labels.csv",
        "--json",
    ]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let of_audio: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(of_audio["model"]["rows"], "held out");
    let of_file = desk.json(&[
        "evaluate",
        "g.csv",
        "--model",
        "audio.cdmodel",
        "--labels",
        "labels.csv",
        "--json",
    ]);
    assert_eq!(anonymous(of_audio), anonymous(of_file));
    let train = [
        "train",
        "g.csv",
        "--labels",
        "more.csv",
        "--genres",
        "High,Low",
        "--out",
        "two.cdmodel",
    ];
    desk.ok(&train);
    let model = ["--model", "two.cdmodel", "--labels", "more.csv", "--json"];
    for data in ["g.csv", "music"] {
        let run = desk.run(&[&["evaluate", data][..], &model].concat());
        let found: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(found["model"]["rows"], "held out", "{data}");
        assert_eq!(found["model"]["unknown_genres"]["Middle"], 3, "{data}");
    }
}

#[test]
fn words_for_missing_values_are_no_genres_and_are_counted() {
    let desk = Desk::empty();
    desk.tones();
    desk.ok(&["extract", "music", "--out", "f.parquet"]);
    let labels = fs::read_to_string(desk.path("labels.csv")).unwrap();
    let with = |name: &str, others: &[&str]| {
        let lines = labels.lines().enumerate().map(|(at, line)| {
            let cells: Vec<&str> = line.split(',').collect();
            match at.checked_sub(1).and_then(|at| others.get(at)) {
                Some(other) => format!("{},{other},{}\n", cells[0], cells[2]),
                None => line.to_owned() + "\n",
            }
        });
        fs::write(desk.path(name), lines.collect::<String>()).unwrap();
        let evaluate = [
            "evaluate",
            "f.parquet",
            "--labels",
            name,
            "--method",
            "majority",
            "--cv",
            "2",
            "--json",
        ];
        let run = desk.ok(&evaluate);
        (timeless(serde_json::from_str(&run.stdout).unwrap()), run.stderr)
    };
    let words = ["NA", "nan", "None", "null", "N/A", " NA ", "\"NULL\""];
    let (found, told) = with("words.csv", &words);
    let (empty, silent) = with("empty.csv", &[""; 7]);
    assert!(
        told.contains("words.csv: 7 genres are words for a missing value"),
        "{told}"
    );
    assert!(!silent.contains("missing value"), "{silent}");
    assert_eq!(found["n_tested"], 17);
    assert_eq!(found, empty);
    // Words that only look like them stay, and blanks around a genre do not make another one.
    let (other, told) = with("other.csv", &["none", "none", "none", " High", "High ", "High"]);
    assert_eq!(other["classes"], json!(["High", "Low", "none"]));
    assert!(!told.contains("missing value"), "{told}");
}

#[test]
fn what_cannot_be_divided_is_told_by_genre_with_a_hint_that_helps() {
    let desk = Desk::empty();
    desk.tones();
    desk.ok(&["extract", "music", "--out", "f.parquet"]);
    let labels = fs::read_to_string(desk.path("labels.csv")).unwrap();
    let rare = labels.replace("\n0.wav,Low,", "\n0.wav,Rare,");
    fs::write(desk.path("rare.csv"), rare).unwrap();
    let low: Vec<String> = (0..24).step_by(2).map(|at| format!("{at}.wav")).collect();
    fs::write(desk.path("low.json"), json!([low]).to_string()).unwrap();
    let told = |command: &[&str], rest: &[&str]| {
        let run = desk.run(&[command, &["f.parquet"], rest].concat());
        assert_eq!(
            run.code, 2,
            "{command:?} {rest:?}\n{}\n{}",
            run.stdout, run.stderr
        );
        run.stderr
    };
    let evaluate = ["evaluate", "--method", "decision-tree"];
    let train = ["train", "--out", "m.cdmodel", "--method", "decision-tree"];
    let tune = ["tune", "--out", "m.cdmodel", "--method", "decision-tree"];
    let split = ["--test-size", "0.3", "--split", "stratified"];
    for command in [&evaluate[..], &train, &tune] {
        let told = told(command, &[&["--labels", "rare.csv"], &split[..]].concat());
        assert!(told.contains("`Rare` has one row only"), "{told}");
        assert!(
            told.contains("--split random") && !told.contains("--split stratified"),
            "{told}"
        );
    }
    let labels = ["--labels", "labels.csv"];
    let official = told(&evaluate, &[&labels[..], &["--split", "official"]].concat());
    assert!(official.contains("--split artist"), "{official}");
    // A share that is none has nothing to do with artists.
    let share = told(&evaluate, &[&labels[..], &["--test-size", "2"]].concat());
    assert!(
        share.contains("above 0 and below 1") && !share.contains("--split"),
        "{share}"
    );
    // All that is left to fit on is of one genre.
    for command in [&evaluate[..], &train, &tune] {
        let told = told(command, &[&labels[..], &["--folds", "low.json"]].concat());
        assert!(told.contains("all 12 training rows are of `High`"), "{told}");
    }
}

#[test]
fn preprocessing_is_fitted_in_each_fold_and_fills_gaps() {
    let desk = Desk::new();
    // Six rows lose a cell.
    let text = fs::read_to_string(desk.path("archive/features.csv")).unwrap();
    let holed: Vec<String> = text
        .lines()
        .enumerate()
        .map(|(at, line)| match (10..70).contains(&at) && at % 10 == 0 {
            true => {
                let mut cells: Vec<&str> = line.split(',').collect();
                cells[40] = "";
                cells.join(",")
            }
            false => line.to_owned(),
        })
        .collect();
    fs::write(desk.path("holed.csv"), holed.join("\n") + "\n").unwrap();
    let evaluate = |data: &str, more: &[&str]| {
        let args = [
            "evaluate",
            data,
            "--labels",
            "archive/tracks.csv",
            "--method",
            "linear-svc",
            "--json",
        ];
        timeless(desk.json(&[&args[..], more].concat()))
    };
    let (plain, named) = (
        evaluate("holed.csv", &[]),
        evaluate("holed.csv", &["--pipeline", "standard"]),
    );
    assert_eq!(plain["pipeline"], Value::Null);
    assert_eq!(named["pipeline"], "standard");
    assert_eq!(plain["confusion"], named["confusion"]);
    assert_eq!(plain["calibrated"], named["calibrated"]);
    let filled = evaluate("holed.csv", &["--pipeline", "impute=median,standard"]);
    let lost = number(&plain["n_incomplete_features"]);
    assert!(lost > 0.0 && lost <= 6.0, "{lost}");
    assert_eq!(number(&filled["n_incomplete_features"]), 0.0);
    assert_eq!(number(&filled["n_rows"]), number(&plain["n_rows"]) + lost);
    // Other steps, other scores.
    let raw = evaluate("holed.csv", &["--pipeline", "none", "--param", "max_iter=50"]);
    assert_ne!(raw["calibrated"], plain["calibrated"]);
    assert_eq!(raw["params"]["max_iter"], 50);
    desk.refused(
        &[
            "evaluate",
            "archive",
            "--method",
            "mlp,linear-svc",
            "--param",
            "alpha=1",
        ],
        &["--param alpha"],
    );
    desk.refused(
        &["evaluate", "archive", "--method", "mlp", "--param", "C=1"],
        &["`C`", "alpha"],
    );
}
