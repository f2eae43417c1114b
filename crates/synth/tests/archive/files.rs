//! Headers, bytes, the marker, and what is not overwritten.

use std::fs;
use std::path::{Path, PathBuf};

use arrow::array::{RecordBatch, RecordBatchReader};
use cratedigger_catalog::{ImportOptions, Store, import};
use cratedigger_synth::{self as synth, Format, SynthOptions};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::desk::*;

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
