//! Seconds of a training step, for `benches/deep_peer.py`, which runs PyTorch beside it.
//!
//!     cargo run --release -p cratedigger-deep --example step -- cnn 2
//!
//! The network (`cnn`, `crnn`, `lstm`, or `clip`: inference of a clip of 30 s by the default `cnn`), the number of threads. Prints the
//! seconds of the quickest of its steps (epochs of one batch of 32 excerpts, what is drawn and read included).

use std::ops::ControlFlow;
use std::time::Instant;

use cratedigger_deep::{
    Architecture, Cell, Classifier, ClipsInMemory, Cnn, Crnn, Lstm, TrainData, TrainOptions,
};

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let kind = args.next().unwrap_or_else(|| "cnn".into());
    let n_threads: usize = args.next().unwrap_or_else(|| "2".into()).parse()?;
    rayon::ThreadPoolBuilder::new()
        .num_threads(n_threads)
        .build_global()?;
    let architecture = match kind.as_str() {
        "crnn" => Architecture::Crnn(Crnn {
            widths: vec![16, 32, 64, 64],
            cell: Cell::Gru,
            hidden: 64,
            n_layers: 1,
            dropout: 0.0,
        }),
        "lstm" => Architecture::Lstm(Lstm {
            cell: Cell::Lstm,
            hidden: 64,
            n_layers: 1,
            dropout: 0.0,
        }),
        "clip" => Architecture::Cnn(Cnn::default()),
        _ => Architecture::Cnn(Cnn {
            widths: vec![16, 32, 64, 64],
            hidden: 0,
            dropout: 0.0,
        }),
    };
    let n_bands = if kind == "lstm" { 74 } else { 96 };
    let n_frames = if kind == "lstm" { 256 } else { 128 };
    let n = 32;
    let clip = |k: usize, n_frames: usize| -> Vec<f32> {
        (0..n_frames * n_bands)
            .map(|at| ((at * 7_919 + k * 31) % 1_013) as f32 / 300.0)
            .collect()
    };
    let clips = ClipsInMemory::new(n_bands, (0..n).map(|k| clip(k, n_frames)).collect())?;
    let labels: Vec<usize> = (0..n).map(|k| k % 8).collect();
    let options = TrainOptions {
        excerpt_frames: n_frames,
        batch_size: n,
        max_epochs: if kind == "clip" { 1 } else { 12 },
        n_masks: 0,
        validation_fraction: 0.0,
        ..TrainOptions::default()
    };
    let data = TrainData {
        clips: &clips,
        labels: &labels,
        n_classes: 8,
        groups: None,
        weights: None,
        class_weights: None,
    };
    let mut best = f64::INFINITY;
    let classifier = Classifier::train(&architecture, &options, data, None, &mut |epoch| {
        best = best.min(epoch.epoch_seconds);
        ControlFlow::Continue(())
    })?;
    if kind == "clip" {
        let frames = clip(5, 1_292);
        best = f64::INFINITY;
        for _ in 0..10 {
            let start = Instant::now();
            classifier.predict_frames(&frames)?;
            best = best.min(start.elapsed().as_secs_f64());
        }
    }
    println!("{best:.4}");
    Ok(())
}
