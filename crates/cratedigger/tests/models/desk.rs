//! A folder to work in, with the binary.

use std::f32::consts::TAU;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

/// A fresh folder in which the binary runs, with a cache of its own.
pub(crate) struct Desk {
    dir: tempfile::TempDir,
}

/// What a run left.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Desk {
    /// A folder with a synthetic archive of 400 tracks.
    pub(crate) fn new() -> Self {
        let desk = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        desk.ok(&["synth", "archive", "--tracks", "400"]);
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cratedigger"));
        command
            .args(args)
            .current_dir(self.dir.path())
            .env("CRATEDIGGER_CACHE", self.path("cache"))
            .env_remove("CRATEDIGGER_STORE");
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
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
    pub(crate) fn ok(&self, args: &[&str]) -> Run {
        let run = self.run(args);
        assert_eq!(run.code, 0, "{args:?}\n{}\n{}", run.stdout, run.stderr);
        run
    }

    /// Runs and expects that nothing is done and every word is said.
    pub(crate) fn refused(&self, args: &[&str], words: &[&str]) {
        let run = self.run(args);
        assert_eq!(run.code, 2, "{args:?}\n{}\n{}", run.stdout, run.stderr);
        for word in words {
            assert!(run.stderr.contains(word), "{args:?}: {word} in\n{}", run.stderr);
        }
    }

    pub(crate) fn train(&self, out: &str, more: &[&str]) {
        self.ok(&[&["train", "archive", "--genres", "top:3", "--out", out], more].concat());
    }

    /// The JSON that a command prints.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.ok(args).stdout).unwrap()
    }

    /// Two seconds of a tone that moves, as a 16-bit WAV file.
    pub(crate) fn tone(&self, name: &str, hz: f32) -> PathBuf {
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
pub(crate) fn bits(csv: &str) -> Vec<(String, Vec<u64>)> {
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

/// Everything but the times.
pub(crate) fn timeless(mut scores: Value) -> Value {
    scores
        .as_object_mut()
        .unwrap()
        .retain(|name, _| !name.ends_with("_seconds"));
    scores
}

/// What both commands print of the same rows, whatever the file is called.
pub(crate) fn anonymous(scores: Value) -> Value {
    let mut scores = timeless(scores);
    scores["source"] = Value::Null;
    scores["n_without_features"] = Value::Null;
    scores
}

pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}
