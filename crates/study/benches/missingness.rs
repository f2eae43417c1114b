//! Missing values and all phi coefficients of a million tracks with 52 columns, in memory.
#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use cratedigger_study::archive::missingness::missingness;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const N_ROWS: usize = 1_000_000;
const N_COLUMNS: usize = 52;

/// A third of the columns is never missing, as in the dataset.
fn table() -> RecordBatch {
    let mut state = 1_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let columns = (0..N_COLUMNS).map(|column| {
        let share = if column % 3 == 0 { 0 } else { random() >> 8 };
        let nulls = NullBuffer::new(BooleanBuffer::collect_bool(N_ROWS, |_| random() >> 8 >= share));
        let array: ArrayRef = Arc::new(BooleanArray::new(BooleanBuffer::new_unset(N_ROWS), Some(nulls)));
        (format!("track.c{column}"), array)
    });
    RecordBatch::try_from_iter(columns).unwrap()
}

fn bench(criterion: &mut Criterion) {
    let table = table();
    let mut group = criterion.benchmark_group("missingness");
    group
        .throughput(Throughput::Elements((N_ROWS * N_COLUMNS) as u64))
        .sample_size(10);
    group.bench_function("1,000,000 x 52", |bencher| {
        bencher.iter(|| missingness(black_box(&table)))
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
