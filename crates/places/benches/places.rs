//! Placing points: building the index, and a million points over the whole globe and around cities.

use std::hint::black_box;

use cratedigger_places::Atlas;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use rayon::prelude::*;

const N: usize = 1_000_000;

fn places(criterion: &mut Criterion) {
    let Ok(atlas) = Atlas::embedded() else { return };
    let mut rng = ChaCha12Rng::seed_from_u64(7);
    let globe: Vec<(f64, f64)> = (0..N)
        .map(|_| (rng.random_range(-90.0..90.0), rng.random_range(-180.0..180.0)))
        .collect();
    let cities = [
        (40.71, -74.0),
        (34.05, -118.24),
        (51.5, -0.13),
        (48.86, 2.35),
        (52.52, 13.4),
        (45.52, -122.68),
    ];
    let land: Vec<(f64, f64)> = (0..N)
        .map(|k| {
            let (latitude, longitude) = cities[k % cities.len()];
            (
                latitude + rng.random_range(-2.0..2.0),
                longitude + rng.random_range(-2.0..2.0),
            )
        })
        .collect();
    let mut group = criterion.benchmark_group("places");
    group.sample_size(10);
    group.bench_function("build", |bencher| {
        bencher.iter_batched(
            || (),
            |()| black_box(Atlas::embedded()).is_ok(),
            BatchSize::PerIteration,
        );
    });
    group.throughput(Throughput::Elements(N as u64));
    for (name, points) in [("globe", &globe), ("around_cities", &land)] {
        group.bench_function(format!("million_{name}"), |bencher| {
            bencher.iter(|| {
                let placed = points
                    .par_iter()
                    .filter(|&&(a, b)| atlas.locate(a, b).region().is_some());
                black_box(placed.count())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, places);
criterion_main!(benches);
