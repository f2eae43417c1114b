//! A network of an ONNX file with its contract: against onnxruntime, and what does not fit.
//!
//! Golden: `tests/golden/make_onnx.py`.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use cratedigger_embed::Embedding;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    units: Vec<f64>,
    tags: Vec<f64>,
    n_patches: usize,
}

fn small() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/small.onnx")
}

fn signal() -> Vec<f32> {
    (0..9000)
        .map(|i| {
            let i = f64::from(i);
            (0.5 * (i * 0.07).sin() + 0.3 * (i * i * 1e-5).sin()) as f32
        })
        .collect()
}

fn open(said: &[&str]) -> Result<Embedding, String> {
    let said: Vec<String> = said.iter().map(|&text| text.to_owned()).collect();
    Embedding::open(small().to_str().unwrap(), &said).map_err(|error| {
        let cause = std::error::Error::source(&error).map_or(String::new(), ToString::to_string);
        format!("{error}: {cause}")
    })
}

#[test]
fn columns_and_tags_are_those_of_onnxruntime() {
    let golden: Golden = serde_json::from_str(include_str!("golden/small.json")).unwrap();
    let embedding = open(&[]).unwrap();
    assert_eq!(embedding.columns().last().unwrap(), "embedding.small.006");
    let card = embedding.card();
    assert_eq!(
        card.hash,
        blake3::hash(&std::fs::read(small()).unwrap()).to_hex().as_str()
    );
    assert_eq!(
        (card.n_columns, card.pretrained_on.concat().as_str()),
        (6, "nothing at all")
    );
    let got = embedding.describe_samples(&signal(), 8000).unwrap();
    assert_eq!(got.n_patches, golden.n_patches);
    for (got, want) in got
        .values
        .iter()
        .zip(&golden.units)
        .chain(got.tags.iter().zip(&golden.tags))
    {
        assert!((got - want).abs() < 1e-5, "{got} {want}");
    }
    // As many threads as there are: the same bits.
    let again: Vec<_> = std::thread::scope(|scope| {
        let one = || scope.spawn(|| embedding.describe_samples(&signal(), 8000).unwrap());
        let all: Vec<_> = (0..3).map(|_| one()).collect();
        all.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(again.iter().all(|other| *other == got));
}

#[test]
fn the_largest_value_is_no_less_than_the_mean() {
    let mean = open(&[]).unwrap().describe_samples(&signal(), 8000).unwrap();
    let largest = open(&["pooling=max"])
        .unwrap()
        .describe_samples(&signal(), 8000)
        .unwrap();
    assert!(
        mean.values
            .iter()
            .zip(&largest.values)
            .all(|(mean, largest)| largest > mean)
    );
    assert_eq!(mean.tags, largest.tags);
}

#[test]
fn a_contract_that_the_graph_does_not_keep_is_refused() {
    for (said, words) in [
        (&["patch=1999"][..], "2000"),
        (&["layout=[\"batch\", \"time\", \"channel\"]"], "dimensions"),
        (&["layout=[\"time\", \"batch\"]"], "dimensions"),
        (
            &["input=musicnn-mel", "sample_rate=16000", "patch=20"],
            "musicnn-mel",
        ),
        (&["output=logit"], "units, tags"),
        (&["output_layout=[\"batch\", \"time\", \"unit\"]"], "shape"),
        (&["tags=[\"rock\"]"], "1 tags"),
        (&["tags_output=none"], "no output"),
        (&["sample_rate=1"], "outside"),
    ] {
        let error = open(said).err().unwrap_or_else(|| panic!("{said:?} was taken"));
        assert!(
            error.contains(words) && error.contains("/small."),
            "{said:?}: {error}"
        );
    }
    let unnamed = std::fs::read_to_string(small().with_extension("toml")).unwrap();
    let unnamed = unnamed
        .lines()
        .filter(|line| !line.starts_with("output"))
        .collect::<Vec<_>>()
        .join("\n");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.onnx");
    std::fs::copy(small(), &path).unwrap();
    std::fs::write(path.with_extension("toml"), unnamed).unwrap();
    let error = Embedding::open(path.to_str().unwrap(), &[]).err().unwrap();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("several outputs (units, tags)"), "{cause}");
}

#[test]
fn a_recording_that_is_too_short_is_refused_or_filled() {
    let short = &signal()[..1500];
    let error = open(&[])
        .unwrap()
        .describe_samples(short, 8000)
        .unwrap_err()
        .to_string();
    assert!(error.contains("0.19 s") && error.contains("0.25 s"), "{error}");
    let filled = open(&["tail=zeros"])
        .unwrap()
        .describe_samples(short, 8000)
        .unwrap();
    assert_eq!(filled.n_patches, 2);
    assert!(
        open(&["tail=zeros"])
            .unwrap()
            .describe_samples(&[], 8000)
            .is_err()
    );
}

#[test]
fn files_of_any_content_give_an_error_or_a_network() {
    let whole = std::fs::read(small()).unwrap();
    let toml = std::fs::read(small().with_extension("toml")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.onnx");
    std::fs::write(path.with_extension("toml"), toml).unwrap();
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut n_refused = 0;
    for at in (0..whole.len()).step_by(23) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x5a;
        std::fs::write(&path, &bytes).unwrap();
        n_refused += usize::from(Embedding::open(path.to_str().unwrap(), &[]).is_err());
        std::fs::write(&path, &whole[..at]).unwrap();
        assert!(
            Embedding::open(path.to_str().unwrap(), &[]).is_err(),
            "cut at {at}"
        );
    }
    std::panic::set_hook(hook);
    assert!(n_refused > 5, "{n_refused}");
}
