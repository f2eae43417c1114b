//! Inputs to begin with: files of the tests, and small ones that cratedigger makes itself, so that each is what this version writes.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use cratedigger_catalog::feature_table::FeatureFormat;
use cratedigger_catalog::{ImportOptions, import};
use cratedigger_collection::extract::{Begin, Inputs, Job, heard_path, partial_path, run};
use cratedigger_collection::{
    Decoding, Extraction, FrameExtraction, Listener, Nobody, Unit, frames as caches,
};
use cratedigger_features::{
    BatchOptions, Extractor, FrameExtractor, FrameRecipe, Limits, MelRecipe, Recipe, columns, encode_info,
    encode_outcome,
};
use cratedigger_learn::autoencoder::{Autoencoder, AutoencoderCard, AutoencoderSettings};
use cratedigger_learn::data::Recordings;
use cratedigger_learn::{
    Dataset, FittedPipeline, FramesInMemory, Matrix, Method, Model, ModelCard, Pipeline, Rows,
};

use crate::place::at_root;

/// An input to begin with.
pub struct Seed {
    /// What it is.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether it is refused as it is: near enough to something whole to be of use.
    pub refused: bool,
}

impl Seed {
    fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            bytes: bytes.into(),
            refused: false,
        }
    }

    fn refused(self) -> Self {
        Self {
            refused: true,
            ..self
        }
    }
}

/// The files of a folder of the workspace, but for tables.
pub(crate) fn files(folder: &str) -> Vec<Seed> {
    let folder = at_root(folder);
    let mut names: Vec<_> = fs::read_dir(&folder)
        .expect("the folder of the seeds is there")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension != "csv"))
        .collect();
    names.sort();
    let seed = |path: &std::path::PathBuf| {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        Seed::new(name, fs::read(path).expect("a seed can be read"))
    };
    names.iter().map(seed).collect()
}

fn file(of: &str) -> Vec<u8> {
    fs::read(at_root(of)).expect("a seed is there")
}

/// Files with and without tags; for some containers there is no way to write a genre.
pub(crate) fn tagged() -> Vec<Seed> {
    let without = |seed: &Seed| [".mka", ".caf"].iter().any(|end| seed.name.ends_with(end));
    let seed = |seed: Seed| match without(&seed) {
        true => seed.refused(),
        false => seed,
    };
    files("crates/features/tests/data/audio")
        .into_iter()
        .map(seed)
        .collect()
}

pub(crate) fn tables() -> Vec<Seed> {
    let names = ["tracks", "genres", "features", "echonest", "raw_tracks"];
    let seed = |(choice, name): (usize, &&str)| {
        let mut bytes = vec![choice as u8];
        bytes.extend(file(&format!("crates/catalog/tests/fixtures/{name}.csv")));
        Seed::new(*name, bytes)
    };
    names.iter().enumerate().map(seed).collect()
}

/// What an extraction of two songs wrote.
struct Extracted {
    features: Vec<u8>,
    heard: Vec<u8>,
    journals: Vec<Vec<u8>>,
}

/// Keeps the journal at each step.
struct Watcher<'a> {
    partial: &'a Path,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Listener for Watcher<'_> {
    fn say(&self, _: &str) {}

    fn failed(&self, _: &str) {}

    fn begin(&self, _: std::borrow::Cow<'static, str>, _: Unit) -> Box<dyn cratedigger_collection::Job> {
        Box::new(Step {
            partial: self.partial.to_owned(),
            seen: Arc::clone(&self.seen),
        })
    }
}

