//! A folder in which the binary writes tags, and what others say about the files in it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;

use cratedigger_features::{N_COLUMNS, Recipe, columns};
use cratedigger_learn::{Dataset, FittedPipeline, Matrix, Method, Model, ModelCard, TrainSet};
use lofty::config::ParseOptions;
use lofty::file::TaggedFileExt;
use lofty::probe::Probe;
use lofty::tag::{ItemKey, Tag};
use serde_json::Value;

/// A folder with a model, in which the binary runs.
pub(crate) struct Desk {
    pub(crate) dir: tempfile::TempDir,
}

pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) rows: BTreeMap<String, Value>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Files of every format that has tags.
pub(crate) const TAGGED: [&str; 10] = [
    "mp3_cbr.mp3",
    "mp3_vbr.mp3",
    "flac.flac",
    "vorbis.ogg",
    "pages.ogg",
    "opus.opus",
    "aac.m4a",
    "index_first.m4a",
    "pcm_s16.wav",
    "pcm_s16.aiff",
];

impl Desk {
    pub(crate) fn new() -> Self {
        let desk = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(desk.path("music")).unwrap();
        fs::write(desk.path("m.cdmodel"), model(["Jazz", "Rock"])).unwrap();
        fs::write(desk.path("other.cdmodel"), model(["Polka", "Ska"])).unwrap();
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A file of the feature tests' under another name; its bytes.
    pub(crate) fn add(&self, fixture: &str, name: &str) -> Vec<u8> {
        let bytes = fixture_bytes(fixture);
        fs::write(self.path(name), &bytes).unwrap();
        bytes
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        let out = Command::new(env!("CARGO_BIN_EXE_cratedigger"))
            .args(["classify"])
            .args(args)
            .current_dir(self.dir.path())
            .output()
            .unwrap();
        let stdout = String::from_utf8(out.stdout).unwrap();
        let rows = match serde_json::from_str(&stdout) {
            Ok(Value::Array(rows)) => rows
                .into_iter()
                .map(|row| (row["id"].as_str().unwrap().to_owned(), row))
                .collect(),
            _ => BTreeMap::new(),
        };
        Run {
            code: out.status.code(),
            rows,
            stdout,
            stderr: String::from_utf8(out.stderr).unwrap(),
        }
    }

    /// Writes tags of all genres, however unlikely, and gives the rows by name.
    pub(crate) fn tag(&self, more: &[&str]) -> Run {
        self.tag_by("m.cdmodel", more)
    }

    /// The same by another model.
    pub(crate) fn tag_by(&self, model: &str, more: &[&str]) -> Run {
        let args = [
            "--model",
            model,
            "music",
            "--threshold",
            "0",
            "--write-tags",
            "--format",
            "json",
        ];
        self.run(&[&args[..], more].concat())
    }

    /// Names and contents of the folder.
    pub(crate) fn music(&self) -> BTreeMap<String, Vec<u8>> {
        fs::read_dir(self.path("music"))
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                (name, fs::read(path).unwrap())
            })
            .collect()
    }
}

impl Run {
    pub(crate) fn outcome(&self, name: &str) -> &str {
        self.rows[name]["tag"]["outcome"].as_str().unwrap()
    }
}

/// A model of two genres that knows all features.
fn model(labels: [&str; 2]) -> Vec<u8> {
    let rows: Vec<Vec<f32>> = (0..8)
        .map(|i| (0..N_COLUMNS).map(|c| ((i * 7 + c * 3) % 11) as f32).collect())
        .collect();
    let x = Matrix::from_rows(&rows).unwrap();
    let y = (0..8).map(|i| i % 2).collect();
    let mut data = Dataset::new(x, y, labels.map(str::to_owned).to_vec()).unwrap();
    data.feature_names = columns().iter().map(|c| c.name.clone()).collect();
    let train = TrainSet::new(&data.x, &data.y, 2).unwrap();
    let fitted = FittedPipeline::fit(&*Method::LOGISTIC_REGRESSION.classifier(0), &train).unwrap();
    let mut card = ModelCard::of(&data);
    card.recipe = Some(Recipe::Fma.version().to_owned());
    // No file is like those it was fitted on, and it need not be sure of them.
    card.temperature = Some(1000.0);
    Model::new(fitted, card).unwrap().to_bytes().unwrap()
}

pub(crate) fn fixture_bytes(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../features/tests/data/audio");
    fs::read(path.join(name)).unwrap()
}

/// All tags of a file.
pub(crate) fn tags(path: &Path) -> Vec<Tag> {
    let bytes = fs::read(path).unwrap();
    let options = ParseOptions::new().read_properties(false);
    let probe = Probe::new(Cursor::new(bytes)).options(options).guess_file_type();
    probe.unwrap().read().unwrap().tags().to_vec()
}

/// What all tags of a file say under a key.
pub(crate) fn said(path: &Path, key: ItemKey) -> Vec<String> {
    tags(path)
        .iter()
        .filter_map(|tag| tag.get_string(key).map(str::to_owned))
        .collect()
}

/// The decoded samples as another decoder gives them, all channels; `None` where it is not installed.
pub(crate) fn heard_by_ffmpeg(path: &Path) -> Option<Vec<u8>> {
    let out = Command::new("ffmpeg")
        .args(["-v", "quiet", "-i"])
        .arg(path)
        .args(["-map", "0:a", "-f", "f32le", "-"])
        .output()
        .ok()?;
    (!out.stdout.is_empty()).then_some(out.stdout)
}
