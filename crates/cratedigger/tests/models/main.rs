//! Training, tuning, keeping and using models with the real binary, in a fresh folder.

#![allow(clippy::unwrap_used)]

use std::f32::consts::TAU;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use cratedigger_features::{Extractor, Recipe};
use cratedigger_learn::Matrix;
use cratedigger_learn::model::Model;
use serde_json::Value;

/// A fresh folder in which the binary runs, with a cache of its own.
struct Desk {
    dir: tempfile::TempDir,
}

/// What a run left.
struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Desk {
    /// A folder with a synthetic archive of 400 tracks.
    fn new() -> Self {
        let desk = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        desk.ok(&["synth", "archive", "--tracks", "400"]);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cratedigger"));
        command
            .args(args)
            .current_dir(self.dir.path())
            .env("CRATEDIGGER_CACHE", self.path("cache"))
            .env_remove("CRATEDIGGER_STORE");
        command
    }

    fn run(&self, args: &[&str]) -> Run {
        let Output {
            status,
            stdout,
            stderr,
        } = self.command(args).output().unwrap();
        Run {
            code: status.code().unwrap_or(-1),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }

    /// Runs and expects success.
    fn ok(&self, args: &[&str]) -> Run {
        let run = self.run(args);
        assert_eq!(run.code, 0, "{args:?}\n{}\n{}", run.stdout, run.stderr);
        run
    }

    /// Runs and expects that nothing is done and every word is said.
    fn refused(&self, args: &[&str], words: &[&str]) {
        let run = self.run(args);
        assert_eq!(run.code, 2, "{args:?}\n{}\n{}", run.stdout, run.stderr);
        for word in words {
            assert!(run.stderr.contains(word), "{args:?}: {word} in\n{}", run.stderr);
        }
    }

    fn train(&self, out: &str, more: &[&str]) {
        self.ok(&[&["train", "archive", "--genres", "top:3", "--out", out], more].concat());
    }

    /// Two seconds of a tone that moves, as a 16-bit WAV file.
    fn tone(&self, name: &str, hz: f32) -> PathBuf {
        let samples: Vec<i16> = (0..44_100)
            .map(|i| {
                let t = i as f32 / 22_050.0;
                (9000.0 * (TAU * hz * t * (1.0 + 0.3 * t)).sin() + 3000.0 * (TAU * 3.1 * hz * t).sin()) as i16
            })
            .collect();
        let n_bytes = 2 * samples.len() as u32;
        let mut wav = Vec::new();
        wav.extend(b"RIFF");
        wav.extend((36 + n_bytes).to_le_bytes());
        wav.extend(b"WAVEfmt ");
        wav.extend(16u32.to_le_bytes());
        wav.extend(1u16.to_le_bytes());
        wav.extend(1u16.to_le_bytes());
        wav.extend(22_050u32.to_le_bytes());
        wav.extend(44_100u32.to_le_bytes());
        wav.extend(2u16.to_le_bytes());
        wav.extend(16u16.to_le_bytes());
        wav.extend(b"data");
        wav.extend(n_bytes.to_le_bytes());
        samples.iter().for_each(|sample| wav.extend(sample.to_le_bytes()));
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, wav).unwrap();
        path
    }
}

/// The bits of the probabilities of each row of a CSV file, by id.
fn bits(csv: &str) -> Vec<(String, Vec<u64>)> {
    csv.lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let numbers = cells[3..]
                .iter()
                .map(|cell| cell.parse::<f64>().unwrap().to_bits());
            (cells[0].to_owned(), numbers.collect())
        })
        .collect()
}