struct Step {
    partial: std::path::PathBuf,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl cratedigger_collection::Job for Step {
    fn set(&self, _: u64, _: u64) {
        if let (Ok(bytes), Ok(mut seen)) = (fs::read(&self.partial), self.seen.lock()) {
            seen.push(bytes);
        }
    }

    fn tell(&self, _: String) {}
}

fn extracted(format: FeatureFormat) -> Extracted {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let songs = ["1.wav", "2.wav"].map(|name| folder.path().join(name));
    for song in &songs {
        fs::write(song, self::song()).expect("a file can be written");
    }
    let out = folder.path().join("features");
    let seen = Arc::default();
    let watcher = Watcher {
        partial: &partial_path(&out),
        seen: Arc::clone(&seen),
    };
    run(
        Job {
            extraction: &Extraction::in_process(Extractor::new(Recipe::Fma)),
            embedding: None,
            inputs: Inputs::find(&songs, &mut std::io::empty()).expect("files that are there are found"),
            out: &out,
            format,
            batch: BatchOptions::default(),
            journal: Begin::New,
            part: None,
        },
        &watcher,
    )
    .expect("two songs are extracted");
    let journals = std::mem::take(&mut *seen.lock().expect("no step failed"));
    Extracted {
        features: fs::read(&out).expect("there are features"),
        heard: fs::read(heard_path(&out)).expect("there is a table of what was heard"),
        journals,
    }
}

pub(crate) fn features() -> Vec<Seed> {
    vec![
        Seed::new("parquet", extracted(FeatureFormat::Parquet).features),
        Seed::new("csv", extracted(FeatureFormat::Csv).features),
        Seed::new("dataset", file("crates/catalog/tests/fixtures/features.csv")).refused(),
    ]
}

pub(crate) fn losses() -> Vec<Seed> {
    vec![Seed::new("heard", extracted(FeatureFormat::Parquet).heard)]
}

pub(crate) fn journals() -> Vec<Seed> {
    let journals = extracted(FeatureFormat::Parquet).journals;
    assert!(!journals.is_empty(), "no step of the extraction had a journal");
    let named = |(step, bytes)| Seed::new(format!("step {step}"), bytes);
    journals.into_iter().enumerate().map(named).collect()
}

pub(crate) fn stores() -> Vec<Seed> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let source = at_root("crates/catalog/tests/fixtures");
    import(&source, folder.path(), &ImportOptions::default(), &|_| {}).expect("the fixtures are imported");
    vec![Seed::new(
        "store",
        fs::read(folder.path().join("store.json")).expect("a store has its list"),
    )]
}

pub(crate) fn boundaries() -> Vec<Seed> {
    let square = br#"{"type": "FeatureCollection", "features": [{"type": "Feature",
        "properties": {"admin": "Nowhere", "name": "North", "adm0_a3": "NOW", "continent": "Europe"},
        "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]]}}]}"#;
    // an empty shapefile: code, length in words, version, kind 5 (polygons); and a table with one column and no record
    let mut shapes = vec![0u8; 100];
    shapes[..4].copy_from_slice(&9994u32.to_be_bytes());
    shapes[24..28].copy_from_slice(&50u32.to_be_bytes());
    shapes[28..32].copy_from_slice(&1000u32.to_le_bytes());
    shapes[32..36].copy_from_slice(&5u32.to_le_bytes());
    let mut table = vec![0u8; 100];
    table[0] = 3;
    table[8..10].copy_from_slice(&65u16.to_le_bytes());
    table[10..12].copy_from_slice(&11u16.to_le_bytes());
    table[32..36].copy_from_slice(b"name");
    table[43] = b'C';
    table[48] = 10;
    table[64] = 0x0d;
    shapes.extend(table);
    vec![
        Seed::new("square", square.to_vec()),
        Seed::new("shapefile", shapes).refused(),
    ]
}

/// Twelve rows of three genres that are easy to tell apart.
fn dataset(n_columns: usize) -> Dataset {
    let value = |row: usize, column: usize| {
        (row % 3 * (column % 5 + 1)) as f32 + 0.1 * ((row * 7 + column * 3) % 11) as f32
    };
    let rows: Vec<Vec<f32>> = (0..12)
        .map(|row| (0..n_columns).map(|column| value(row, column)).collect())
        .collect();
    let x = Matrix::from_rows(&rows).expect("all rows are of one length");
    let labels = ["Folk", "Rock", "Jazz"].map(str::to_owned).to_vec();
    let mut data =
        Dataset::new(x, (0..12).map(|row| row % 3).collect(), labels).expect("each row has a label");
    data.feature_names = match n_columns {
        518 => columns().iter().map(|column| column.name.clone()).collect(),
        n => (0..n).map(|column| format!("column {column}")).collect(),
    };
    data
}

