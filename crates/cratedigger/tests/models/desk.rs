//! A folder with an archive to learn from, and what is asked of it.

use std::f32::consts::TAU;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

pub(crate) use crate::common_desk::Desk;

impl Desk {
    /// A folder with a synthetic archive of 400 tracks.
    pub(crate) fn new() -> Self {
        let desk = Self::empty();
        desk.ok(&["synth", "archive", "--tracks", "400"]);
        desk
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
        self.wav(name, &samples)
    }

    /// A 16-bit WAV file of 22,050 samples a second.
    pub(crate) fn wav(&self, name: &str, samples: &[i16]) -> PathBuf {
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

    /// 24 tones of two genres by eight artists in `music/`, and the file of their labels.
    pub(crate) fn tones(&self) {
        let mut labels = "path,genre,artist\n".to_owned();
        for i in 0..24 {
            let (genre, hz) = if i % 2 == 0 {
                ("Low", 90.0 + i as f32)
            } else {
                ("High", 900.0 + 9.0 * i as f32)
            };
            self.tone(&format!("music/{i}.wav"), hz);
            labels.push_str(&format!("{i}.wav,{genre},artist {}\n", i / 3));
        }
        fs::write(self.path("labels.csv"), &labels).unwrap();
    }
}

/// The bits of the probabilities of each row of a CSV file, by id; what stands behind them is no number.
pub(crate) fn bits(csv: &str) -> Vec<(String, Vec<u64>)> {
    csv.lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let numbers = cells[3..]
                .iter()
                .map_while(|cell| cell.parse::<f64>().ok())
                .map(f64::to_bits);
            let numbers: Vec<u64> = numbers.collect();
            assert!(numbers.len() > 1, "{line}");
            (cells[0].to_owned(), numbers)
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
