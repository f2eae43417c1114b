//! A model that hears a network of others besides the 518 features.
#![cfg(feature = "embed")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::client::Server;
use crate::sounds::{STYLES, clip};

const SMALL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../embed/tests/golden/small.onnx");

fn run(dir: &Path, args: &[&str]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cratedigger"));
    command.args(args).current_dir(dir).output().unwrap()
}

#[test]
fn the_server_says_of_a_recording_what_the_command_says() {
    let dir = tempfile::tempdir().unwrap();
    let mut labels = "path,genre\n".to_owned();
    for (style, name) in STYLES.iter().enumerate() {
        for number in 0..8 {
            let file = format!("{style}-{number}.wav");
            std::fs::write(dir.path().join(&file), clip(style, number, 1.0)).unwrap();
            labels += &format!("{file},{name}\n");
        }
    }
    std::fs::write(dir.path().join("labels.csv"), labels).unwrap();
    let train = [
        "train",
        ".",
        "--labels",
        "labels.csv",
        "--split",
        "stratified",
        "--method",
        "logistic-regression",
        "--out",
        "m.cdmodel",
        "--features",
        "embedding,mfcc",
        "--embedding",
        SMALL,
    ];
    let trained = run(dir.path(), &train);
    assert!(
        trained.status.success(),
        "{}",
        String::from_utf8_lossy(&trained.stderr)
    );
    let model = std::fs::read(dir.path().join("m.cdmodel")).unwrap();

    let server = Server::with_model(&model, &["--embedding", SMALL]);
    let audio = clip(1, 100, 1.3);
    let answer = server.post_audio("/v1/classify", &audio);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let said = &answer.json()["results"][0];
    assert_eq!(said["genre"], STYLES[1]);
    std::fs::write(dir.path().join("new.wav"), audio).unwrap();
    let classify = [
        "classify",
        "--model",
        "m.cdmodel",
        "--embedding",
        SMALL,
        "new.wav",
        "--format",
        "json",
    ];
    let told: Value = serde_json::from_slice(&run(dir.path(), &classify).stdout).unwrap();
    for entry in said["probabilities"].as_array().unwrap() {
        let genre = entry["genre"].as_str().unwrap();
        assert_eq!(
            told[0]["probabilities"][genre], entry["probability"],
            "{genre}: {told}"
        );
    }
    // Shorter than the network hears at once, though long enough for the features.
    let short = server.post_audio("/v1/classify", &clip(1, 100, 0.2));
    assert_eq!(short.status, 422, "{}", short.text());
    assert!(short.text().contains("0.25 s"), "{}", short.text());
    // The network that is named must be the model's.
    let refused = run(
        dir.path(),
        &["serve", "--model", "m.cdmodel", "--addr", "127.0.0.1:0"],
    );
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--embedding"));
}