fn model_of(method: Method, n_columns: usize) -> Vec<u8> {
    let data = dataset(n_columns);
    let pipeline: Pipeline = "impute=mean,standard".parse().expect("steps that there are");
    let fitted = FittedPipeline::fit_rows(&*method.classifier(0), Rows::of(&data), Some(&pipeline));
    let mut card = ModelCard::of(&data);
    card.recipe = Some(Recipe::Fma.version().to_owned());
    let model = Model::new(fitted.expect("each method fits easy rows"), card);
    model
        .and_then(|model| model.to_bytes())
        .expect("a fitted model is written")
}

pub(crate) fn models() -> Vec<Seed> {
    let methods = Method::ALL.iter().filter(|method| method.name() != "stacking");
    let of_rows = methods.filter(|method| !["cnn", "crnn", "lstm"].contains(&method.name()));
    of_rows
        .map(|method| Seed::new(method.name(), model_of(*method, 4)))
        .collect()
}

/// A model of the 518 features.
pub(crate) fn served_model() -> Vec<u8> {
    model_of(Method::LOGISTIC_REGRESSION, 518)
}

pub(crate) fn autoencoders() -> Vec<Seed> {
    let numbers = |r: usize| {
        (0..8 * (40 + r))
            .map(|at| ((at * 31 + r * 17) % 13) as f32)
            .collect()
    };
    let source = FramesInMemory::new("mel/1", 8, (0..6).map(numbers).collect()).expect("whole frames");
    let rows = Recordings::new(Arc::new(source), (0..6).collect()).expect("recordings that there are");
    let small = [
        ("widths", "2,4"),
        ("code", "2"),
        ("excerpt_frames", "16"),
        ("max_epochs", "1"),
        ("batch_size", "4"),
    ];
    let params = small.map(|(name, value)| (name.to_owned(), value.parse().expect("a value")));
    let settings =
        AutoencoderSettings::new(&params.into_iter().collect(), 7).expect("settings that there are");
    let trained = Autoencoder::train(&settings, &rows, None, None, AutoencoderCard::default());
    let bytes = trained.expect("it is trained").to_bytes().expect("it is written");
    vec![Seed::new("small", bytes)]
}

pub(crate) fn contracts() -> Vec<Seed> {
    vec![Seed::new("small", file("crates/embed/tests/golden/small.toml"))]
}

pub(crate) fn graphs() -> Vec<Seed> {
    // a tensor of 2^30 times 2^30 numbers, of which none is there
    let claims = [&b"\x3a\x0e\x2a\x0c"[..], &b"\x08\x80\x80\x80\x80\x04".repeat(2)].concat();
    vec![
        Seed::new("small", file("crates/embed/tests/golden/small.onnx")),
        Seed::new("claims", claims).refused(),
        // a text of 361 GB
        Seed::new("long", b"\x3a\x0b\x0a\x09\x2a\x07\x0a\xd8\xd0\xbd\xdb\xc2\x0a").refused(),
    ]
}

pub(crate) fn checkpoints() -> Vec<Seed> {
    // the footer of a table of LevelDB's kind, with its magic number, behind two handles
    let mut index = vec![0u8; 64];
    index[16..18].copy_from_slice(&[0, 8]);
    index[18..20].copy_from_slice(&[8, 8]);
    index[56..].copy_from_slice(&0xdb47_7524_8b80_fb57u64.to_le_bytes());
    let mut bytes = (index.len() as u16).to_le_bytes().to_vec();
    bytes.extend(index);
    bytes.extend([0; 16]);
    vec![Seed::new("footer", bytes).refused()]
}

pub(crate) fn packages() -> Vec<Seed> {
    // an archive with one empty entry, stored
    let name = b"musicnn/MSD_musicnn/.index";
    let mut bytes = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    bytes.extend((name.len() as u16).to_le_bytes());
    bytes.extend([0, 0]);
    bytes.extend(name);
    let start = bytes.len() as u32;
    bytes.extend(b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    bytes.extend((name.len() as u16).to_le_bytes());
    bytes.extend([0; 16]);
    bytes.extend(name);
    let length = bytes.len() as u32 - start;
    bytes.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    bytes.extend(length.to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0, 0]);
    vec![Seed::new("one entry", bytes).refused()]
}

