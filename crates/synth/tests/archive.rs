//! The synthetic archive as its users see it: formats, determinism, shares, and what protects real data.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use arrow::array::{RecordBatch, RecordBatchReader};
use cratedigger_catalog::{ImportOptions, Store, import};
use cratedigger_synth::{self as synth, Format, SynthOptions, SynthReport};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

fn make(dir: &Path, n_tracks: usize, seed: u64, format: Format) -> SynthReport {
    let options = SynthOptions {
        n_tracks,
        seed,
        format,
        ..SynthOptions::default()
    };
    synth::write(&options, dir, &mut |_| {}).unwrap()
}

/// Records of a CSV file by the plain rules of RFC 4180, one character after the other.
fn records(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).unwrap();
    let (mut all, mut record, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                field.push('"');
                chars.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                record.push(std::mem::take(&mut field));
                all.push(std::mem::take(&mut record));
            }
            c => field.push(c),
        }
    }
    assert!(
        !quoted && field.is_empty() && record.is_empty(),
        "{} is cut off",
        path.display()
    );
    all
}

/// `tracks.csv` as columns by their flattened names.
struct Tracks {
    ids: Vec<i64>,
    columns: BTreeMap<String, Vec<String>>,
}

impl Tracks {
    fn read(dir: &Path) -> Self {
        let all = records(&dir.join("tracks.csv"));
        let names: Vec<String> = all[0][1..]
            .iter()
            .zip(&all[1][1..])
            .map(|(a, b)| format!("{a}.{b}"))
            .collect();
        let rows = &all[3..];
        let columns = names
            .into_iter()
            .enumerate()
            .map(|(k, name)| (name, rows.iter().map(|r| r[k + 1].clone()).collect()))
            .collect();
        Self {
            ids: rows.iter().map(|r| r[0].parse().unwrap()).collect(),
            columns,
        }
    }

    fn empty(&self, column: &str) -> f64 {
        let column = &self.columns[column];
        column.iter().filter(|c| c.is_empty()).count() as f64 / column.len() as f64
    }

    /// The phi coefficient of two columns' gaps from their two by two table.
    fn phi(&self, a: &str, b: &str) -> f64 {
        let (mut n11, mut n10, mut n01, mut n00) = (0.0, 0.0, 0.0, 0.0);
        for (x, y) in self.columns[a].iter().zip(&self.columns[b]) {
            match (x.is_empty(), y.is_empty()) {
                (true, true) => n11 += 1.0,
                (true, false) => n10 += 1.0,
                (false, true) => n01 += 1.0,
                (false, false) => n00 += 1.0,
            }
        }
        let root: f64 = (n11 + n10) * (n01 + n00) * (n11 + n01) * (n10 + n00);
        (n11 * n00 - n10 * n01) / root.sqrt()
    }
}

fn shared() -> Option<PathBuf> {
    let dir = std::env::var_os("CRATEDIGGER_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    dir.join("fma").is_dir().then_some(dir)
}

fn head(path: &Path, n_lines: usize) -> String {
    fs::read_to_string(path)
        .unwrap()
        .split_inclusive('\n')
        .take(n_lines)
        .collect()
}

/// The golden header lines are the dataset's own (the next test compares them where its files are).
#[test]
fn headers_are_the_datasets() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), 50, 0, Format::Csv);
    for (file, n_lines, start) in [
        ("tracks.csv", 3, ",album,album,"),
        ("features.csv", 4, "feature,chroma_cens,chroma_cens,"),
        ("echonest.csv", 4, ",echonest,echonest,"),
        ("genres.csv", 1, "genre_id,#tracks,parent,title,top_level\n"),
    ] {
        let text = head(&dir.path().join(file), n_lines);
        assert!(text.starts_with(start), "{file}: {}", &text[..60]);
        let golden = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/archive")
            .join(format!("header-{file}"));
        assert_eq!(text, fs::read_to_string(&golden).unwrap(), "{}", golden.display());
    }
}

#[test]
fn headers_are_those_of_the_real_files() {
    let Some(shared) = shared() else {
        eprintln!("skipped: the folder with the dataset's files is absent");
        return;
    };
    let golden = |file: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/archive")
            .join(format!("header-{file}"));
        fs::read_to_string(path).unwrap()
    };
    let fma = shared.join("fma");
    assert_eq!(
        golden("tracks.csv"),
        head(&fma.join("metadata-excerpt/tracks.csv"), 3)
    );
    assert_eq!(
        golden("genres.csv"),
        head(&fma.join("metadata-excerpt/genres.csv"), 1)
    );
    assert_eq!(golden("features.csv"), head(&fma.join("official-five.csv"), 4));
    // The excerpt has the first 25 columns.
    for (ours, theirs) in golden("echonest.csv")
        .lines()
        .zip(head(&fma.join("echonest-13129/echonest.csv"), 4).lines())
    {
        let ours: Vec<&str> = ours.split(',').take(26).collect();
        assert_eq!(ours, theirs.split(',').collect::<Vec<_>>());
    }
}

