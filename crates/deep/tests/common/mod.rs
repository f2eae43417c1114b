//! Clips that are made up, and small networks for them.
#![allow(dead_code)]

use std::ops::ControlFlow;

use cratedigger_deep::{
    Architecture, Classifier, ClipsInMemory, Cnn, Crnn, Epoch, Lstm, Result, TrainData, TrainOptions,
};
use cratedigger_stats::SeededRng;

pub(crate) const N_BANDS: usize = 12;

/// Clips, their classes and groups.
pub(crate) struct Made {
    pub(crate) clips: ClipsInMemory,
    pub(crate) labels: Vec<usize>,
    pub(crate) groups: Vec<usize>,
}

fn made(n: usize, seed: u64, of: impl Fn(usize, &mut SeededRng) -> Vec<f32>) -> Made {
    let mut rng = SeededRng::new(seed);
    let labels: Vec<usize> = (0..n).map(|clip| clip % 2).collect();
    let clips = labels.iter().map(|&label| of(label, &mut rng)).collect();
    Made {
        clips: ClipsInMemory::new(N_BANDS, clips).expect("whole frames"),
        labels,
        groups: (0..n).map(|clip| clip / 4).collect(),
    }
}

/// Two classes that differ in the order of events alone: tones that rise or fall, with noise, louder and softer.
pub(crate) fn rising_and_falling(n: usize, seed: u64) -> Made {
    made(n, seed, |label, rng| {
        let (n_frames, from, gain) = (64 + rng.below(20), rng.below(24), rng.uniform(0.7, 1.4));
        let mut frames = Vec::new();
        for frame in 0..n_frames {
            let step = (frame + from) / 2 % N_BANDS;
            let loud = if label == 0 { step } else { N_BANDS - 1 - step };
            for band in 0..N_BANDS {
                let tone = if band == loud { 3.0 * gain } else { 0.0 };
                frames.push((-20.0 + tone + rng.uniform(-0.5, 0.5)) as f32);
            }
        }
        frames
    })
}

/// The same clips with their frames in another order.
pub(crate) fn shuffled(n: usize, seed: u64) -> Made {
    use cratedigger_deep::Clips;
    let whole = rising_and_falling(n, seed);
    let mut rng = SeededRng::new(seed + 1000);
    let clips = (0..n)
        .map(|clip| {
            let n_frames = whole.clips.n_frames(clip);
            let mut frames = vec![0.0; n_frames * N_BANDS];
            whole.clips.read(clip, 0, &mut frames).expect("frames");
            let order = rng.permutation(n_frames);
            let frame = |index: usize| &frames[index * N_BANDS..][..N_BANDS];
            order
                .into_iter()
                .flat_map(|index| frame(index).to_vec())
                .collect()
        })
        .collect();
    Made {
        clips: ClipsInMemory::new(N_BANDS, clips).expect("whole frames"),
        ..whole
    }
}

/// Two classes that differ in which of two bands is loud.
pub(crate) fn low_and_high(n: usize, seed: u64) -> Made {
    made(n, seed, |label, rng| {
        let loud = if label == 0 { 2 } else { 9 };
        let mut frames = Vec::new();
        for _ in 0..40 + rng.below(9) {
            for band in 0..N_BANDS {
                let tone = if band == loud { 2.0 } else { 0.0 };
                frames.push((tone + rng.uniform(-1.0, 1.0)) as f32);
            }
        }
        frames
    })
}

pub(crate) fn cnn() -> Architecture {
    Architecture::Cnn(Cnn {
        widths: vec![4, 6],
        hidden: 8,
        ..Cnn::default()
    })
}

pub(crate) fn crnn() -> Architecture {
    Architecture::Crnn(Crnn {
        widths: vec![6, 8],
        hidden: 8,
        ..Crnn::default()
    })
}

pub(crate) fn lstm() -> Architecture {
    Architecture::Lstm(Lstm {
        hidden: 12,
        ..Lstm::default()
    })
}

/// For networks as small as these.
pub(crate) fn options() -> TrainOptions {
    TrainOptions {
        excerpt_frames: 32,
        batch_size: 16,
        max_epochs: 30,
        learning_rate: 0.01,
        patience: 30,
        ..TrainOptions::default()
    }
}

pub(crate) fn go_on(_: &Epoch) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

pub(crate) fn data(made: &Made) -> TrainData<'_> {
    TrainData {
        clips: &made.clips,
        labels: &made.labels,
        n_classes: 2,
        groups: Some(&made.groups),
        weights: None,
        class_weights: None,
    }
}

pub(crate) fn train(architecture: &Architecture, options: &TrainOptions, made: &Made) -> Result<Classifier> {
    Classifier::train(architecture, options, data(made), None, &mut go_on)
}

/// Share of clips whose class was found.
pub(crate) fn accuracy(classifier: &Classifier, made: &Made) -> f64 {
    let rows = classifier.predict_proba(&made.clips).expect("probabilities");
    let right = rows
        .chunks_exact(2)
        .zip(&made.labels)
        .filter(|(row, label)| row[**label] > 0.5)
        .count();
    right as f64 / made.labels.len() as f64
}