/// A recipe, and what a cache of two songs has of it.
struct Cache {
    folder: String,
    recipe: Vec<u8>,
    index: Vec<u8>,
    numbers: Vec<u8>,
}

fn cache() -> &'static Cache {
    static CACHE: OnceLock<Cache> = OnceLock::new();
    CACHE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let songs = ["1.wav", "2.wav"].map(|name| folder.path().join(name));
        for song in &songs {
            fs::write(song, self::song()).expect("a file can be written");
        }
        let recipe = FrameRecipe::Mel(MelRecipe::default());
        let extractor = FrameExtractor::new(recipe).expect("the default recipe is one");
        let job = caches::Job {
            extraction: &FrameExtraction::new(extractor, &Decoding::in_process(Limits::default())),
            inputs: Inputs::find(&songs, &mut std::io::empty()).expect("files that are there are found"),
            out: &folder.path().join("cache"),
            batch: BatchOptions::default(),
            verify: false,
        };
        let report = caches::run(&job, &Nobody).expect("two songs give frames");
        let read = |name: &str| fs::read(report.folder.join(name)).expect("a cache has its files");
        Cache {
            folder: caches::folder_name(&recipe),
            recipe: read("recipe.json"),
            index: read("index"),
            numbers: read("frames-000.f16"),
        }
    })
}

pub(crate) fn frames_folder() -> &'static str {
    &cache().folder
}

pub(crate) fn frames_recipe() -> &'static [u8] {
    &cache().recipe
}

pub(crate) fn frames() -> Vec<Seed> {
    let cache = cache();
    let mut bytes = (cache.index.len() as u16).to_le_bytes().to_vec();
    bytes.extend(&cache.index);
    bytes.extend(&cache.numbers);
    vec![Seed::new("two songs", bytes)]
}

pub(crate) fn messages() -> Vec<Seed> {
    let outcome = |bytes: Vec<u8>| Extractor::new(Recipe::Fma).extract_reader(Cursor::new(bytes));
    let heard = outcome(song());
    let info = heard.as_ref().expect("a song has features").info();
    vec![
        Seed::new("features", encode_outcome(&heard)),
        Seed::new("info", encode_info(&Ok(info))),
        Seed::new("error", encode_outcome(&outcome(b"no audio".to_vec()))),
    ]
}

pub(crate) fn settings() -> Vec<Seed> {
    let text = "model = \"m.cdmodel\"\naddr = \"127.0.0.1:8080\"\nmax_files = 4\nmax_duration = 60.5\nhosts = [\"x\", \"y:80\"]\n\
                allow_anonymous = true\nlog = \"json\"\n";
    vec![Seed::new("choices", text)]
}

pub(crate) fn requests() -> Vec<Seed> {
    let song = song();
    let with = |head: String, body: &[u8]| [head.as_bytes(), body].concat();
    let raw = format!(
        "POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Type: audio/wav\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        song.len()
    );
    let part = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\n";
    let body = [part, &song[..], b"\r\n--b--\r\n"].concat();
    let form = format!(
        "POST /v1/features HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    let chunked = "POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Type: audio/wav\r\nTransfer-Encoding: chunked\r\n\
                   Connection: close\r\n\r\n4\r\nRIFF\r\n0\r\n\r\n";
    vec![
        Seed::new("raw", with(raw, &song)),
        Seed::new("form", with(form, &body)),
        Seed::new("chunked", chunked).refused(),
        Seed::new("page", "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
        Seed::new(
            "model",
            "GET /v1/model HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        ),
    ]
}

/// Half a second of a tone that fades: a mono WAV file of 11 KB.
pub(crate) fn song() -> Vec<u8> {
    const RATE: u32 = 11_025;
    let n = RATE / 2;
    let mut out = b"RIFF".to_vec();
    out.extend((36 + 2 * n).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    out.extend(RATE.to_le_bytes());
    out.extend((2 * RATE).to_le_bytes());
    out.extend(b"\x02\0\x10\0data");
    out.extend((2 * n).to_le_bytes());
    for i in 0..n {
        let t = f64::from(i) / f64::from(RATE);
        let x = (std::f64::consts::TAU * 440.0 * t).sin() * (-3.0 * t).exp();
        out.extend(((x * 20_000.0) as i16).to_le_bytes());
    }
    out
}
