//! Reading and importing a slice of an FMA-shaped `features.csv`: 2,000 rows of 518 features (18 MB) made here.
//!
//!     cargo bench -p cratedigger-catalog --no-default-features --bench csv
//!
//! The full file against pandas and pyarrow: `benches/csv_vs_pandas.py`.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fmt::Write;
use std::hint::black_box;

use cratedigger_catalog::csv::{ReadOptions, read};
use cratedigger_catalog::{ImportOptions, Store, TableId, feature_columns, import};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const N_ROWS: usize = 2000;

fn features() -> String {
    let names = feature_columns();
    let parts: Vec<Vec<&str>> = names.iter().map(|n| n.split('.').collect()).collect();
    let mut text = String::new();
    for (level, first) in ["feature", "statistics", "number"].iter().enumerate() {
        text.push_str(first);
        parts.iter().for_each(|p| write!(text, ",{}", p[level]).unwrap());
        text.push('\n');
    }
    text.push_str("track_id");
    text.push_str(&",".repeat(names.len()));
    text.push('\n');
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for row in 0..N_ROWS {
        write!(text, "{row}").unwrap();
        for _ in &names {
            let value: f32 = rng.random_range(-100.0..100.0);
            let printed = format!("{value:.10e}");
            // Rust writes 1e0 where Python writes 1e+00.
            let (digits, exponent) = printed.split_once('e').unwrap();
            let exponent: i32 = exponent.parse().unwrap();
            write!(
                text,
                ",{digits}e{}{:02}",
                if exponent < 0 { '-' } else { '+' },
                exponent.abs()
            )
            .unwrap();
        }
        text.push('\n');
    }
    text
}

fn bench(c: &mut Criterion) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("features.csv");
    let text = features();
    std::fs::write(&path, &text).unwrap();
    let mut group = c.benchmark_group("features 2000x518");
    group
        .throughput(Throughput::Bytes(text.len() as u64))
        .sample_size(20);
    group.bench_function("csv to arrow", |b| {
        b.iter(|| black_box(read(&path, TableId::Features, &ReadOptions::default()).unwrap()));
    });
    let options = ImportOptions {
        required: Vec::new(),
        ..ImportOptions::default()
    };
    group.bench_function("csv to store", |b| {
        b.iter(|| {
            let store = tempfile::tempdir_in(dir.path()).unwrap();
            black_box(import(dir.path(), store.path(), &options, &|_| {}).unwrap());
        });
    });
    let store_dir = dir.path().join("store");
    import(dir.path(), &store_dir, &options, &|_| {}).unwrap();
    group.bench_function("unchanged import", |b| {
        b.iter(|| black_box(import(dir.path(), &store_dir, &options, &|_| {}).unwrap()));
    });
    let store = Store::open(&store_dir).unwrap();
    group.bench_function("store to arrow", |b| {
        b.iter(|| black_box(store.read(TableId::Features, None).unwrap()));
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
