//! `cratedigger mel` and what reads its frames, run as their users run them. Methods that hear time are tested where they are; here
//! the one that names the largest class shows that frames find their rows.
#![allow(clippy::unwrap_used)]
#![cfg(feature = "deep")]

#[path = "common/desk.rs"]
mod desk;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use cratedigger_features::{FrameExtractor, FrameRecipe, MelRecipe};
use cratedigger_synth::clips::{Channels, ClipOptions, ClipPlan, Style, Task};
use desk::Desk;
use serde_json::Value;

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// Clips of the task of order, a second each.
fn with_clips(n: usize) -> Desk {
    let desk = Desk::empty();
    let made = format!(
        "synth music --clips {n} --seconds 1 --sample-rate 16000 --channels mono --clips-task order --quiet"
    );
    desk.ok(&words(&made));
    desk
}

/// Files of the one recipe of a cache.
fn files(cache: &Path) -> BTreeMap<String, Vec<u8>> {
    let folder = fs::read_dir(cache).unwrap().next().unwrap().unwrap().path();
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    entries
        .map(|path| (name(&path), fs::read(&path).unwrap()))
        .collect()
}

#[test]
fn frames_are_kept_once_and_files_are_added() {
    let desk = with_clips(8);
    let run = desk.ok(&words("mel music/clips --out frames"));
    assert!(
        run.stdout
            .contains("8 recordings, 504 frames of 96 numbers, 0.1 MB, recipe mel/1 sr=16000"),
        "{}",
        run.stdout
    );
    let whole = files(&desk.path("frames"));
    let again = desk.ok(&words("mel music/clips --out frames --check"));
    assert!(
        again.stderr.contains("8 of the recordings were there already"),
        "{}",
        again.stderr
    );
    assert!(files(&desk.path("frames")) == whole);
    desk.ok(&words("mel music/clips --out frames --kind descriptors --jobs 1"));
    assert_eq!(fs::read_dir(desk.path("frames")).unwrap().count(), 2);

    let bad = fs::read_dir(desk.path("music/clips/000"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    fs::write(bad, "no sound").unwrap();
    let run = desk.run(&words("mel music/clips --out other --n-mels 40"));
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stderr.contains("1 of 8 inputs gave no frames") && run.stderr.contains("failures.csv"),
        "{}",
        run.stderr
    );
    for (args, said) in [
        ("mel nothing --out x", "gave frames"),
        ("mel music --out x --n-fft 500", "power of two"),
        ("mel music --out x --n-mels 256", "larger n_fft"),
        (
            "mel music --out x --kind descriptors --sr 8000",
            "--sr is of --kind mel",
        ),
        ("mel music --out x --recipe fma", "--kind descriptors"),
    ] {
        let run = desk.run(&words(args));
        assert!(
            run.code == 2 && run.stderr.contains(said),
            "{args}: {}",
            run.stderr
        );
    }
}

#[test]
fn killed_at_any_moment_it_goes_on_to_the_same_bytes() {
    let desk = with_clips(40);
    let started = Instant::now();
    desk.ok(&words("mel music/clips --out whole --quiet"));
    let (whole, took) = (files(&desk.path("whole")), started.elapsed());
    let mut n_killed = 0;
    for part in 1..=10 {
        let mut child = desk
            .command(&words("mel music/clips --out frames --quiet"))
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(
            took.mul_f64(0.1 + 0.05 * f64::from(part))
                .min(Duration::from_secs(5)),
        );
        n_killed += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    desk.ok(&words("mel music/clips --out frames --quiet"));
    assert!(files(&desk.path("frames")) == whole, "killed {n_killed} times");
}

#[test]
fn frames_are_data_stand_beside_data_and_are_computed_for_a_model() {
    let desk = with_clips(24);
    desk.ok(&words("mel music/clips --out frames --quiet"));
    let json = |args: &str| -> Value { serde_json::from_str(&desk.ok(&words(args)).stdout).unwrap() };
    let scored = json("evaluate frames --labels music --method majority --cv 3 --json");
    assert_eq!(scored["n_tested"], 24, "{scored}");

    // Beside features, rows without frames take no part, and are told.
    desk.ok(&words("extract music/clips --out f.csv --quiet"));
    let clip = fs::read_dir(desk.path("music/clips/000"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let kept = fs::read(&clip).unwrap();
    fs::remove_file(&clip).unwrap();
    desk.ok(&words("mel music/clips --out fewer --quiet"));
    let run = desk.ok(&words(
        "evaluate f.csv --labels music --frames fewer --method majority --cv 3 --json",
    ));
    assert!(
        run.stderr.contains("1 of 24 rows have no frames"),
        "{}",
        run.stderr
    );
    let scored: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(scored["n_tested"], 23);
    fs::write(&clip, kept).unwrap();

    // A model of frames alone says so, and reads a cache, or audio by its recipe.
    let trained = desk.run(&words(
        "train frames --labels music --method majority --out m.cdmodel",
    ));
    assert_eq!(trained.code, 0, "{}", trained.stderr);
    let card = desk.ok(&words("model show m.cdmodel")).stdout;
    assert!(card.contains("mel/1 sr=16000 n_fft=512"), "{card}");
    let of_cache = json("classify --model m.cdmodel frames --format json");
    let of_audio = json("classify --model m.cdmodel music/clips --format json");
    let told = |answer: &Value| {
        let rows = answer.as_array().unwrap().iter();
        rows.map(|row| (row["id"].clone(), row["probabilities"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&of_cache).len(), 24);
    assert_eq!(told(&of_cache), told(&of_audio));
    let scored = json("evaluate frames --labels music --model m.cdmodel --json");
    assert!(scored["n_tested"].as_u64().unwrap() > 0, "{scored}");
    for (args, said) in [
        ("classify --model m.cdmodel f.csv", "--frames"),
        (
            "evaluate f.csv --labels music --model m.cdmodel",
            "frames of recordings alone",
        ),
        (
            "classify --model m.cdmodel music/clips --neighbours f.csv",
            "no features that tracks could be near in",
        ),
        ("evaluate frames --method majority", "--labels FILE"),
    ] {
        let run = desk.run(&words(args));
        assert!(
            run.code == 2 && run.stderr.contains(said),
            "{args}: {}",
            run.stderr
        );
    }
}

/// What the order of events alone tells: 518 features guess, and a few lines on the spectrogram do not.
#[test]
fn only_who_hears_time_can_do_the_task_of_order() {
    const N: usize = 300;
    let desk = Desk::empty();
    let made = format!(
        "synth music --clips {N} --seconds 3 --sample-rate 16000 --channels mono --clips-task order --quiet"
    );
    desk.ok(&words(&made));
    let plan = ClipPlan::new(&ClipOptions {
        n_clips: N,
        seconds: 3,
        sample_rate: 16_000,
        channels: Channels::Mono,
        task: Task::Order,
        ..ClipOptions::default()
    })
    .unwrap();

    // Whether the loudest band is higher at the end of a pattern than at its beginning.
    let extractor = FrameExtractor::new(FrameRecipe::Mel(MelRecipe::default())).unwrap();
    let mut n_right = 0;
    for clip in plan.clips() {
        let frames = extractor.path(desk.path("music").join(clip.path())).unwrap();
        let loudest: Vec<(usize, f32)> = (0..frames.n_frames())
            .map(|t| {
                let frame = frames.frame(t);
                let band = (0..96).max_by(|&a, &b| frame[a].total_cmp(&frame[b])).unwrap();
                (band, frame[band])
            })
            .collect();
        let top = loudest.iter().map(|(_, value)| *value).fold(0.0, f32::max);
        let sounding: Vec<usize> = (0..loudest.len())
            .filter(|&t| loudest[t].1 > 0.85 * top)
            .collect();
        let rises: i64 = sounding
            .chunk_by(|a, b| b - a < 13)
            .map(|pattern| loudest[pattern[pattern.len() - 1]].0 as i64 - loudest[pattern[0]].0 as i64)
            .map(i64::signum)
            .sum();
        n_right += usize::from((rises > 0) == (clip.style == Style::Rising));
    }
    assert!(n_right * 100 >= 97 * N, "{n_right} of {N}");

    desk.ok(&words("extract music/clips --out f.csv --quiet"));
    let run = desk.ok(&words(
        "evaluate f.csv --labels music --method logistic-regression,linear-svc,gradient-boosting --genres all --cv 5 --json",
    ));
    let scored: Value = serde_json::from_str(&run.stdout).unwrap();
    let accuracies: Vec<f64> = scored["methods"]
        .as_array()
        .unwrap()
        .iter()
        .map(|method| method["accuracy"].as_f64().unwrap())
        .collect();
    // Half of the clips are of each kind; three standard errors are 0.09.
    assert!(
        accuracies.len() == 3 && accuracies.iter().all(|a| *a < 0.6),
        "{accuracies:?}"
    );
}

#[test]
fn a_study_sets_networks_beside_the_features() {
    let desk = Desk::empty();
    desk.ok(&words(
        "synth music --clips 64 --seconds 2 --sample-rate 16000 --channels mono --quiet",
    ));
    desk.ok(&words("extract music/clips --out music/features.csv --quiet"));
    desk.ok(&words("mel music/clips --out frames --n-mels 32 --quiet"));
    let study = |out: &str, more: &str| {
        format!(
            "study music --out {out} --deep frames --deep-epochs 2 --genres all --methods logistic-regression --genre-sets none \
             --no-tune --skip treatments,outliers,geography,method_comparison,inspection --quiet {more}"
        )
    };
    desk.ok(&words(&study("two", "")));
    desk.ok(&words(&study("one", "--jobs 1")));
    let read = |out: &str, file: &str| fs::read_to_string(desk.path(out).join(file)).unwrap();
    let findings: Value = serde_json::from_str(&read("two", "findings.json")).unwrap();
    let deep = &findings["deep"];
    assert_eq!(
        (&deep["n_tracks"], &deep["n_without_frames"]),
        (&64.into(), &0.into()),
        "{deep}"
    );
    assert_eq!(deep["networks"][0]["name"], "crnn");
    assert_eq!(deep["networks"][0]["curve"].as_array().unwrap().len(), 2);
    assert_eq!(deep["autoencoder"]["method"], "logistic-regression");
    // As all findings: the same for any number of threads, but for times.
    let both = ["one", "two"].map(|out| {
        let mut findings: Value = serde_json::from_str(&read(out, "findings.json")).unwrap();
        without_times(&mut findings["deep"]);
        findings["deep"].take()
    });
    assert!(both[0] == both[1] && both[0]["networks"][0]["curve"][0].get("epoch_seconds").is_none());
    let page = read("two", "report.html");
    assert!(page.contains("Networks that hear time") && page.contains("What the autoencoder kept"));
    for file in ["deep-methods.csv", "deep-epochs.csv"] {
        assert!(desk.path("two/tables").join(file).is_file(), "{file}");
    }
    assert!(desk.path("two/figures/autoencoder-1-output.svg").is_file());

    let run = desk.run(&words("study music --out x --deep music"));
    assert!(
        run.code == 2 && run.stderr.contains("no cache of frames"),
        "{}",
        run.stderr
    );
    let run = desk.run(&words("study music --out x --deep frames --deep-methods mlp"));
    assert!(
        run.code == 2 && run.stderr.contains("reads no frames"),
        "{}",
        run.stderr
    );
}

fn without_times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !name.ends_with("_seconds"));
            fields.values_mut().for_each(without_times);
        }
        Value::Array(items) => items.iter_mut().for_each(without_times),
        _ => {}
    }
}