#[test]
fn a_trained_model_is_shown_and_classifies_a_store() {
    let desk = Desk::new();
    desk.train(
        "m.cdmodel",
        &[
            "--method",
            "mlp",
            "--param",
            "hidden_layer_sizes=[20]",
            "--seed",
            "3",
        ],
    );
    let card: Value =
        serde_json::from_str(&desk.ok(&["model", "show", "m.cdmodel", "--json"]).stdout).unwrap();
    assert_eq!(card["method"], "mlp");
    assert_eq!(card["params"]["hidden_layer_sizes"], serde_json::json!([20]));
    assert_eq!(card["recipe"], Recipe::Fma.version());
    assert_eq!(card["seed"], 3);
    assert_eq!(card["pipeline"], "standard");
    assert_eq!(card["feature_names"].as_array().unwrap().len(), 518);
    assert!(card["split"].as_str().unwrap().starts_with("artist"));
    let accuracy = card["scores"]["accuracy"].as_f64().unwrap();
    assert!((0.3..1.0).contains(&accuracy), "{accuracy}");
    let text = desk.ok(&["model", "show", "m.cdmodel"]).stdout;
    assert!(
        text.contains("balanced_accuracy") && text.contains("artists of archive"),
        "{text}"
    );

    let csv = desk
        .ok(&["classify", "--model", "m.cdmodel", "archive", "--format", "csv"])
        .stdout;
    let rows = bits(&csv);
    assert_eq!(rows.len(), 400);
    for (id, row) in &rows {
        let sum: f64 = row.iter().map(|&bits| f64::from_bits(bits)).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{id}: {sum}");
    }
    // The same features from a file of them, and in JSON.
    let file = desk.ok(&[
        "classify",
        "--model",
        "m.cdmodel",
        "archive/features.csv",
        "--format",
        "csv",
    ]);
    assert_eq!(file.stdout, csv);
    let json = desk
        .ok(&["classify", "--model", "m.cdmodel", "archive", "--format", "json"])
        .stdout;
    let json: Vec<Value> = serde_json::from_str(&json).unwrap();
    for (row, (id, want)) in json.iter().zip(&rows) {
        assert_eq!(row["id"].as_str().unwrap(), id);
        let labels = card["labels"].as_array().unwrap();
        for (label, want) in labels.iter().zip(want) {
            let got = row["probabilities"][label.as_str().unwrap()].as_f64().unwrap();
            assert_eq!(got.to_bits(), *want);
        }
    }
    // Below the threshold no genre is named; the probabilities stay.
    let strict = desk.ok(&[
        "classify",
        "--model",
        "m.cdmodel",
        "archive",
        "--format",
        "csv",
        "--threshold",
        "0.9",
    ]);
    assert_eq!(bits(&strict.stdout), rows);
    let mut n_unnamed = 0;
    for line in strict.stdout.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let best: f64 = cells[2].parse().unwrap();
        assert_eq!(cells[1].is_empty(), best < 0.9, "{line}");
        n_unnamed += usize::from(cells[1].is_empty());
    }
    assert!(n_unnamed > 0 && n_unnamed < 400, "{n_unnamed}");
    desk.ok(&[
        "classify",
        "--model",
        "m.cdmodel",
        "archive",
        "--format",
        "parquet",
        "--out",
        "g.parquet",
    ]);
    assert_eq!(&fs::read(desk.path("g.parquet")).unwrap()[..4], b"PAR1");
    desk.refused(
        &[
            "classify",
            "--model",
            "m.cdmodel",
            "archive",
            "--out",
            "g.parquet",
        ],
        &["--force"],
    );
}

