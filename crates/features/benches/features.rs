//! Benches at four levels: helper stages, families, one recording, and a batch, on seeded synthetic signals.
//!
//! ```sh
//! cargo bench -p cratedigger-features
//! ```
//!
//! Figures of real clips come from `examples/profile.rs` and `benches/compare.sh`.

use std::f64::consts::TAU;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::PathBuf;

use cratedigger_features::{
    BatchOptions, Decoder, Extractor, Input, Limits, Recipe, extract_batch, mix_to_mono,
};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

/// Chords, drum-like bursts and noise: something for every stage to do.
fn music(seconds: f64, rate: u32) -> Vec<f32> {
    let mut state = 1u32;
    (0..(seconds * f64::from(rate)) as usize)
        .map(|i| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = f64::from(state) / 2f64.powi(31) - 1.0;
            let t = i as f64 / f64::from(rate);
            let root = 110.0 * 2f64.powf(((t / 2.0) as i32 % 5) as f64 / 12.0);
            let chord: f64 = [1.0, 1.26, 1.5, 2.0, 3.0]
                .iter()
                .map(|m| (TAU * root * m * t).sin())
                .sum();
            let burst = (-30.0 * (t % 0.5)).exp() * noise;
            ((0.1 * chord + 0.3 * burst + 0.01 * noise) * 32_768.0).round() as f32 / 32_768.0
        })
        .collect()
}

fn audio(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/audio")
        .join(name)
}

fn helpers(c: &mut Criterion) {
    let x = music(10.0, 44_100);
    let channels = [x.clone(), x.clone()];
    let mut group = c.benchmark_group("helper");
    group.throughput(Throughput::Elements(x.len() as u64));
    group.bench_function("mix_to_mono/stereo_10_s", |b| {
        b.iter_batched_ref(
            || Vec::with_capacity(x.len()),
            |out| mix_to_mono(black_box(&channels), out),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("decode/mp3_0.4_s", |b| {
        b.iter(|| {
            let mut out = Vec::new();
            if let Ok(mut d) = Decoder::open(&audio("mp3_cbr.mp3"), &Limits::default()) {
                while d.next_samples(&mut out).is_ok_and(|more| more) {}
            }
            out
        });
    });
    group.finish();
}

fn features(c: &mut Criterion) {
    let mut group = c.benchmark_group("feature");
    group.sample_size(20);
    let x = music(10.0, 44_100);
    group.throughput(Throughput::Elements(x.len() as u64));
    let extractor = Extractor::new(Recipe::Fma);
    group.bench_function("mel_spectrogram/10_s", |b| {
        b.iter(|| extractor.mel_spectrogram_samples(black_box(&x), 44_100));
    });
    let frames = extractor.frames_samples(&x, 44_100);
    if let Ok(frames) = frames {
        group.bench_function("statistics/10_s", |b| b.iter(|| black_box(&frames).summarize()));
    }
    group.finish();
}

fn recordings(c: &mut Criterion) {
    let mut group = c.benchmark_group("recording");
    group.sample_size(10);
    for recipe in Recipe::ALL {
        let extractor = Extractor::new(recipe);
        for (seconds, rate) in [(5.0, 22_050), (30.0, 44_100), (30.0, 48_000)] {
            let x = music(seconds, rate);
            group.throughput(Throughput::Elements(x.len() as u64));
            group.bench_function(format!("{recipe}/{seconds}_s_{rate}"), |b| {
                b.iter(|| extractor.extract_samples(black_box(&x), rate));
            });
        }
    }
    group.finish();
}

fn batches(c: &mut Criterion) {
    let mut group = c.benchmark_group("batch");
    group.sample_size(10);
    let extractor = Extractor::new(Recipe::Fma);
    let names = ["mp3_cbr.mp3", "flac.flac", "vorbis.ogg", "pcm_s16.wav"];
    let inputs: Vec<Input> = (0..64)
        .map(|i| Input {
            id: i.to_string(),
            path: audio(names[i % names.len()]),
        })
        .collect();
    group.throughput(Throughput::Elements(inputs.len() as u64));
    for n in [1, 2] {
        let options = BatchOptions::default().n_threads(NonZeroUsize::new(n));
        group.bench_function(format!("64_files/{n}_threads"), |b| {
            b.iter(|| extract_batch(&extractor, &inputs, options, |_| ControlFlow::Continue(())));
        });
    }
    group.finish();
}

criterion_group!(benches, helpers, features, recordings, batches);
criterion_main!(benches);