#[test]
fn same_bytes_whatever_the_number_of_threads() {
    let hashes = |threads: usize, format: Format| -> Vec<(String, String)> {
        let dir = tempfile::tempdir().unwrap();
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let report = pool.install(|| make(dir.path(), 3_001, 7, format));
        let mut files: Vec<PathBuf> = report.files.iter().map(|f| f.path.clone()).collect();
        files.push(dir.path().join(synth::MARKER_FILE));
        files
            .iter()
            .map(|path| {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                (name, blake3::hash(&fs::read(path).unwrap()).to_hex().to_string())
            })
            .collect()
    };
    for format in [Format::Csv, Format::Parquet] {
        let one = hashes(1, format);
        assert_eq!(one.len(), 5);
        assert_eq!(one, hashes(5, format));
        assert_eq!(one, hashes(2, format));
    }
}

#[test]
fn another_seed_gives_another_archive() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    make(a.path(), 200, 1, Format::Csv);
    make(b.path(), 200, 2, Format::Csv);
    for file in ["tracks.csv", "features.csv", "echonest.csv", "genres.csv"] {
        assert_ne!(
            fs::read(a.path().join(file)).unwrap(),
            fs::read(b.path().join(file)).unwrap(),
            "{file}"
        );
    }
}

/// Targets: proportions and phi coefficients published for the dataset; tolerances for an archive of 20,000 tracks.
#[test]
fn shares_gaps_and_splits_are_the_datasets() {
    let dir = tempfile::tempdir().unwrap();
    let options = SynthOptions {
        n_tracks: 20_000,
        with_features: false,
        with_echonest: false,
        ..SynthOptions::default()
    };
    let report = synth::write(&options, dir.path(), &mut |_| {}).unwrap();
    let tracks = Tracks::read(dir.path());
    assert_eq!(tracks.ids.len(), 20_000);
    assert!(
        tracks.ids.windows(2).all(|w| w[0] < w[1]),
        "identifiers ascend, so none occurs twice"
    );
    let highest = tracks.ids[19_999] as f64 / 20_000.0;
    assert!(
        (highest - 155_320.0 / 106_574.0).abs() < 0.05,
        "gaps of the identifiers: {highest}"
    );
    assert_eq!((report.n_artists, report.n_tracks), (3_067, 20_000));

    for (column, want) in [
        ("album.date_released", 0.340_421),
        ("album.engineer", 0.856_485),
        ("album.information", 0.219_800),
        ("album.producer", 0.830_540),
        ("artist.active_year_begin", 0.786_899),
        ("artist.active_year_end", 0.949_566),
        ("artist.associated_labels", 0.866_093),
        ("artist.bio", 0.332_332),
        ("artist.latitude", 0.582_037),
        ("artist.location", 0.341_209),
        ("artist.longitude", 0.582_037),
        ("artist.members", 0.560_409),
        ("artist.related_projects", 0.876_593),
        ("artist.website", 0.256_329),
        ("artist.wikipedia_page", 0.947_633),
        ("track.composer", 0.965_564),
        ("track.date_recorded", 0.942_209),
        ("track.information", 0.977_959),
        ("track.language_code", 0.859_028),
        ("track.lyricist", 0.997_082),
        ("track.publisher", 0.988_149),
    ] {
        assert!(
            (tracks.empty(column) - want).abs() < 0.01,
            "{column}: {} for {want}",
            tracks.empty(column)
        );
    }
    assert!(
        (tracks.empty("track.genre_top") - 0.534_614).abs() < 0.02,
        "{}",
        tracks.empty("track.genre_top")
    );
    for (a, b, want) in [
        ("artist.longitude", "artist.latitude", 1.0),
        ("album.producer", "album.engineer", 0.768_470),
        ("album.type", "album.date_created", 0.725_658),
        ("artist.latitude", "artist.location", 0.588_272),
        ("artist.bio", "artist.website", 0.538_926),
        ("album.title", "album.date_created", 0.532_504),
        ("artist.website", "artist.location", 0.485_648),
    ] {
        assert!(
            (tracks.phi(a, b) - want).abs() < 0.02,
            "{a} {b}: {} for {want}",
            tracks.phi(a, b)
        );
    }

    let mut split_of: HashMap<&str, &str> = HashMap::new();
    let mut parts: BTreeMap<&str, f64> = BTreeMap::new();
    for (artist, split) in tracks.columns["artist.id"]
        .iter()
        .zip(&tracks.columns["set.split"])
    {
        assert_eq!(
            split_of.entry(artist).or_insert(split),
            split,
            "artist {artist} is in two parts"
        );
        *parts.entry(split).or_default() += 1.0 / 20_000.0;
    }
    for (part, want) in [("training", 0.7915), ("validation", 0.1028), ("test", 0.1057)] {
        assert!((parts[part] - want).abs() < 0.01, "{parts:?}");
    }
    let mut tops: BTreeMap<&str, f64> = BTreeMap::new();
    for top in &tracks.columns["track.genre_top"] {
        *tops.entry(top).or_default() += 1.0 / 20_000.0;
    }
    for (top, n) in [
        ("Rock", 14_182.0),
        ("Experimental", 10_608.0),
        ("Electronic", 9_372.0),
        ("Hip-Hop", 3_552.0),
    ] {
        let want = n / 106_574.0;
        assert!(
            (tops[top] - want).abs() < 0.012,
            "{top}: {} for {want}",
            tops[top]
        );
    }
}

