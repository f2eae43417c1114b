//! `cratedigger synth --clips`, run as its users run it, and its files read by another library than wrote them.
#![allow(clippy::unwrap_used)]
#![cfg_attr(not(feature = "sql"), allow(unused_imports, dead_code))]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cratedigger_features::{Decoder, Limits};
use cratedigger_synth::clips::{ClipOptions, ClipPlan};

fn run(dir: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_cratedigger"))
        .args(args)
        .current_dir(dir)
        .output()
        .unwrap();
    (
        out.status.code(),
        String::from_utf8(out.stdout).unwrap(),
        String::from_utf8(out.stderr).unwrap(),
    )
}

fn ok(dir: &Path, args: &[&str]) -> String {
    let (code, stdout, stderr) = run(dir, args);
    assert_eq!(code, Some(0), "{args:?}\n{stdout}\n{stderr}");
    stdout
}

/// The audio files below a folder, by their identifier.
fn clips(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in fs::read_dir(dir.join("clips")).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            files.push(file.unwrap().path());
        }
    }
    files.sort();
    files
}

fn decode(path: &Path) -> (Vec<f32>, u32) {
    let mut decoder = Decoder::open(path, &Limits::default()).unwrap();
    let mut samples = Vec::new();
    while decoder.next_samples(&mut samples).unwrap() {}
    (samples, decoder.sample_rate().unwrap())
}

#[test]
fn wav_and_flac_hold_the_very_samples_that_were_made() {
    let dir = tempfile::tempdir().unwrap();
    let common = [
        "--clips",
        "9",
        "--seconds",
        "2",
        "--sample-rate",
        "22050",
        "--seed",
        "5",
        "--quiet",
    ];
    for kind in ["wav", "flac"] {
        ok(
            dir.path(),
            &[&["synth", kind], &common[..], &["--clip-format", kind]].concat(),
        );
    }
    let plan = ClipPlan::new(&ClipOptions {
        n_clips: 9,
        seconds: 2,
        sample_rate: 22_050,
        seed: 5,
        ..ClipOptions::default()
    })
    .unwrap();
    let (wavs, flacs) = (clips(&dir.path().join("wav")), clips(&dir.path().join("flac")));
    assert_eq!((wavs.len(), flacs.len()), (9, 9));
    for (i, (wav, flac)) in wavs.iter().zip(&flacs).enumerate() {
        assert_eq!(wav.file_stem(), flac.file_stem());
        assert_eq!(flac.extension().unwrap(), "flac");
        let audio = plan.audio(i);
        // The decoder mixes to mono: the mean of the channels, exact in single precision.
        let want: Vec<f32> = audio
            .samples
            .chunks(usize::from(audio.n_channels))
            .map(|frame| {
                let sum: i32 = frame.iter().map(|&x| i32::from(x)).sum();
                sum as f32 / (32_768 * frame.len()) as f32
            })
            .collect();
        for path in [wav, flac] {
            let (samples, rate) = decode(path);
            assert_eq!(rate, 22_050);
            assert!(samples == want, "{} holds other samples", path.display());
        }
    }
}

#[cfg(feature = "sql")]
#[test]
fn an_archive_of_clips_goes_on_to_extraction_and_queries() {
    let dir = tempfile::tempdir().unwrap();
    let args = [
        "synth",
        "music",
        "--clips",
        "16",
        "--seconds",
        "1",
        "--clip-format",
        "mixed",
    ];
    let said = ok(dir.path(), &args);
    assert!(
        said.starts_with("16 synthetic clips of 1 s by 8 artists, seed 0"),
        "{said}"
    );
    assert!(said.contains("tracks.csv: 16 rows"), "{said}");
    let said = ok(dir.path(), &args);
    assert!(said.contains("16 of them were there already"), "{said}");
    ok(dir.path(), &["extract", "music/clips", "--out", "features.csv"]);
    let rows = fs::read_to_string(dir.path().join("features.csv")).unwrap();
    let ids: Vec<&str> = rows
        .lines()
        .skip(4)
        .filter_map(|line| line.split(',').next())
        .collect();
    ok(dir.path(), &["import", "music"]);
    let query = "select track_id, track.genre_top from tracks order by track_id";
    let table = ok(dir.path(), &["sql", query, "--format", "csv"]);
    let tracks: Vec<&str> = table.lines().skip(1).collect();
    assert_eq!((ids.len(), tracks.len()), (16, 16));
    for (id, track) in ids.iter().zip(&tracks) {
        assert_eq!(track.split(',').next(), Some(*id));
    }
    assert_eq!(
        tracks.iter().filter(|t| t.ends_with(",Hip-Hop")).count(),
        2,
        "{table}"
    );
}

