//! What the tests of this crate share.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

use std::path::{Path, PathBuf};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimestampMicrosecondType};
use cratedigger_catalog::csv::{CsvTable, ReadOptions, read};
use cratedigger_catalog::{ImportOptions, ImportReport, Result, TableId, import};
use proptest::test_runner::{Config, RngSeed};

/// The same `n` cases of a property test in every run, unless `PROPTEST_RNG_SEED` and `PROPTEST_CASES` ask for others.
pub fn cases(n: u32) -> Config {
    let asked = Config::default();
    let is_asked = |name| std::env::var_os(name).is_some();
    Config {
        cases: if is_asked("PROPTEST_CASES") {
            asked.cases
        } else {
            n
        },
        rng_seed: if is_asked("PROPTEST_RNG_SEED") {
            asked.rng_seed
        } else {
            RngSeed::Fixed(0)
        },
        ..asked
    }
}

/// A folder with these files.
pub fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

/// A `tracks.csv` with some of its columns.
pub fn tracks_csv(columns: &[&str], records: &[&str]) -> String {
    let level = |i: usize| {
        columns
            .iter()
            .map(|c| c.splitn(2, '.').nth(i).unwrap())
            .collect::<Vec<_>>()
            .join(",")
    };
    let commas = ",".repeat(columns.len());
    let lines: String = records.iter().map(|r| format!("{r}\n")).collect();
    format!(",{}\n,{}\ntrack_id{commas}\n{lines}", level(0), level(1))
}

/// Imports without progress.
pub fn import_dir(dir: &Path, store: &Path, lenient: bool) -> Result<ImportReport> {
    let options = ImportOptions {
        lenient,
        required: Vec::new(),
        ..ImportOptions::default()
    };
    import(dir, store, &options, &|_| {})
}

/// Reads a file in blocks of that many bytes.
pub fn read_in_blocks(path: &Path, table: TableId, block_bytes: usize, threads: usize) -> Result<CsvTable> {
    let threads = std::num::NonZeroUsize::new(threads);
    read(
        path,
        table,
        &ReadOptions {
            threads,
            block_bytes,
            ..ReadOptions::default()
        },
    )
}

/// All rows of a table as one batch.
pub fn whole(table: &CsvTable) -> RecordBatch {
    concat_batches(&table.schema, &table.batches).unwrap()
}

/// A folder of the shared real data, or `None` with a message where it is absent.
pub fn shared(folder: &str) -> Option<PathBuf> {
    let root = match std::env::var_os("CRATEDIGGER_SHARED") {
        Some(root) => PathBuf::from(root),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    };
    let path = root.join(folder);
    if path.exists() {
        return Some(path);
    }
    eprintln!("SKIPPED: {} is absent (set CRATEDIGGER_SHARED)", path.display());
    None
}

/// The fixtures of this crate.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// A cell as JSON in the notation of `scripts/make_golden.py`.
pub fn json(array: &ArrayRef, row: usize) -> serde_json::Value {
    use serde_json::Value;
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
        DataType::Float64 => format!(
            "{:016x}",
            array.as_primitive::<Float64Type>().value(row).to_bits()
        )
        .into(),
        DataType::Boolean => array.as_boolean().value(row).into(),
        DataType::Timestamp(_, _) => array.as_primitive::<TimestampMicrosecondType>().value(row).into(),
        DataType::Utf8 => array.as_string::<i32>().value(row).into(),
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            (0..items.len()).map(|i| json(&items, i)).collect()
        }
        other => panic!("no column of the dataset is {other}"),
    }
}
