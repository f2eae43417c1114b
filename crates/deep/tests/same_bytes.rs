//! The same seed gives the same bytes: with any number of threads, in any company, and after a kill.
#![allow(clippy::unwrap_used)]

mod common;

use std::ops::ControlFlow;
use std::path::Path;

use common::{cnn, crnn, data, go_on, low_and_high, lstm, options, train};
use cratedigger_deep::{
    Architecture, Autoencoder, AutoencoderOptions, Classifier, ClipsInMemory, DeepError, State, TrainOptions,
};

fn short() -> TrainOptions {
    TrainOptions {
        max_epochs: 5,
        mixup: 0.3,
        validation_fraction: 0.2,
        ..options()
    }
}

fn bits(state: &State) -> Vec<u32> {
    state
        .arrays
        .iter()
        .flat_map(|array| array.values.iter().map(|value| value.to_bits()))
        .collect()
}

#[test]
fn weights_do_not_depend_on_threads() {
    let made = low_and_high(48, 1);
    let with = |threads: usize, architecture: &Architecture, seed: u64| {
        let options = TrainOptions {
            random_state: seed,
            ..short()
        };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| train(architecture, &options, &made).unwrap().state().unwrap())
    };
    for architecture in [cnn(), crnn(), lstm()] {
        let one = with(1, &architecture, 0);
        for threads in [1, 2, 5] {
            let other = with(threads, &architecture, 0);
            assert_eq!(bits(&one), bits(&other), "{architecture:?}, {threads} threads");
            assert_eq!(one, other);
        }
        assert_ne!(bits(&one), bits(&with(1, &architecture, 1)));
    }
}

#[test]
fn a_clip_gets_the_same_bits_in_any_company_and_from_a_state() {
    let made = low_and_high(24, 1);
    for architecture in [cnn(), crnn(), lstm()] {
        let classifier = train(&architecture, &short(), &made).unwrap();
        let all = classifier.predict_proba(&made.clips).unwrap();
        let mut frames = vec![0.0; cratedigger_deep::Clips::n_frames(&made.clips, 5) * 12];
        cratedigger_deep::Clips::read(&made.clips, 5, 0, &mut frames).unwrap();
        assert_eq!(classifier.predict_frames(&frames).unwrap(), all[10..12]);
        let again = Classifier::from_state(&classifier.state().unwrap()).unwrap();
        assert_eq!(again.predict_proba(&made.clips).unwrap(), all);
        assert_eq!(again.state().unwrap(), classifier.state().unwrap());
    }
}

