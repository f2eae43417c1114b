//! `cratedigger autoencoder`: from a cache to columns that every command takes, and back to the sound.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::desk::{Desk, bits, number};

/// A small one, quickly trained.
const SMALL: [&str; 12] = [
    "--param",
    "widths=4,4",
    "--param",
    "code=2",
    "--param",
    "excerpt_frames=24",
    "--param",
    "batch_size=8",
    "--param",
    "max_epochs=10",
    "--param",
    "learning_rate=0.01",
];

fn train<'a>(out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [
        &[
            "autoencoder",
            "train",
            "frames",
            "--artists",
            "labels.csv",
            "--out",
            out,
        ],
        &SMALL[..],
        more,
    ]
    .concat()
}

#[test]
fn a_code_goes_from_the_cache_to_every_method_and_back_to_the_sound() {
    let desk = Desk::empty();
    desk.tones();
    desk.ok(&["mel", "music", "--out", "frames", "--n-mels", "32"]);
    let told = desk.ok(&train("own.cdauto", &[])).stdout;
    assert!(
        told.contains("32 columns, trained on 24 recordings in 10 epochs"),
        "{told}"
    );
    let card = desk.ok(&["autoencoder", "show", "own.cdauto"]).stdout;
    assert!(
        card.contains("mel/1") && card.contains("32: autoencoder.mean.001"),
        "{card}"
    );
    let encode = ["autoencoder", "encode", "frames", "--model", "own.cdauto"];
    desk.ok(&[&encode[..], &["--out", "codes.parquet"]].concat());
    desk.refused(&[&encode[..], &["--out", "codes.parquet"]].concat(), &["--force"]);

    // Codes by themselves, beside features from a file, and from the sound.
    let evaluate = |data: &str, more: &[&str]| {
        let args = ["evaluate", data, "--labels", "labels.csv", "--cv", "3", "--json"];
        desk.json(&[&args[..], &["--method", "logistic-regression"], more].concat())
    };
    let alone = evaluate("codes.parquet", &[]);
    assert!(number(&alone["accuracy"]) > 0.9, "{alone}");
    assert_eq!(alone["embeddings"][0]["kind"], "autoencoder");
    desk.ok(&["extract", "music", "--out", "f.parquet"]);
    desk.ok(&[&encode[..], &["--beside", "f.parquet", "--out", "both.parquet"]].concat());
    desk.ok(&[
        "extract",
        "music",
        "--embedding",
        "own.cdauto",
        "--out",
        "sound.parquet",
    ]);
    let both = evaluate("both.parquet", &[]);
    assert_eq!(both["n_features"], 550, "{both}");
    let accuracy = |data: &str| evaluate(data, &["--features", "autoencoder"])["accuracy"].clone();
    assert_eq!(accuracy("both.parquet"), alone["accuracy"]);
    assert_eq!(accuracy("sound.parquet"), alone["accuracy"]);
    desk.refused(
        &[
            &encode[..],
            &["--beside", "both.parquet", "--out", "twice.parquet"],
        ]
        .concat(),
        &["autoencoder.mean.001", "already"],
    );
    // As a source beside the features.
    let sources = evaluate("f.parquet", &["--inputs", "codes.parquet"]);
    assert_eq!(sources["n_features"], 550, "{sources}");

    // A model knows its autoencoder, and gives the codes of the cache and of the sound one answer, bit by bit.
    desk.ok(&[
        "train",
        "codes.parquet",
        "--labels",
        "labels.csv",
        "--method",
        "linear-svc",
        "--out",
        "m.cdmodel",
    ]);
    let classify = |data: &str, more: &[&str]| {
        let args = ["classify", data, "--model", "m.cdmodel", "--format", "csv"];
        let mut rows = bits(&desk.ok(&[&args[..], more].concat()).stdout);
        rows.sort();
        rows.into_iter().map(|row| row.1).collect::<Vec<_>>()
    };
    let (mut of_cache, mut of_sound) = (
        classify("codes.parquet", &[]),
        classify("music", &["--embedding", "own.cdauto"]),
    );
    of_cache.sort();
    of_sound.sort();
    assert_eq!(of_cache.len(), 24);
    assert_eq!(of_cache, of_sound);
    desk.refused(
        &["classify", "music", "--model", "m.cdmodel"],
        &["autoencoder", "--embedding"],
    );
    desk.ok(&train("other.cdauto", &["--seed", "5"]));
    desk.refused(
        &[
            "classify",
            "music",
            "--model",
            "m.cdmodel",
            "--embedding",
            "other.cdauto",
        ],
        &["different things"],
    );
    desk.ok(&[
        "classify",
        "music/1.wav",
        "--model",
        "m.cdmodel",
        "--embedding",
        "own.cdauto",
        "--neighbours",
        "sound.parquet",
    ]);

    // What it cannot read is refused.
    desk.ok(&["mel", "music", "--out", "wide", "--n-mels", "40"]);
    desk.refused(
        &[
            "autoencoder",
            "encode",
            "wide",
            "--model",
            "own.cdauto",
            "--out",
            "x.parquet",
        ],
        &["n_mels=40", "n_mels=32"],
    );
    desk.refused(
        &["autoencoder", "train", "frames", "--out", "x.bin"],
        &[".cdauto"],
    );
    desk.refused(
        &train("x.cdauto", &["--param", "mixup=0.1"]),
        &["mixup", "code, excerpt_frames"],
    );
    desk.refused(
        &train("x.cdauto", &["--param", "widths=4,4,4,4,4,4"]),
        &["excerpt_frames"],
    );
    fs::copy(desk.path("m.cdmodel"), desk.path("m.cdauto")).unwrap();
    desk.refused(&["autoencoder", "show", "m.cdauto"], &["not an autoencoder"]);
}

#[test]
fn a_killed_training_goes_on_to_the_same_bytes_with_any_number_of_threads() {
    let desk = Desk::empty();
    desk.tones();
    desk.ok(&["mel", "music", "--out", "frames", "--n-mels", "32"]);
    let started = Instant::now();
    desk.ok(&train("whole.cdauto", &["--jobs", "1"]));
    let took = started.elapsed();
    let read = |name: &str| fs::read(desk.path(name)).unwrap();
    let mut n_killed = 0;
    for part in 1..=6 {
        let mut child = desk
            .command(&train("own.cdauto", &["--jobs", "2", "--force", "--quiet"]))
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(took.mul_f64(0.12 * f64::from(part)).min(Duration::from_secs(5)));
        n_killed += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    desk.ok(&train("own.cdauto", &["--force"]));
    assert!(
        read("own.cdauto") == read("whole.cdauto"),
        "killed {n_killed} times"
    );
    assert!(!desk.path("own.cdauto.all.training").exists());
}
