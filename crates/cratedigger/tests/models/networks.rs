//! Networks on frames, from sound to genre: a cache, a fit that goes on after it was killed, the same answers for the cache and for
//! the files.

use std::fs;

use crate::desk::{Desk, bits, number};

/// A small network, quickly fitted.
const SMALL: [&str; 18] = [
    "--method",
    "crnn",
    "--param",
    "widths=4,4",
    "--param",
    "hidden=8",
    "--param",
    "excerpt_frames=24",
    "--param",
    "batch_size=8",
    "--param",
    "max_epochs=12",
    "--param",
    "learning_rate=0.01",
    "--param",
    "dropout=0",
    "--param",
    "mask_share=0.05",
];

#[test]
fn a_network_is_trained_on_a_cache_and_names_genres_of_files() {
    let desk = Desk::new();
    desk.tones();
    desk.ok(&["mel", "music", "--out", "frames", "--n-mels", "32"]);
    let data = ["--labels", "labels.csv"];
    let evaluate = [&["evaluate", "frames", "--cv", "3", "--json"], &data[..], &SMALL].concat();
    let scores = desk.json(&evaluate);
    assert_eq!(scores["n_tested"], 24);
    assert!(number(&scores["accuracy"]) > 0.9, "{scores}");
    fn train<'a>(out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let labels = ["--labels", "labels.csv"];
        [&["train", "frames", "--out", out], &labels[..], &SMALL, more].concat()
    }
    desk.ok(&train("net.cdmodel", &[]));
    desk.ok(&train("again.cdmodel", &["--jobs", "1"]));
    let read = |name: &str| fs::read(desk.path(name)).unwrap();
    assert!(
        read("net.cdmodel") == read("again.cdmodel"),
        "threads change the model"
    );
    assert!(!desk.path("net.cdmodel.scored.training").exists());
    // The card says what is read, and files are analysed by it.
    let card = desk.ok(&["model", "show", "net.cdmodel"]).stdout;
    assert!(card.contains("mel/1") && card.contains("n_mels=32"), "{card}");
    let of_cache = desk
        .ok(&["classify", "frames", "--model", "net.cdmodel", "--format", "csv"])
        .stdout;
    let of_files = desk
        .ok(&["classify", "music", "--model", "net.cdmodel", "--format", "csv"])
        .stdout;
    let (of_cache, of_files) = (bits(&of_cache), bits(&of_files));
    assert_eq!(of_cache.len(), 24);
    let values = |rows: Vec<(String, Vec<u64>)>| rows.into_iter().map(|row| row.1).collect::<Vec<_>>();
    assert_eq!(values(of_cache), values(of_files));
    desk.ok(&["model", "export", "net.cdmodel", "--onnx", "net.onnx"]);
    assert!(read("net.onnx").len() > 1000);
    // What it cannot read is refused, and so are rows without frames.
    desk.ok(&["extract", "music", "--out", "f.parquet"]);
    desk.refused(
        &["classify", "f.parquet", "--model", "net.cdmodel"],
        &["--frames"],
    );
    let without = [&["evaluate", "f.parquet", "--cv", "3"], &data[..], &SMALL].concat();
    desk.refused(&without, &["cratedigger mel", "--frames"]);
    // Beside features a network reads the frames alone, and its model asks for nothing else.
    let beside = [
        &["train", "f.parquet", "--frames", "frames", "--out", "b.cdmodel"],
        &data[..],
        &SMALL,
    ]
    .concat();
    desk.ok(&beside);
    desk.ok(&["classify", "frames", "--model", "b.cdmodel"]);
}