#[test]
fn a_training_that_was_stopped_after_any_epoch_goes_on_to_the_same_bytes() {
    let made = low_and_high(48, 1);
    let folder = tempfile::tempdir().unwrap();
    for architecture in [cnn(), lstm()] {
        let whole = train(&architecture, &short(), &made).unwrap().state().unwrap();
        for last in 1..=5 {
            let path = folder.path().join(format!("{last}.checkpoint"));
            let mut stop = |epoch: &cratedigger_deep::Epoch| {
                if epoch.epoch == last {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            };
            let stopped = Classifier::train(&architecture, &short(), data(&made), Some(&path), &mut stop);
            assert!(matches!(stopped, Err(DeepError::Stopped { epoch }) if epoch == last));
            let mut told = Vec::new();
            let mut listen = |epoch: &cratedigger_deep::Epoch| {
                told.push(epoch.epoch);
                ControlFlow::Continue(())
            };
            let done =
                Classifier::train(&architecture, &short(), data(&made), Some(&path), &mut listen).unwrap();
            assert_eq!(told, (last + 1..=5).collect::<Vec<_>>());
            assert_eq!(
                done.state().unwrap(),
                whole,
                "{architecture:?}, stopped after {last}"
            );
            std::fs::remove_file(path).unwrap();
        }
    }
}

#[test]
fn a_checkpoint_of_another_training_or_of_nothing_is_refused() {
    let made = low_and_high(24, 1);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c");
    let with = |options: &TrainOptions, made: &common::Made, path: &Path| {
        Classifier::train(&cnn(), options, data(made), Some(path), &mut go_on)
    };
    with(&short(), &made, &path).unwrap();
    let refused = |result: cratedigger_deep::Result<Classifier>| {
        let error = result.unwrap_err();
        assert!(matches!(error, DeepError::Checkpoint { .. }), "{error}");
    };
    let other = TrainOptions {
        random_state: 9,
        ..short()
    };
    refused(with(&other, &made, &path));
    refused(with(&short(), &low_and_high(24, 2), &path));
    let bytes = std::fs::read(&path).unwrap();
    for damaged in [&b""[..], &b"not a checkpoint"[..], &bytes[..bytes.len() / 2]] {
        std::fs::write(&path, damaged).unwrap();
        refused(with(&short(), &made, &path));
    }
    refused(with(&short(), &made, &folder.path().join("no/folder")));
}

/// Run by [`a_training_that_is_killed_goes_on_to_the_same_bytes`] in a process of its own.
#[test]
fn child() {
    let Some(path) = std::env::var_os("CRATEDIGGER_DEEP_CHILD") else {
        return;
    };
    let made = low_and_high(48, 1);
    let options = TrainOptions {
        max_epochs: 12,
        patience: 12,
        ..short()
    };
    let done = Classifier::train(&cnn(), &options, data(&made), Some(Path::new(&path)), &mut go_on).unwrap();
    let bytes: Vec<u8> = bits(&done.state().unwrap())
        .iter()
        .flat_map(|bits| bits.to_le_bytes())
        .collect();
    std::fs::write(Path::new(&path).with_extension("weights"), bytes).unwrap();
}

#[test]
fn a_training_that_is_killed_goes_on_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let start = |path: &Path| {
        std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child"])
            .env("CRATEDIGGER_DEEP_CHILD", path)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap()
    };
    let whole = folder.path().join("whole");
    assert!(start(&whole).wait().unwrap().success());
    let want = std::fs::read(whole.with_extension("weights")).unwrap();
    let path = folder.path().join("killed");
    // ten kills, at ten different moments: as soon as a new checkpoint is there, or some time after
    for kill in 0..10 {
        let before = std::fs::read(&path).unwrap_or_default();
        let mut child = start(&path);
        while child.try_wait().unwrap().is_none() && std::fs::read(&path).unwrap_or_default() == before {
            std::thread::sleep(std::time::Duration::from_micros(200));
        }
        std::thread::sleep(std::time::Duration::from_micros(700 * kill));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(start(&path).wait().unwrap().success());
    assert_eq!(std::fs::read(path.with_extension("weights")).unwrap(), want);
}

#[test]
fn an_autoencoder_does_not_depend_on_threads_or_breaks_either() {
    let made = low_and_high(40, 1);
    let sizes = AutoencoderOptions {
        widths: vec![4, 4],
        code: 2,
    };
    let options = TrainOptions {
        max_epochs: 4,
        ..short()
    };
    let folder = tempfile::tempdir().unwrap();
    let train = |clips: &ClipsInMemory, path: Option<&Path>, last: usize| {
        let mut stop = |epoch: &cratedigger_deep::Epoch| {
            if epoch.epoch == last {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        Autoencoder::train(&sizes, &options, clips, Some(&made.groups), path, &mut stop)
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let one = pool.install(|| train(&made.clips, None, 0).unwrap());
    let path = folder.path().join("c");
    assert!(train(&made.clips, Some(&path), 2).is_err());
    let other = train(&made.clips, Some(&path), 0).unwrap();
    assert_eq!(bits(&one.state().unwrap()), bits(&other.state().unwrap()));
    let again = Autoencoder::from_state(&one.state().unwrap()).unwrap();
    assert_eq!(
        again.encode(&made.clips).unwrap(),
        one.encode(&made.clips).unwrap()
    );
    assert_eq!(again.state().unwrap(), one.state().unwrap());
}
