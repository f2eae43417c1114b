//! Models are shown, and used on stores, files of features and audio.

use std::fs;

use cratedigger_features::{Extractor, Recipe};
use cratedigger_learn::Matrix;
use cratedigger_learn::model::Model;
use serde_json::Value;

use crate::desk::{Desk, bits};

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
    // Among the weights, behind the header.
    let late = bad.len() - 20;
    bad[late] ^= 4;
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