#[test]
fn rock_lives_in_north_america_and_electronic_in_europe() {
    let dir = tempfile::tempdir().unwrap();
    let options = SynthOptions {
        n_tracks: 20_000,
        with_features: false,
        with_echonest: false,
        ..SynthOptions::default()
    };
    synth::write(&options, dir.path(), &mut |_| {}).unwrap();
    let tracks = Tracks::read(dir.path());
    let mut counts: HashMap<(&str, bool), f64> = HashMap::new();
    let (mut english, mut spoken, mut located, mut both) = (0.0, 0.0, 0.0, 0.0);
    for i in 0..tracks.ids.len() {
        let cell = |name: &str| tracks.columns[name][i].as_str();
        spoken += f64::from(u8::from(!cell("track.language_code").is_empty()));
        english += f64::from(u8::from(cell("track.language_code") == "en"));
        let (Ok(latitude), Ok(longitude)) = (
            cell("artist.latitude").parse::<f64>(),
            cell("artist.longitude").parse::<f64>(),
        ) else {
            continue;
        };
        located += 1.0;
        let america = longitude < -50.0 && latitude > 12.0;
        let europe = (-25.0..65.0).contains(&longitude) && latitude > 34.5;
        both += f64::from(u8::from(america || europe));
        if america || europe {
            *counts.entry((cell("track.genre_top"), america)).or_default() += 1.0;
        }
    }
    let odds = |genre: &'static str| counts[&(genre, true)] / counts[&(genre, false)];
    assert!(
        odds("Rock") > 1.25 * odds("Experimental"),
        "{} {}",
        odds("Rock"),
        odds("Experimental")
    );
    assert!(
        odds("Experimental") > 1.25 * odds("Electronic"),
        "{} {}",
        odds("Experimental"),
        odds("Electronic")
    );
    assert!(both / located > 0.85, "{}", both / located);
    assert!((english / spoken - 0.95).abs() < 0.03, "{}", english / spoken);
}

#[test]
fn features_have_their_names_digits_and_oddities() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), 2_000, 0, Format::Csv);
    let all = records(&dir.path().join("features.csv"));
    let tracks = Tracks::read(dir.path());
    assert_eq!(all.len(), 2_004);
    let of = |statistic: &str| -> Vec<usize> { (1..519).filter(|&k| all[1][k] == statistic).collect() };
    let (kurtosis, max, mean, median, min, skew, std) = (
        of("kurtosis"),
        of("max"),
        of("mean"),
        of("median"),
        of("min"),
        of("skew"),
        of("std"),
    );
    let (mut n_silent, mut n_absurd) = (0, 0);
    for (row, id) in all[4..].iter().zip(&tracks.ids) {
        assert_eq!(row[0], id.to_string());
        assert!(
            row[1..]
                .iter()
                .all(|c| c.len() >= 16 && c.as_bytes()[c.len() - 4] == b'e'),
            "{:?}",
            &row[..5]
        );
        let values: Vec<f64> = row.iter().map(|c| c.parse().unwrap()).collect();
        n_silent += usize::from(values[1..].iter().all(|&x| x == 0.0));
        n_absurd += usize::from(kurtosis.iter().any(|&k| values[k] > 100.0));
        for d in 0..74 {
            let at = |columns: &[usize]| values[columns[d]];
            assert!(
                at(&min) <= at(&median) && at(&median) <= at(&max),
                "track {id}, series {d}"
            );
            assert!(
                at(&min) <= at(&mean) && at(&mean) <= at(&max) && at(&std) >= 0.0,
                "track {id}, series {d}"
            );
            // 11 digits are written.
            let slack = 1e-8 * (1.0 + at(&skew).powi(2));
            assert!(
                at(&kurtosis) >= at(&skew).powi(2) - 2.0 - slack,
                "track {id}, series {d}"
            );
        }
    }
    assert!((1..20).contains(&n_silent), "{n_silent} silent tracks");
    assert!((1..40).contains(&n_absurd), "{n_absurd} absurd tracks");
    let echonest = records(&dir.path().join("echonest.csv"));
    let known: HashSet<i64> = echonest[4..].iter().map(|r| r[0].parse().unwrap()).collect();
    let share = known.len() as f64 / 2_000.0;
    assert!((share - 0.123).abs() < 0.03, "{share}");
    assert!(known.iter().all(|id| tracks.ids.binary_search(id).is_ok()));
}

