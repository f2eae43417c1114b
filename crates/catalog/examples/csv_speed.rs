//! Times this crate's readers on one CSV file and prints a line of JSON, for `benches/csv_vs_pandas.py`.
//!
//!     csv_speed arrow features features.csv 2     # into Arrow arrays, 2 threads
//!     csv_speed store features FOLDER 2           # the folder's files into a Parquet store
//!     csv_speed store features FOLDER 2 STORE     # the same, into a store that is kept
//!     csv_speed load features STORE 2             # a table of a store into Arrow arrays

use std::error::Error;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Instant;

use cratedigger_catalog::csv::{ReadOptions, read};
use cratedigger_catalog::{ImportOptions, Store, TableId, import};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [mode, table, path, threads, kept @ ..] = args.as_slice() else {
        return Err("usage: csv_speed arrow|store|load TABLE PATH THREADS [STORE]".into());
    };
    let table = TableId::from_name(table).ok_or("no such table")?;
    let threads = NonZeroUsize::new(threads.parse()?);
    let path = Path::new(path);
    let start = Instant::now();
    let rows = match mode.as_str() {
        "arrow" => {
            read(
                path,
                table,
                &ReadOptions {
                    threads,
                    ..ReadOptions::default()
                },
            )?
            .n_rows
        }
        "store" => {
            let temporary = tempfile::tempdir_in(path)?;
            let store = kept.first().map_or(temporary.path(), Path::new);
            let options = ImportOptions {
                threads,
                required: vec![table],
                ..ImportOptions::default()
            };
            let report = import(path, store, &options, &|_| {})?;
            eprint!("{report}");
            report.table(table).map_or(0, |t| t.rows)
        }
        "load" => Store::open(path)?.read(table, None)?.num_rows() as u64,
        _ => return Err("unknown mode".into()),
    };
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{{\"rows\": {rows}, \"seconds\": {seconds:.3}, \"peak_mb\": {}}}",
        peak_mb().unwrap_or(0)
    );
    Ok(())
}

/// The largest resident size of this process, in MB (Linux).
fn peak_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_whitespace()
        .nth(1)?
        .parse::<u64>()
        .ok()
        .map(|kb| kb / 1024)
}