/// Sets a byte in the middle of each of `n` frames of a FLAC file, which begin with the same two bytes.
fn damage_frames(path: &Path, n: usize) {
    let mut bytes = fs::read(path).unwrap();
    let frames: Vec<usize> = bytes
        .windows(2)
        .enumerate()
        .filter(|(_, two)| *two == [0xff, 0xf8])
        .map(|(at, _)| at)
        .collect();
    for frame in 0..n {
        // Far apart, so that they are other frames.
        bytes[frames[(frame + 1) * frames.len() / (n + 2)] + 60] ^= 0xff;
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_study_says_what_of_the_sound_was_lost() {
    let dir = tempfile::tempdir().unwrap();
    let args = [
        "--clips",
        "12",
        "--seconds",
        "8",
        "--clip-format",
        "flac",
        "--quiet",
    ];
    ok(dir.path(), &[&["synth", "music"][..], &args[..]].concat());
    let files = clips(&dir.path().join("music"));
    damage_frames(&files[3], 1);
    damage_frames(&files[5], 8);
    let (code, _, stderr) = run(
        dir.path(),
        &[
            "extract",
            "music",
            "--out",
            "music/features.csv",
            "--max-lost",
            "0.04",
        ],
    );
    assert_eq!(code, Some(1), "{stderr}");
    let study = |more: &[&str]| {
        let args = [
            "study",
            "music",
            "--cache",
            "cache",
            "--out",
            "out",
            "--methods",
            "majority",
        ];
        let said = ok(dir.path(), &[&args[..], more].concat());
        let read = |name: &str| fs::read_to_string(dir.path().join("out").join(name)).unwrap();
        let findings: serde_json::Value = serde_json::from_str(&read("findings.json")).unwrap();
        (said, findings["sound"].clone(), read("report.html"))
    };
    let (said, sound, page) = study(&[]);
    assert!(
        said.contains("1 of 11 recordings lost some of their sound"),
        "{said}"
    );
    assert!(
        said.contains("1 inputs gave no features, 1 of them because more than --max-lost"),
        "{said}"
    );
    assert_eq!(
        (&sound["n_recordings"], &sound["n_with_loss"]),
        (&11.into(), &1.into())
    );
    assert_eq!(sound["n_failed_by_loss"], 1);
    let id = files[3].file_stem().unwrap().to_string_lossy().into_owned();
    assert_eq!(sound["most"][0]["id"], id.trim_start_matches('0'));
    assert!(page.contains("lost some of its sound") && page.contains("--max-lost"));
    let (_, sound, page) = study(&["--skip", "sound"]);
    assert!(sound.is_null() && page.contains("The section `sound` was left out"));
}

#[test]
fn clips_that_were_killed_in_the_making_are_finished_as_if_nothing_had_happened() {
    let dir = tempfile::tempdir().unwrap();
    let args = |name| {
        [
            "synth",
            name,
            "--clips",
            "40",
            "--seconds",
            "4",
            "--jobs",
            "2",
            "--quiet",
        ]
    };
    ok(dir.path(), &args("whole"));
    let part = dir.path().join("part");
    for wait_ms in [60, 150, 250] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_cratedigger"))
            .args(args("part"))
            .current_dir(dir.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_millis(wait_ms) {
            std::thread::sleep(Duration::from_millis(5));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    ok(dir.path(), &args("part"));
    let (whole, part) = (clips(&dir.path().join("whole")), clips(&part));
    assert_eq!((whole.len(), part.len()), (40, 40));
    for (a, b) in whole.iter().zip(&part) {
        assert_eq!(a.file_name(), b.file_name());
        assert!(
            fs::read(a).unwrap() == fs::read(b).unwrap(),
            "{} differs",
            b.display()
        );
    }
    for file in ["tracks.csv", "genres.csv", "SYNTHETIC.json"] {
        let read = |folder: &str| fs::read(dir.path().join(folder).join(file)).unwrap();
        assert!(read("whole") == read("part"), "{file} differs");
    }
}

#[test]
fn wrong_numbers_are_explained() {
    let dir = tempfile::tempdir().unwrap();
    for (args, word) in [
        (&["--clips", "0"][..], "cannot make 0 clips"),
        (&["--clips", "2", "--seconds", "0"], "choose 1 to 600"),
        (&["--clips", "2", "--sample-rate", "500"], "500 Hz"),
        (&["--clips", "2", "--tracks", "50"], "cannot be used with"),
        (&["--seconds", "5"], "--clips"),
    ] {
        let (code, _, stderr) = run(dir.path(), &[&["synth", "x"], args].concat());
        assert_eq!(code, Some(2), "{args:?}: {stderr}");
        assert!(stderr.contains(word), "{args:?}: {stderr}");
    }
    assert!(!dir.path().join("x").exists());
    let (_, help, _) = run(dir.path(), &["synth", "--help"]);
    // However wide the lines are.
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for word in [
        "Electronic, Rock, Folk",
        "extract them",
        "--clip-format",
        "goes on where",
    ] {
        assert!(help.contains(word), "{help}");
    }
}