#[test]
fn audio_its_features_and_the_library_agree_bit_by_bit() {
    let desk = Desk::new();
    desk.train("m.cdmodel", &["--method", "logistic-regression"]);
    let tones = [
        desk.tone("music/low.wav", 110.0),
        desk.tone("music/deep/high.wav", 700.0),
    ];
    let audio = desk
        .ok(&["classify", "--model", "m.cdmodel", "music", "--format", "csv"])
        .stdout;
    let audio = bits(&audio);
    assert_eq!(audio.len(), 2);
    for name in ["f.parquet", "f.csv"] {
        desk.ok(&["extract", "music", "--out", name]);
        let of_file = desk
            .ok(&["classify", "--model", "m.cdmodel", name, "--format", "csv"])
            .stdout;
        let mut of_file = bits(&of_file);
        of_file.sort();
        let mut want = audio.clone();
        want.sort();
        assert_eq!(of_file, want, "{name}");
    }
    let model = Model::load(desk.path("m.cdmodel")).unwrap();
    let extractor = Extractor::new(Recipe::Fma);
    for (path, id) in tones.iter().zip(["low.wav", "deep/high.wav"]) {
        let features = extractor.extract_path(path).unwrap();
        let values: Vec<f32> = features.values().iter().map(|&value| value as f32).collect();
        let got = model.predict(&Matrix::new(1, 518, values).unwrap()).unwrap();
        let got: Vec<u64> = got
            .probabilities
            .unwrap()
            .as_slice()
            .iter()
            .map(|p| p.to_bits())
            .collect();
        let of_id = audio.iter().find(|row| row.0 == id).unwrap();
        assert_eq!(of_id.1, got, "{id}");
    }
    // What cannot be read is listed; the rest is classified.
    fs::write(desk.path("music/broken.mp3"), "no audio at all").unwrap();
    let run = desk.run(&["classify", "--model", "m.cdmodel", "music", "--format", "csv"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("broken.mp3"), "{}", run.stderr);
    assert_eq!(bits(&run.stdout), audio);
    desk.refused(
        &["classify", "--model", "m.cdmodel", "music/broken.mp3"],
        &["nothing could be classified"],
    );
}

#[test]
fn calibration_scales_probabilities_and_keeps_genres() {
    let desk = Desk::new();
    let classify = |model: &str| {
        let csv = desk
            .ok(&["classify", "--model", model, "archive", "--format", "csv"])
            .stdout;
        let genres: Vec<String> = csv
            .lines()
            .map(|line| line.split(',').nth(1).unwrap().to_owned())
            .collect();
        (genres, bits(&csv), csv)
    };
    for method in ["mlp", "linear-svc"] {
        desk.train("plain.cdmodel", &["--method", method, "--force"]);
        desk.train("warm.cdmodel", &["--method", method, "--force", "--calibrate"]);
        let (plain, warm) = (classify("plain.cdmodel"), classify("warm.cdmodel"));
        assert_eq!(plain.0, warm.0, "{method}");
        assert_ne!(plain.1, warm.1, "{method}");
        assert!(warm.2.starts_with("id,genre,probability,"), "{method}");
        for (id, row) in &warm.1 {
            let sum: f64 = row.iter().map(|&bits| f64::from_bits(bits)).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{method} {id}: {sum}");
        }
    }
    desk.train("svm.cdmodel", &["--method", "linear-svc"]);
    let refused = [
        "classify",
        "--model",
        "svm.cdmodel",
        "archive",
        "--threshold",
        "0.5",
    ];
    desk.refused(&refused, &["no probabilities", "--calibrate"]);
}

#[test]
fn features_of_another_recipe_are_refused() {
    let desk = Desk::new();
    desk.train("m.cdmodel", &["--method", "majority"]);
    desk.tone("music/low.wav", 110.0);
    desk.ok(&[
        "extract",
        "music",
        "--recipe",
        "librosa",
        "--out",
        "other.parquet",
    ]);
    let (fma, librosa) = (Recipe::Fma.version(), Recipe::Librosa.version());
    desk.refused(
        &["classify", "--model", "m.cdmodel", "other.parquet"],
        &[fma, librosa, "other.parquet"],
    );
    desk.refused(
        &["classify", "--model", "m.cdmodel", "music", "--recipe", "librosa"],
        &[fma, librosa],
    );
    // A model of Echonest's features cannot hear audio, and says which features it misses.
    desk.ok(&["synth", "large", "--tracks", "3000"]);
    desk.ok(&[
        "train",
        "large",
        "--features",
        "echonest",
        "--genres",
        "top:2",
        "--method",
        "decision-tree",
        "--out",
        "e.cdmodel",
    ]);
    desk.refused(&["classify", "--model", "e.cdmodel", "music"], &["recipe"]);
    desk.refused(
        &["classify", "--model", "e.cdmodel", "archive/features.csv"],
        &["missing", "echonest"],
    );
}

#[test]
fn damaged_models_are_refused() {
    let desk = Desk::new();
    desk.train("m.cdmodel", &["--method", "decision-tree"]);
    let good = fs::read(desk.path("m.cdmodel")).unwrap();
    let mut bad = good.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 4;
    fs::write(desk.path("bad.cdmodel"), &bad).unwrap();
    desk.refused(
        &["classify", "--model", "bad.cdmodel", "archive"],
        &["bad.cdmodel", "damaged"],
    );
    fs::write(desk.path("cut.cdmodel"), &good[..good.len() - 7]).unwrap();
    desk.refused(
        &["model", "show", "cut.cdmodel"],
        &["cut.cdmodel", "not a cratedigger model"],
    );
    desk.refused(
        &["model", "show", "archive/tracks.csv"],
        &["tracks.csv", "cratedigger train"],
    );
    desk.refused(&["model", "show", "none.cdmodel"], &["none.cdmodel"]);
    desk.refused(
        &["model", "export", "m.cdmodel", "--onnx", "m.onnx"],
        &["decision-tree"],
    );
    assert!(!desk.path("m.onnx").exists());
}

#[test]
fn feature_files_are_joined_with_labels_of_a_csv_file() {
    let desk = Desk::new();
    let mut labels = "path,genre,artist\n".to_owned();
    for i in 0..24 {
        let (genre, hz) = if i % 2 == 0 {
            ("Low", 90.0 + i as f32)
        } else {
            ("High", 900.0 + 9.0 * i as f32)
        };
        desk.tone(&format!("music/{i}.wav"), hz);
        labels.push_str(&format!("{i}.wav,{genre},artist {}\n", i / 3));
    }
    fs::write(desk.path("labels.csv"), &labels).unwrap();
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