#[test]
fn marker_tells_what_was_made() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(synth::marker(dir.path()), None);
    make(dir.path(), 100, 3, Format::Csv);
    let marker = synth::marker(dir.path()).unwrap();
    assert!(marker.complete);
    assert_eq!((marker.options.n_tracks, marker.options.seed), (100, 3));
    assert_eq!(marker.version, synth::GENERATOR_VERSION);
    fs::write(dir.path().join(synth::MARKER_FILE), "{").unwrap();
    let damaged = synth::marker(dir.path()).unwrap();
    assert!(
        !damaged.complete && damaged.note.contains("cannot be understood"),
        "{}",
        damaged.note
    );
}

#[test]
fn real_tables_are_not_overwritten_and_old_ones_do_not_linger() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("features.csv"), "real").unwrap();
    let options = SynthOptions {
        n_tracks: 50,
        ..SynthOptions::default()
    };
    let error = synth::write(&options, dir.path(), &mut |_| {}).unwrap_err();
    assert!(
        matches!(&error, synth::Error::NotSynthetic { path } if path.ends_with("features.csv")),
        "{error}"
    );
    assert_eq!(fs::read(dir.path().join("features.csv")).unwrap(), b"real");
    assert_eq!(synth::marker(dir.path()), None);

    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), 50, 0, Format::Csv);
    let options = SynthOptions {
        with_features: false,
        format: Format::Parquet,
        ..options
    };
    synth::write(&options, dir.path(), &mut |_| {}).unwrap();
    let mut names: Vec<String> = fs::read_dir(dir.path())
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "SYNTHETIC.json",
            "echonest.parquet",
            "genres.parquet",
            "tracks.parquet"
        ]
    );
}

#[test]
fn impossible_requests_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    for n_tracks in [0, 9, usize::MAX] {
        let options = SynthOptions {
            n_tracks,
            ..SynthOptions::default()
        };
        let error = synth::write(&options, dir.path(), &mut |_| {}).unwrap_err();
        assert!(matches!(error, synth::Error::TrackCount { .. }), "{error}");
    }
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let error = synth::write(&SynthOptions::default(), &file, &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("file"), "{error}");
    for n_tracks in [10, 11, 13, 40] {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(make(dir.path(), n_tracks, 5, Format::Csv).files.len(), 4);
        assert_eq!(Tracks::read(dir.path()).ids.len(), n_tracks);
    }
}

/// The crate's own reader takes every record and column, and finds in the CSV files what the Parquet files hold.
#[test]
fn reader_finds_in_the_csv_files_what_the_parquet_files_hold() {
    let (csv, parquet, store) = (
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    make(csv.path(), 1_500, 4, Format::Csv);
    let report = make(parquet.path(), 1_500, 4, Format::Parquet);
    let imported = import(csv.path(), store.path(), &ImportOptions::default(), &|_| {}).unwrap();
    assert_eq!(imported.n_rejected(), 0);
    let store = Store::open(store.path()).unwrap();
    assert_eq!(store.tables().len(), 4);
    for table in store.tables() {
        let read = store.read(table, None).unwrap();
        let path = parquet.path().join(format!("{table}.parquet"));
        let file = fs::File::open(&path).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file)
            .unwrap()
            .build()
            .unwrap();
        let schema = reader.schema();
        let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
        let written = arrow::compute::concat_batches(&schema, &batches).unwrap();
        let rows = report.files.iter().find(|f| f.path == path).unwrap().rows;
        assert_eq!(
            (read.num_rows() as u64, written.num_rows() as u64),
            (rows, rows),
            "{table}"
        );
        for (k, (ours, theirs)) in written
            .schema()
            .fields()
            .iter()
            .zip(read.schema().fields())
            .enumerate()
        {
            assert_eq!(ours, theirs, "{table}");
            assert_eq!(written.column(k), read.column(k), "{table}: {}", ours.name());
        }
        assert_eq!(written.num_columns(), read.num_columns(), "{table}");
    }
}
